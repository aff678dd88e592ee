"""Mistakes in the data flow, put into the census workflow."""

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

STATUS = "$.Preprocess.ProcessingJobStatus"
DESCRIBE = "arn:aws:states:::aws-sdk:sagemaker:describeProcessingJob"


def violations(defect: Defect, *, jsonata: bool = False) -> list[Violation]:
    """What is found in the definition after a change of its states, whatever its role may do."""
    body = copy.deepcopy(dict(census_machine(jsonata=jsonata).body))
    at = states(body)
    known = set(at)
    defect(at)
    body["States"] |= {name: state for name, state in at.items() if name not in known}
    return check_machine(Machine(body))


def put(state: str, *keys: str | int, value: Any) -> Defect:
    """Puts a value at a place in a state."""

    def change(at: dict[str, Any]) -> None:
        here = at[state]
        for key in keys[:-1]:
            here = here[key]
        here[keys[-1]] = value

    return change


def both(*defects: Defect) -> Defect:
    """One change after the other."""
    return lambda at: [defect(at) for defect in defects]


def drop(state: str, *members: str) -> Defect:
    """Takes members of a state away."""
    return lambda at: [at[state].pop(member) for member in members]


def payload(**members: Any) -> Defect:
    """Gives the Lambda function another payload."""

    def change(at: dict[str, Any]) -> None:
        at["Count"].get("Parameters", at["Count"].get("Arguments"))["Payload"] = {
            name.removesuffix("__") + ".$" if name.endswith("__") else name: value for name, value in members.items()
        }

    return change


def after(before: str, name: str, **state: Any) -> Defect:
    """Puts a state behind another of the outermost."""

    def change(at: dict[str, Any]) -> None:
        at[name] = {**state, "Next": at[before]["Next"]}
        at[before]["Next"] = name

    return change


def goes_on(*, keeps: bool) -> Defect:
    """Lets the error of the first job go on to what reads its result."""

    def change(at: dict[str, Any]) -> None:
        catcher: dict[str, Any] = {"ErrorEquals": ["States.TaskFailed"], "Next": "Preprocessed?"}
        at["Preprocess"]["Catch"] = [catcher | ({"ResultPath": "$.error"} if keeps else {})]

    return change


JSONPATH: dict[str, Case] = {
    "a member of the result that a Choice misspells": (
        put("Preprocessed?", "Choices", 0, "Variable", value="$.Preprocess.ProcesingJobStatus"),
        "CML101",
        (
            "Preprocessed?: Choices[0].Variable is $.Preprocess.ProcesingJobStatus, but $.Preprocess has only "
            "ProcessingJobArn, ProcessingJobName, ProcessingJobStatus (the ResultSelector of Preprocess); "
            "did you mean $.Preprocess.ProcessingJobStatus?"
        ),
    ),
    "a member that the selection has dropped": (
        payload(reason__="$.Preprocess.FailureReason"),
        "CML101",
        "Count: Parameters.Payload.reason.$ is $.Preprocess.FailureReason, but $.Preprocess has only",
    ),
    "the result of the other branch": (
        payload(status__="$.Models[1].Train.TrainingJobStatus"),
        "CML103",
        "Count: Parameters.Payload.status.$ is $.Models[1].Train.TrainingJobStatus",
    ),
    "a branch too many": (
        payload(status__="$.Models[2].Train.TrainingJobStatus"),
        "CML101",
        "but $.Models has 2 items",
    ),
    "a list without its index": (
        payload(status__="$.Models.Train.TrainingJobStatus"),
        "CML101",
        "but $.Models is a list; write $.Models[0].Train.TrainingJobStatus",
    ),
    "a member of a text": (
        payload(status__="$.Models[0].Train.TrainingJobStatus.Value"),
        "CML101",
        "but $.Models[0].Train.TrainingJobStatus is a string",
    ),
    "a path in a selection that the response lacks": (
        put("Train", "ResultSelector", "TrainingJobArn.$", value="$.TrainingJob.Arn"),
        "CML101",
        "Train: ResultSelector.TrainingJobArn.$ is $.TrainingJob.Arn, but $ has no such member among its",
    ),
    "a misspelt member in a call": (
        put("Model", "ResultSelector", "ModelName.$", value="States.StringSplit($.ModelAnr, '/')"),
        "CML101",
        "did you mean $.ModelArn?",
    ),
    "the envelope of a Lambda function": (
        put("Count", "ResultSelector", "payload.$", value="$.Paylod"),
        "CML101",
        "(the response of lambda:invoke); did you mean $.Payload?",
    ),
    "an optional member in a selection": (
        put("Preprocess", "ResultSelector", "Said.$", value="$.ExitMessage"),
        "CML102",
        (
            "Preprocess: ResultSelector.Said.$ is $.ExitMessage, which does not always exist: it is optional in "
            "the response of DescribeProcessingJob; remove it here, and test it with IsPresent in a Choice where it is needed"
        ),
    ),
    "an optional member of a kept response": (
        both(drop("Train", "ResultSelector"), payload(reason__="$.Models[0].Train.FailureReason")),
        "CML102",
        "$.Models[0].Train.FailureReason, which does not always exist",
    ),
    "a part of a request that was not made": (
        both(
            drop("Tune", "ResultSelector"),
            payload(parents__="$.Models[1].Tune.WarmStartConfig.ParentHyperParameterTuningJobs"),
        ),
        "CML102",
        "does not always exist: $.Models[1].Tune.WarmStartConfig is optional in the response of",
    ),
    "an optional member that a Choice compares": (
        both(
            drop("Preprocess", "ResultSelector"),
            put("Preprocessed?", "Choices", 0, "Variable", value="$.Preprocess.ExitMessage"),
        ),
        "CML102",
        "Preprocessed?: Choices[0].Variable is $.Preprocess.ExitMessage",
    ),
    "an error that goes on without the result": (
        goes_on(keeps=True),
        "CML102",
        (
            "Preprocessed?: Choices[0].Variable is $.Preprocess.ProcessingJobStatus, which does not exist: "
            "$.Preprocess is missing after Catch[0] of Preprocess"
        ),
    ),
    "an error that replaces the input": (
        goes_on(keeps=False),
        "CML102",
        (
            "after Catch[0] of Preprocess; Catch[0] of Preprocess replaces the input by the error: "
            "give it a ResultPath, such as $.error"
        ),
    ),
    "an error that replaces what is told of it": (
        both(put("Failed", "CausePath", value="$.Preprocess.ProcessingJobName"), drop("Failed", "Cause")),
        "CML102",
        "Failed: CausePath is $.Preprocess.ProcessingJobName, which does not exist: $.Preprocess is missing after",
    ),
    "a job whose result replaces all": (
        drop("Preprocess", "ResultPath"),
        "CML101",
        "but $ has only ProcessingJobArn, ProcessingJobName, ProcessingJobStatus",
    ),
    "a message that replaces all": (
        drop("Count", "ResultPath"),
        "CML101",
        "Tell: Parameters.Message.$ is $.Count.payload, but $ has only payload",
    ),
    "the name of a result that is misspelt": (
        put("Preprocessed?", "Choices", 0, "Variable", value="$.Preproces.ProcessingJobStatus"),
        "CML103",
        "no state makes $.Preproces; did you mean $.Preprocess.ProcessingJobStatus?",
    ),
    "a result that is read in the branch beside": (
        put(
            "Tune",
            "Parameters",
            "TrainingJobDefinition",
            "StaticHyperParameters",
            value={"job.$": "$.Train.TrainingJobName"},
        ),
        "CML103",
        "no path leads here from the state that makes $.Train",
    ),
    "a result that is read before it is there": (
        put("Preprocess", "Parameters", "Environment", value={"MODEL.$": "$.Model.ModelName"}),
        "CML103",
        "no path leads here from the state that makes $.Model",
    ),
    "a context path that is misspelt": (
        put(
            "Train",
            "Parameters",
            "OutputDataConfig",
            "S3OutputPath.$",
            value="States.Format('s3://b/{}', $$.Execution.Nmae)",
        ),
        "CML104",
        "is $$.Execution.Nmae, but $$.Execution has only",
    ),
    "an item where there is no Map": (
        payload(part__="$$.Map.Item.Value"),
        "CML104",
        "but only the states in a Map have an item",
    ),
    "a token where nothing waits": (
        payload(answer__="$$.Task.Token"),
        "CML104",
        "but only a Task with .waitForTaskToken or .sync has a token",
    ),
    "a path without its .$": (
        payload(status="$.Models[0].Train.TrainingJobStatus"),
        "CML105",
        "is the literal '$.Models[0].Train.TrainingJobStatus', which is not evaluated; write status.$",
    ),
    "a context path without its .$": (
        payload(run="$$.Execution.Name"),
        "CML105",
        "Count: Parameters.Payload.run is the literal '$$.Execution.Name', which is not evaluated; write run.$",
    ),
    "a call without its .$": (payload(run="States.UUID()"), "CML105", "write run.$"),
    "a path in quotes, as framework images read hyperparameters": (
        put("Train", "Parameters", "HyperParameters", value={"epochs": '"$.epochs"'}),
        "CML105",
        "epochs is the literal '\"$.epochs\"', which is not evaluated; write epochs.$ with States.JsonToString($.epochs)",
    ),
    "a path in a list": (
        payload(names=["train", "$.Model.ModelName"]),
        "CML105",
        "write the list as names.$ with States.Array(…, $.Model.ModelName, …)",
    ),
    "a text after .$": (
        payload(stage__="production"),
        "CML106",
        "must be a path or a call of an intrinsic function, got 'production'; write stage",
    ),
    "a number after .$": (payload(parts__=3), "CML106", "got 3; write parts"),
    "a call in small letters": (payload(run__="states.uuid()"), "CML106", "did you mean States.UUID?"),
    "a bracket that is not closed": (
        payload(status__="$.Models[0.Train.TrainingJobStatus"),
        "CML107",
        "has a bracket that is not closed, at 9",
    ),
    "a filter whose parenthesis is not closed": (
        payload(status__="$.Models[?(@.Count==1].Name"),
        "CML107",
        "has the filter [?(@.Count==1], in which a parenthesis is not closed",
    ),
    "a call where a path must stand": (
        put("Count", "InputPath", value="States.StringToJson($.Model)"),
        "CML107",
        "Count: InputPath is States.StringToJson($.Model), which is a function call, but the field only takes a path",
    ),
    "a call where a rule names what it compares": (
        put("Preprocessed?", "Choices", 0, "Variable", value="States.Format('{}', $.Preprocess.ProcessingJobStatus)"),
        "CML107",
        "but the field only takes a path: call it in a preceding Pass",
    ),
    "a place for the result that is several": (
        put("Count", "ResultPath", value="$.Models[*].Count"),
        "CML107",
        "does not name a single place in the state's input",
    ),
    "a place for the result in the context object": (
        put("Count", "ResultPath", value="$$.Count"),
        "CML107",
        "Count: ResultPath is $$.Count",
    ),
    "an intrinsic function that there is not": (
        payload(names__="States.Split($.Model.ModelArn, '/')"),
        "CML108",
        "calls States.Split, which does not exist; did you mean States.StringSplit?",
    ),
    "a format with a value too few": (
        payload(uri__="States.Format('s3://{}/{}', $.Model.ModelName)"),
        "CML108",
        "calls States.Format with 2 {} in its string, but 1 values; they must match",
    ),
    "an argument too many": (
        payload(parts__="States.ArrayLength($.Models, 2)"),
        "CML108",
        "calls States.ArrayLength with 2 arguments; it takes 1 argument",
    ),
    "a number in quotes": (
        payload(first__="States.ArrayGetItem($.Models, '0')"),
        "CML108",
        "with '0' as argument 2; it must be a number",
    ),
    "a hash that there is not": (
        payload(hash__="States.Hash($.Model.ModelArn, 'SHA256')"),
        "CML108",
        "did you mean SHA-256?",
    ),
    "parts of nothing": (
        payload(parts__="States.ArrayPartition($.Models, 0)"),
        "CML108",
        "calls States.ArrayPartition with 0 as argument 2; it must be at least 1",
    ),
    "a range that does not go on": (
        payload(parts__="States.ArrayRange(1, $.last, 0.2)"),
        "CML108",
        "calls States.ArrayRange with 0 as argument 3; it must not be 0",
    ),
    "a range of too many": (
        payload(parts__="States.ArrayRange(2000, 0, -2)"),
        "CML108",
        "calls States.ArrayRange for 1001 items; it returns at most 1000",
    ),
    "a quote that is not escaped": (
        payload(text__="States.Format('it's {}', $.Model.ModelName)"),
        "CML108",
        "escape a quote in a string as",
    ),
    "a status that there is not": (
        put("Preprocessed?", "Choices", 0, "StringEquals", value="Complete"),
        "CML111",
        (
            "Preprocessed?: Choices[0] compares $.Preprocess.ProcessingJobStatus with 'Complete', but its value is one of "
            "Completed, Failed, InProgress, Stopped, Stopping; did you mean Completed?"
        ),
    ),
    "a status in capitals": (
        put("Preprocessed?", "Choices", 0, "StringEquals", value="COMPLETED"),
        "CML111",
        "did you mean Completed?",
    ),
    "a pattern that no status matches": (
        put(
            "Preprocessed?", "Choices", 0, value={"Variable": STATUS, "StringMatches": "Succe*", "Next": "TrainAndTune"}
        ),
        "CML111",
        "with 'Succe*', but its value is one of Completed",
    ),
    "a text that is compared as a number": (
        put("Preprocessed?", "Choices", 0, value={"Variable": STATUS, "NumericEquals": 0, "Next": "TrainAndTune"}),
        "CML111",
        "with 0, but its type is string",
    ),
    "a list of results that replaces all": (
        drop("EachPart", "ResultPath"),
        "CML101",
        "Count: Parameters.Payload.status.$ is $.Models[0].Train.TrainingJobStatus, but $ is a list",
    ),
    "a place beside a list of results": (
        both(drop("EachPart", "ResultPath"), payload(parts=3)),
        "CML113",
        "Count: ResultPath is $.Count, but the input of the state is a list; give the preceding state a ResultPath",
    ),
    "a Map through a text": (
        put("EachPart", "ItemsPath", value="$.Model.ModelName"),
        "CML114",
        "EachPart: ItemsPath is $.Model.ModelName, which is a string, neither a list nor an object",
    ),
    "a Map through the whole input": (
        both(drop("EachPart", "ItemsPath"), put("EachPart", "InputPath", value="$.Model.ModelName")),
        "CML114",
        "EachPart: ItemsPath is missing, and the input of the state is a string, neither a list nor an object",
    ),
    "a variable that is misspelt": (
        put(
            "Score",
            "Parameters",
            "TransformOutput",
            "S3OutputPath.$",
            value="States.Format('s3://b/{}', $itemEachPrat)",
        ),
        "CML112",
        "Score: Parameters.TransformOutput.S3OutputPath.$ is $itemEachPrat, but no state assigns $itemEachPrat; did you mean $itemEachPart?",
    ),
    "a variable of an iteration outside of it": (
        payload(part__="$itemEachPart"),
        "CML112",
        "$itemEachPart is assigned by EachPart item, from which no path leads here",
    ),
    "a member that is read as a variable": (
        payload(status__="$Model.ModelName"),
        "CML112",
        "no state assigns $Model; write $.Model.ModelName for a member of the input",
    ),
}
JSONATA: dict[str, Case] = {
    "a member of the result that a condition misspells": (
        put("Preprocessed?", "Choices", 0, "Condition", value="{% $states.input.Preprocess.Status = 'Completed' %}"),
        "CML101",
        "Preprocessed?: Choices[0].Condition is $states.input.Preprocess.Status, but $states.input.Preprocess has only",
    ),
    "a member that the output has dropped": (
        payload(reason="{% $states.input.Tune.FailureReason %}"),
        "CML101",
        "Count: Arguments.Payload.reason is $states.input.Tune.FailureReason",
    ),
    "a misspelt member in an output": (
        put("Model", "Output", value="{% $merge([$states.input, {'Model': {'Arn': $states.result.ModelAnr}}]) %}"),
        "CML101",
        "did you mean $states.result.ModelArn?",
    ),
    "an optional member as an output": (
        put(
            "Preprocess",
            "Output",
            value={"Preprocess": {"ProcessingJobStatus": "Completed", "Said": "{% $states.result.ExitMessage %}"}},
        ),
        "CML102",
        (
            "Preprocess: Output.Preprocess.Said is $states.result.ExitMessage, which does not always exist: it is optional in "
            "the response of DescribeProcessingJob; write $exists($states.result.ExitMessage) ? $states.result.ExitMessage : …"
        ),
    ),
    "an optional member in a request": (
        both(
            put("Preprocess", "Output", value="{% $merge([$states.input, {'Preprocess': $states.result}]) %}"),
            after(
                "Preprocess",
                "Tell first",
                Type="Task",
                Resource="arn:aws:states:::sns:publish",
                Arguments={
                    "TopicArn": "arn:aws:sns:us-east-1:111122223333:News",
                    "Message": "{% $uppercase($states.input.Preprocess.ExitMessage) %}",
                },
                Output="{% $states.input %}",
            ),
        ),
        "CML102",
        "Tell first: Arguments.Message is $states.input.Preprocess.ExitMessage, which does not always exist",
    ),
    "an error that replaces the input": (
        put("TrainAndTune", "Catch", 0, "Next", value="Count"),
        "CML102",
        (
            "Count: Arguments.Payload.status is $states.input.Train.TrainingJobStatus, which does not exist: "
            "$states.input.Train is missing after Catch[0] of TrainAndTune; Catch[0] of TrainAndTune replaces "
            "the input by the error: give it an Output that keeps $states.input"
        ),
    ),
    "a result that is read in the branch beside": (
        put(
            "Tune",
            "Arguments",
            "TrainingJobDefinition",
            "StaticHyperParameters",
            value={"job": "{% $states.input.Train.TrainingJobName %}"},
        ),
        "CML103",
        "no path leads here from the state that makes $states.input.Train",
    ),
    "the name of a result that is misspelt": (
        put(
            "Preprocessed?",
            "Choices",
            0,
            "Condition",
            value="{% $states.input.Preproces.ProcessingJobStatus = 'Completed' %}",
        ),
        "CML103",
        "did you mean $states.input.Preprocess.ProcessingJobStatus?",
    ),
    "a context path that is misspelt": (
        payload(run="{% $states.context.Execution.name %}"),
        "CML104",
        "did you mean $states.context.Execution.Name?",
    ),
    "a path without its braces": (
        payload(status="$states.input.Train.TrainingJobStatus"),
        "CML105",
        "which is not evaluated; write {% $states.input.Train.TrainingJobStatus %}",
    ),
    "a key of JSONPath": (
        payload(status__="$.Train.TrainingJobStatus"),
        "CML106",
        "Count: Arguments.Payload.status.$ is JSONPath, but the state uses JSONata; write status with {% … %}",
    ),
    "an operator without its right side": (
        payload(text="{% 'model ' & %}"),
        "CML109",
        "Count: Arguments.Payload.text cannot be parsed: unexpected end of expression at position 10",
    ),
    "two equals signs": (
        put(
            "Preprocessed?",
            "Choices",
            0,
            "Condition",
            value="{% $states.input.Preprocess.ProcessingJobStatus == 'Completed' %}",
        ),
        "CML109",
        "Preprocessed?: Choices[0].Condition cannot be parsed",
    ),
    "an expression in a text": (
        payload(text="model {% $states.input.Model.ModelName %}"),
        "CML109",
        "an expression must be the whole value; write {% 'text' & … %}",
    ),
    "a variable in a text": (
        payload(text="s3://{% $bucket %}/in"),
        "CML109",
        "is the literal 's3://{% $bucket %}/in': an expression must be the whole value",
    ),
    "a number at the start of a text": (
        payload(text="{% 1 %} part"),
        "CML109",
        "an expression must be the whole value",
    ),
    "an expression with a blank behind it": (
        payload(text="{% $states.input.Model.ModelName %} "),
        "CML109",
        "an expression has no spaces around it; write {% $states.input.Model.ModelName %}",
    ),
    "an expression that does not begin": (
        payload(text="$states.input.Model %}"),
        "CML109",
        "ends with %} but has no {%",
    ),
    "a range for a filter": (
        payload(text="{% ($states.input.Models)[0..2] %}"),
        "CML109",
        "cannot be parsed: expected ], got .. at ",
    ),
    "two expressions in a text": (
        payload(text="{% $states.input.Model.ModelName %} of {% $states.context.Execution.Name %}"),
        "CML109",
        "join strings with & in one {% … %}",
    ),
    "an expression that does not end": (payload(text="{% $states.input.Model.ModelName"), "CML109", "has no %}"),
    "an operator of a newer JSONata": (
        payload(text="{% $states.input.note ?? 'none' %}"),
        "CML109",
        "?? requires JSONata 2.1, but Step Functions supports 2.0.6; write $exists(a) ? a : b",
    ),
    "a function that is misspelt": (
        payload(text="{% $uppercas($states.input.Model.ModelName) %}"),
        "CML110",
        "calls $uppercas, which does not exist in JSONata; did you mean $uppercase?",
    ),
    "a function that is not allowed": (
        payload(text="{% $eval('1') %}"),
        "CML110",
        "calls $eval, which Step Functions does not allow",
    ),
    "the result in the arguments": (
        payload(text="{% $states.result.Payload %}"),
        "CML110",
        "is $states.result.Payload, but only Output and Assign of a Task, a Parallel or a Map have a result",
    ),
    "an error outside of a Catch": (
        payload(text="{% $states.errorOutput.Cause %}"),
        "CML110",
        "but only a Catch has an error",
    ),
    "a member that $states does not have": (
        payload(text="{% $states.inputs.Model.ModelName %}"),
        "CML110",
        "did you mean $states.input?",
    ),
    "a path of JSONPath in JSONata": (
        payload(text="{% $.Model.ModelName %}"),
        "CML110",
        "is $.Model.ModelName, which refers to nothing; write $states.input.Model.ModelName",
    ),
    "a context path of JSONPath in JSONata": (
        payload(text="{% $$.Execution.Name %}"),
        "CML110",
        "is $$.Execution.Name, which refers to nothing; write $states.context.Execution.Name",
    ),
    "a name by itself": (
        payload(text="{% $uppercase(day) %}"),
        "CML110",
        "is day, which refers to nothing; write $states.input.day",
    ),
    "an intrinsic function in JSONata": (
        payload(text="{% States.UUID() %}"),
        "CML110",
        "write a function of JSONata: intrinsic functions belong to JSONPath",
    ),
    "states without its dollar": (
        payload(text="{% states.input.Model.ModelName %}"),
        "CML110",
        "is states.input.Model.ModelName, which refers to nothing; write $states.input.Model.ModelName",
    ),
    "a variable that is misspelt": (
        put("Score", "Arguments", "TransformOutput", "S3OutputPath", value="{% 's3://b/' & $itemEachPrat %}"),
        "CML110",
        "no state assigns $itemEachPrat; did you mean $itemEachPart?",
    ),
    "a variable of an iteration outside of it": (
        payload(text="{% $itemEachPart %}"),
        "CML110",
        "is assigned by EachPart item, from which no path leads here",
    ),
    "a Map through a text": (
        put("EachPart", "Items", value="{% $states.input.Model.ModelName %}"),
        "CML114",
        "EachPart: Items is {% $states.input.Model.ModelName %}, which is a string, neither a list nor an object",
    ),
    "a status that there is not": (
        put(
            "Preprocessed?",
            "Choices",
            0,
            "Condition",
            value="{% $states.input.Preprocess.ProcessingJobStatus = 'Succeeded' %}",
        ),
        "CML111",
        "with 'Succeeded', but its value is one of Completed",
    ),
    "a status in a list that there is not": (
        put(
            "Preprocessed?",
            "Choices",
            0,
            "Condition",
            value="{% $states.input.Preprocess.ProcessingJobStatus in ['Completed', 'Stoped'] %}",
        ),
        "CML111",
        "did you mean Stopped?",
    ),
}


@pytest.mark.parametrize("name", JSONPATH)
def test_a_mistake_in_the_data_flow_is_refused(name: str) -> None:
    """There is one violation, an error, of the rule that the mistake breaks, and it says what is wrong."""
    refused(*JSONPATH[name], jsonata=False)


@pytest.mark.parametrize("name", JSONATA)
def test_a_mistake_in_the_data_flow_in_jsonata_is_refused(name: str) -> None:
    """The same in JSONata."""
    refused(*JSONATA[name], jsonata=True)


def test_what_a_service_does_not_promise_is_a_warning() -> None:
    """A completed tuning job mostly has a best job, though the API calls it optional."""
    best = payload(best__="$.Models[1].Tune.BestTrainingJob.TrainingJobName")
    (found,) = violations(both(drop("Tune", "ResultSelector"), best))
    assert (found.rule, found.severity) == ("CML102", Severity.WARNING)
    assert (
        "$.Models[1].Tune.BestTrainingJob is optional in the response of DescribeHyperParameterTuningJob"
        in found.message
    )


def test_a_member_of_a_result_without_the_result_is_a_warning() -> None:
    """The input of the execution may have it as well, though few call theirs as AWS does."""
    (found,) = violations(put("Preprocessed?", "Choices", 0, "Variable", value="$.ProcessingJobStatus"))
    assert (found.rule, found.severity) == ("CML103", Severity.WARNING)
    assert "no state makes $.ProcessingJobStatus; did you mean $.Preprocess.ProcessingJobStatus?" in found.message


def refused(defect: Defect, rule: str, said: str, *, jsonata: bool) -> None:
    found = violations(defect, jsonata=jsonata)
    assert [(violation.rule, violation.severity) for violation in found] == [(rule, Severity.ERROR)], found
    assert said in found[0].message


def test_a_state_that_ends_or_catches_is_not_trapped() -> None:
    """What comes back to it after an error lacks what the first way had."""
    score = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "score", "Payload": {"model.$": "$.config.model"}},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Notify"}],
        "End": True,
    }
    notify = {"Type": "Pass", "Next": "Score"}
    first = {"Type": "Pass", "Result": {"model": "churn"}, "ResultPath": "$.config", "Next": "Score"}
    found = check_machine(Machine({"StartAt": "First", "States": {"First": first, "Score": score, "Notify": notify}}))

    (lacking,) = [violation for violation in found if violation.rule == "CML102"]
    assert (lacking.state, lacking.member) == ("Score", "Parameters.Payload.model.$")
    assert "Catch[0] of Score replaces the input by the error" in lacking.message
