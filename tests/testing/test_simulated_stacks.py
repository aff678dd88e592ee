"""Stacks of platform teams can be simulated: what only a deployment knows has values of the right form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Fn, NestedStack, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from simulated_machines import machine, processing
from stacks_of_teams import CASES, IMAGE
from support.each import each

import constructs_ml as ml
from constructs_ml.cfn.template import machines_of
from constructs_ml.testing import SimulationError, returns, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App
    from stacks_of_teams import Case, Forms

    from constructs_ml.testing import Execution


def at(request: Any, member: str) -> Any:
    for name in member.split("."):
        request = request[int(name)] if isinstance(request, list) else request[name]
    return request


def has_forms(execution: Execution, forms: Forms) -> None:
    assert execution.status == "SUCCEEDED", execution.cause
    (request,) = execution.requests(execution.path[0])
    assert not re.search(r"Token\[|\{\{|dummy-value|Fn::", json.dumps(request))
    found = {member: at(request, member) for member in each(forms)}
    assert {name: value for name, value in found.items() if not re.fullmatch(forms[name], str(value))} == {}


@pytest.mark.parametrize("define", CASES.values(), ids=CASES)
def test_a_stack_is_simulated(define: Case, app: App, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """As a workflow, as a stack and as a template, with values of the right form in its request."""
    workflow, forms = define(app)
    stack = Stack.of(workflow)
    has_forms(simulate(workflow), forms)
    has_forms(simulate(stack), forms)
    has_forms(simulate(synth(stack)), forms)


def test_nested_stacks_with_the_same_logical_ids_are_told_apart(app: App) -> None:
    """Their state machines are named by their paths."""
    stack = Stack(app, "Twins")
    for name in ("One", "Two"):
        nested = NestedStack(stack, name)
        made = ml.ProcessingJob(nested, "Prepare", image=IMAGE, environment={"NAME": name})
        ml.Workflow(nested, "Workflow", definition=made)
    execution = simulate(stack, logical_id="Twins/Two")
    assert execution.requests("Prepare")[0]["Environment"] == {"NAME": "Two"}
    with pytest.raises(SimulationError, match="several state machines; name one with logical_id=, it has Twins/One/"):
        simulate(stack)


def test_other_services_get_values_too(app: App) -> None:
    """By what they are called in the template."""
    stack = Stack(app, "Others")
    topic = sns.Topic.from_topic_arn(stack, "Topic", Fn.import_value("platform-topic-arn"))
    queue = sqs.Queue(stack, "Queue")
    notify = tasks.SnsPublish(stack, "Notify", topic=topic, message=sfn.TaskInput.from_text("x"))
    send = tasks.SqsSendMessage(stack, "Send", queue=queue, message_body=sfn.TaskInput.from_text("x"))
    body = sfn.DefinitionBody.from_chainable(notify.next(send))
    execution = simulate(
        sfn.StateMachine(stack, "Machine", definition_body=body), {"Notify": returns({}), "Send": returns({})}
    )
    assert re.fullmatch(r"arn:aws:sns:us-east-1:\d{12}:[\w-]+", execution.requests("Notify")[0]["TopicArn"])
    assert re.fullmatch(r"https://sqs\.us-east-1\.amazonaws\.com/\d{12}/\w+", execution.requests("Send")[0]["QueueUrl"])


def template(body: Any, **parts: Any) -> dict[str, Any]:
    """A template by hand, of a state machine and whatever else."""
    resources = parts.pop("Resources", {})
    made = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": "arn", **body}}
    return {"Resources": {"Machine": made, **resources}, **parts}


def prepare(**members: Any) -> dict[str, Any]:
    """A definition whose job has these members."""
    job = processing()
    job["Parameters"] |= members
    return machine(Prepare=job)


def test_a_definition_that_is_an_object() -> None:
    """Its intrinsic functions stand where its values are."""
    vpc = {"SecurityGroupIds": {"Fn::Split": [",", {"Ref": "A"}]}, "Subnets": {"Ref": "B"}}
    given = {"A": {"Type": "String"}, "B": {"Type": "CommaDelimitedList"}}
    body = {"Definition": prepare(NetworkConfig={"VpcConfig": vpc}, RoleArn={"Ref": "C"})}
    execution = simulate(template(body, Parameters=given | {"C": {"Type": "String"}}))
    assert execution.status == "SUCCEEDED"
    request = execution.requests("Prepare")[0]
    assert all(
        re.fullmatch("sg-[0-9a-f]{17}", group)
        for group in each(request["NetworkConfig"]["VpcConfig"]["SecurityGroupIds"])
    )
    assert len(set(request["NetworkConfig"]["VpcConfig"]["Subnets"])) == 2
    assert request["RoleArn"].startswith("arn:aws:iam::111122223333:role/")


def test_a_template_of_sam() -> None:
    """The roles of its functions are in no template."""
    uri = {"Fn::Sub": "s3://${Data}/in/"}
    read = {
        "InputName": "raw",
        "S3Input": {"S3Uri": uri, "S3DataType": "S3Prefix", "LocalPath": "/opt/ml/processing/x"},
    }
    definition = prepare(RoleArn={"Fn::GetAtt": "FunctionRole.Arn"}, ProcessingInputs=[read])
    made = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": definition}}
    data = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "data-${AWS::AccountId}"}}}
    execution = simulate({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Machine": made, "Data": data}})
    request = execution.requests("Prepare")[0]
    assert request["RoleArn"].startswith("arn:aws:iam::111122223333:role/")
    assert request["ProcessingInputs"][0]["S3Input"]["S3Uri"] == "s3://data-111122223333/in/"


def test_substitutions_have_values() -> None:
    """Those of a definition in a text."""
    text = json.dumps(prepare(RoleArn="${Role}")).replace('"VolumeSizeInGB": 30', '"VolumeSizeInGB": ${Size}')
    values = {"Role": {"Fn::GetAtt": ["Jobs", "Arn"]}, "Size": {"Ref": "Size"}}
    body = {"DefinitionString": text, "DefinitionSubstitutions": values}
    number = {"Size": {"Type": "Number", "MinValue": 40}}
    execution = simulate(template(body, Parameters=number, Resources={"Jobs": {"Type": "AWS::IAM::Role"}}))
    request = execution.requests("Prepare")[0]
    assert request["RoleArn"] == "arn:aws:iam::111122223333:role/jobs"
    assert request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == 40


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Ref": "Bukcet"}, r"Prepare: RoleArn is Ref Bukcet, but the template has no resource or parameter Bukcet"),
        ({"Fn::GetAtt": ["Rule", "Arn"]}, r"Prepare: RoleArn is Rule.Arn, but the template has no resource"),
        ({"Fn::FindInMap": ["M", "a", "b"]}, r"Prepare: RoleArn is Fn::FindInMap M, which has no a.b"),
        ({"Fn::Select": [3, ["a"]]}, r"Prepare: RoleArn is Fn::Select, which has no value in the template"),
        ({"Fn::Transform": {"Name": "X"}}, r"Prepare: RoleArn is Fn::Transform, which has no value in the template"),
        (
            "x${Token[TOKEN.12]}",
            r"Prepare: RoleArn holds \$\{Token\[TOKEN.12\]\}, a token that was never resolved; pass",
        ),
    ],
)
def test_a_value_that_nothing_gives_is_told(value: Any, message: str) -> None:
    """The error names the state, the member and the reason."""
    with pytest.raises(SimulationError, match=message):
        simulate(template({"Definition": prepare(RoleArn=value)}))


def test_a_token_in_a_definition_is_told() -> None:
    """A definition that is taken from an app before its synthesis."""
    with pytest.raises(SimulationError, match=r"Prepare: RoleArn holds .* pass the stack, or its template"):
        simulate(prepare(RoleArn="${Token[Role.Arn.7]}"))


def test_a_definition_that_a_check_has_read_is_simulated() -> None:
    """Its values that are known later are named by what gives them."""
    (read,) = machines_of(template({"Definition": prepare(RoleArn={"Fn::GetAtt": ["Jobs", "Arn"]})}))
    assert read.body["States"]["Prepare"]["Parameters"]["RoleArn"] == "${Token[Jobs.Arn]}"
    (request,) = simulate(read.body).requests("Prepare")
    assert request["RoleArn"].startswith("arn:aws:iam::111122223333:role/")


def test_values_in_a_circle_are_told() -> None:
    """CloudFormation refuses them too."""
    mapping = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::GetAtt": ["B", "Value"]}}}
    other = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::GetAtt": ["A", "Value"]}}}
    body = {"Definition": prepare(RoleArn={"Fn::GetAtt": ["A", "Value"]})}
    with pytest.raises(SimulationError, match="refer to each other in a circle"):
        simulate(template(body, Resources={"A": mapping, "B": other}))


HANDLED = {
    "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 6}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
}


def handled(**members: Any) -> dict[str, Any]:
    """A job whose failures are retried and caught, by a state that tells no cause."""
    job = processing(**HANDLED)
    job["Parameters"] |= members
    return machine(Prepare=job, Done={"Type": "Succeed"}, Failed={"Type": "Fail"})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"RoleArn": "jobs"}, r"Prepare: SageMaker refuses CreateProcessingJob: RoleArn must have .*'jobs'"),
        ({"Environment": {"A": "x" * 300}}, r"Prepare: .*: Environment\['A'\] must have .*, got 300 \('xxx"),
        ({"AppSpecification": {}}, r"Prepare: .*: AppSpecification.ImageUri is required"),
    ],
)
def test_a_request_that_is_always_refused_ends_the_simulation(members: Any, message: str) -> None:
    """Retries and catches would hide what is wrong: the error names the state, the member and the value."""
    with pytest.raises(SimulationError, match=message):
        simulate(handled(**members))


def test_a_made_up_value_that_is_refused_is_told() -> None:
    """With where it comes from, and what to write."""
    message = r"Prepare: .*: RoleArn must .*, made up for Jobs.GroupName; give it a value that fits"
    definition = handled(RoleArn={"Fn::GetAtt": ["Jobs", "GroupName"]})
    with pytest.raises(SimulationError, match=message):
        simulate(template({"Definition": definition}, Resources={"Jobs": {"Type": "AWS::EC2::SecurityGroup"}}))


def test_a_request_that_the_input_makes_wrong_fails_its_state() -> None:
    """As on AWS, where it is retried and caught."""
    job = processing(**HANDLED)
    del job["Parameters"]["RoleArn"]
    job["Parameters"]["RoleArn.$"] = "$.role"
    definition = machine(Prepare=job, Done={"Type": "Succeed"}, Failed={"Type": "Fail"})
    execution = simulate(definition, input={"role": "jobs"})
    assert execution.path == ("Prepare", "Failed")
    assert execution.attempts("Prepare") == 7
