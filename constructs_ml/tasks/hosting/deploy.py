"""An endpoint that is made or updated, and waited for until it serves what it should."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import because, braced, one_of, operand, says
from constructs_ml.asl.names import job_prefix
from constructs_ml.asl.polling import FOUND, Failure, PollSchedule, PollSpec
from constructs_ml.asl.retry import THROTTLED_SDK
from constructs_ml.core.permissions import joined_policies, policies_of
from constructs_ml.core.polling_task import (
    GeneratedNames,
    PollingProps,
    PollingTask,
    as_step,
    check_looking_name,
    retry_of_looks,
)
from constructs_ml.core.requests import known_seconds
from constructs_ml.core.requests import seconds as seconds_of
from constructs_ml.core.spec import SDK, TaskSpec
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.resources import call_statement, resource_arns
from constructs_ml.tasks.hosting.endpoint import (
    CreateEndpoint,
    EndpointProps,
    EndpointTask,
    UpdateEndpoint,
    config_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.enums import RetainedProperty
    from constructs_ml.tasks.hosting.deployment import Deployment
    from constructs_ml.tasks.hosting.endpoint_config import CreateEndpointConfig

ROLLED_BACK = "EndpointRolledBack"
FAILED = "EndpointFailed"
TIMED_OUT = "EndpointTimedOut"

BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack")
UPDATABLE = ("InService", "UpdateRollbackFailed")
STATUS = f"{FOUND}.EndpointStatus"
STARTED = f"$exists({FOUND}.Started)"
"""Holds if the change was made already."""
NOT_THERE = says(f"{FOUND}.Cause", "Could not find")
PASSING = says(f"{FOUND}.Cause", "Throttling", "Rate exceeded", "Status Code: 5")
"""An error of looking that a later look may not have."""

SHORTEST_WAIT, LONGEST_WAIT = 15, 300
TIMEOUT_SECONDS = 3600
AFTER_ROLLOUT_SECONDS = 900


class DeployProps(PollingProps, total=False):
    """Props of a deployment in addition to its configuration."""

    tags: Mapping[str, str]
    """Tags of the endpoint, when it is made, at most 50."""
    name_prefix: str
    """The start of the endpoint's name, where it is known only at run time."""
    endpoint_config_prefix: str
    """The start of the names of endpoint configurations, where one is named only at run time."""
    volume_key: AnyKey
    """The KMS key of the configuration, where it is passed by name."""


class DeployEndpoint(PollingTask):
    """Defines a state that makes an endpoint serve a configuration, and waits until it does.

    ::

        deploy = ml.DeployEndpoint(
            self, "Deploy",
            endpoint_name="churn",
            endpoint_config=config,
            deployment=ml.hosting.Deployment.canary(ml.hosting.Capacity.percent(10), alarms=[errors]),
        )
        deploy.add_catch(notify, errors=["EndpointRolledBack"])

    An endpoint that is not there is made, one that is there is updated; an update that is under way is waited for first.
    The state fails with ``EndpointRolledBack`` if the endpoint went back to the configuration before (it is in service
    then, and only its configuration shows it), with ``EndpointFailed`` if it failed, with ``EndpointTimedOut`` at the
    deadline. An endpoint that failed cannot be updated: it has to be deleted.

    Its result is that of DescribeEndpoint: by default the endpoint's name, ARN, configuration and status. Source:
    "Deployment guardrails" of the SageMaker developer guide and the DescribeEndpoint API.

    Attributes:
        endpoint_name: The endpoint's name.
    """

    describes = "DescribeEndpoint"
    summary = ("EndpointName", "EndpointArn", "EndpointConfigName", "EndpointStatus")
    present = summary

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_config: CreateEndpointConfig | str,
        endpoint_name: str | None = None,
        deployment: Deployment | None = None,
        retain_variant_properties: bool | None = None,
        exclude_retained_properties: Sequence[RetainedProperty | str] = (),
        timeout: Duration | None = None,
        **props: Unpack[DeployProps],
    ) -> None:
        """Define the deployment.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            endpoint_config: A ``CreateEndpointConfig`` state, or a configuration's name.
            endpoint_name: The endpoint's name. Default: built from the names of the stack and the state; always the
                same.
            deployment: How an update is rolled out, and what rolls it back. Default: all at once, without alarms.
            retain_variant_properties: Whether an update keeps the instance counts and weights that the variants have
                now. Default: they get those of the configuration.
            exclude_retained_properties: The properties that are not kept.
            timeout: How long to wait for it to be in service. Default: an hour, or a quarter of an hour more than the
                ``max_duration`` of the deployment.
            props: The props of all such states, and facts about a configuration that is passed by name.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = TaskSpec(self.describes, scope, construct_id, props, known=DeployProps, service=SDK)
        spec.wait = True
        spec.members["EndpointName"] = "endpoint_name"
        check_looking_name(spec)
        pace = _pace(timeout, deployment, spec)
        drawn = GeneratedNames(spec)
        self.endpoint_name = given = _default_name(spec) if endpoint_name is None else endpoint_name
        self._given_name = drawn.keep("name", parse_runtime_values(given), "endpoint_name")
        self._wanted = drawn.keep("wanted", config_name(endpoint_config), "endpoint_config")
        super().__init__(spec, {"EndpointName": self._given_name})
        self._use(spec, drawn, pace)
        self._retry_of_looks = retry_of_looks(spec)
        both: EndpointProps = {"query_language": sfn.QueryLanguage.JSONATA}
        for key in ("endpoint_config_prefix", "name_prefix", "retry", "volume_key"):
            if key in props:
                both[key] = props[key]
        creates: EndpointProps = {**both, "tags": props.get("tags") or {}}
        create = CreateEndpoint(self, "Create", endpoint_name=given, endpoint_config=endpoint_config, **creates)
        update = UpdateEndpoint(
            self,
            "Update",
            endpoint_name=given,
            endpoint_config=endpoint_config,
            deployment=deployment,
            retain_variant_properties=retain_variant_properties,
            exclude_retained_properties=exclude_retained_properties,
            **both,
        )
        self._acts = {"create": create, "update": update}
        of_stack = spec.context.of_stack
        endpoints = resource_arns(of_stack.place, "endpoint", create.names, of_stack.own_names.lower())
        own = call_statement((self.describes,), endpoints)
        acts = (call._policies for call in (create, update))  # noqa: SLF001 - parts of this state
        self._policies = joined_policies(policies_of(spec.context, [own], spec.faults.path), *acts)

    @property
    def name_filter(self) -> str | dict[str, str] | None:
        """The filter of an event pattern for the endpoint's name; None if nothing is known of the name."""
        return self._acts["create"].name_filter

    def _wait_for(self) -> PollSpec:
        served = f"{STATUS} = 'InService' and {FOUND}.EndpointConfigName = {operand(self._wanted)}"
        return PollSpec(
            resource=self._resource,
            arguments=self._request,
            ends={
                "done": served,
                "create": f"{NOT_THERE} and $not({STARTED})",
                "update": f"{one_of(STATUS, UPDATABLE)} and $not({STARTED})",
                "rolled back": f"{one_of(STATUS, ('InService', 'RollingBack'))} and {STARTED}",
                "refused": f"$exists({FOUND}.Error) and $not({PASSING})",
            },
            running=f"{one_of(STATUS, BUSY)} or {PASSING}",
            failures=self._failures(),
            pace=self._pace,
            acts={name: self._act(call) for name, call in self._acts.items()},
            keeps=("Started",),
            # That there is no such endpoint arrives under the name that throttling has.
            caught=THROTTLED_SDK,
            retry=self._retry_of_looks,
        )

    def _act(self, call: EndpointTask) -> dict[str, Any]:
        return {**as_step(call._render_task()), "Output": {"Started": True}}  # noqa: SLF001 - a part of this state

    def _failures(self) -> dict[str, Failure]:
        status = f"'Endpoint ' & {operand(self._given_name)} & ' is ' & {STATUS}"
        reason = because(f"{FOUND}.FailureReason")
        serves = (
            f"' with ' & {FOUND}.EndpointConfigName & ', not with ' & {operand(self._wanted)} & ': it was rolled back'"
        )
        return {
            "failed": Failure(FAILED, braced(f"{status} & {reason}")),
            "late": Failure(TIMED_OUT, braced(f"{status} & ' after {self._pace.deadline} s'")),
            "rolled back": Failure(ROLLED_BACK, braced(f"{status} & {serves} & {reason}")),
            "refused": Failure(braced(f"{FOUND}.Error"), braced(f"{FOUND}.Cause")),
        }


def _default_name(spec: TaskSpec) -> str:
    context = spec.context
    return job_prefix(context.of_stack.owner, context.path_below_stack(spec.construct_id)).lower().rstrip("-")


def _pace(timeout: Duration | None, deployment: Deployment | None, spec: TaskSpec) -> PollSchedule:
    seconds = TIMEOUT_SECONDS
    longest = None if deployment is None else deployment.max_duration
    if timeout is not None:
        seconds = math.ceil(known_seconds(timeout, "timeout", spec.faults, instead=TIMEOUT_SECONDS))
    elif longest is not None and not is_dynamic(known := seconds_of(longest)):
        seconds = math.ceil(known) + AFTER_ROLLOUT_SECONDS
    if seconds < SHORTEST_WAIT:
        spec.faults.add("timeout", f"must be at least {SHORTEST_WAIT} s, got {seconds} s", "pass Duration.hours(1)")
    return PollSchedule(seconds, SHORTEST_WAIT, LONGEST_WAIT)
