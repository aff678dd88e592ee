"""The example in the docstring of each step is run as it stands there, and what it defines is synthesized."""

from __future__ import annotations

import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

import aws_cdk
import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPTS = (
    "features.py",
    "train.py",
    "preprocess.py",
    "inference.py",
    "main.py",
    "common/shared.py",
    "features/main.py",
)
IMAGE = ml.ContainerImage.sklearn("1.2-1")


def examples(value: Any) -> list[str]:
    """The code blocks of a docstring."""
    blocks, lines = [], (inspect.getdoc(value) or "").splitlines()
    for at, line in enumerate(lines):
        if line.endswith("::"):
            block = []
            for following in lines[at + 1 :]:
                if following and not following.startswith("    "):
                    break
                block.append(following)
            blocks.append(textwrap.dedent("\n".join(block)).strip())
    return [block for block in blocks if "ml." in block or "JobDefaults(" in block]


DOCUMENTED = [
    (name, at)
    for name in ml.__all__
    if inspect.isclass(getattr(ml, name))
    for at in range(len(examples(getattr(ml, name))))
]
NEEDS = {"LabelingJob": pytest.mark.needs_cdk("2.272", "the attribute of a work team that is its ARN")}
"""The examples that need a newer aws-cdk-lib."""
STEPS = [
    name
    for name in ml.__all__
    if inspect.isclass(getattr(ml, name)) and issubclass(getattr(ml, name), (sfn.State, sfn.StateMachineFragment))
]


class World(dict[str, Any]):
    """What the examples take as given, made when an example names it."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(self=stack, ml=ml, sfn=sfn, Duration=Duration, JobDefaults=ml.JobDefaults)
        self.stack = stack
        self.given: list[Any] = [stack]

    def __missing__(self, name: str) -> Any:
        if name not in GIVEN:
            raise KeyError(name)
        self[name] = GIVEN[name](self)
        self.given.append(self[name])
        return self[name]


def _function(world: World, name: str) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): return event")
    return lambda_.Function(world.stack, name, code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_12)


GIVEN: dict[str, Callable[[World], Any]] = {
    "Size": lambda _: aws_cdk.Size,
    "app": lambda world: world.stack.node.root,
    "deployment": lambda world: _function(world, "GivenDeployment"),
    "bucket": lambda world: s3.Bucket(world.stack, "Given"),
    "images": lambda world: ml.S3Data.from_bucket(world["bucket"], "images/"),
    "fresh": lambda world: ml.S3Data.from_bucket(world["bucket"], "fresh/"),
    "preprocess": lambda world: ml.ProcessingJob(world.stack, "GivenPrep", image=IMAGE, outputs=["train", "test"]),
    "evaluate": lambda world: ml.ProcessingJob(world.stack, "GivenEvaluate", image=IMAGE, outputs=["metrics"]),
    "train": lambda world: ml.TrainingJob(world.stack, "GivenTrain", image=IMAGE),
    "model": lambda world: ml.CreateModel(
        world.stack, "GivenModel", image=IMAGE, data=ml.S3Data.from_bucket(world["bucket"], "model/")
    ),
    "config": lambda world: ml.CreateEndpointConfig(world.stack, "GivenConfig", model=world["model"]),
    "deploy": lambda world: ml.DeployEndpoint(
        world.stack, "GivenDeploy", endpoint_name="churn", endpoint_config=world["config"]
    ),
    "tell": lambda world: sfn.Pass(world.stack, "GivenTell"),
    "notify": lambda world: sfn.Pass(world.stack, "GivenNotify"),
    "group": lambda world: ml.ModelPackageGroup(world.stack, "GivenGroup"),
    "register": lambda world: ml.RegisterModel(
        world.stack,
        "GivenRegister",
        group=world["group"],
        image=IMAGE,
        data=ml.S3Data.from_bucket(world["bucket"], "model/"),
        content_types=["text/csv"],
        response_types=["text/csv"],
    ),
    "errors": lambda world: cloudwatch.Alarm(
        world.stack,
        "GivenErrors",
        metric=cloudwatch.Metric(namespace="AWS/SageMaker", metric_name="Invocation5XXErrors"),
        threshold=1,
        evaluation_periods=1,
    ),
    "team": lambda world: sagemaker.CfnWorkteam(
        world.stack, "GivenTeam", workteam_name="annotators", description="Annotators", member_definitions=[]
    ),
    "prepare": lambda world: _function(world, "GivenPrepare"),
    "consolidate": lambda world: _function(world, "GivenConsolidate"),
    "scheduler": lambda world: _function(world, "GivenScheduler"),
    "topic": lambda world: sns.Topic(world.stack, "GivenTopic"),
    "vpc": lambda world: aws_cdk.aws_ec2.Vpc(world.stack, "GivenVpc"),
    "key": lambda world: aws_cdk.aws_kms.Key(world.stack, "GivenKey"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SCRIPTS:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print('runs')\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/features.jar").write_bytes(b"PK")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "at"),
    [pytest.param(name, at, marks=NEEDS.get(name, ()), id=f"{name}-{at}") for name, at in DOCUMENTED],
)
def test_the_example_runs_and_is_synthesized(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], name: str, at: int
) -> None:
    code = "\n".join(examples(getattr(ml, name))[: at + 1])
    world = World(stack)
    # Three dots stand for props that the example leaves out.
    exec(compile(code.replace(" ...,", " image=ml.ContainerImage.sklearn('1.2-1'),"), name, "exec"), world)  # noqa: S102
    made = [value for value in world.values() if not any(value is given for given in world.given)]
    states = [value for value in made if isinstance(value, (sfn.State, sfn.StateMachineFragment))]
    states = states or [value for value in world.given if isinstance(value, ml.DeployEndpoint)]
    for state in states:
        if isinstance(state, (sfn.Map, sfn.DistributedMap)) and "item_processor" not in code:
            state.item_processor(sfn.Pass(stack, "Iteration"))
    if states and not isinstance(stack.node.try_find_child("Workflow"), ml.Workflow):
        first = states[0] if name != "ModelApprovalGate" else world["register"]
        inner = {"Map": "each", "DistributedMap": "each"}.get(name)
        ml.Workflow(stack, "Workflow", definition=world[inner] if inner else first)
    template = synth(stack)
    assert json.dumps(template).count("AWS::") > 0


def test_every_step_has_an_example() -> None:
    documented = {name for name, _ in DOCUMENTED}
    assert [name for name in STEPS if name not in documented] == []
