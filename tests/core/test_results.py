"""What a job hands on, and the references to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonata
import pytest
from aws_cdk import aws_stepfunctions as sfn
from support.intrinsics import evaluate

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("mine")
JSONATA = sfn.QueryLanguage.JSONATA
DESCRIBED = {
    "ProcessingJobName": "p-1",
    "ProcessingJobArn": "arn:p-1",
    "ProcessingJobStatus": "Completed",
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 2, "VolumeSizeInGB": 30}},
    "AppSpecification": {"ImageUri": "mine"},
    "CreationTime": 1,
    "ExitMessage": "done",
}
SUMMARY = {name: DESCRIBED[name] for name in ("ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus")}
ODD_NAMES = ["Pre process", "it's", 'say "hi"', "a.b", "naïve 訓練", "[0]", "back\\slash", "tick`", "Done?", "$x"]


def job(stack: Stack, construct_id: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, construct_id, image=IMAGE, **props)


def handed_on(state: dict[str, Any], state_input: Any) -> Any:
    """What the state after a job gets."""
    if "Output" in state:
        scope = {"states": {"input": state_input, "result": DESCRIBED}}
        return jsonata.Jsonata(state["Output"][2:-2]).evaluate(None, scope)
    selector = state.get("ResultSelector")
    result: Any = DESCRIBED
    if selector is not None:
        result = {
            key.removesuffix(".$"): evaluate(value, DESCRIBED) if key.endswith(".$") else value
            for key, value in selector.items()
        }
    path = state.get("ResultPath", "$")
    if path is None:
        return state_input
    if path == "$":
        return result
    return {**state_input, _only_step(path): result}


def _only_step(path: str) -> str:
    for name in ("x", *ODD_NAMES):
        probe = name.replace("'", "_").replace('"', "_").replace("\\", "_").replace("`", "_")
        if path in (f"$.{probe}", f"$['{probe}']"):
            return probe
    return path.removeprefix("$.")


def test_a_summary_is_added_to_the_input(stack: Stack, asl: Callable[..., Any]) -> None:
    """Under the state's name: members that every description has."""
    state = asl(stack, job(stack))["Job"]

    assert handed_on(state, {"kept": 1}) == {"kept": 1, "Job": SUMMARY}


def test_a_reference_is_handed_on(stack: Stack, asl: Callable[..., Any]) -> None:
    """The first step of its path is selected too."""
    first = job(stack)
    size = first.result("ProcessingResources.ClusterConfig.VolumeSizeInGB")

    state = asl(stack, first.next(sfn.Pass(stack, "Pass", parameters={"size": size})))

    after = handed_on(state["Job"], {})
    assert evaluate(state["Pass"]["Parameters"]["size.$"], after) == 30


def test_the_full_result(stack: Stack, asl: Callable[..., Any]) -> None:
    """All of the description."""
    state = asl(stack, job(stack, result=ml.Result.FULL))["Job"]

    assert handed_on(state, {}) == {"Job": DESCRIBED}


def test_the_full_result_replaces_the_input(stack: Stack, asl: Callable[..., Any]) -> None:
    """As in AWS's own examples."""
    first = job(stack, result=ml.Result.FULL, result_path="$")

    assert first.path_to("ProcessingJobStatus") == "$.ProcessingJobStatus"
    assert handed_on(asl(stack, first)["Job"], {"gone": 1}) == DESCRIBED


def test_a_selection_of_the_users(stack: Stack, asl: Callable[..., Any]) -> None:
    """In ASL's way to write it and in aws-cdk-lib's; references go by its keys."""
    first = job(
        stack,
        result_path="$.x",
        result_selector={"arn.$": "$.ProcessingJobArn", "name": sfn.JsonPath.string_at("$.ProcessingJobName"), "n": 1},
    )

    assert first.path_to("arn") == "$.x.arn"
    assert handed_on(asl(stack, first)["Job"], {}) == {"x": {"arn": "arn:p-1", "name": "p-1", "n": 1}}


def test_a_reference_to_what_is_not_selected(stack: Stack) -> None:
    """The keys of the selection are named."""
    first = job(stack, result_selector={"arn.$": "$.ProcessingJobArn"})

    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Job: result cannot pass on 'x': .* the result_selector has arn"
    ):
        first.result("x")


def test_a_discarded_result(stack: Stack, asl: Callable[..., Any]) -> None:
    """The input goes on; there is nothing to refer to."""
    first = job(stack, result_path=sfn.JsonPath.DISCARD)

    with pytest.raises(ml.InvalidPropsError, match="the result_path discards the result"):
        first.result("ProcessingJobArn")
    assert handed_on(asl(stack, first)["Job"], {"kept": 1}) == {"kept": 1}


def test_an_output_path_moves_the_result(stack: Stack) -> None:
    """A reference follows it, or there is nothing to refer to."""
    shown = job(stack, result_path="$.x", output_path="$.x")
    hidden = job(stack, "Hidden", output_path="$.other")

    assert shown.path_to("ProcessingJobArn") == "$.ProcessingJobArn"
    with pytest.raises(ml.InvalidPropsError, match=r"the output_path \$.other leaves out the result"):
        hidden.result("ProcessingJobArn")


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("language", [None, JSONATA])
def test_states_of_any_name(stack: Stack, asl: Callable[..., Any], name: str, language: Any) -> None:
    """The paths into their results are legal, in both languages."""
    first = job(stack, "Job", state_name=name, query_language=language)
    second = job(stack, "Next", arguments=[first.result("ProcessingJobArn")], query_language=language)
    written = asl(stack, first.next(second))

    from support.requests import request_of

    request = request_of(written["Next"], handed_on(written[name], {}))
    assert request["AppSpecification"]["ContainerArguments"] == ["arn:p-1"]


def test_a_member_that_no_result_has(stack: Stack) -> None:
    """The nearest one is named."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Job: result cannot pass on 'ProcessingJobArm': .*did you mean"
    ):
        job(stack).result("ProcessingJobArm")


def test_a_member_that_not_every_result_has(stack: Stack) -> None:
    """A path that is missing ends an execution with an error that nothing catches."""
    with pytest.raises(ml.InvalidPropsError, match=r"ExitMessage is not in every result.*pass result=Result\.FULL"):
        job(stack).result("ExitMessage")


def test_a_member_that_not_every_result_has_in_a_full_one(stack: Stack) -> None:
    """The user guards it."""
    assert job(stack, result=ml.Result.FULL).path_to("ExitMessage") == "$.Job.ExitMessage"


def test_a_reference_after_the_state_machine_is_defined(stack: Stack) -> None:
    """It would lead to nothing; to what is handed on already it is fine."""
    first = job(stack)
    ml.Workflow(stack, "Workflow", definition=first)

    assert first.path_to("ProcessingJobArn") == "$.Job.ProcessingJobArn"
    with pytest.raises(ml.InvalidPropsError, match=r"AppSpecification is not passed on .* refer to it before"):
        first.result("AppSpecification.ImageUri")


def test_without_waiting_only_the_arn_is_known(stack: Stack, asl: Callable[..., Any]) -> None:
    """The call gives no more."""
    first = job(stack, wait_for_completion=False)
    state = asl(stack, first)["Job"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createProcessingJob"
    assert state["ResultSelector"] == {"ProcessingJobArn.$": "$.ProcessingJobArn"}
    with pytest.raises(ml.InvalidPropsError, match="has no ProcessingJobStatus"):
        first.status_is("Completed")


@pytest.mark.parametrize(("pattern", "waits"), [("RUN_JOB", True), ("REQUEST_RESPONSE", False)])
def test_aws_cdk_libs_way_to_say_whether_it_waits(stack: Stack, pattern: str, waits: bool) -> None:
    """The same two integration patterns as its own tasks."""
    assert job(stack, integration_pattern=sfn.IntegrationPattern[pattern]).waits is waits


def test_conditions_on_the_status(stack: Stack, asl: Callable[..., Any]) -> None:
    """One status or several."""
    first = job(stack)
    choice = (
        sfn.Choice(stack, "Done?")
        .when(first.status_is("Completed"), sfn.Succeed(stack, "Yes"))
        .when(first.status_is("Failed", "Stopped"), sfn.Fail(stack, "No"))
    )

    one, several = asl(stack, first.next(choice))["Done?"]["Choices"]

    assert one == {"Variable": "$.Job.ProcessingJobStatus", "StringEquals": "Completed", "Next": "Yes"}
    assert [item["StringEquals"] for item in several["Or"]] == ["Failed", "Stopped"]


def test_conditions_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """An expression on the state's input."""
    first = job(stack, "My job", query_language=JSONATA)
    choice = sfn.Choice.jsonata(stack, "Done?").when(first.status_is("Completed", "Stopped"), sfn.Succeed(stack, "Yes"))

    states = asl(stack, first.next(choice))

    condition = states["Done?"]["Choices"][0]["Condition"]
    scope = {"states": {"input": handed_on(states["My job"], {})}}
    assert jsonata.Jsonata(condition[2:-2]).evaluate(None, scope) is True


def test_a_status_that_no_job_ever_has(stack: Stack) -> None:
    """The comparison would always be false."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Job: status_is cannot hold: .* is never 'Complete'; .*did you mean"
    ):
        job(stack).status_is("Complete")
    with pytest.raises(ml.InvalidPropsError, match="status_is needs a status, got none; pass 'Completed'"):
        job(stack, "Other").status_is()


def test_an_output_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """The summary is merged into the input; the user may say otherwise."""
    merged = job(stack, query_language=JSONATA)
    own = job(stack, "Own", query_language=JSONATA, state_output={"arn": "{% $states.result.ProcessingJobArn %}"})
    full = job(stack, "Full", query_language=JSONATA, result=ml.Result.FULL)

    states = asl(stack, merged.next(own).next(full))

    assert handed_on(states["Job"], {"kept": 1}) == {"kept": 1, "Job": SUMMARY}
    assert states["Own"]["Output"] == {"arn": "{% $states.result.ProcessingJobArn %}"}
    assert handed_on(states["Full"], {}) == {"Full": DESCRIBED}


def test_the_model_of_a_training_job(stack: Stack, asl: Callable[..., Any]) -> None:
    """Its place is read from the result, and passing it on grants the read."""
    train = ml.TrainingJob(stack, "Train", image=IMAGE)
    evaluate_job = job(stack, "Evaluate", inputs={"model": train.model_artifacts})

    states = asl(stack, train.next(evaluate_job))

    s3_input = states["Evaluate"]["Parameters"]["ProcessingInputs"][0]["S3Input"]
    assert s3_input["S3Uri.$"] == "$.Train.ModelArtifacts.S3ModelArtifacts"
    assert states["Train"]["ResultSelector"]["ModelArtifacts.$"] == "$.ModelArtifacts"


def test_an_output_that_a_job_does_not_have(stack: Stack) -> None:
    """Those that it has are named."""
    first = job(stack, outputs=["train", "test"])

    with pytest.raises(ml.InvalidPropsError, match="Census/Job: output has no 'tain'; outputs: train, test"):
        first.output("tain")
