"""DeployEndpoint, run against a fake SageMaker: it creates, updates, waits, and tells failures from success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.simulate import Simulation, StatesError
from support.templates import definition, statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

HERE = "arn:aws:sagemaker:us-east-1:111122223333:"
NOT_THERE = 'Could not find endpoint "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn".'
GIVEN = {"Configure": {"EndpointConfigName": "new"}, "kept": 1}


class FakeSageMaker:
    """An endpoint that takes a while for everything.

    Attributes:
        takes: Seconds until a change has ended.
        ends: What becomes of it: its status, and whether it has the new configuration.
    """

    def __init__(self, takes: float = 300, ends: str = "InService", *, rolls_back: bool = False) -> None:
        self.takes, self.ends, self.rolls_back = takes, ends, rolls_back
        self.status, self.config, self.wanted = "", "", ""
        self.until = -1.0
        self.calls: list[str] = []
        self.errors: list[tuple[str, str]] = []
        self.simulation: Simulation | None = None

    @property
    def now(self) -> float:
        assert self.simulation is not None
        return self.simulation.clock

    def there(self, status: str, config: str, until: float = -1) -> FakeSageMaker:
        self.status, self.config, self.wanted, self.until = status, config, config, until
        return self

    def __call__(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        assert request["EndpointName"] == "churn"
        if self.errors:
            raise StatesError(*self.errors.pop(0))
        return getattr(self, operation)(request)  # type: ignore[no-any-return]

    def describeEndpoint(self, _request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as Step Functions names it
        if not self.status:
            raise StatesError("SageMaker.SageMakerException", NOT_THERE)
        if self.status in {"Creating", "Updating"} and self.now >= self.until:
            self.status = self.ends
            self.config = self.config if self.rolls_back else self.wanted
        if not self.status:
            raise StatesError("SageMaker.SageMakerException", NOT_THERE)
        found = {"EndpointName": "churn", "EndpointArn": f"{HERE}endpoint/churn", "EndpointStatus": self.status}
        if self.status == "Failed":
            found["FailureReason"] = "no capacity"
        return {**found, "EndpointConfigName": self.config}

    def createEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as Step Functions names it
        assert not self.status
        self._change("Creating", request["EndpointConfigName"])
        self.config = self.wanted
        return {"EndpointArn": f"{HERE}endpoint/churn"}

    def updateEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as Step Functions names it
        assert self.status in {"InService", "UpdateRollbackFailed"}
        self._change("Updating", request["EndpointConfigName"])
        return {"EndpointArn": f"{HERE}endpoint/churn"}

    def _change(self, status: str, config: str) -> None:
        self.status, self.wanted, self.until = status, config, self.now + self.takes


@pytest.fixture
def branch(stack: Stack, asl: Callable[..., Any]) -> dict[str, Any]:
    config = ml.CreateEndpointConfig(stack, "Configure", model="mine")
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_name="churn", endpoint_config=config)
    (found,) = asl(stack, config.next(deploy))["Deploy"]["Branches"]
    return dict(found)


def deployed(branch: dict[str, Any], service: FakeSageMaker) -> tuple[Any, Simulation]:
    simulation = Simulation(branch, service)
    service.simulation = simulation
    return simulation.run(GIVEN), simulation


def failed(branch: dict[str, Any], service: FakeSageMaker) -> StatesError:
    with pytest.raises(StatesError) as caught:
        deployed(branch, service)
    return caught.value


def test_an_endpoint_that_is_not_there_is_made(branch: dict[str, Any]) -> None:
    service = FakeSageMaker()

    result, _ = deployed(branch, service)

    assert result == {
        "EndpointName": "churn",
        "EndpointArn": f"{HERE}endpoint/churn",
        "EndpointConfigName": "new",
        "EndpointStatus": "InService",
    }
    assert service.calls[:2] == ["describeEndpoint", "createEndpoint"]


def test_an_endpoint_that_is_there_is_updated(branch: dict[str, Any]) -> None:
    service = FakeSageMaker().there("InService", "old")

    result, _ = deployed(branch, service)

    assert result["EndpointConfigName"] == "new"
    assert service.calls[:2] == ["describeEndpoint", "updateEndpoint"]


def test_an_endpoint_that_serves_it_already_is_left(branch: dict[str, Any]) -> None:
    service = FakeSageMaker().there("InService", "new")

    assert deployed(branch, service)[0]["EndpointStatus"] == "InService"
    assert service.calls == ["describeEndpoint"]


def test_a_deployment_that_is_under_way_is_waited_for(branch: dict[str, Any]) -> None:
    service = FakeSageMaker().there("Updating", "old", until=100)

    assert deployed(branch, service)[0]["EndpointConfigName"] == "new"
    assert service.calls.count("updateEndpoint") == 1


def test_an_update_that_could_not_be_rolled_back_is_mended_by_the_next(branch: dict[str, Any]) -> None:
    service = FakeSageMaker().there("UpdateRollbackFailed", "old")

    assert deployed(branch, service)[0]["EndpointConfigName"] == "new"


def test_a_silent_rollback_is_a_failure(branch: dict[str, Any]) -> None:
    """The endpoint is in service, with the configuration of before."""
    error = failed(branch, FakeSageMaker(rolls_back=True).there("InService", "old"))

    assert error.name == "EndpointRolledBack"
    assert error.cause == "Endpoint churn is InService with old, not with new: it was rolled back"


@pytest.mark.parametrize(
    ("ends", "error"),
    [
        ("RollingBack", "EndpointRolledBack"),
        ("UpdateRollbackFailed", "EndpointFailed"),
        ("OutOfService", "EndpointFailed"),
        ("Deleting", "EndpointFailed"),
    ],
)
def test_every_end_but_one_is_a_failure(branch: dict[str, Any], ends: str, error: str) -> None:
    assert failed(branch, FakeSageMaker(ends=ends, rolls_back=True).there("InService", "old")).name == error


def test_the_reason_of_a_failure_is_told(branch: dict[str, Any]) -> None:
    error = failed(branch, FakeSageMaker(ends="Failed"))
    assert (error.name, error.cause) == ("EndpointFailed", "Endpoint churn is Failed: no capacity")


def test_an_endpoint_that_failed_before_is_a_failure(branch: dict[str, Any]) -> None:
    """SageMaker lets such an endpoint only be deleted."""
    service = FakeSageMaker().there("Failed", "old")
    assert failed(branch, service).name == "EndpointFailed"
    assert service.calls == ["describeEndpoint"]


def test_the_deadline(branch: dict[str, Any]) -> None:
    """Is kept to the second, for a deployment and for the one before it."""
    for service in (FakeSageMaker(takes=1e9), FakeSageMaker().there("Updating", "old", until=1e9)):
        simulation = Simulation(branch, service)
        service.simulation = simulation
        with pytest.raises(StatesError, match=r"EndpointTimedOut: .* after 3600 s"):
            simulation.run(GIVEN)
        assert 3600 <= simulation.clock <= 3601


def test_few_transitions(branch: dict[str, Any]) -> None:
    """Five minutes are noticed within half as long again, an hour within the longest wait."""
    _, short = deployed(branch, FakeSageMaker(takes=300))
    assert len(short.path) <= 28
    assert 300 <= short.clock <= 450
    _, long = deployed(branch, FakeSageMaker(takes=3200))
    assert len(long.path) <= 64
    assert 3200 <= long.clock <= 3500


def test_a_throttled_look_is_tried_again(branch: dict[str, Any]) -> None:
    service = FakeSageMaker()
    service.errors = [("SageMaker.SageMakerException", "Rate exceeded (Error Code: ThrottlingException)")] * 2

    assert deployed(branch, service)[0]["EndpointStatus"] == "InService"


def test_other_errors_are_handed_on(branch: dict[str, Any]) -> None:
    service = FakeSageMaker()
    service.errors = [("SageMaker.SageMakerException", "not authorized to perform: sagemaker:DescribeEndpoint")]

    error = failed(branch, service)

    assert error.name == "SageMaker.SageMakerException"
    assert "not authorized" in error.cause


@pytest.mark.parametrize(
    "cause", ["Rate exceeded (Service: SageMaker, Status Code: 400)", "Oops (Service: SageMaker, Status Code: 500)"]
)
def test_looking_again_may_fail_for_a_while(branch: dict[str, Any], cause: str) -> None:
    """That the change was made is remembered: it is made once."""
    service = FakeSageMaker().there("InService", "old")
    simulation = Simulation(branch, service)
    service.simulation = simulation

    def call(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "describeEndpoint" and service.status == "Updating" and simulation.clock < 100:
            raise StatesError("SageMaker.SageMakerException", cause)
        return service(operation, request)

    simulation.call = call

    assert simulation.run(GIVEN)["EndpointConfigName"] == "new"
    assert service.calls.count("updateEndpoint") == 1


def test_an_endpoint_that_is_deleted_meanwhile_is_not_made_again(branch: dict[str, Any]) -> None:
    service = FakeSageMaker(ends="")

    error = failed(branch, service)

    assert (error.name, error.cause) == ("SageMaker.SageMakerException", NOT_THERE)
    assert service.calls.count("createEndpoint") == 1


def test_a_status_of_later_is_a_failure(branch: dict[str, Any]) -> None:
    """Only a success goes on."""
    assert failed(branch, FakeSageMaker(ends="Molten")).cause == "Endpoint churn is Molten"


def test_it_runs_twice_in_one_execution(branch: dict[str, Any]) -> None:
    """Its own result in the input does not make its clock old."""
    result, first = deployed(branch, FakeSageMaker())
    service = FakeSageMaker(takes=300).there("InService", "old")
    again = Simulation(branch, service, clock=first.clock + 1e6)
    service.simulation = again

    assert again.run({**GIVEN, "Deploy": result})["EndpointConfigName"] == "new"


@pytest.mark.parametrize("language", [None, sfn.QueryLanguage.JSONATA])
def test_it_is_one_state_of_the_machine(
    stack: Stack, synth: Callable[..., Any], language: sfn.QueryLanguage | None
) -> None:
    """In either language: it chains, catches and hands on its result; its states have names of their own."""
    config = ml.CreateEndpointConfig(stack, "Configure", model="mine")
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config=config, query_language=language)
    deploy.add_catch(sfn.Fail(stack, "Told"), errors=["EndpointRolledBack"])
    after = sfn.Pass(stack, "After", **_told(deploy, language))
    ml.Workflow(stack, "Workflow", definition=config.next(deploy).next(after), query_language=language)

    asl = definition(synth(stack))

    state = asl["States"]["Deploy"]
    assert state["Catch"][0]["ErrorEquals"] == ["EndpointRolledBack"]
    assert state["Next"] == "After"
    assert all(name.startswith("Deploy: ") for name in each(state["Branches"][0]["States"]))
    assert all(inner["QueryLanguage"] == "JSONata" for inner in state["Branches"][0]["States"].values())
    if language is None:
        assert state["ResultPath"] == "$.Deploy"
        assert state["ResultSelector"]["EndpointArn.$"] == "$[0].EndpointArn"
        assert asl["States"]["After"]["Parameters"] == {"arn.$": "$.Deploy.EndpointArn"}
    else:
        assert state["Output"] == '{% $merge([$states.input, {"Deploy": $states.result[0]}]) %}'
        assert asl["States"]["After"]["Output"] == {"arn": "{% $states.input.Deploy.EndpointArn %}"}


def _told(deploy: ml.DeployEndpoint, language: sfn.QueryLanguage | None) -> dict[str, Any]:
    told = {"arn": deploy.result("EndpointArn")}
    return {"parameters": told} if language is None else {"outputs": told}


def test_in_a_parallel_and_a_map(stack: Stack, synth: Callable[..., Any]) -> None:
    """States of its own kind stand beside it."""
    both = sfn.Parallel(stack, "Both")
    for name in ("One", "Two"):
        both.branch(ml.DeployEndpoint(stack, name, endpoint_config="mine"))
    each = sfn.Map(stack, "Each").item_processor(ml.DeployEndpoint(stack, "Three", endpoint_config="mine"))
    ml.Workflow(stack, "Workflow", definition=both.next(each))

    asl = definition(synth(stack))

    assert set(asl["States"]) == {"Both", "Each"}


def test_the_state_machines_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """May look at, make and update endpoints of this stack with configurations of this stack, and nothing else."""
    config = ml.CreateEndpointConfig(stack, "Configure", model="mine")
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config=config)
    ml.Workflow(stack, "Workflow", definition=config.next(deploy))

    own = statements(synth(stack), "Workflow")

    assert deploy.endpoint_name == "census-rovc-deploy"
    found = {
        action: {name for item in own if action in item["Action"] for name in item["Resource"]}
        for item in own
        for action in item["Action"]
        if action.startswith("sagemaker:") and "Config" not in action
    }
    endpoints = {f"{HERE}endpoint/census-rovc-deploy", f"{HERE}endpoint/census-rovc-*"}
    both = endpoints | {f"{HERE}endpoint-config/census-rovc-*"}
    assert found == {
        "sagemaker:DescribeEndpoint": endpoints,
        "sagemaker:CreateEndpoint": both,
        "sagemaker:UpdateEndpoint": both,
    }


BAD: list[tuple[dict[str, Any], str]] = [
    ({"endpoint_name": "a_b"}, "Census/Deploy: endpoint_name must match"),
    ({"timeout": Duration.seconds(1)}, "Census/Deploy: timeout must be at least 15 s, got 1 s; pass Duration.hours(1)"),
    (
        {"endpoint_config": sfn.JsonPath.string_at("States.Format('a-{}', $.b)")},
        "Census/Deploy: endpoint_config cannot be written in JSONata",
    ),
    ({"state_name": "x" * 51}, "Census/Deploy: state_name must have at most 50 characters, got 51"),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.DeployEndpoint(stack, "Deploy", **{"endpoint_config": "mine", **props})
    assert message in str(caught.value)


def test_a_result_that_there_is_not(stack: Stack) -> None:
    """The members that there are are named."""
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_config="mine")
    with pytest.raises(ml.InvalidPropsError, match="did you mean EndpointArn"):
        deploy.result("EndpointArm")
