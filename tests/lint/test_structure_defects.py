"""Mistakes in what stands in a definition and how its states are joined, put into the census workflow."""

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


def broken(found: list[Violation], rule: str, said: str) -> None:
    """There is one violation, an error of this rule, that says this."""
    assert [(violation.rule, violation.severity) for violation in found] == [(rule, Severity.ERROR)], found
    assert said in found[0].message


def definition_violations(defect: Defect, *, jsonata: bool = False) -> list[Violation]:
    """What is found in the definition after a change, whatever its role may do."""
    body = copy.deepcopy(dict(census_machine(jsonata=jsonata).body))
    defect(body)
    return check_machine(Machine(body))


def violations(defect: Defect, *, jsonata: bool = False) -> list[Violation]:
    """The same, for a change of the states, by name."""
    return definition_violations(lambda body: defect(states(body)), jsonata=jsonata)


JSONPATH: dict[str, Case] = {
    "a Next is misspelt": (
        lambda at: at["Model"].update(Next="CoolDwon"),
        "CML002",
        "Model: Next is 'CoolDwon', which is not a state; did you mean CoolDown?",
    ),
    "a Choice leads to a state that was renamed": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(Next="TrainAndTuneModels"),
        "CML002",
        "Preprocessed?: Choices[0].Next is 'TrainAndTuneModels'",
    ),
    "a Default is misspelt": (
        lambda at: at["Preprocessed?"].update(Default="Fail"),
        "CML002",
        "Default is 'Fail', which is not a state; did you mean Failed?",
    ),
    "a Catch in a branch leads out of it": (
        lambda at: at["Train"].update(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]),
        "CML002",
        "Train: Catch[0].Next is 'Failed', which is outside TrainAndTune; catch on TrainAndTune",
    ),
    "a Choice leads into a Parallel": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(Next="Train"),
        "CML002",
        "which is inside TrainAndTune; go to TrainAndTune",
    ),
    "the last state of a Map leads out of it": (
        lambda at: at["Score"].update(Next=at["Score"].pop("End") and "Count"),
        "CML002",
        "Score: Next is 'Count', which is outside EachPart; go there from EachPart",
    ),
    "a state has Next and End": (lambda at: at["Model"].update(End=True), "CML003", "Model: Next is 'CoolDown'"),
    "a state has neither Next nor End": (
        lambda at: at["CoolDown"].pop("Next"),
        "CML003",
        "CoolDown: has neither Next nor End",
    ),
    "a state has End: false": (lambda at: at["Tell"].update(End=False), "CML003", "Tell: has neither Next nor End"),
    "a Choice has a Next": (lambda at: at["Preprocessed?"].update(Next="Failed"), "CML003", "Preprocessed?: Next"),
    "a Fail state has a Next": (lambda at: at["Failed"].update(Next="Tell"), "CML003", "nothing follows it"),
    "two states that lead only to each other": (
        lambda at: at["CoolDown"].update(Next="Model"),
        "CML004",
        "Model: leads to no end: Model and CoolDown lead only to each other",
    ),
    "a Map's only state leads to itself": (
        lambda at: at["Score"].update(Next=at["Score"].pop("End") and "EachPart item"),
        "CML004",
        "EachPart item: leads to no end",
    ),
    "a state is left out of the chain": (
        lambda at: at["Model"].update(Next="EachPart"),
        "CML001",
        "CoolDown: is never reached",
    ),
    "a state is named by a sentence": (
        lambda at: at["CoolDown"].update(Next="x"),
        "CML002",
        "CoolDown: Next is 'x', which is not a state",
    ),
    "a field is misspelt": (
        lambda at: at["Train"].update(TimeoutSecond=60),
        "CML008",
        "Train: TimeoutSecond is not a field of a Task state; did you mean TimeoutSeconds?",
    ),
    "a required field is misspelt": (
        lambda at: at["Train"].update(Resouce=at["Train"].pop("Resource")),
        "CML008",
        "Train: Resouce is not a field of a Task state; did you mean Resource?",
    ),
    "a Wait is given a Retry": (
        lambda at: at["CoolDown"].update(Retry=[]),
        "CML008",
        "CoolDown: Retry is not a field of a Wait state; only Task, Parallel and Map have it",
    ),
    "a Choice is given a Catch": (lambda at: at["Preprocessed?"].update(Catch=[]), "CML008", "Catch is not a field"),
    "a field of a retrier is misspelt": (
        lambda at: at["Train"]["Retry"][0].update(MaxAttempt=3),
        "CML008",
        "Train: Retry[0].MaxAttempt is not a field of a retrier; did you mean MaxAttempts?",
    ),
    "a field of a catcher is misspelt": (
        lambda at: at["Preprocess"]["Catch"][0].update(Resultpath="$.error"),
        "CML008",
        "Preprocess: Catch[0].Resultpath is not a field of a catcher; did you mean ResultPath?",
    ),
    "the Next of a catcher is misspelt": (
        lambda at: at["Preprocess"].update(Catch=[{"ErrorEquals": ["States.ALL"], "next": "Failed"}]),
        "CML008",
        "Preprocess: Catch[0].next is not a field of a catcher; did you mean Next?",
    ),
    "the mode of a Map is misspelt": (
        lambda at: at["EachPart"]["ItemProcessor"].update(ProcessorConfig={"mode": "INLINE"}),
        "CML008",
        "EachPart: ItemProcessor.ProcessorConfig.mode is not a field of a ProcessorConfig; did you mean Mode?",
    ),
    "a path stands where a number does": (
        lambda at: at["Train"].update({"TimeoutSeconds.$": "$.seconds"}),
        "CML008",
        "Train: TimeoutSeconds.$ is not a field of a Task state; write TimeoutSecondsPath",
    ),
    "the query language is given to an item processor": (
        lambda at: at["EachPart"]["ItemProcessor"].update(QueryLanguage="JSONPath"),
        "CML008",
        "write it at the top of the definition",
    ),
    "Arguments in JSONPath": (
        lambda at: at["Tell"].update(Arguments=at["Tell"].pop("Parameters")),
        "CML009",
        "Tell: Arguments is a field of JSONata, but the state uses JSONPath; write Parameters",
    ),
    "a Condition in JSONPath": (
        lambda at: at["Preprocessed?"].update(Choices=[{"Condition": "{% true %}", "Next": "TrainAndTune"}]),
        "CML009",
        "Preprocessed?: Choices[0].Condition is a field of JSONata",
    ),
    "a type is misspelt": (
        lambda at: at["CoolDown"].update(Type="Wiat"),
        "CML010",
        "CoolDown: Type must be one of Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map, got 'Wiat'",
    ),
    "a type has a small letter": (lambda at: at["CoolDown"].update(Type="wait"), "CML010", "did you mean Wait?"),
    "a Choice without a type": (lambda at: at["Preprocessed?"].pop("Type"), "CML010", "Preprocessed?: Type is missing"),
    "a Task without a resource": (lambda at: at["Model"].pop("Resource"), "CML011", "Model: Resource is missing"),
    "a Wait for nothing": (lambda at: at["CoolDown"].pop("Seconds"), "CML011", "has none of Seconds, Timestamp"),
    "a Wait for two things": (
        lambda at: at["CoolDown"].update(SecondsPath="$.wait"),
        "CML011",
        "CoolDown: Seconds cannot be combined with SecondsPath; remove all but one",
    ),
    "a Parallel without branches": (lambda at: at["TrainAndTune"].update(Branches=[]), "CML011", "must not be empty"),
    "a Choice without rules": (
        lambda at: at["Preprocessed?"].update(Choices=[], Default="TrainAndTune"),
        "CML011",
        "Preprocessed?: Choices must not be empty",
    ),
    "a retrier for no errors": (
        lambda at: at["Train"]["Retry"][0].pop("ErrorEquals"),
        "CML011",
        "Train: Retry[0].ErrorEquals is missing",
    ),
    "a catcher that leads nowhere": (
        lambda at: at["Preprocess"]["Catch"][0].pop("Next"),
        "CML011",
        "Preprocess: Catch[0].Next is missing",
    ),
    "an error given twice": (
        lambda at: at["Failed"].update(ErrorPath="$.Error"),
        "CML011",
        "Failed: Error cannot be combined with ErrorPath",
    ),
    "a distributed Map without an execution type": (
        lambda at: at["EachPart"]["ItemProcessor"].update(ProcessorConfig={"Mode": "DISTRIBUTED"}),
        "CML011",
        "EachPart: ItemProcessor.ProcessorConfig.ExecutionType is missing, but Mode is DISTRIBUTED",
    ),
    "a timeout of 0": (
        lambda at: at["Train"].update(TimeoutSeconds=0),
        "CML012",
        "Train: TimeoutSeconds must be a whole number of 1-99999999, got 0",
    ),
    "a timeout in quotes": (
        lambda at: at["Train"].update(TimeoutSeconds="3600"),
        "CML012",
        "TimeoutSeconds must be a whole number of 1-99999999, got '3600'; write 3600 without quotes",
    ),
    "an End in quotes": (lambda at: at["Tell"].update(End="true"), "CML012", "write true without quotes"),
    "a negative concurrency": (lambda at: at["EachPart"].update(MaxConcurrency=-1), "CML012", "got -1"),
    "a tolerated percentage above 100": (
        lambda at: at["EachPart"].update(ToleratedFailurePercentage=101),
        "CML012",
        "EachPart: ToleratedFailurePercentage must be a number of 0-100, got 101",
    ),
    "an error to catch that is no list": (
        lambda at: at["Preprocess"]["Catch"][0].update(ErrorEquals="States.ALL"),
        "CML012",
        "Preprocess: Catch[0].ErrorEquals must be a list, got 'States.ALL'",
    ),
    "a Catch that is no list": (
        lambda at: at["TrainAndTune"].update(Catch={"ErrorEquals": ["States.ALL"], "Next": "Failed"}),
        "CML012",
        "TrainAndTune: Catch must be a list, got an object",
    ),
    "an unknown mode": (
        lambda at: at["EachPart"]["ItemProcessor"].update(ProcessorConfig={"Mode": "PARALLEL"}),
        "CML012",
        "ProcessorConfig.Mode must be INLINE or DISTRIBUTED, got 'PARALLEL'",
    ),
    "an expression in JSONPath": (
        lambda at: at["CoolDown"].update(Seconds="{% 60 %}"),
        "CML012",
        "give the state QueryLanguage JSONata",
    ),
    "a time without its zone": (
        lambda at: at["CoolDown"].update(Timestamp=at["CoolDown"].pop("Seconds") and "2026-01-01T00:00:00"),
        "CML012",
        "CoolDown: Timestamp must be a time such as 2026-01-31T12:00:00Z, got '2026-01-01T00:00:00'",
    ),
    "a time that there is not": (
        lambda at: at["CoolDown"].update(Timestamp=at["CoolDown"].pop("Seconds") and "2026-02-30T00:00:00Z"),
        "CML012",
        "CoolDown: Timestamp must be a time such as 2026-01-31T12:00:00Z, got '2026-02-30T00:00:00Z'",
    ),
    "an operator that there is not": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(
            StringEqual=at["Preprocessed?"]["Choices"][0].pop("StringEquals")
        ),
        "CML013",
        "Preprocessed?: Choices[0].StringEqual is not an operator; did you mean StringEquals?",
    ),
    "a role that is misspelt": (
        lambda at: at["Tell"].update(Credentials={"RoleARN": "arn:aws:iam::111122223333:role/Other"}),
        "CML008",
        "Tell: Credentials.RoleARN is not a field of Credentials; did you mean RoleArn?",
    ),
    "two operators in one rule": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(IsPresent=True),
        "CML013",
        "Choices[0].StringEquals cannot be combined with IsPresent in one rule; combine two rules with And",
    ),
    "a rule without an operator": (
        lambda at: at["Preprocessed?"]["Choices"][0].pop("StringEquals"),
        "CML013",
        "Choices[0] is missing an operator",
    ),
    "a presence that is no boolean": (
        lambda at: at["Preprocessed?"].update(
            Choices=[{"Variable": "$.Preprocess.ProcessingJobStatus", "IsPresent": "true", "Next": "TrainAndTune"}]
        ),
        "CML013",
        "Choices[0].IsPresent must be true or false, got 'true'; write true without quotes",
    ),
    "a time without its zone in a rule": (
        lambda at: at["Preprocessed?"].update(
            Choices=[
                {
                    "Variable": "$.Preprocess.ProcessingJobName",
                    "TimestampGreaterThan": "2026-01-01 00:00",
                    "Next": "TrainAndTune",
                }
            ]
        ),
        "CML013",
        "TimestampGreaterThan must be a time such as 2026-01-31T12:00:00Z, got '2026-01-01 00:00'",
    ),
    "a Next in a nested rule": (
        lambda at: at["Preprocessed?"].update(
            Choices=[{"Not": at["Preprocessed?"]["Choices"][0], "Next": "TrainAndTune"}]
        ),
        "CML013",
        "Preprocessed?: Choices[0].Not.Next is in a nested rule",
    ),
    "an And of one rule that is no list": (
        lambda at: at["Preprocessed?"].update(
            Choices=[
                {
                    "And": {"Variable": "$.Preprocess.ProcessingJobStatus", "StringEquals": "Completed"},
                    "Next": "TrainAndTune",
                }
            ]
        ),
        "CML013",
        "Preprocessed?: Choices[0].And must be a list, got an object",
    ),
    "an action that is misspelt": (
        lambda at: at["Preprocess"].update(Resource="arn:aws:states:::sagemaker:createProcesingJob.sync"),
        "CML014",
        "the action 'createProcesingJob', which sagemaker does not have; did you mean createProcessingJob?",
    ),
    "an action with a capital letter": (
        lambda at: at["Train"].update(Resource="arn:aws:states:::sagemaker:CreateTrainingJob.sync"),
        "CML014",
        "did you mean createTrainingJob?",
    ),
    "an action that only the SDK integration has": (
        lambda at: at["Tell"].update(
            Resource="arn:aws:states:::sagemaker:deleteModel", Parameters={"ModelName": "census"}
        ),
        "CML014",
        "write aws-sdk:sagemaker:deleteModel",
    ),
    "a service that is misspelt": (
        lambda at: at["Train"].update(Resource="arn:aws:states:::sagmaker:createTrainingJob.sync"),
        "CML014",
        "did you mean sagemaker?",
    ),
    "two letters of a service that are swapped": (
        lambda at: at["Train"].update(Resource="arn:aws:states:::sagemkaer:createTrainingJob.sync"),
        "CML014",
        "did you mean sagemaker?",
    ),
    "an unknown action of a known service": (
        lambda at: at["Tell"].update(Resource="arn:aws:states:::sns:announce"),
        "CML014",
        "names the action 'announce', which sns does not have",
    ),
    "an agent that is waited for": (
        lambda at: at["Tell"].update(Resource="arn:aws:states:::bedrockagentcore:invokeHarness.sync"),
        "CML014",
        "bedrockagentcore:invokeHarness does not support that",
    ),
    "a model that is waited for": (
        lambda at: at["Model"].update(Resource="arn:aws:states:::sagemaker:createModel.sync"),
        "CML014",
        "Model: Resource ends in '.sync', but sagemaker:createModel does not support that",
    ),
    "a job that waits for a token": (
        lambda at: at["Train"].update(Resource="arn:aws:states:::sagemaker:createTrainingJob.waitForTaskToken"),
        "CML014",
        "write .sync to wait for the job",
    ),
    "a token that nobody gets": (
        lambda at: at["Tell"].update(
            Resource="arn:aws:states:::sns:publish.waitForTaskToken",
            Parameters={"TopicArn": "arn:aws:sns:us-east-1:111122223333:tell", "Message": "May it?"},
        ),
        "CML019",
        "Tell: Parameters lacks the token that the state waits for",
    ),
    "an SDK integration that waits": (
        lambda at: at["Tell"].update(
            Resource="arn:aws:states:::aws-sdk:glue:startJobRun.sync", Parameters={"JobName": "tell"}
        ),
        "CML014",
        "write glue:startJobRun.sync, its optimized integration",
    ),
    "an action of the SDK with a capital letter": (
        lambda at: at["Tell"].update(Resource="arn:aws:states:::aws-sdk:sns:Publish"),
        "CML014",
        "actions begin with a lowercase letter: publish",
    ),
    "a way to wait that is misspelt": (
        lambda at: at["Tell"].update(Resource="arn:aws:states:::sns:publish.waitForTasktoken"),
        "CML014",
        "ends in '.waitForTasktoken', which is not a way to wait; did you mean waitForTaskToken?",
    ),
    "an integration without its ARN": (
        lambda at: at["Count"].update(Resource="lambda:invoke"),
        "CML014",
        "must be an ARN, got 'lambda:invoke'; write arn:aws:states:::lambda:invoke",
    ),
    "the ARN of a topic": (
        lambda at: at["Tell"].update(Resource="arn:aws:sns:us-east-1:111122223333:news"),
        "CML014",
        "which a Task cannot call",
    ),
    "a Choice without a Default": (
        lambda at: at["Preprocessed?"].pop("Default"),
        "CML015",
        "Preprocessed?: Default is missing",
    ),
}

JSONATA: dict[str, Case] = {
    "a Next is misspelt": (lambda at: at["Count"].update(Next="Tel"), "CML002", "did you mean Tell?"),
    "a state in a branch has neither Next nor End": (
        lambda at: at["Tune"].pop("End"),
        "CML003",
        "Tune: has neither Next nor End",
    ),
    "fields of JSONPath": (
        lambda at: at["Model"].update(Parameters=at["Model"].pop("Arguments"), ResultPath="$.Model"),
        "CML009",
        "Model: Parameters is a field of JSONPath, as is ResultPath, but the state uses JSONata; write Arguments",
    ),
    "the items of a Map by a path": (
        lambda at: at["EachPart"].update(ItemsPath=at["EachPart"].pop("Items") and "$.parts"),
        "CML009",
        "EachPart: ItemsPath is a field of JSONPath, but the state uses JSONata; write Items",
    ),
    "a rule that compares a variable": (
        lambda at: at["Preprocessed?"].update(
            Choices=[{"Variable": "$.status", "StringEquals": "Completed", "Next": "TrainAndTune"}]
        ),
        "CML009",
        "Choices[0].Variable is a field of JSONPath, as is StringEquals, but the state uses JSONata; write Condition",
    ),
    "a rule without its condition": (
        lambda at: at["Preprocessed?"]["Choices"][0].pop("Condition"),
        "CML011",
        "Preprocessed?: Choices[0].Condition is missing",
    ),
    "a condition that is misspelt": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(
            Conditon=at["Preprocessed?"]["Choices"][0].pop("Condition")
        ),
        "CML008",
        "Choices[0].Conditon is not a field of a Choice rule; did you mean Condition?",
    ),
    "a condition without its braces": (
        lambda at: at["Preprocessed?"]["Choices"][0].update(Condition="$states.input.auc > 1"),
        "CML012",
        "must be true, false or an expression, got '$states.input.auc > 1'; write {% $states.input.auc > 1 %}",
    ),
    "items without their braces": (
        lambda at: at["EachPart"].update(Items="[1..$states.input.parts]"),
        "CML012",
        "EachPart: Items must be a list, an object or an expression",
    ),
    "a timeout in quotes": (lambda at: at["Train"].update(TimeoutSeconds="3600"), "CML012", "without quotes"),
    "a state in JSONPath": (
        lambda at: at["CoolDown"].update(QueryLanguage="JSONPath"),
        "CML017",
        "CoolDown: QueryLanguage is JSONPath, but the definition uses JSONata",
    ),
    "an unknown query language": (
        lambda at: at["CoolDown"].update(QueryLanguage="Jsonata"),
        "CML012",
        "CoolDown: QueryLanguage must be JSONPath or JSONata, got 'Jsonata'; did you mean JSONata?",
    ),
    "a Choice without a Default": (lambda at: at["Preprocessed?"].pop("Default"), "CML015", "Default is missing"),
    "an action of another API": (
        lambda at: at["Model"].update(Resource="arn:aws:states:::sagemaker:invokeEndpoint"),
        "CML014",
        "write aws-sdk:sagemakerruntime:invokeEndpoint",
    ),
}


@pytest.mark.parametrize("name", JSONPATH)
def test_a_mistake_in_jsonpath_is_refused(name: str) -> None:
    """One mistake is one error, that names the state and the member."""
    defect, rule, said = JSONPATH[name]
    broken(violations(defect), rule, said)


@pytest.mark.parametrize("name", JSONATA)
def test_a_mistake_in_jsonata_is_refused(name: str) -> None:
    """One mistake is one error, that names the state and the member."""
    defect, rule, said = JSONATA[name]
    broken(violations(defect, jsonata=True), rule, said)


def rename(body: dict[str, Any], old: str, new: str) -> None:
    """Renames a state at the top of the definition, and what leads to it."""
    body["States"] = {new if name == old else name: state for name, state in body["States"].items()}
    for state in body["States"].values():
        if state.get("Next") == old:
            state["Next"] = new


WHOLE: dict[str, Case] = {
    "the first state is misspelt": (
        lambda body: body.update(StartAt="Preproces"),
        "CML005",
        "StartAt is 'Preproces', which is not a state; did you mean Preprocess?",
    ),
    "no state is the first": (
        lambda body: body.pop("StartAt"),
        "CML005",
        "StartAt is missing; name the first state: Preprocess",
    ),
    "no state of a branch is the first": (
        lambda body: body["States"]["TrainAndTune"]["Branches"][1].pop("StartAt"),
        "CML005",
        "TrainAndTune: Branches[1].StartAt is missing",
    ),
    "a Map without states": (
        lambda body: body["States"]["EachPart"]["ItemProcessor"].update(States={}),
        "CML011",
        "EachPart: ItemProcessor.States must contain at least one state",
    ),
    "two states of one name": (
        lambda body: rename(body, "Model", "Train"),
        "CML006",
        "Train: is the name of two states: one in Branches[0] of TrainAndTune, one at the top of the definition",
    ),
    "a name that is too long": (
        lambda body: rename(body, "Model", "Model that scores every part" * 3),
        "CML007",
        "must have a name of 1-80 characters, got 84",
    ),
    "a field of the definition is misspelt": (
        lambda body: body.update(TimeoutSecond=3600),
        "CML008",
        "TimeoutSecond is not a field of a definition; did you mean TimeoutSeconds?",
    ),
    "a state that is no object": (
        lambda body: body["States"].update(Count="Lambda"),
        "CML010",
        "Count: must be an object with a Type, got 'Lambda'",
    ),
    "an empty definition": (lambda body: body.clear(), "CML016", "the definition is empty"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("jsonata", [False, True])
def test_a_mistake_in_the_whole_is_refused(name: str, jsonata: bool) -> None:
    """One mistake is one error, in either language."""
    defect, rule, said = WHOLE[name]
    broken(definition_violations(defect, jsonata=jsonata), rule, said)


def test_a_definition_that_is_no_json_is_refused() -> None:
    """What cannot be read is told, and nothing else."""
    broken(
        check_machine(Machine({}, "Workflow", unreadable="is not JSON: x")), "CML016", "the definition is not JSON: x"
    )


def test_a_control_character_in_a_name_is_warned_of() -> None:
    """It may pass, so it is a warning; the message stays one line."""
    (found,) = definition_violations(lambda body: rename(body, "Model", "Make\nmodel"))
    assert (found.rule, found.severity) == ("CML007", Severity.WARNING)
    assert "\n" not in found.message


@pytest.mark.parametrize("call", ["s3:putObject", "ec2:runInstances", "soon:startJob.sync"])
def test_a_service_that_is_not_known_is_warned_of(call: str) -> None:
    """It may have got its optimized integration since."""
    (found,) = violations(lambda at: at["Tell"].update(Resource=f"arn:aws:states:::{call}"))
    assert (found.rule, found.severity, found.state) == ("CML014", Severity.WARNING, "Tell")
    assert f"write aws-sdk:{call.partition('.')[0]} to call its API" in found.message


def test_an_agent_of_bedrock_can_be_called() -> None:
    """Its integration came in June 2026."""
    assert violations(lambda at: at["Tell"].update(Resource="arn:aws:states:::bedrockagentcore:invokeHarness")) == []


@pytest.mark.parametrize("jsonata", [False, True])
def test_an_express_workflow_cannot_wait_for_jobs(jsonata: bool) -> None:
    """Each state that waits for a job is told once; the others are right."""
    found = check_machine(Machine(census_machine(jsonata=jsonata).body, express=True))
    assert {violation.rule for violation in found} == {"CML018"}
    assert [violation.state for violation in found] == ["Preprocess", "Train", "Tune", "Score"]
    assert "ends in '.sync', but the workflow is Express" in found[0].message


def test_child_workflows_that_are_express_cannot_wait_either() -> None:
    """So it is inside a Distributed Map of that execution type, and only there."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    found = violations(lambda at: at["EachPart"]["ItemProcessor"].update(ProcessorConfig=config))
    broken(found, "CML018", "Score: Resource ends in '.sync', but EachPart runs Express workflows")


def test_a_distributed_map_needs_a_standard_workflow() -> None:
    """An Express workflow has only maps that run inside it, and no activities."""
    body = copy.deepcopy(dict(census_machine().body))
    at = states(body)
    at["EachPart"]["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    at["Tell"]["Resource"] = "arn:aws:states:us-east-1:111122223333:activity:tell"
    for name in ("Preprocess", "Train", "Tune"):
        at[name]["Resource"] = at[name]["Resource"].removesuffix(".sync")
    found = check_machine(Machine(body, express=True))
    assert [one.state for one in found if one.rule == "CML018"] == ["EachPart", "Tell"]


COVERED: dict[str, tuple[bool, list[dict[str, Any]]]] = {
    "present or not": (
        False,
        [{"Variable": "$.Model", "IsPresent": True}, {"Variable": "$.Model", "IsPresent": False}],
    ),
    "true or false": (
        False,
        [{"Variable": "$.Model", "BooleanEquals": True}, {"Not": {"Variable": "$.Model", "BooleanEquals": True}}],
    ),
    "less, or no less": (
        False,
        [{"Variable": "$.Model", "NumericLessThan": 3}, {"Variable": "$.Model", "NumericGreaterThanEquals": 3}],
    ),
    "one of two that exclude each other": (
        False,
        [
            {
                "And": [
                    {"Variable": "$.Model", "IsPresent": True},
                    {"Variable": "$.Model", "StringEquals": "good"},
                ]
            },
            {"Variable": "$.Model", "IsPresent": False},
            {"Not": {"Variable": "$.Model", "StringEquals": "good"}},
        ],
    ),
    "greater, less or equal": (
        True,
        [
            {"Condition": "{% $states.input.Model > 3 %}"},
            {"Condition": "{% $states.input.Model < 3 %}"},
            {"Condition": "{% $states.input.Model = 3 %}"},
        ],
    ),
    "a literal that stands first": (
        True,
        [
            {"Condition": "{% 3 < $states.input.Model %}"},
            {"Condition": "{% $states.input.Model <= 3 %}"},
        ],
    ),
    "two paths in either order": (
        False,
        [
            {"Variable": "$.Model", "NumericLessThanPath": "$.Best"},
            {"Variable": "$.Best", "NumericLessThanEqualsPath": "$.Model"},
        ],
    ),
    "there, or not there": (
        True,
        [
            {"Condition": "{% $exists($states.input.Model) and $states.input.Model = 'good' %}"},
            {"Condition": "{% $not($exists($states.input.Model)) or ($states.input.Model != 'good') %}"},
        ],
    ),
    "in any case": (True, [{"Condition": "{% $states.input.Model = 1 %}"}, {"Condition": True}]),
}


@pytest.mark.parametrize("name", COVERED)
def test_a_choice_whose_rules_cover_everything_needs_no_default(name: str) -> None:
    """One of the rules matches whatever the input is."""
    jsonata, rules = COVERED[name]
    targets = ["TrainAndTune", "Failed", "Failed"]
    choices = [{**rule, "Next": target} for rule, target in zip(rules, targets, strict=False)]

    def covered(at: dict[str, Any]) -> None:
        at["Preprocessed?"].update(Choices=choices)
        at["Preprocessed?"].pop("Default")

    assert "CML015" not in {found.rule for found in violations(covered, jsonata=jsonata)}
    choices.pop()
    assert "CML015" in {found.rule for found in violations(covered, jsonata=jsonata)}


def test_what_language_is_meant_is_not_guessed() -> None:
    """Inside a Map that says another query language than the definition, a state may be in either."""
    rules = [{"Condition": "{% $states.input > 3 %}", "Next": "Done"}]
    inner = {
        "StartAt": "Big?",
        "States": {"Big?": {"Type": "Choice", "Choices": rules, "Default": "Done"}, "Done": {"Type": "Succeed"}},
    }
    each = {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 4], "ItemProcessor": inner, "End": True}
    assert check_machine(Machine({"StartAt": "Each", "States": {"Each": each}})) == []
    inner["States"]["Big?"]["QueryLanguage"] = "JSONPath"
    found = check_machine(Machine({"StartAt": "Each", "States": {"Each": each}}))
    assert [one.rule for one in found] == ["CML009"]


def test_a_choice_between_several_may_name_all_there_are() -> None:
    """More than one rule may cover everything in ways that only the author knows, so that is a warning."""
    rules = [{"Variable": "$.Model", "StringEquals": name, "Next": name} for name in ("TrainAndTune", "Failed")]

    def without_default(at: dict[str, Any]) -> None:
        at["Preprocessed?"].update(Choices=rules)
        at["Preprocessed?"].pop("Default")

    found = [one for one in violations(without_default) if one.rule == "CML015"]
    assert [one.severity for one in found] == [Severity.WARNING]


def caught_choice(error: str) -> Machine:
    """A Choice without a Default in a Parallel that catches an error."""
    rule = {"Variable": "$.auc", "NumericGreaterThan": 0.9, "Next": "Done"}
    states = {"Good?": {"Type": "Choice", "Choices": [rule]}, "Done": {"Type": "Succeed"}}
    both = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "Good?", "States": states}],
        "Catch": [{"ErrorEquals": [error], "Next": "Bad"}],
        "End": True,
    }
    return Machine({"StartAt": "Both", "States": {"Both": both, "Bad": {"Type": "Fail"}}})


def test_a_choice_may_count_on_the_catch_around_it() -> None:
    """Who catches States.NoChoiceMatched around a Choice has thought of it."""
    assert check_machine(caught_choice("States.NoChoiceMatched")) == []


def test_a_choice_fails_also_where_everything_is_caught() -> None:
    """Whether the execution does is not said."""
    (found,) = check_machine(caught_choice("States.ALL"))
    assert "the Choice fails with States.NoChoiceMatched" in found.message
