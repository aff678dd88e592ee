"""Task states written in Python that aws-cdk-lib renders like its own.

``TaskStateBase.toStateJson()`` renders next, retry, catch, timeouts, results, assign and credentials, and asks the
abstract method ``_renderTask()`` for the rest. That method is internal to aws-cdk-lib: it carries no jsii type
information, so the jsii kernel accepts an override of it by name. The Python runtime looks for overrides only in
members of the class that declares the jsii type, so :class:`NativeTask` declares the one member that is missing.

``tests/core/test_native_contract.py`` fails loudly should aws-cdk-lib move the method. The fallback is then an own
``to_state_json``, a public method, which has to render those common fields itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.metrics import WithoutMetrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import TagManager
    from aws_cdk import aws_iam as iam


class NativeTask(WithoutMetrics, sfn.TaskStateBase):
    """Base of all states of this library."""

    @jsii.member(jsii_name="_renderTask")
    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        """The fields of the state that are its own: ``Resource`` and ``Parameters`` or ``Arguments``."""
        raise NotImplementedError

    @property
    @jsii.member(jsii_name="taskPolicies")
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        """The statements that the role of the state machine gets."""
        return None

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def _cdk_tag_manager(self) -> TagManager | None:
        """What tags of the construct tree are told to: the member of ``ITaggableV2``, which is no member of the base."""
        return None

    @property
    @jsii.member(jsii_name="taskMetrics")
    def _task_metrics(self) -> sfn.TaskMetricsConfig | None:
        """The metrics of the state. SageMaker's integrations publish none."""
        return None


# jsii.JSIIMeta resets this to None on every undecorated subclass. Setting it makes NativeTask the declaring class for the
# discovery of overrides, without registering the type again (which passing jsii_type= to the metaclass would do).
cast("Any", NativeTask).__jsii_declared_type__ = cast("Any", sfn.TaskStateBase).__jsii_type__
