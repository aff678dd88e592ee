"""Mistakes in what is retried and caught, put into the census workflow."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from support.templates import states
from support.workflows import census_machine

from constructs_ml.lint import Machine, Severity, Violation, check_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    Defect = Callable[[dict[str, Any]], object]
    Case = tuple[Defect, str, str]
    """What the user did, the rule that finds it, and what its message says."""

EVERYTHING = {"ErrorEquals": ["States.ALL"], "Next": "Failed"}


def violations(defect: Defect, *, jsonata: bool = False) -> list[Violation]:
    """What is found in the definition after a change of its states, whatever its role may do."""
    body = copy.deepcopy(dict(census_machine(jsonata=jsonata).body))
    defect(states(body))
    return check_machine(Machine(body))


def retried(state: str, *errors: str, **fields: Any) -> Defect:
    """Puts a retrier before those of a state."""
    return lambda at: at[state].update(Retry=[{"ErrorEquals": list(errors), **fields}, *at[state].get("Retry", [])])


def caught(state: str, *errors: str) -> Defect:
    """Puts a catcher before those of a state."""
    return lambda at: at[state].update(
        Catch=[{"ErrorEquals": list(errors), "Next": "Failed"}, *at[state].get("Catch", [])]
    )


def both(*defects: Defect) -> Defect:
    """One change after the other."""
    return lambda at: [defect(at) for defect in defects]


def named(state: str, member: str, value: str) -> Defect:
    """Names a job."""

    def name(at: dict[str, Any]) -> None:
        request = at[state].get("Parameters", at[state].get("Arguments"))
        request.pop(f"{member.removesuffix('.$')}.$", None)
        request[member] = value

    return name


JSONPATH: dict[str, Case] = {
    "an error that there is not": (
        retried("Train", "States.TaskFail"),
        "CML301",
        (
            "Train: Retry[0].ErrorEquals[0] is 'States.TaskFail', which is not an error of Step Functions; "
            "did you mean States.TaskFailed?"
        ),
    ),
    "an error that is made up": (caught("Preprocess", "States.Cancelled"), "CML301", "your own error another prefix"),
    "everything in small letters": (caught("Preprocess", "States.All"), "CML301", "did you mean States.ALL?"),
    "everything beside another error": (
        retried("Count", "States.Timeout", "States.ALL"),
        "CML302",
        "Count: Retry[0].ErrorEquals[1] is States.ALL, combined with other errors; give it an entry of its own",
    ),
    "everything caught first": (
        lambda at: at["Preprocess"]["Catch"].insert(0, EVERYTHING),
        "CML302",
        "Preprocess: Catch[0].ErrorEquals[0] is States.ALL, before 1 other entry; move its entry to the end",
    ),
    "every failure retried first": (
        retried("Count", "States.TaskFailed"),
        "CML303",
        "Count: Retry[1] never applies: Retry[0] matches all its errors; move it to the front",
    ),
    "an error caught twice": (
        lambda at: at["Preprocess"]["Catch"].append({"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}),
        "CML303",
        "Preprocess: Catch[1] never applies",
    ),
    "a longest wait shorter than the first": (
        lambda at: at["Train"]["Retry"][1].update(MaxDelaySeconds=30),
        "CML304",
        "Train: Retry[1].MaxDelaySeconds is 30, which is less than IntervalSeconds (60)",
    ),
    "waits that shrink": (
        lambda at: at["Count"]["Retry"][0].update(BackoffRate=0.5),
        "CML304",
        "Count: Retry[0].BackoffRate must be a number of at least 1, got 0.5",
    ),
    "fewer than no attempts": (
        lambda at: at["Count"]["Retry"][0].update(MaxAttempts=-1),
        "CML304",
        "Retry[0].MaxAttempts must be a whole number of 0-99999999, got -1",
    ),
    "no wait at all": (
        lambda at: at["Count"]["Retry"][0].update(IntervalSeconds=0),
        "CML304",
        "IntervalSeconds must be a whole number of 1-99999999, got 0",
    ),
    "a jitter that there is not": (
        lambda at: at["Train"]["Retry"][0].update(JitterStrategy="FUL"),
        "CML304",
        "Retry[0].JitterStrategy must be FULL or NONE, got 'FUL'; did you mean FULL?",
    ),
    "attempts in quotes": (lambda at: at["Count"]["Retry"][0].update(MaxAttempts="3"), "CML304", "write 3 without"),
    "a heartbeat longer than the timeout": (
        lambda at: at["Train"].update(TimeoutSeconds=600, HeartbeatSeconds=900),
        "CML305",
        "Train: HeartbeatSeconds is 900, which is not less than TimeoutSeconds (600)",
    ),
    "a retry of a missing permission": (
        retried("Count", "States.Permissions"),
        "CML306",
        "Count: Retry[0].ErrorEquals[0] retries States.Permissions, which a retry does not cure",
    ),
    "a retry of a path that is not there": (retried("Tell", "States.ParameterPathFailure"), "CML306", "stays the same"),
    "a retry of a name in use": (
        retried("Train", "SageMaker.ResourceInUseException"),
        "CML306",
        "the name stays taken",
    ),
    "a retry of a wrong request": (retried("Tune", "SageMaker.ValidationException"), "CML306", "the request stays"),
    "a retry of too much data": (retried("TrainAndTune", "States.DataLimitExceeded"), "CML306", "stays too large"),
    "a retry of what is never retried": (retried("EachPart", "States.Runtime"), "CML306", "never retries it"),
    "one name for every part": (
        named("Score", "TransformJobName", "score"),
        "CML307",
        "Score: Parameters.TransformJobName is 'score', which is the same in every iteration of EachPart",
    ),
    "the execution's name for every part": (
        named("Score", "TransformJobName.$", "States.Format('score-{}', $$.Execution.Name)"),
        "CML307",
        "the same in every iteration of EachPart, but a name can be used only once; generate a new one",
    ),
    "one name for all attempts of a Parallel": (
        both(named("Train", "TrainingJobName.$", "$$.Execution.Name"), retried("TrainAndTune", "States.TaskFailed")),
        "CML307",
        "the same at each attempt of Retry[0] of TrainAndTune",
    ),
    "one name for all attempts of a job by cause": (
        both(
            named("Train", "TrainingJobName.$", "$$.Execution.Name"),
            retried("TrainAndTune", "CapacityError"),
            lambda at: (
                at["Train"].update(Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "Train: failed"}]),
                at["TrainAndTune"]["Branches"][0]["States"].update(
                    {"Train: failed": {"Type": "Fail", "Error": "CapacityError", "Cause": "none left"}}
                ),
            ),
        ),
        "CML307",
        "the same at each attempt of Retry[0] of TrainAndTune",
    ),
    "one name in a loop": (
        both(
            named("Train", "TrainingJobName.$", "$$.Execution.Name"),
            lambda at: at["TrainAndTune"].update(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Again"}]),
            lambda at: (
                at["Failed"].update(Type="Pass", Next="Preprocess", Result={}, ResultPath="$.Again")
                or [at["Failed"].pop(name) for name in ("Error", "Cause")]
            ),
            lambda at: at["TrainAndTune"]["Catch"][0].update(Next="Failed"),
        ),
        "CML307",
        "the same each time that the loop returns to TrainAndTune",
    ),
    "the time of the attempt, which has colons": (
        named("Score", "TransformJobName.$", "States.Format('score-{}', $$.State.EnteredTime)"),
        "CML318",
        "Score: Parameters.TransformJobName.$ must match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}, which has no '.' and ':'",
    ),
    "a UUID that does not fit": (
        named("Tune", "HyperParameterTuningJobName.$", "States.UUID()"),
        "CML318",
        "must have at most 32 characters, got 36 or more",
    ),
    "a failed branch of a Task": (
        caught("Model", "States.BranchFailed"),
        "CML308",
        "is States.BranchFailed, which occurs only in a Parallel state",
    ),
    "a choice that does not match in a Task": (
        caught("Preprocess", "States.NoChoiceMatched"),
        "CML308",
        "Choice state",
    ),
    "too many failed items in a Parallel": (
        retried("TrainAndTune", "States.ExceedToleratedFailureThreshold"),
        "CML308",
        "occurs only in a Map state",
    ),
    "a quota without its Exception": (
        lambda at: at["Train"]["Retry"][1].update(ErrorEquals=["SageMaker.ResourceLimitExceeded"]),
        "CML309",
        "did you mean SageMaker.ResourceLimitExceededException?",
    ),
    "SageMaker in other letters": (
        caught("Model", "Sagemaker.ResourceInUseException"),
        "CML309",
        (
            "is 'Sagemaker.ResourceInUseException', which is not the name of any error of this call; "
            "did you mean SageMaker.ResourceInUseException?"
        ),
    ),
    "what the SDK calls it": (
        lambda at: at["Train"]["Retry"][0].update(ErrorEquals=["SageMaker.SageMakerException"]),
        "CML309",
        "did you mean SageMaker.AmazonSageMakerException?",
    ),
    "what the optimized integration calls it": (
        lambda at: at["Model"].update(Resource="arn:aws:states:::aws-sdk:sagemaker:createModel"),
        "CML309",
        (
            "Model: Retry[0].ErrorEquals[0] is 'SageMaker.AmazonSageMakerException', which is not the name of any error of this call; "
            "did you mean SageMaker.SageMakerException?"
        ),
    ),
    "a catch of what nothing catches": (
        caught("Preprocess", "States.Runtime"),
        "CML310",
        "Preprocess: Catch[0].ErrorEquals[0] names States.Runtime, which cannot be caught",
    ),
}
JSONATA: dict[str, Case] = {
    "an error that there is not": (caught("Count", "States.QueryEvaluation"), "CML301", "States.QueryEvaluationError?"),
    "everything retried first": (
        lambda at: at["Count"]["Retry"].insert(0, {"ErrorEquals": ["States.ALL"]}),
        "CML302",
        "Count: Retry[0].ErrorEquals[0] is States.ALL, before 1 other entry",
    ),
    "a heartbeat as long as the timeout": (
        lambda at: at["Tune"].update(TimeoutSeconds=600, HeartbeatSeconds=600),
        "CML305",
        "HeartbeatSeconds is 600, which is not less than TimeoutSeconds",
    ),
    "a retry of a missing permission": (retried("Tell", "States.Permissions"), "CML306", "lacks a permission"),
    "one name for every part": (
        named("Score", "TransformJobName", "score"),
        "CML307",
        "Score: Arguments.TransformJobName is 'score', which is the same in every iteration of EachPart",
    ),
    "the execution's name for every part": (
        named("Score", "TransformJobName", "{% 'score-' & $states.context.Execution.Name %}"),
        "CML307",
        "the same in every iteration of EachPart",
    ),
    "a quota without its Exception": (
        lambda at: at["Tune"]["Retry"][1].update(ErrorEquals=["SageMaker.ResourceLimitExceeded"]),
        "CML309",
        "did you mean SageMaker.ResourceLimitExceededException?",
    ),
    "a catch of what nothing catches": (caught("EachPart", "States.Runtime"), "CML310", "EachPart: Catch[0]"),
}
CASES = [(name, case, False) for name, case in JSONPATH.items()] + [
    (name, case, True) for name, case in JSONATA.items()
]


@pytest.mark.parametrize(
    ("name", "case", "jsonata"), CASES, ids=lambda value: value if isinstance(value, str) else None
)
def test_a_mistake_about_errors_is_refused(name: str, case: Case, jsonata: bool) -> None:
    """One mistake is one error, that names the state and the member."""
    defect, rule, said = case
    found = violations(defect, jsonata=jsonata)
    assert [(violation.rule, violation.severity) for violation in found] == [(rule, Severity.ERROR)], (name, found)
    assert said in found[0].message


WARNED: dict[str, Case] = {
    "a catch of what nothing catches, beside another": (
        caught("Preprocess", "States.Runtime", "States.Timeout"),
        "CML310",
        "which cannot be caught",
    ),
    "waits that cannot grow": (
        lambda at: at["Train"]["Retry"][1].update(MaxDelaySeconds=60),
        "CML304",
        "the delays do not grow",
    ),
    "heartbeats of a call that returns": (
        lambda at: at["Count"].update(HeartbeatSeconds=60),
        "CML305",
        "this task has no token",
    ),
    "heartbeats of a call that has a timeout": (
        lambda at: at["Count"].update(HeartbeatSeconds=60, TimeoutSeconds=600),
        "CML305",
        "remove it: the timeout applies without it",
    ),
    "every failure of a job": (
        lambda at: at["Train"]["Retry"].append({"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}),
        "CML306",
        "is run and paid for again",
    ),
    "the execution's name": (
        named("Train", "TrainingJobName.$", "$$.Execution.Name"),
        "CML307",
        "the same when the execution is redriven, but a name can be used only once, and an execution's name may have 80 characters",
    ),
    "the execution's name in another": (
        named("Train", "TrainingJobName.$", "States.Format('train-{}', $$.Execution.Name)"),
        "CML307",
        "when the execution is redriven",
    ),
    "a model's name for ever": (named("Model", "ModelName", "churn"), "CML307", "the same in every execution"),
    "a tuning job's name for ever": (named("Tune", "HyperParameterTuningJobName", "t"), "CML307", "in every execution"),
    "the input's name in all iterations of a Map that is tried again": (
        both(named("Score", "TransformJobName.$", "$$.Map.Item.Value.name"), retried("EachPart", "States.TaskFailed")),
        "CML307",
        "the same at each attempt of Retry[0] of EachPart",
    ),
    "a name for ever": (named("Train", "TrainingJobName", "train"), "CML307", "the same in every execution"),
    "an error that never arises beside one that does": (
        caught("Count", "States.BranchFailed", "States.TaskFailed"),
        "CML308",
        "occurs only in a Parallel state",
    ),
    "throttling by its own name": (
        lambda at: at["Tune"]["Retry"][0].update(ErrorEquals=["SageMaker.ThrottlingException"]),
        "CML309",
        "did you mean SageMaker.AmazonSageMakerException?",
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_may_be_meant_is_warned_of(name: str) -> None:
    """What is not certain to do harm does not stop a deployment."""
    defect, rule, said = WARNED[name]
    found = violations(defect)
    assert [(violation.rule, violation.severity) for violation in found] == [(rule, Severity.WARNING)], found
    assert said in found[0].message


def test_a_job_that_is_retried_under_one_name_is_told_twice() -> None:
    """The retry pays again for what fails, and fails itself: both are said, the second as an error."""
    everything = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}
    found = violations(
        both(named("Train", "TrainingJobName", "train"), lambda at: at["Train"]["Retry"].append(everything))
    )
    assert [(one.rule, one.severity) for one in found] == [("CML306", Severity.WARNING), ("CML307", Severity.ERROR)]
    assert "the same at each attempt of Retry[2]" in found[1].message


def test_a_name_from_the_input_is_the_same_at_each_attempt() -> None:
    """It may be new at each visit, so only a retry of the job itself is warned of."""
    everything = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}
    name = named("Train", "TrainingJobName.$", "$.Preprocess.ProcessingJobName")
    assert violations(name) == []
    found = violations(both(name, lambda at: at["Train"]["Retry"].append(everything)))
    assert [(one.rule, one.severity) for one in found] == [("CML306", Severity.WARNING), ("CML307", Severity.WARNING)]


RIGHT: dict[str, tuple[Defect, bool]] = {
    "an error kept from those that follow": (retried("Count", "States.Permissions", MaxAttempts=0), False),
    "what Step Functions adds for HTTP": (retried("Count", "States.Http.StatusCode.429", "States.Http.Socket"), False),
    "an error of a Fail state": (
        both(lambda at: at["Failed"].update(Error="States.Sorry"), caught("Count", "States.Sorry")),
        False,
    ),
    "an error of the user's own": (caught("Count", "TooFewRows"), False),
    "too many failed items of a Map": (caught("EachPart", "States.ExceedToleratedFailureThreshold"), False),
    "too much data": (caught("Preprocess", "States.DataLimitExceeded"), False),
    "a timeout beside every failure": (
        lambda at: at["Preprocess"]["Catch"].append({"ErrorEquals": ["States.Timeout"], "Next": "Failed"}),
        False,
    ),
    "a name in use that is caught": (caught("Preprocess", "SageMaker.ResourceInUseException"), False),
    "both names of throttling": (
        retried("Model", "SageMaker.SageMakerException", "SageMaker.ThrottlingException"),
        False,
    ),
    "a model's name that is used again once it is deleted": (
        both(
            named("Model", "ModelName", "churn"),
            lambda at: at["Count"].update(
                Resource="arn:aws:states:::aws-sdk:sagemaker:deleteModel", Parameters={"ModelName": "churn"}
            ),
        ),
        False,
    ),
    "a model that may be there": (
        both(named("Model", "ModelName", "churn"), caught("Model", "SageMaker.AmazonSageMakerException")),
        False,
    ),
    "the execution's name, made valid": (
        named(
            "Train",
            "TrainingJobName",
            "{% $substring($replace($states.context.Execution.Name, '_', '-'), 0, 60) %}",
        ),
        True,
    ),
    "the name of the item": (named("Score", "TransformJobName.$", "$$.Map.Item.Value.name"), False),
    "a heartbeat of a job": (lambda at: at["Train"].update(HeartbeatSeconds=60), False),
    "a random name": (
        named("Score", "TransformJobName", "{% 'score-' & $string($floor($random() * 1000000)) %}"),
        True,
    ),
    "the milliseconds": (named("Score", "TransformJobName", "{% 'score-' & $string($millis()) %}"), True),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_about_errors_is_let_pass(name: str) -> None:
    """What looks like a mistake and is none is not told."""
    change, jsonata = RIGHT[name]
    assert [found for found in violations(change, jsonata=jsonata) if found.rule.startswith("CML3")] == []


def test_an_execution_of_its_own_for_each_item_names_jobs_anew() -> None:
    """In a Distributed Map, $$.Execution is the child workflow's."""
    name = named("Score", "TransformJobName.$", "$$.Execution.Name")
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    distributed = lambda at: at["EachPart"]["ItemProcessor"].update(ProcessorConfig=config)  # noqa: E731 - a defect
    assert [found for found in violations(both(name, distributed)) if found.rule.startswith("CML3")] == []
