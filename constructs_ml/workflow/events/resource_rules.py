"""Rules on state changes of endpoints and of model packages.

Source: "Events that Amazon SageMaker AI sends to Amazon EventBridge" of the SageMaker developer guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_events as events
from constructs import Construct

from constructs_ml.core.prop_checks import check_construct
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Faults
from constructs_ml.sagemaker.model import shape
from constructs_ml.spelling import did_you_mean
from constructs_ml.tasks.registry.group import ModelPackageGroup
from constructs_ml.workflow.events.delivery import RuleProps, delivered
from constructs_ml.workflow.events.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

    from constructs_ml.tasks.hosting.deploy import DeployEndpoint
    from constructs_ml.tasks.hosting.endpoint import CreateEndpoint, UpdateEndpoint
    from constructs_ml.tasks.registry.register import RegisterModel


@check_construct
class EndpointStateChangeRule(Construct):
    """Defines what happens when endpoints change their state.

    ::

        ml.events.EndpointStateChangeRule(self, "Alert", endpoints=[deploy], statuses=["Failed"], targets=[topic])

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
        endpoints: Sequence[str | CreateEndpoint | DeployEndpoint | UpdateEndpoint] = (),
        statuses: Sequence[str] = (),
        **props: Unpack[RuleProps],
    ) -> None:
        """Define the rule.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            endpoints: The endpoints: states that make or change them, or their names. Default: all of the account and
                region.
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
        names = [_filter(_of_endpoint(given), given, f"endpoints[{at}]", faults) for at, given in enumerate(endpoints)]
        detail = {"EndpointName": names, "EndpointStatus": both}
        self.rule, self.dead_letter_queue = _rule(self, "SageMaker Endpoint State Change", detail, props, faults)


@check_construct
class ModelPackageStateChangeRule(Construct):
    """Defines what happens when model packages change their state, such as when one is approved.

    ::

        ml.events.ModelPackageStateChangeRule(
            self, "Approved", groups=[group], approval_statuses=["Approved"], targets=[deployment]
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
        groups: Sequence[str | ModelPackageGroup | RegisterModel] = (),
        approval_statuses: Sequence[str] = (),
        statuses: Sequence[str] = (),
        **props: Unpack[RuleProps],
    ) -> None:
        """Define the rule.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            groups: The packages' groups: groups, states that register in one, or names. Default: all of the account and
                region.
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
            "ModelPackageGroupName": [
                _filter(_of_group(given), given, f"groups[{at}]", faults) for at, given in enumerate(groups)
            ],
            "ModelApprovalStatus": list(approval_statuses),
            "ModelPackageStatus": list(statuses),
        }
        self.rule, self.dead_letter_queue = _rule(self, "SageMaker Model Package State Change", detail, props, faults)


def _of_endpoint(given: str | CreateEndpoint | DeployEndpoint | UpdateEndpoint) -> str | dict[str, str] | None:
    return given if isinstance(given, str) else given.name_filter


def _of_group(given: str | ModelPackageGroup | RegisterModel) -> str | None:
    if isinstance(given, str):
        return given
    return given.model_package_group_name if isinstance(given, ModelPackageGroup) else given.group_name


def _filter(name: Any, given: Any, where: str, faults: Faults) -> Any:  # noqa: ANN401 - a text or a filter
    """A name, or its start, that the rule knows before the workflow runs."""
    if name is None or not isinstance(parse_runtime_values(name), (str, dict)):
        shown = "a name that" if isinstance(given, str) else f"{given.node.id}, whose name"
        fix = "pass name_prefix to the state that makes it, and that state here, or name all by leaving it out"
        faults.add(where, f"has {shown} is known only at run time", fix)
    return name


def _rule(
    scope: Construct, detail_type: str, detail: dict[str, list[Any]], props: RuleProps, faults: Faults
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
            faults.add(member, f"must be one of {', '.join(sorted(known))}, got {status!r}{hint}")


def _upper(status: str) -> str:
    """``InService`` as ``IN_SERVICE``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", status).upper()
