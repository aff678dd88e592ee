"""What an update takes away is told, and what it changes in place is not."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Duration, NestedStack, RemovalPolicy, Stack, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from losses import losses

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Template = dict[str, Any]

IMAGE = ml.ContainerImage.sklearn("1.2-1")


class Team(Stack):
    """A bit of everything, and what a version may do otherwise.

    Args:
        scope: The app.
        inside: The id of a construct around the workflow. By default it is in the stack.
        workflow: The workflow's id.
        job: The training job's id.
        defaults: Defaults of the jobs.
        props: More props of the training job.
    """

    def __init__(
        self,
        scope: App,
        *,
        inside: str = "",
        workflow: str = "Workflow",
        job: str = "Train",
        defaults: Callable[[Stack], dict[str, Any]] = lambda _: {},
        **props: Any,
    ) -> None:
        super().__init__(scope, "Team")
        self.key = kms.Key(self, "Key")
        raw = s3.Bucket(self, "Raw", encryption_key=self.key)
        dynamodb.Table(self, "Runs", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        sqs.Queue(self, "Queue")
        NestedStack(self, "Nested").node.add_metadata("holds", "nothing")
        CfnOutput(self, "Name", value=raw.bucket_name, export_name="raw-data")
        ml.JobDefaults(**defaults(self)).apply_to(self)
        self.group = ml.registry.ModelPackageGroup(self, "Group")
        part = Construct(self, inside) if inside else self
        data = ml.S3Data.from_bucket(raw, "rows/")
        self.train = ml.TrainingJob(part, job, image=IMAGE, channels={"train": data}, **props)
        model = ml.CreateModel(part, "Model", image=IMAGE, data=self.train.model_artifacts)
        config = ml.CreateEndpointConfig(part, "Config", model=model)
        deploy = ml.DeployEndpoint(part, "Deploy", endpoint_name="churn", endpoint_config=config)
        chain = self.train.next(model).next(config).next(deploy)
        self.workflow = ml.Workflow(part, workflow, definition=chain)
        topic = sns.Topic(self, "Topic")
        self.rule = ml.JobStateChangeRule(self, "Alert", jobs=[self.train], targets=[topic])


def template(change: Callable[[Team], object] = lambda _: None, **options: Any) -> Template:
    """The template of a team, whose stack is changed after it is made."""
    with TemporaryDirectory() as folder:
        app = App(outdir=folder, analytics_reporting=False)
        stack = Team(app, **options)
        change(stack)
        written: Template = app.synth().get_stack_by_name("Team").template
        return written


@cache
def _before() -> str:
    return json.dumps(template())


def before() -> Template:
    """The template before an update; the caller may change it."""
    found: Template = json.loads(_before())
    return found


def resource(of: Template, kind: str, name: str = "") -> dict[str, Any]:
    """The one resource of a type, or the one whose logical id begins so."""
    (found,) = [
        each for key, each in of["Resources"].items() if each["Type"] == f"AWS::{kind}" and key.startswith(name)
    ]
    return found


def put(kind: str, name: str = "", **properties: Any) -> Callable[[Template], None]:
    """Gives a resource other properties."""
    return lambda of: resource(of, kind, name).setdefault("Properties", {}).update(properties)


def member(kind: str, key: str, value: Any, name: str = "") -> Callable[[Template], None]:
    """Gives a resource another member beside its properties; None is none."""

    def edit(of: Template) -> None:
        found = resource(of, kind, name)
        found.pop(key, None)
        found.update({key: value} if value is not None else {})

    return edit


def defined(old: str, new: str) -> Callable[[Template], None]:
    """Replaces a text in the definition."""

    def edit(of: Template) -> None:
        found = resource(of, "StepFunctions::StateMachine")["Properties"]
        text = json.dumps(found["DefinitionString"])
        assert old in text
        found["DefinitionString"] = json.loads(text.replace(old, new))

    return edit


def without(section: str, name: str) -> Callable[[Template], None]:
    """Takes something out of a section of the template."""
    return lambda of: of[section].__delitem__(next(key for key in of[section] if key.startswith(name)))


def renamed(name: str) -> Callable[[Template], None]:
    """Gives a resource another logical id, in all that refers to it too."""

    def edit(of: Template) -> None:
        (old,) = [key for key in of["Resources"] if re.fullmatch(rf"{name}[0-9A-F]{{8}}", key)]
        text = json.dumps(of).replace(f'"{old}"', '"New0A1B2C3D"')
        of.clear()
        of.update(json.loads(text))

    return edit


REPLACED = {
    "a bucket gets a name": (put("S3::Bucket", "Raw", BucketName="raw"), "is replaced: BucketName changed"),
    "a log group gets a name": (put("Logs::LogGroup", LogGroupName="/mine"), "is replaced: LogGroupName changed"),
    "a role gets a name": (put("IAM::Role", "ConstructsMl", RoleName="jobs"), "is replaced: RoleName changed"),
    "a role moves": (put("IAM::Role", "ConstructsMl", Path="/ml/"), "is replaced: Path changed"),
    "a machine gets a name": (
        put("StepFunctions::StateMachine", StateMachineName="train"),
        "is replaced: StateMachineName changed",
    ),
    "a machine becomes express": (
        put("StepFunctions::StateMachine", StateMachineType="EXPRESS"),
        "is replaced: StateMachineType changed",
    ),
    "a queue becomes first in, first out": (
        put("SQS::Queue", "Queue", FifoQueue=True),
        "is replaced: FifoQueue changed",
    ),
    "a topic gets a name": (put("SNS::Topic", TopicName="alerts"), "is replaced: TopicName changed"),
    "a rule goes to another bus": (put("Events::Rule", EventBusName="own"), "is replaced: EventBusName changed"),
    "a group is described": (
        put("SageMaker::ModelPackageGroup", ModelPackageGroupDescription="churn"),
        "is replaced: ModelPackageGroupDescription changed",
    ),
    "a table has another key": (
        put("DynamoDB::Table", KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}]),
        "is replaced: KeySchema changed",
    ),
}
"""What aws-cdk's own comparison calls a replacement too."""
LOST = {
    **REPLACED,
    "a key is of another kind": (put("KMS::Key", KeySpec="RSA_2048"), "is replaced: KeySpec changed"),
    "a bucket has another logical id": (renamed("Raw"), "(AWS::S3::Bucket) is gone"),
    "a nested stack has another logical id": (
        renamed("NestedNestedStackNestedNestedStackResource"),
        "(AWS::CloudFormation::Stack) is gone",
    ),
    "a resource is of another type": (
        member("SQS::Queue", "Type", "AWS::SNS::Topic", "Queue"),
        "(AWS::SQS::Queue) is gone",
    ),
    "a bucket is under a condition": (member("S3::Bucket", "Condition", "Rarely", "Raw"), "under another condition"),
    "a bucket is no longer kept": (
        member("S3::Bucket", "DeletionPolicy", "Delete", "Raw"),
        "no longer kept: DeletionPolicy changed",
    ),
    "a key is replaced for good": (
        member("KMS::Key", "UpdateReplacePolicy", None),
        "no longer kept: UpdateReplacePolicy changed",
    ),
    "an output is gone": (without("Outputs", "Name"), "output Name is gone"),
    "an export has another name": (
        lambda of: of["Outputs"]["Name"]["Export"].update(Name="data"),
        "output Name is no longer exported by its name",
    ),
    "a parameter is gone": (without("Parameters", "BootstrapVersion"), "parameter BootstrapVersion is gone"),
    "a parameter has no default": (
        lambda of: of["Parameters"].update(Stage={"Type": "String"}),
        "parameter Stage is new and has no default",
    ),
    "a state has another name": (defined('\\"Deploy\\"', '\\"Serve\\"'), "state 'Deploy' is gone"),
    "jobs have names of their own kind": (defined("Team-", "Crew-"), "no names begin with 'Team-"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_loss_is_told(name: str) -> None:
    """Once, unless it is of several."""
    change, told = LOST[name]
    after = before()
    change(after)
    found = losses(before(), after)
    assert found
    assert all(told in loss for loss in found), found


def defaults_of(stack: Stack) -> dict[str, Any]:
    """Defaults in whose place the library would make its own."""
    return {"bucket": s3.Bucket(stack, "Own")}


MOVED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "another id of the workflow": (
        {"workflow": "Pipeline"},
        [
            r"Workflow\w{8} \(AWS::StepFunctions::StateMachine\) is gone",
            r"WorkflowLogs\w{8} \(AWS::Logs::LogGroup\) is gone",
        ],
    ),
    "a construct around the workflow": (
        {"inside": "Part"},
        [r"Workflow\w{8} \(AWS::StepFunctions::StateMachine\) is gone"],
    ),
    "another id of a job": ({"job": "Fit"}, [r"state 'Train' is gone", r"no names begin with 'Team-\w+-Train-'"]),
    "another prefix of the jobs' names": (
        {"defaults": lambda _: {"job_name_prefix": "crew"}},
        [r"no names begin with 'Team-\w+-Train-'"],
    ),
    "a bucket in the place of the stack's": (
        {"defaults": defaults_of},
        [r"ConstructsMlArtifacts\w{8} \(AWS::S3::Bucket\) is gone"],
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_what_is_moved_is_told(name: str) -> None:
    """By the app, as a new version of a construct would move it."""
    options, told = MOVED[name]
    found = losses(before(), template(**options))
    for each in told:
        assert [loss for loss in found if re.search(each, loss)], (each, found)


HARMLESS: dict[str, Callable[[Template], object]] = {
    "nothing": lambda of: of.update({}),
    "another order": lambda of: of.update(Resources=dict(reversed(of["Resources"].items()))),
    "a description": lambda of: of.update(Description="Trains"),
    "tags": put("S3::Bucket", "Raw", Tags=[{"Key": "team", "Value": "churn"}]),
    "a shorter life of objects": put(
        "S3::Bucket", "Raw", LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": 30}]}
    ),
    "rotation of a key": put("KMS::Key", EnableKeyRotation=True),
    "another retention of a log": put("Logs::LogGroup", RetentionInDays=7),
    "more trust": put("IAM::Role", "ConstructsMl", MaxSessionDuration=7200),
    "another pattern of a rule": put("Events::Rule", EventPattern={"source": ["aws.sagemaker"]}),
    "slower messages": put("SQS::Queue", "Queue", DelaySeconds=5),
    "a topic that people know": put("SNS::Topic", DisplayName="Alerts"),
    "a log of a machine": put("StepFunctions::StateMachine", TracingConfiguration={"Enabled": False}),
    "a resource that is kept from now on": member("S3::Bucket", "DeletionPolicy", "RetainExceptOnCreate", "Raw"),
    "a policy by another logical id": renamed("WorkflowRoleDefaultPolicy"),
    "a parameter with a default": lambda of: of["Parameters"].update(Stage={"Type": "String", "Default": "test"}),
    "an output": lambda of: of["Outputs"].update(More={"Value": "more"}),
    "a state of the library's": defined('\\"Deploy: wait\\"', '\\"Deploy: sleep\\"'),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_changed_in_place_is_no_loss(name: str) -> None:
    after = before()
    HARMLESS[name](after)
    assert (after != before()) is (name not in {"nothing", "another order"})
    assert losses(before(), after) == []


def grow(stack: Team) -> None:
    """Gives a team more of everything, as the apps of its users grow."""
    more = ml.ProcessingJob(stack, "Report", image=IMAGE, outputs=["report"])
    ml.Workflow(stack, "Reports", definition=more.next(sfn.Succeed(stack, "Reported")))
    ml.events.ModelPackageStateChangeRule(
        stack, "Packages", groups=[stack.group], targets=[sqs.Queue(stack, "Packages queue")]
    )
    logs.LogGroup(stack, "Log", removal_policy=RemovalPolicy.DESTROY)
    stack.key.add_alias("alias/team")
    Tags.of(stack).add("team", "churn")


def test_an_app_that_grows_loses_nothing() -> None:
    options = {"instance_type": "ml.m5.4xlarge", "hyperparameters": {"depth": 5}, "max_runtime": Duration.hours(2)}
    after = template(grow, **options)
    assert len(after["Resources"]) > len(before()["Resources"]) + 5
    assert losses(before(), after) == []


@pytest.mark.long
@pytest.mark.cli
def test_the_cdk_command_replaces_the_same(tmp_path: Path) -> None:
    """`cdk diff --template` has the schemas of AWS by another way."""
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    Team(app)
    app.synth()
    after, old = before(), copy.deepcopy(before())
    for change, _ in REPLACED.values():
        change(old)
    (tmp_path / "old.json").write_text(json.dumps(old))
    command = ["cdk", "diff", "--app", "cdk.out", "--template", "old.json", "Team"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    lines = re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr).splitlines()
    found = [re.fullmatch(r"\[~\] AWS::.* (\w+) (?:replace|may be replaced)", line.strip()) for line in lines]
    assert {match[1] for match in found if match} == {loss.split()[0] for loss in losses(old, after)}, lines
