"""Examples of docstrings and guides, run as they stand there in a world that has what they take as given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import aws_cdk
from annotated_types import Ge, Le
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codeartifact as codeartifact
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from typing_extensions import Doc

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.testing import Execution

IMAGE = ml.ContainerImage.sklearn("1.2-1")
SCRIPTS = (
    "features.py",
    "train.py",
    "preprocess.py",
    "inference.py",
    "main.py",
    "common/shared.py",
    "features/main.py",
)
"""The files of the user's that examples name, below ``src``."""


class GivenInputs(ml.ExecutionInput):
    """Typed inputs that examples take as given."""

    day: str
    files: list[dict[str, Any]] = [{"key": "a.csv"}]  # noqa: RUF012 - the default of a field


class World(dict[str, Any]):
    """What the examples take as given, made when an example names it."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(self=stack, ml=ml, sfn=sfn, Duration=Duration, JobDefaults=ml.JobDefaults)
        self.stack = stack
        self.code = ""
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
    "code": lambda _: ml.Code.from_asset("src/train.py"),
    "data": lambda world: ml.S3Data.from_bucket(world["bucket"], "data/"),
    "image": lambda _: IMAGE,
    "Size": lambda _: aws_cdk.Size,
    "codeartifact": lambda _: codeartifact,
    "app": lambda world: world.stack.node.root,
    "deployment": lambda world: _function(world, "GivenDeployment"),
    "bucket": lambda world: s3.Bucket(world.stack, "Given"),
    "images": lambda world: ml.S3Data.from_bucket(world["bucket"], "images/"),
    "fresh": lambda world: ml.S3Data.from_bucket(world["bucket"], "fresh/"),
    "preprocess": lambda world: ml.ProcessingJob(world.stack, "GivenPrep", image=IMAGE, outputs=["train", "test"]),
    "evaluate": lambda world: ml.ProcessingJob(world.stack, "GivenEvaluate", image=IMAGE, outputs=["metrics"]),
    "train": lambda world: ml.TrainingJob(world.stack, "GivenTrain", image=IMAGE),
    "model": lambda world: ml.CreateModel(
        world.stack, "GivenModel", image=IMAGE, data=ml.S3Data.from_object(world["bucket"], "model/model.tar.gz")
    ),
    "config": lambda world: ml.CreateEndpointConfig(world.stack, "GivenConfig", model=world["model"]),
    "deploy": lambda world: ml.DeployEndpoint(
        world.stack, "GivenDeploy", endpoint_name="churn", endpoint_config=world["config"]
    ),
    "tell": lambda world: sfn.Pass(world.stack, "GivenTell"),
    "failed": lambda world: sfn.Fail(world.stack, "GivenFailed"),
    "notify": lambda world: sfn.Pass(world.stack, "GivenNotify"),
    "group": lambda world: ml.registry.ModelPackageGroup(world.stack, "GivenGroup"),
    "register": lambda world: ml.RegisterModel(
        world.stack,
        "GivenRegister",
        group=world["group"],
        image=IMAGE,
        data=ml.S3Data.from_object(world["bucket"], "model/model.tar.gz"),
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
    "Inputs": lambda _: GivenInputs,
    "Annotated": lambda _: Annotated,
    "Doc": lambda _: Doc,
    "Ge": lambda _: Ge,
    "Le": lambda _: Le,
    "Literal": lambda _: Literal,
}


def states_of(world: World) -> list[Any]:
    """The states that an example has made itself, the first first."""
    made = [value for value in world.values() if not any(value is given for given in world.given)]
    return [value for value in made if isinstance(value, (sfn.State, sfn.StateMachineFragment))]


def run(code: str, stack: Stack, name: str = "example", **names: Any) -> World:
    """Runs an example.

    Args:
        code: The example. Three dots stand for props that it leaves out.
        stack: What ``self`` is.
        name: What it is called in tracebacks.
        names: What else it takes as given.
    """
    world = World(stack)
    world.code = code
    world.update(names)
    exec(compile(code.replace(" ...,", " image=ml.ContainerImage.sklearn('1.2-1'),"), name, "exec"), world)  # noqa: S102
    return world


def workflow_of(world: World, first: Any = None) -> None:
    """Defines a workflow around what an example defines, unless it has one.

    Args:
        world: The world after the example.
        first: The example's first state. Default: the first that it made, else the last that it took as given, else a job.
    """
    if any(isinstance(found, sfn.StateMachine) for found in world.stack.node.find_all()):
        return
    states = states_of(world)
    given = [value for value in world.given if isinstance(value, sfn.State)]
    first = first or (states[0] if states else given[-1] if given else world["train"])
    for state in states:
        if isinstance(state, (sfn.Map, sfn.DistributedMap)) and "item_processor" not in world.code:
            state.item_processor(sfn.Pass(world.stack, "Iteration"))
    # What it takes as given has run before, unless the example goes on to it itself.
    before = [state for state in given if not _leads_to(first, state)]
    begin = next((state for state in before if _leads_to(state, first)), None)
    if begin is None:
        chain: Any = None
        for state in [*before, first]:
            chain = sfn.Chain.start(state) if chain is None else chain.next(state)
        begin = chain
    ml.Workflow(world.stack, "Workflow", definition=begin)


def _leads_to(start: Any, end: Any) -> bool:
    if not isinstance(start, sfn.State):
        start = start.start_state
    return any(
        found.node.path == end.node.path
        for found in sfn.State.find_reachable_states(start, include_error_handlers=True)
    )


def simulated(world: World, script: dict[str, Any] | None = None, given: dict[str, Any] | None = None) -> Execution:
    """Runs the workflow that an example defines, or is a part of, to its end.

    Args:
        world: The world after the example.
        script: What states end with that call other services.
        given: The execution's input.
    """
    from constructs_ml.testing import simulate

    return simulate(world.stack, script, input=given or {}, strict=False)
