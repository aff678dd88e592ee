"""States that no state machine has are told when the app is synthesized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, assertions
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
DATA = ml.S3Data.from_uri("s3://bucket/data/")
UNUSED = "constructs-ml:unused"


def job(scope: Construct, construct_id: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(scope, construct_id, image=IMAGE, **props)


def told(stack: Stack) -> list[str]:
    """The paths of the states that are warned of."""
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [entry.id for entry in found if UNUSED in str(entry.entry.data)]


def machine(stack: Stack, definition: Any, construct_id: str = "Machine") -> None:
    sfn.StateMachine(stack, construct_id, definition_body=sfn.DefinitionBody.from_chainable(definition))


def test_each_is_told_once_with_its_line(stack: Stack) -> None:
    job(stack, "One")
    ml.TrainingJob(stack, "Two", image=IMAGE)
    machine(stack, job(stack, "Used"))
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    texts = {entry.id: str(entry.entry.data) for entry in found if UNUSED in str(entry.entry.data)}
    assert sorted(texts) == ["/Census/One", "/Census/Two"]
    assert "One is in no state machine, so nothing runs it (" in texts["/Census/One"]
    assert "test_unused.py:" in texts["/Census/One"]
    assert f"[ack: {UNUSED}]" in texts["/Census/One"]


def test_a_chain_in_no_state_machine_is_told(stack: Stack) -> None:
    job(stack, "One").next(job(stack, "Two"))
    assert told(stack) == ["/Census/One", "/Census/Two"]


def test_a_map_in_no_state_machine_is_told(stack: Stack) -> None:
    each = ml.Map(stack, "Each", items_path="$.items")
    each.item_processor(job(each))
    assert told(stack) == ["/Census/Each/Job"]


@pytest.mark.parametrize("at", ["job", "stack"])
def test_it_is_acknowledged(stack: Stack, at: str) -> None:
    made = job(stack)
    ml.acknowledge(made if at == "job" else stack, UNUSED, "it is for another team")
    assert told(stack) == []


def parallel(stack: Stack) -> Any:
    return sfn.Parallel(stack, "Both").branch(job(stack, "One")).branch(job(stack, "Two"))


def mapped(stack: Stack) -> Any:
    each = sfn.Map(stack, "Each")
    each.item_processor(job(stack).next(job(stack, "Second")))
    return each


def distributed(stack: Stack) -> Any:
    each = ml.DistributedMap(stack, "Each", items_path="$.items")
    each.item_processor(job(each))
    return each


def chosen(stack: Stack) -> Any:
    first = job(stack, "First")
    return first.next(
        sfn.Choice(stack, "Good?")
        .when(first.status_is("Completed"), job(stack, "Then"))
        .otherwise(sfn.Pass(stack, "Otherwise").next(job(stack, "Else")))
    )


def caught(stack: Stack) -> Any:
    return job(stack, "First").add_catch(sfn.Pass(stack, "Tell").next(job(stack, "Repair")))


def looped(stack: Stack) -> Any:
    first, again = job(stack, "First"), job(stack, "Again")
    good = first.status_is("Completed")
    return first.next(sfn.Choice(stack, "Good?").when(good, sfn.Succeed(stack, "Done")).otherwise(again.next(first)))


def custom(stack: Stack) -> Any:
    return (
        sfn.Pass(stack, "Start").next(sfn.Wait(stack, "Wait", time=sfn.WaitTime.seconds_path("$.s"))).next(job(stack))
    )


def deployed(stack: Stack) -> Any:
    config = ml.CreateEndpointConfig(stack, "Config", variants=[ml.hosting.Variant(model="m")])
    return config.next(ml.DeployEndpoint(stack, "Deploy", endpoint_config=config))


def approved(stack: Stack) -> Any:
    package = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/a/1"
    return ml.ModelApprovalGate(stack, "Gate", package=package)


def fragment(stack: Stack) -> Any:
    return Fragment(stack, "Part").prefix_states()


class Fragment(sfn.StateMachineFragment):
    """A part that is used where it is needed."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.job = job(self, "Inner")

    @property
    def start_state(self) -> sfn.State:
        """Its only state."""
        return self.job

    @property
    def end_states(self) -> list[sfn.INextable]:
        """The same."""
        return [self.job]


USED = [parallel, mapped, distributed, chosen, caught, looped, custom, deployed, approved, fragment]


@pytest.mark.parametrize("made", USED, ids=lambda made: made.__name__)
@pytest.mark.parametrize("workflow", [True, False])
def test_no_false_alarm(stack: Stack, made: Callable[[Stack], Any], *, workflow: bool) -> None:
    if workflow:
        ml.Workflow(stack, "Machine", definition=made(stack))
    else:
        machine(stack, made(stack))
    assert told(stack) == []


def test_no_false_alarm_for_a_fragment_that_waits_to_be_used(stack: Stack) -> None:
    Fragment(stack, "Part")
    assert told(stack) == []


def test_no_false_alarm_across_stacks(app: App, stack: Stack) -> None:
    other = Stack(app, "Other")
    machine(other, job(stack, "One").next(ml.TransformJob(stack, "Two", model="m", data=DATA)))
    assert told(stack) == told(other) == []


def test_parts_of_a_state_are_told_with_it_only(stack: Stack) -> None:
    ml.DeployEndpoint(stack, "Deploy", endpoint_config="c")
    assert told(stack) == ["/Census/Deploy"]
