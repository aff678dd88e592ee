"""Legal workflows at random: chains of all jobs, Choice, Catch, Parallel, Map, Wait, Pass and Lambda, nested.

Hypothesis draws a plan, plain data that it can shrink; :class:`PlannedStack` makes constructs of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge
from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from hypothesis import strategies as st

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

_REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine"
IMAGE = ml.ContainerImage.from_registry(f"{_REPOSITORY}:1")
PINNED = ml.ContainerImage.from_registry(f"{_REPOSITORY}@sha256:{'0' * 64}")
DATA = ml.S3Data.from_uri("s3://data/in/")
JOBS = ("processing", "training", "tuning", "transform", "labeling", "automl", "pipeline", "model", "deploy", "monitor")
OTHERS = ("wait", "pass", "lambda")


@dataclass(frozen=True)
class Step:
    """A step of a plan.

    Attributes:
        kind: One of JOBS and OTHERS, or ``choice``, ``parallel``, ``map``, ``distributed``.
        inner: The chains inside it.
        catch: Whether its errors are caught.
        retry: Whether a retry of the user's is added.
        joins: Of a choice, whether its ways meet again.
    """

    kind: str
    inner: tuple[tuple[Step, ...], ...] = ()
    catch: bool = False
    retry: bool = False
    joins: bool = True


@dataclass(frozen=True)
class Plan:
    """A workflow to be made.

    Attributes:
        steps: Its steps.
        jsonata: Whether it is in JSONata.
        cache: Whether its jobs are cached.
    """

    steps: tuple[Step, ...]
    jsonata: bool
    cache: bool = False

    @property
    def inputs(self) -> bool:
        """True if it has typed inputs, which its processing jobs read wherever they are: every plan of an odd number of steps."""
        return _count(self.steps) % 2 == 1


def _count(steps: tuple[Step, ...]) -> int:
    return sum(1 + sum(map(_count, step.inner)) for step in steps)


class PlannedInputs(ml.ExecutionInput, closed=False):
    """The inputs of a plan, beside what decides its ways."""

    id: str = "1"
    year: Annotated[int, Ge(0)] = 1994


def _chains(step: st.SearchStrategy[Step]) -> st.SearchStrategy[tuple[Step, ...]]:
    return st.lists(step, min_size=1, max_size=3).map(tuple)


def _nested(step: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    several = st.lists(_chains(step), min_size=2, max_size=3).map(tuple)
    one = _chains(step).map(lambda chain: (chain,))
    return st.one_of(
        st.builds(Step, st.just("choice"), several, joins=st.booleans()),
        st.builds(Step, st.just("parallel"), several, catch=st.booleans(), retry=st.booleans()),
        st.builds(Step, st.just("map"), one, catch=st.booleans()),
        st.builds(Step, st.just("distributed"), one, catch=st.booleans()),
    )


SIMPLE = st.one_of(
    st.builds(Step, st.sampled_from(JOBS), catch=st.booleans(), retry=st.booleans()),
    st.builds(Step, st.sampled_from(OTHERS)),
)
PLANS = st.builds(Plan, _chains(st.recursive(SIMPLE, _nested, max_leaves=8)), st.booleans(), st.booleans())


class PlannedStack(Stack):
    """A plan as a stack."""

    def __init__(self, scope: Construct, construct_id: str, plan: Plan) -> None:
        super().__init__(scope, construct_id)
        self.plan = plan
        self.language = sfn.QueryLanguage.JSONATA if plan.jsonata else sfn.QueryLanguage.JSON_PATH
        self._count = 0
        self._function: lambda_.IFunction | None = None
        self.image = PINNED if plan.cache else IMAGE
        cache = ml.Cache(expires=Duration.days(30)) if plan.cache else None
        ml.JobDefaults(query_language=self.language, cache=cache).apply_to(self)
        self.inputs = PlannedInputs if plan.inputs else None
        definition = self.chain(self, plan.steps)
        ml.Workflow(self, "Workflow", definition=definition, inputs=self.inputs, query_language=self.language)

    def chain(self, scope: Construct, steps: tuple[Step, ...]) -> sfn.Chain:
        """A chain of states; what follows a choice whose ways do not meet again is left out."""
        first = self.made(scope, steps[0])
        found = sfn.Chain.start(first)
        for before, step in pairwise(steps):
            if before.kind == "choice" and not before.joins:
                break
            found = found.next(self.made(scope, step))
        return found

    def made(self, scope: Construct, step: Step) -> Any:
        """The state, or the states, of a step."""
        self._count += 1
        name = f"{step.kind.title()}{self._count}"
        maker: Callable[[Construct, str, Step], Any] = getattr(self, f"_{step.kind}", self._job)
        state = maker(scope, name, step)
        if step.retry:
            state.add_retry(errors=["States.Timeout"], max_attempts=1)
        if step.catch:
            self._count += 1
            caught: Any = {} if self.plan.jsonata else {"result_path": f"$.Error{self._count}"}
            state.add_catch(sfn.Fail(scope, f"Failed{self._count}"), errors=["States.ALL"], **caught)
        return state

    def _job(self, scope: Construct, name: str, step: Step) -> Any:
        channels: dict[str, Any] = {"image": self.image, "channels": {"train": DATA}}
        read = {"ID": PlannedInputs.id, "YEAR": f"{PlannedInputs.year}"} if self.plan.inputs else {}
        definition = ml.tuning.TrainingDefinition(metric_definitions={"loss": "l=(.*)"}, **channels)
        makers: dict[str, Callable[[], Any]] = {
            "processing": lambda: ml.ProcessingJob(
                scope, name, image=self.image, inputs={"raw": DATA}, outputs=["out"], environment=read
            ),
            "training": lambda: ml.TrainingJob(scope, name, hyperparameters={"depth": 3}, **channels),
            "tuning": lambda: ml.TuningJob(
                scope,
                name,
                training=definition,
                objective=ml.tuning.Objective.minimize("loss"),
                ranges={"depth": ml.tuning.IntegerRange(1, 9)},
                max_jobs=4,
            ),
            "transform": lambda: ml.TransformJob(scope, name, model="mine", data=DATA),
            "labeling": lambda: ml.LabelingJob(scope, name, **_labeling()),
            "automl": lambda: ml.AutoMLJob(
                scope, name, training=DATA, problem=ml.automl.AutoMLProblem.tabular("species")
            ),
            "pipeline": lambda: ml.PipelineExecution(scope, name, pipeline="census"),
            "model": lambda: ml.CreateModel(scope, name, image=IMAGE),
            "deploy": lambda: ml.DeployEndpoint(scope, name, endpoint_config="census-1"),
            "monitor": lambda: ml.ModelMonitorJob(scope, name, dataset=DATA),
        }
        return makers[step.kind]()

    def _wait(self, scope: Construct, name: str, _: Step) -> Any:
        return sfn.Wait(scope, name, time=sfn.WaitTime.duration(Duration.minutes(1)))

    def _pass(self, scope: Construct, name: str, _: Step) -> Any:
        if self.plan.jsonata:
            outputs = f"{{% $merge([$states.input, {{'{name}': {{'seen': true}}}}]) %}}"
            return sfn.Pass.jsonata(scope, name, outputs=outputs)
        return sfn.Pass(scope, name, result=sfn.Result.from_object({"seen": True}), result_path=f"$.{name}")

    def _lambda(self, scope: Construct, name: str, _: Step) -> Any:
        if self._function is None:
            arn = f"arn:aws:lambda:{self.region}:{self.account}:function:f"
            self._function = lambda_.Function.from_function_attributes(
                self, "Function", function_arn=arn, same_environment=True
            )
        if self.plan.jsonata:
            return tasks.LambdaInvoke.jsonata(
                scope,
                name,
                lambda_function=self._function,
                outputs=f"{{% $merge([$states.input, {{'{name}': $states.result.Payload}}]) %}}",
            )
        return tasks.LambdaInvoke(scope, name, lambda_function=self._function, result_path=f"$.{name}")

    def _choice(self, scope: Construct, name: str, step: Step) -> Any:
        make = sfn.Choice.jsonata if self.plan.jsonata else sfn.Choice
        choice = make(scope, name)
        *ways, otherwise = [self.chain(scope, chain) for chain in step.inner]
        for at, way in enumerate(ways):
            choice.when(self._condition(f"way{at}"), way)
        choice.otherwise(otherwise)
        return choice.afterwards() if step.joins else choice

    def _condition(self, name: str) -> sfn.Condition:
        if self.plan.jsonata:
            return sfn.Condition.jsonata(f"{{% $exists($states.input.{name}) and $states.input.{name} = 'yes' %}}")
        there = sfn.Condition.is_present(f"$.{name}")
        return sfn.Condition.and_(there, sfn.Condition.string_equals(f"$.{name}", "yes"))

    def _parallel(self, scope: Construct, name: str, step: Step) -> Any:
        if self.plan.jsonata:
            parallel = sfn.Parallel.jsonata(scope, name, outputs="{% $states.input %}")
        else:
            parallel = sfn.Parallel(scope, name, result_path=sfn.JsonPath.DISCARD)
        for chain in step.inner:
            parallel.branch(self.chain(scope, chain))
        return parallel

    def _map(self, scope: Construct, name: str, step: Step) -> Any:
        if self.plan.jsonata:
            items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.parts %}")
            made = ml.Map(scope, name, items=items, outputs="{% $states.input %}", query_language=self.language)
        else:
            made = ml.Map(scope, name, items_path="$$.Execution.Input.parts", result_path=sfn.JsonPath.DISCARD)
        return made.item_processor(self.chain(made, step.inner[0]))

    def _distributed(self, scope: Construct, name: str, step: Step) -> Any:
        if self.plan.jsonata:
            items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.parts %}")
            options: Any = {"items": items, "outputs": "{% $states.input %}", "query_language": self.language}
        else:
            options = {"items_path": "$$.Execution.Input.parts", "result_path": sfn.JsonPath.DISCARD}
        made = ml.DistributedMap(scope, name, inputs=self.inputs, **options)
        return made.item_processor(self.chain(made, step.inner[0]))


def _labeling() -> dict[str, Any]:
    region = "arn:aws:sagemaker:us-east-1:111122223333"
    task = ml.labeling.LabelingTask(
        template=ml.S3Data.from_uri("s3://data/task.html"),
        title="Name it",
        description="Say what it is",
        workteam_arn=f"{region}:workteam/private-crowd/team",
        pre_annotation="arn:aws:lambda:us-east-1:111122223333:function:PRE-it",
        consolidation="arn:aws:lambda:us-east-1:111122223333:function:ACS-it",
        workers_per_object=1,
        time_limit=Duration.minutes(10),
    )
    return {"label_attribute_name": "species", "manifest": ml.S3Data.from_uri("s3://data/m.manifest"), "task": task}
