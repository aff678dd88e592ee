"""Resources of aws-cdk-lib as users pass them, for type checkers.

Where an interface of aws-cdk-lib's and its class name a parameter differently, pyright does not take the class for the interface:
``kms.Key`` for ``kms.IKey``. These are both. At run time :mod:`constructs_ml.core.prop_kinds` reads them as the interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from aws_cdk import aws_stepfunctions as sfn


class RuleTarget(Protocol):
    """A target of ``aws_events_targets``, or one like ``events.IRuleTarget``."""

    def bind(self, rule: Any, id: str | None = None, /) -> Any:  # noqa: A002, ANN401 - aws-cdk-lib's own name
        """Return the target's configuration for a rule."""


AnyFunction: TypeAlias = "lambda_.IFunction | lambda_.Function"
AnyKey: TypeAlias = "kms.IKey | kms.Key"
AnyRole: TypeAlias = "iam.IRole | iam.Role"
AnyTopic: TypeAlias = "sns.ITopic | sns.Topic"
AnyTarget: TypeAlias = "AnyFunction | AnyTopic | sqs.IQueue | sfn.IStateMachine | logs.ILogGroup | RuleTarget"
"""The receiver of an event of EventBridge."""
