"""Rules on state changes of endpoints and of model packages.

Source: "Events that Amazon SageMaker AI sends to Amazon EventBridge" of the SageMaker developer guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_events as events
from constructs import Construct

from constructs_ml.errors import Faults
from constructs_ml.events.delivery import RuleProps, delivered
from constructs_ml.events.pattern import SOURCE
from constructs_ml.sagemaker.model import shape
from constructs_ml.sagemaker.near import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack


class EndpointStateChangeRule(Construct):
    """Defines what happens when endpoints change their state.

    ::

        ml.EndpointStateChangeRule(self, "Alert", endpoints=[deploy.endpoint_name], statuses=["Failed"], targets=[topic])

    EventBridge may deliver one change more than once. An update that is rolled back shows as ``RollingBack`` and then
    ``InService``.

    Attributes:
        rule: The rule.
        dead_letter_queue: The queue of events that could not be delivered; None without targets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoints: Sequence[str] = (),
        statuses: Sequence[str] = (),
        **props: Unpack[RuleProps],
    ) -> None:
        """Defines the rule.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            endpoints: The endpoints' names. Default: all of the account and region.
            statuses: Such as ``InService`` or ``Failed``. Default: any.
            props: The targets and how events are delivered.

        Raises:
            InvalidPropsError: If a status does not exist, or a target is of no known kind.
        """
        super().__init__(scope, construct_id)
        faults = Faults(self.node.path)
        _check(statuses, "EndpointStatus", "statuses", faults)
        # The API writes InService, and events have been seen to write IN_SERVICE.
        both = [form for status in statuses for form in dict.fromkeys([status, _upper(status)])]
        detail = {"EndpointName": list(endpoints), "EndpointStatus": both}
        self.rule, self.dead_letter_queue = _rule(self, "SageMaker Endpoint State Change", detail, props, faults)


class ModelPackageStateChangeRule(Construct):
    """Defines what happens when model packages change their state, such as when one is approved.

    ::

        ml.ModelPackageStateChangeRule(
            self, "Approved", groups=[group.name], approval_statuses=["Approved"], targets=[deployment]
        )

    EventBridge may deliver one change more than once.

    Attributes:
        rule: The rule.
        dead_letter_queue: The queue of events that could not be delivered; None without targets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        groups: Sequence[str] = (),
        approval_statuses: Sequence[str] = (),
        statuses: Sequence[str] = (),
        **props: Unpack[RuleProps],
    ) -> None:
        """Defines the rule.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            groups: The names of the packages' groups. Default: all of the account and region.
            approval_statuses: Such as ``Approved``. Default: any.
            statuses: Such as ``Completed`` or ``Failed``. Default: any.
            props: The targets and how events are delivered.

        Raises:
            InvalidPropsError: If a status does not exist, or a target is of no known kind.
        """
        super().__init__(scope, construct_id)
        faults = Faults(self.node.path)
        _check(approval_statuses, "ModelApprovalStatus", "approval_statuses", faults)
        _check(statuses, "ModelPackageStatus", "statuses", faults)
        detail = {
            "ModelPackageGroupName": list(groups),
            "ModelApprovalStatus": list(approval_statuses),
            "ModelPackageStatus": list(statuses),
        }
        self.rule, self.dead_letter_queue = _rule(self, "SageMaker Model Package State Change", detail, props, faults)


def _rule(
    scope: Construct, detail_type: str, detail: dict[str, list[str]], props: RuleProps, faults: Faults
) -> tuple[events.Rule, Any]:
    targets, queue = delivered(scope, props, faults)
    given = {name: values for name, values in detail.items() if values}
    rule = events.Rule(
        scope,
        "Rule",
        description=props.get("description"),
        enabled=props.get("enabled", True),
        event_pattern=events.EventPattern(source=[SOURCE], detail_type=[detail_type], detail=given or None),
        targets=targets,
    )
    return rule, queue


def _check(statuses: Sequence[str], of: str, member: str, faults: Faults) -> None:
    known = shape(of).enum
    for status in statuses:
        if status not in known:
            hint = did_you_mean(status, known)
            faults.add(member, f"must be of {', '.join(sorted(known))}, got {status!r}{hint}")


def _upper(status: str) -> str:
    """``InService`` as ``IN_SERVICE``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", status).upper()
