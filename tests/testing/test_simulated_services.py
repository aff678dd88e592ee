"""Services other than SageMaker answer what the script says."""

from __future__ import annotations

from typing import Any

import pytest
from simulated_machines import call, machine

from constructs_ml.testing import Outcome, SimulationError, fails, quota_exceeded, raises, returns, simulate, throttled

INVOKE = call("lambda:invoke", Parameters={"FunctionName": "f", "Payload.$": "$"})


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (INVOKE, r"""script it: \{'Call': returns\(\{"Payload": \{...\}\}\)\}"""),
        (call("sns:publish"), r"Call calls sns:publish, of which .* script it: \{'Call': returns\(\{...\}\)\}"),
        (call("aws-sdk:glue:getTable"), r"Call calls aws-sdk:glue:getTable"),
        (call("states:startExecution.sync:2"), r"Call calls states:startExecution.sync:2"),
        (call("lambda:invoke.waitForTaskToken"), r"script it: \{'Call': returns\(\{...\}\)\}"),
        (
            {"Type": "Task", "Resource": "arn:aws:states:us-east-1:111122223333:activity:a"},
            r"Call calls arn:aws:states:us-east-1:111122223333:activity:a",
        ),
        (
            {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:f"},
            r"Call calls arn:aws:lambda:us-east-1:111122223333:function:f",
        ),
    ],
)
def test_without_a_script_it_is_told_what_to_write(state: dict[str, Any], message: str) -> None:
    """The error names the state, what it calls and the fix."""
    with pytest.raises(SimulationError, match=message):
        simulate(machine(Call=state))


@pytest.mark.parametrize(
    "resource",
    ["sns:publish", "sqs:sendMessage.waitForTaskToken", "aws-sdk:glue:getTable", "lambda:invoke.waitForTaskToken"],
)
@pytest.mark.parametrize("value", [{"a": [1]}, "text", 7])
def test_what_is_returned_is_the_result(resource: str, value: Any) -> None:
    """All of it."""
    assert simulate(machine(Call=call(resource, Parameters={})), {"Call": returns(value)}).output == value


def test_an_invocation_answers_as_lambda_does() -> None:
    """Members that are not told are as usual."""
    execution = simulate(machine(Call=INVOKE), {"Call": returns({"Payload": {"rows": 3}})}, input={"year": 1994})
    assert execution.output == {"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": {"rows": 3}}
    assert execution.requests("Call") == ({"FunctionName": "f", "Payload": {"year": 1994}},)


def test_a_payload_is_asked_for_by_its_name() -> None:
    """What a function returns is not what its invocation answers."""
    with pytest.raises(SimulationError, match=r"got returns\(\{'rows': 3\}\); write returns\(\{'Payload': ...\}\)"):
        simulate(machine(Call=INVOKE), {"Call": returns({"rows": 3})})
    with pytest.raises(SimulationError, match="did you mean Payload"):
        simulate(machine(Call=INVOKE), {"Call": returns({"Paylod": 3})})


@pytest.mark.parametrize(
    ("outcome", "error", "cause"),
    [
        (throttled(), "Lambda.TooManyRequestsException", "Rate exceeded"),
        (fails("no rows"), "States.TaskFailed", "no rows"),
        (raises("ValueError", "no rows"), "ValueError", "no rows"),
    ],
)
def test_a_function_fails(outcome: Outcome, error: str, cause: str) -> None:
    """With the error that Step Functions gives it, or with one of its own."""
    execution = simulate(machine(Call=INVOKE), {"Call": outcome})
    assert (execution.error, execution.cause) == (error, cause)


def test_names_of_errors_are_not_guessed() -> None:
    """Other services' have to be told."""
    with pytest.raises(SimulationError, match=r"ResourceLimitExceeded of sns:publish is not known here; write raises"):
        simulate(machine(Call=call("sns:publish")), {"Call": quota_exceeded()})


def test_a_call_after_the_last_outcome_is_told() -> None:
    """A list ends; nothing is made up for a service that is not known."""
    definition = machine(Call=call("sns:publish", Retry=[{"ErrorEquals": ["States.ALL"]}]))
    with pytest.raises(SimulationError, match="Call calls sns:publish"):
        simulate(definition, {"Call": [raises("SNS.Error")]})


@pytest.mark.parametrize(
    ("resource", "parameters", "given", "said"),
    [
        (
            "dynamodb:putItem",
            {"TableName": "rows", "Item": {"id": {"S": "a"}, "rows": {"N.$": "$.rows"}}},
            {"rows": 5},
            "N must be a string, got 5",
        ),
        ("ecs:runTask", {"TaskDefinition": "t", "Count.$": "$.n"}, {"n": "2"}, "Count must be a whole number, got '2'"),
        (
            "aws-sdk:ec2:stopInstances",
            {"InstanceIds.$": "$.id"},
            {"id": "i-1"},
            "InstanceIds must be a list, got 'i-1'",
        ),
    ],
)
def test_a_value_of_the_wrong_type_starts_no_call(
    resource: str, parameters: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    """Step Functions converts nothing, and no Catch catches that."""
    call = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": parameters,
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Done"}],
        "Next": "Done",
    }
    states = {"Call": call, "Done": {"Type": "Succeed"}}
    execution = simulate({"StartAt": "Call", "States": states}, {"Call": returns({})}, input=given, strict=False)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert said in execution.cause


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_tuning_job_has_tuned_what_it_was_asked_to(language: str) -> None:
    """Each parameter of its ranges has a value, so that the state after it can take it."""
    ranges = {
        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}],
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "9"}],
        "CategoricalParameterRanges": [{"Name": "kind", "Values": ["a", "b"]}],
        "AutoParameters": [{"Name": "auto", "ValueHint": "7"}],
    }
    metric = {"Name": "validation:auc", "Regex": "auc=(.*)"}
    request = {
        "HyperParameterTuningJobName": "tune",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": ranges,
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {
                "TrainingImage": "image",
                "TrainingInputMode": "File",
                "MetricDefinitions": [metric],
            },
            "RoleArn": "arn:aws:iam::111122223333:role/simulated",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    }
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    jsonata = language == "JSONata"
    tune = {"Type": "Task", "Resource": resource, "Arguments" if jsonata else "Parameters": request, "Next": "See"}
    best = "BestTrainingJob.TunedHyperParameters"
    see: dict[str, Any] = {"Type": "Pass", "End": True}
    see |= {"Output": f"{{% $states.input.{best} %}}"} if jsonata else {"Parameters": {"best.$": f"$.{best}"}}
    definition = {"QueryLanguage": language, "StartAt": "Tune", "States": {"Tune": tune, "See": see}}
    output = simulate(definition).output
    expected = {"eta": "0.1", "max_depth": "3", "kind": "a", "auto": "7"}
    assert (output if jsonata else output["best"]) == expected
