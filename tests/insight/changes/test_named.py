"""A workflow and one edit: the edit is named, and nothing else is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.versions_of_workflow import Editable, allow, document, job, training

from constructs_ml.insight.changes.compare import diff

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: list[tuple[str, Callable[[Editable], object], list[str]]] = []


def case(*words: str) -> Callable[[Callable[[Editable], object]], Callable[[Editable], object]]:
    """An edit, with all that must be said of it."""

    def add(edit: Callable[[Editable], object]) -> Callable[[Editable], object]:
        CASES.append((edit.__name__, edit, list(words)))
        return edit

    return add


# States ---------------------------------------------------------------------------------------------------------------


@case("Evaluate (sagemaker:createProcessingJob.sync) is added, after Train and before Check")
def state_added(it: Editable) -> None:
    it.states["Evaluate"] = job("Processing", {"ProcessingJobName": "evaluate"}, Next="Check")
    it.states["Train"]["Next"] = "Evaluate"


@case("Check (lambda:invoke) is removed, after Train and before Both")
def state_removed(it: Editable) -> None:
    del it.states["Check"]
    it.states["Train"]["Next"] = "Both"


@case("Hello (Pass) is added as the first state, before Prepare")
def first_state_added(it: Editable) -> None:
    it.states["Hello"] = {"Type": "Pass", "Next": "Prepare"}
    it.definition["StartAt"] = "Hello"


@case("Last (Succeed) is added, after Settle", "Done (Succeed) is removed, after Settle", "Settle: Seconds 30 -> 31")
def end_replaced(it: Editable) -> None:
    del it.states["Done"]
    it.states["Last"] = {"Type": "Succeed", "Comment": "it went well", "OutputPath": "$.Train", "InputPath": "$.Both"}
    it.states["Settle"] |= {"Next": "Last", "Seconds": 31}


@case("Train is renamed to Fit")
def state_renamed(it: Editable) -> None:
    it.states["Fit"] = it.states.pop("Train")
    it.states["Prepared?"]["Choices"][0]["Next"] = "Fit"


@case("Failed is renamed to Broken")
def handler_renamed(it: Editable) -> None:
    text = json.dumps(it.states).replace('"Failed"', '"Broken"')
    it.definition["States"] = json.loads(text)


@case("Done is renamed to The end")
def small_state_renamed(it: Editable) -> None:
    it.states["The end"] = it.states.pop("Done")
    it.states["Settle"]["Next"] = "The end"


@case("Train is renamed to Fit", "Fit: HyperParameters.max_depth 6 -> 8")
def state_renamed_and_edited(it: Editable) -> None:
    state_renamed(it)
    it.states["Fit"]["Parameters"]["HyperParameters"]["max_depth"] = "8"


@case(
    "Check is a Pass now, was a Task",
    "Check: Parameters is removed, was "
    + json.dumps({"FunctionName": "check", "Payload": {"model": "$.Train.ModelArtifacts", "least": 0.9}}),
    "Check: Resource is removed, was arn:aws:states:::lambda:invoke",
    "Check: TimeoutSeconds is removed, was 60",
)
def type_changed(it: Editable) -> None:
    it.states["Check"] = {"Type": "Pass", "ResultPath": "$.Check", "Next": "Both"}


@case("Check moved into the Parallel Both, before Report")
def moved_into_parallel(it: Editable) -> None:
    check = it.states.pop("Check")
    it.states["Train"]["Next"] = "Both"
    branch = it.states["Both"]["Branches"][0]
    branch["StartAt"] = "Check"
    branch["States"]["Check"] = {**check, "Next": "Report"}


@case(
    "Score moved out of the Map Each, after Each and before Settle", "Calm (Pass) is added in Each as the first state"
)
def moved_out_of_map(it: Editable) -> None:
    inner = it.states["Each"]["ItemProcessor"]
    score = inner["States"].pop("Score")
    inner |= {"StartAt": "Calm", "States": {"Calm": {"Type": "Pass", "End": True}}}
    del score["End"]
    it.states["Score"] = {**score, "Next": "Settle"}
    it.states["Each"]["Next"] = "Score"


@case("Archive moved to another branch of Both, after Announce")
def moved_to_another_branch(it: Editable) -> None:
    one, other = it.states["Both"]["Branches"]
    other["States"]["Archive"] = one["States"].pop("Archive")
    one["States"]["Report"] = {**one["States"]["Report"], "End": True}
    del one["States"]["Report"]["Next"]
    other["States"]["Announce"] = {**other["States"]["Announce"], "Next": "Archive"}
    del other["States"]["Announce"]["End"]


@case("the branches of Both have another order, and so has its output: Announce, Report (was Report, Announce)")
def branches_swapped(it: Editable) -> None:
    it.states["Both"]["Branches"].reverse()


@case(
    "Check now follows Both instead of Train",
    "Both now follows Train instead of Check",
    "Each now follows Check instead of Both",
)
def order_changed(it: Editable) -> None:
    for name, following in (("Train", "Both"), ("Both", "Check"), ("Check", "Each")):
        it.states[name]["Next"] = following


@case("Train now comes first", "Prepare no longer comes first")
def first_state_changed(it: Editable) -> None:
    it.definition["StartAt"] = "Train"


# Choices --------------------------------------------------------------------------------------------------------------


@case("Prepared? now goes to Done if $.skip is true")
def rule_added(it: Editable) -> None:
    it.states["Prepared?"]["Choices"].insert(0, {"Variable": "$.skip", "BooleanEquals": True, "Next": "Done"})


@case(
    'Prepared? no longer goes to Train if $.Prepare.Status is "Completed"',
    "Prepared? now goes to Done if $.skip is true",
)
def rule_replaced(it: Editable) -> None:
    it.states["Prepared?"]["Choices"] = [{"Variable": "$.skip", "BooleanEquals": True, "Next": "Done"}]


@case('Prepared? goes to Train if $.Prepare.Status is "Done", was if $.Prepare.Status is "Completed"')
def condition_changed(it: Editable) -> None:
    it.states["Prepared?"]["Choices"][0]["StringEquals"] = "Done"


@case('Prepared? goes to Check if $.Prepare.Status is "Completed", was Train')
def target_changed(it: Editable) -> None:
    it.states["Prepared?"]["Choices"][0]["Next"] = "Check"


@case("Prepared? goes to Done otherwise, was Failed")
def default_changed(it: Editable) -> None:
    it.states["Prepared?"]["Default"] = "Done"


# Retries and catches --------------------------------------------------------------------------------------------------


@case("Train is retried after CapacityError 8 times, was 3")
def more_retries(it: Editable) -> None:
    it.states["Train"]["Retry"] = [{**it.states["Train"]["Retry"][0], "MaxAttempts": 8}]


@case("Train is no longer retried after CapacityError, was 3 times")
def no_retry(it: Editable) -> None:
    del it.states["Train"]["Retry"]


@case("Check is now retried after A and B 1 time")
def retry_added(it: Editable) -> None:
    it.states["Check"]["Retry"] = [{"ErrorEquals": ["A", "B"], "MaxAttempts": 1}]


@case("Train is retried after CapacityError as before, but the first wait 60 s, was 5 s; the jitter FULL, was NONE")
def slower_retry(it: Editable) -> None:
    it.states["Train"]["Retry"] = [{**it.states["Train"]["Retry"][0], "IntervalSeconds": 60, "JitterStrategy": "FULL"}]


@case("Check now catches States.Timeout and goes to Failed")
def catch_added(it: Editable) -> None:
    it.states["Check"]["Catch"] = [{"ErrorEquals": ["States.Timeout"], "Next": "Failed"}]


@case("Train after States.ALL: goes to Settle, was Failed; ResultPath $.error -> $.why")
def catch_changed(it: Editable) -> None:
    it.states["Train"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Settle", "ResultPath": "$.why"}]


# Requests -------------------------------------------------------------------------------------------------------------


@case("Train: HyperParameters.max_depth 6 -> 8", "Train: HyperParameters.eta is added: 0.1")
def hyperparameters(it: Editable) -> None:
    it.request("Train")["HyperParameters"] |= {"max_depth": "8", "eta": "0.1"}


@case("Train: ResourceConfig.InstanceType ml.m5.xlarge -> ml.g5.xlarge")
def instance_type(it: Editable) -> None:
    it.request("Train")["ResourceConfig"]["InstanceType"] = "ml.g5.xlarge"


@case(
    "Prepare: AppSpecification.ImageUri 1.dkr.ecr.us-east-1.amazonaws.com/sklearn:1 -> 1.dkr.ecr.us-east-1.amazonaws.com/sklearn:2"
)
def image(it: Editable) -> None:
    it.request("Prepare")["AppSpecification"]["ImageUri"] = "1.dkr.ecr.us-east-1.amazonaws.com/sklearn:2"


@case("Train: AlgorithmSpecification.TrainingImage 1.dkr.ecr.us-east-1.amazonaws.com/xgboost:1 -> <AWS::Region>/x")
def region_in_a_text(it: Editable) -> None:
    it.request("Train")["AlgorithmSpecification"]["TrainingImage"] = {"Fn::Sub": "${AWS::Region}/x"}


@case(
    "Prepare: AppSpecification.ImageUri 1.dkr.ecr.us-east-1.amazonaws.com/sklearn:1 -> "
    "1.dkr.ecr.<AWS::Region>.amazonaws.com/sklearn:1"
)
def region(it: Editable) -> None:
    uri = {"Fn::Join": ["", ["1.dkr.ecr.", {"Ref": "AWS::Region"}, ".amazonaws.com/sklearn:1"]]}
    it.request("Prepare")["AppSpecification"]["ImageUri"] = uri


@case("Train: InputDataConfig[test].DataSource.S3DataSource.S3Uri s3://<Data>/test/ -> s3://<Data>/holdout/")
def one_input(it: Editable) -> None:
    it.request("Train")["InputDataConfig"][1]["DataSource"]["S3DataSource"]["S3Uri"] = {
        "Fn::Sub": "s3://${Data83908E77}/holdout/"
    }


@case('Train: InputDataConfig[more] is added: {"ChannelName": "more"}')
def input_added(it: Editable) -> None:
    it.request("Train")["InputDataConfig"].insert(0, {"ChannelName": "more"})


@case("Check: Payload.model $.Train.ModelArtifacts -> $.Train.Model")
def path_changed(it: Editable) -> None:
    it.request("Check")["Payload"]["model.$"] = "$.Train.Model"


@case("the code of Prepare changed")
def code(it: Editable) -> None:
    it.request("Prepare")["Code"] = f"s3://assets/{'b' * 64}.zip"


@case("Check: TimeoutSeconds 60 -> 90", "Flow: TimeoutSeconds 7200 -> 3600")
def timeouts(it: Editable) -> None:
    it.states["Check"]["TimeoutSeconds"] = 90
    it.definition["TimeoutSeconds"] = 3600


@case("the comment of Settle changed", "the comment of Flow is added")
def comments(it: Editable) -> None:
    it.states["Settle"]["Comment"] = "until the index has it"
    it.definition["Comment"] = "trains"


@case("Each: MaxConcurrency 5 -> 10", "Each: ItemsPath $.items -> $.all")
def map_fields(it: Editable) -> None:
    it.states["Each"] |= {"MaxConcurrency": 10, "ItemsPath": "$.all"}


@case("Flow: TracingConfiguration.Enabled true -> false")
def tracing(it: Editable) -> None:
    it.properties("Flow")["TracingConfiguration"] = {"Enabled": False}


# Permissions ----------------------------------------------------------------------------------------------------------


@case("role JobRole may now s3:DeleteObjectVersion on <Data.Arn>/in/*")
def action_added(it: Editable) -> None:
    it.statements[0]["Action"] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"]


@case("role JobRole may no longer s3:PutObject on <Data.Arn>/in/*")
def action_removed(it: Editable) -> None:
    it.statements[0]["Action"] = "s3:GetObject"


@case("role JobRole may now s3:GetObject and s3:PutObject on <Data.Arn>/* (before only on <Data.Arn>/in/*)")
def resource_widened(it: Editable) -> None:
    it.statements[0]["Resource"] = {"Fn::Sub": "${Data83908E77.Arn}/*"}


@case("role JobRole may now s3:ListBucket on <Data.Arn> (before only if s3:prefix StringLike in/*)")
def condition_dropped(it: Editable) -> None:
    del it.statements[1]["Condition"]


@case("role JobRole is no longer denied to s3:DeleteObject on *")
def denial_dropped(it: Editable) -> None:
    del it.statements[2]


@case("role FlowRole: lambda.amazonaws.com may now assume it")
def trust_widened(it: Editable) -> None:
    it.properties("FlowRole")["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"] = [
        "states.amazonaws.com",
        "lambda.amazonaws.com",
    ]


@case(
    "role JobRole no longer has the managed policy arn:aws:iam::aws:policy/One",
    "role JobRole now has the managed policy arn:aws:iam::aws:policy/Two",
)
def managed_policy(it: Editable) -> None:
    it.properties("JobRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/Two"]


@case("role JobRole now has the permissions boundary arn:aws:iam::1:policy/B")
def boundary(it: Editable) -> None:
    it.properties("JobRole")["PermissionsBoundary"] = "arn:aws:iam::1:policy/B"


@case(
    "policy of Data: anybody is no longer denied to s3:* on <Data.Arn> if aws:SecureTransport Bool false",
    "policy of Data: arn:aws:iam::222222222222:root may now s3:GetObject on *",
)
def bucket_policy(it: Editable) -> None:
    it.properties("DataPolicy")["PolicyDocument"] = document(
        {**allow("s3:GetObject", "*"), "Principal": {"AWS": "222222222222"}}
    )


@case(
    "Flow now runs as arn:aws:iam::1:role/theirs, was <FlowRole.Arn>: what they may do is not in both templates, so it may be more"
)
def machine_role(it: Editable) -> None:
    it.properties("Flow")["RoleArn"] = "arn:aws:iam::1:role/theirs"


@case("JobRolePolicy: a part that depends on a condition of the template changed; cdk diff shows it")
def conditional_statement(it: Editable) -> None:
    wide = allow("s3:*", "*")
    it.statements.append({"Fn::If": ["IsProduction", {"Ref": "AWS::NoValue"}, wide]})
    it.statements[-1]["Fn::If"][1] = it.statements[0]


# Events and other resources ---------------------------------------------------------------------------------------------


@case('JobStates: EventPattern.detail.TrainingJobStatus ["Failed", "Stopped"] -> ["Failed"]')
def event_pattern(it: Editable) -> None:
    it.properties("JobStates")["EventPattern"]["detail"]["TrainingJobStatus"] = ["Failed"]


@case("the event rule JobStates is removed, on SageMaker Training Job State Change to <Alerts.Arn>")
def event_rule(it: Editable) -> None:
    del it.resources["JobStates55443322"]


@pytest.mark.parametrize(("edit", "words"), [pytest.param(edit, words, id=name) for name, edit, words in CASES])
def test_an_edit_is_named(edit: Callable[[Editable], object], words: list[str]) -> None:
    """What was edited is said in these words, and nothing besides."""
    before, after = Editable(), Editable()
    edit(after)
    found = diff(before.template, after.template)
    assert sorted(change.words for change in found.changes) == sorted(words)
    assert found.others == {}


WIDENING = {
    "action_added",
    "resource_widened",
    "condition_dropped",
    "denial_dropped",
    "trust_widened",
    "managed_policy",
    "bucket_policy",
    "machine_role",
    "conditional_statement",
}


@pytest.mark.parametrize(("name", "edit"), [pytest.param(name, edit, id=name) for name, edit, _ in CASES])
def test_what_widens_permissions_is_known(name: str, edit: Callable[[Editable], object]) -> None:
    """These edits allow something new, and no other does."""
    after = Editable()
    edit(after)
    assert diff(Editable().template, after.template).widened is (name in WIDENING)


def test_other_resources_are_counted() -> None:
    """A resource without words of its own is counted by its type."""
    after = Editable()
    after.properties("Alerts")["VisibilityTimeout"] = 60
    after.resources["More"] = {"Type": "AWS::S3::Bucket"}
    after.resources["Less"] = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
    found = diff(Editable().template, after.template)
    assert {kind: (count.added, count.removed, count.changed) for kind, count in found.others.items()} == {
        "AWS::S3::Bucket": (2, 0, 0),
        "AWS::SQS::Queue": (0, 0, 1),
    }
    assert found.changes == ()


def test_there_are_forty_edits() -> None:
    """The bar of the feature."""
    assert len({name for name, _, _ in CASES}) == len(CASES) >= 40


def test_a_definition_is_compared_with_the_only_one_of_a_template() -> None:
    """Its states are compared, and nothing that it does not say."""
    definition: dict[str, Any] = Editable().definition
    definition["States"]["Train"]["Parameters"]["HyperParameters"] = training("9")["HyperParameters"]
    found = diff(definition, Editable().template)
    assert "Train: HyperParameters.max_depth 9 -> 6" in [change.words for change in found.changes]
    assert found.permissions == ()
