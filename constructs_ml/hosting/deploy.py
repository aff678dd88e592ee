"""An endpoint that is made or updated, and waited for until it serves what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.access.resources import call_statement, resource_arns
from constructs_ml.asl.names import job_prefix
from constructs_ml.asl.polling import Polling, braced, one_of, operand, says
from constructs_ml.asl.retry import THROTTLED_SDK, RetryPolicy
from constructs_ml.hosting.endpoint import CreateEndpoint, EndpointProps, UpdateEndpoint, config_name
from constructs_ml.jobs.composite import Composite, CompositeProps, name_faults
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.sdk_call import SdkCall
from constructs_ml.jobs.values import to_core
from constructs_ml.sagemaker.dynamic import is_dynamic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.errors import Faults
    from constructs_ml.hosting.deployment import Deployment
    from constructs_ml.hosting.endpoint_config import CreateEndpointConfig

ROLLED_BACK = "EndpointRolledBack"
FAILED = "EndpointFailed"
TIMED_OUT = "EndpointTimedOut"

DESCRIBED = ("EndpointName", "EndpointArn", "EndpointConfigName", "EndpointStatus")
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack")
UPDATABLE = ("InService", "UpdateRollbackFailed")
ENDED = ("Failed", "UpdateRollbackFailed", "OutOfService", "Deleting")

SHORTEST_WAIT, LONGEST_WAIT = 15, 300
TIMEOUT_SECONDS = 3600
AFTER_ROLLOUT_SECONDS = 900


class DeployProps(CompositeProps, total=False):
    """What else a deployment takes."""

    tags: Mapping[str, str]
    """Tags of the endpoint, when it is made, at most 50."""
    name_prefix: str
    """What the endpoint's name starts with, where it is known only at run time."""
    endpoint_config_prefix: str
    """What the names of endpoint configurations start with, where one is named only at run time."""
    volume_key: kms.IKey
    """The KMS key of the configuration, where it is passed by name."""


class DeployEndpoint(Composite):
    """Defines a state that makes an endpoint serve a configuration, and waits until it does.

    ::

        deploy = ml.DeployEndpoint(
            self, "Deploy",
            endpoint_name="churn",
            endpoint_config=config,
            deployment=ml.Deployment.canary(ml.Capacity.percent(10), alarms=[errors]),
        )
        deploy.add_catch(notify, errors=["EndpointRolledBack"])

    An endpoint that is not there is made, one that is there is updated; an update that is under way is waited for first.
    The state fails with ``EndpointRolledBack`` if the endpoint went back to the configuration before (it is in service
    then, and nothing but its configuration tells), with ``EndpointFailed`` if it failed, with ``EndpointTimedOut`` at the
    deadline. An endpoint that failed cannot be updated: it has to be deleted.

    It is a Parallel with one branch, so that it chains, catches and retries. Its result is the endpoint's name, ARN,
    configuration and status. Source: "Deployment guardrails" of the SageMaker developer guide and the DescribeEndpoint
    API.

    Attributes:
        endpoint_name: The endpoint's name.
    """

    members = DESCRIBED

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_config: CreateEndpointConfig | str,
        endpoint_name: str | None = None,
        deployment: Deployment | None = None,
        retain_variant_properties: bool | None = None,
        exclude_retained_properties: Sequence[str] = (),
        timeout: Duration | None = None,
        **props: Unpack[DeployProps],
    ) -> None:
        """Defines the deployment.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            endpoint_config: A ``CreateEndpointConfig`` state, or a configuration's name.
            endpoint_name: The endpoint's name. Default: made of the names of the stack and the state; always the same.
            deployment: How an update is rolled out, and what rolls it back. Default: all at once, without alarms.
            retain_variant_properties: Whether an update keeps the instance counts and weights that the variants have
                now. Default: they get those of the configuration.
            exclude_retained_properties: What of them is not kept.
            timeout: How long to wait for it to be in service. Default: an hour, or a quarter of an hour more than the
                ``max_duration`` of the deployment.
            props: What all such states take, and what is told of a configuration that is passed by name.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        home = home_of(scope)
        faults = name_faults(home, construct_id, props)
        given = endpoint_name or job_prefix(home.of_stack.owner, home.path_below_stack(construct_id)).lower().rstrip(
            "-"
        )
        limit = _deadline(timeout, deployment, faults)
        name, wanted = _operand("endpoint_name", given, faults), _operand("endpoint_config", endpoint_config, faults)
        faults.raise_if_any()
        super().__init__(scope, construct_id, props)
        self.endpoint_name = given
        self._polling = Polling(self._name, limit, SHORTEST_WAIT, LONGEST_WAIT)
        self._wanted = wanted
        self._retry = props.get("retry", RetryPolicy.default())
        both: EndpointProps = {
            "query_language": sfn.QueryLanguage.JSONATA,
            "retry": self._retry,
            "state_output": braced("$states.input"),
        }
        for key in ("endpoint_config_prefix", "name_prefix", "volume_key"):
            if key in props:
                both[key] = props[key]
        creates: EndpointProps = {**both, "state_name": self._inner_name("create"), "tags": props.get("tags") or {}}
        updates: EndpointProps = {**both, "state_name": self._inner_name("update")}
        self._create = CreateEndpoint(self, "Create", endpoint_name=given, endpoint_config=endpoint_config, **creates)
        self._update = UpdateEndpoint(
            self,
            "Update",
            endpoint_name=given,
            endpoint_config=endpoint_config,
            deployment=deployment,
            retain_variant_properties=retain_variant_properties,
            exclude_retained_properties=exclude_retained_properties,
            **updates,
        )
        self._describes = call_statement(
            ("DescribeEndpoint",), resource_arns(home.of_stack.place, "endpoint", self._create.names)
        )
        self.branch(self._states(name))

    def _states(self, name: str) -> sfn.IChainable:
        here, late = self._polling.here, self._polling.late
        done = self._done("Done", "in service", here)
        failed, timed_out, rolled_back = self._failures()
        watch = self._describe("Watch", "look again", name)
        wait = self._wait("Wait", "wait", self._polling.seconds)
        served = f"{here}.EndpointStatus = 'InService' and {here}.EndpointConfigName = {here}.Wanted"
        settled = self._choice("Settled", "settled?")
        settled.when(_if(served), done)
        settled.when(_if(one_of(f"{here}.EndpointStatus", ("InService", "RollingBack"))), rolled_back)
        settled.when(_if(one_of(f"{here}.EndpointStatus", ENDED)), failed)
        settled.when(_if(late), timed_out).otherwise(wait)
        wait.next(watch)
        watch.next(settled)
        self._create.next(wait)
        self._update.next(wait)

        look = self._describe("Look", "look", name, retry=RetryPolicy.none())
        pause = self._wait("Pause", "wait for its turn", self._polling.seconds)
        busy = f"({one_of(f'{here}.EndpointStatus', BUSY)} or {says(f'{here}.Cause', 'Throttling', 'Rate exceeded')})"
        there = self._choice("There", "is it there?")
        there.when(_if(says(f"{here}.Cause", "Could not find")), self._create)
        there.when(_if(served), done)
        there.when(_if(one_of(f"{here}.EndpointStatus", UPDATABLE)), self._update)
        there.when(_if(f"{busy} and {late}"), timed_out)
        there.when(_if(busy), pause)
        there.when(_if(f"$exists({here}.Error)"), self._refused())
        there.otherwise(failed)
        look.add_catch(
            there,
            errors=[THROTTLED_SDK],
            outputs=self._polling.keep(
                Since=self._polling.since,
                Wanted=self._wanted,
                EndpointName=name,
                Error="$states.errorOutput.Error",
                Cause="$states.errorOutput.Cause",
            ),
        )
        pause.next(look)
        return look.next(there)

    def _describe(self, construct_id: str, does: str, name: str, retry: RetryPolicy | None = None) -> SdkCall:
        described = {member: f"$states.result.{member}" for member in (*DESCRIBED, "FailureReason")}
        return SdkCall(
            self,
            construct_id,
            "DescribeEndpoint",
            {"EndpointName": braced(name) if is_dynamic(self.endpoint_name) else self.endpoint_name},
            statements=[self._describes],
            state_name=self._inner_name(does),
            query_language=sfn.QueryLanguage.JSONATA,
            retry=self._retry if retry is None else retry,
            state_output=self._polling.keep(Since=self._polling.since, Wanted=self._wanted, **described),
        )

    def _failures(self) -> tuple[sfn.Fail, sfn.Fail, sfn.Fail]:
        here = self._polling.here
        status = f"'Endpoint ' & {here}.EndpointName & ' is ' & {here}.EndpointStatus"
        reason = f"($exists({here}.FailureReason) ? ': ' & {here}.FailureReason : '')"
        serves = f"' with ' & {here}.EndpointConfigName & ', not with ' & {here}.Wanted & ': it was rolled back'"
        return (
            self._fail("Failed", "failed", FAILED, f"{status} & {reason}"),
            self._fail("TimedOut", "timed out", TIMED_OUT, f"{status} & ' after {self._polling.timeout} s'"),
            self._fail("RolledBack", "rolled back", ROLLED_BACK, f"{status} & {serves} & {reason}"),
        )

    def _refused(self) -> sfn.Fail:
        here = self._polling.here
        return self._fail("Refused", "refused", braced(f"{here}.Error"), f"{here}.Cause")


def _if(expression: str) -> sfn.Condition:
    return sfn.Condition.jsonata(braced(expression))


def _operand(member: str, value: CreateEndpointConfig | str, faults: Faults) -> str:
    core: str | Runtime = to_core(value) if isinstance(value, str) else config_name(value)
    try:
        return operand(core)
    except ValueError as error:
        faults.add(member, f"cannot be written in JSONata, in which the deployment is: {error}")
        return ""


def _deadline(timeout: Duration | None, deployment: Deployment | None, faults: Faults) -> int:
    seconds = TIMEOUT_SECONDS
    longest = None if deployment is None else deployment.max_duration
    if timeout is not None:
        seconds = int(timeout.to_seconds())
    elif longest is not None and not isinstance(longest, str):
        seconds = int(longest.to_seconds()) + AFTER_ROLLOUT_SECONDS
    if seconds < SHORTEST_WAIT:
        faults.add("timeout", f"must be at least {SHORTEST_WAIT} s, got {seconds} s", "pass Duration.hours(1)")
    return seconds
