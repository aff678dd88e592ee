"""Every kind of job in a workflow, and every kind of fault that it can meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.testing import (
    Outcome,
    capacity,
    fails,
    internal_error,
    quota_exceeded,
    raises,
    refused,
    returns,
    stopped,
    throttled,
    times_out,
)
from support.templates import definition

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.sklearn("1.2-1")
LIMIT = Duration.hours(6)
TASK = {"task_timeout": sfn.Timeout.duration(LIMIT)}
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:sagemaker-label"
TEAM = "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team"
HANDLERS = ("TooLate", "Sorry")


def _data(scope: Any) -> ml.S3Data:
    return ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(scope, "Data", "data"), "in/")


def _tuning(scope: Any) -> Any:
    metrics = {"accuracy": "accuracy=([0-9.]+)"}
    return ml.TuningJob(
        scope,
        "Job",
        training=ml.tuning.TrainingDefinition(
            image=IMAGE, channels={"train": _data(scope)}, metric_definitions=metrics, code=None
        ),
        objective=ml.tuning.Objective.maximize("accuracy"),
        ranges={"depth": ml.tuning.IntegerRange(2, 12)},
        max_jobs=4,
        **TASK,
    )


def _labeling(scope: Any) -> Any:
    bucket = s3.Bucket.from_bucket_name(scope, "Data", "data")
    task = ml.labeling.LabelingTask(
        title="Name it",
        description="Say what it is",
        workteam_arn=TEAM,
        template=ml.S3Data.from_object(bucket, "page.html"),
        pre_annotation=FUNCTION,
        consolidation=FUNCTION,
    )
    manifest = ml.S3Data.from_object(bucket, "images.manifest")
    return ml.LabelingJob(scope, "Job", manifest=manifest, label_attribute_name="species", task=task, **TASK)


KINDS: dict[str, Callable[[Any], Any]] = {
    "ProcessingJob": lambda scope: ml.ProcessingJob(scope, "Job", image=IMAGE, outputs=["out"], **TASK),
    "TrainingJob": lambda scope: ml.TrainingJob(scope, "Job", image=IMAGE, channels={"train": _data(scope)}, **TASK),
    "TuningJob": _tuning,
    "TransformJob": lambda scope: ml.TransformJob(scope, "Job", model="churn", data=_data(scope), **TASK),
    "LabelingJob": _labeling,
    "AutoMLJob": lambda scope: ml.AutoMLJob(
        scope, "Job", problem=ml.automl.AutoMLProblem.tabular("churned"), training=_data(scope), timeout=LIMIT
    ),
    "PipelineExecution": lambda scope: ml.PipelineExecution(scope, "Job", pipeline="churn", timeout=LIMIT),
}
CACHED = ("ProcessingJob", "TrainingJob", "TuningJob", "TransformJob")
BY_LOOKING = ("AutoMLJob", "PipelineExecution")


@cache
def workflow(kind: str, *, caught: bool, cached: bool = False) -> dict[str, Any]:
    """The definition of a workflow with one job, a state after it, and a Catch of the user's or a cache if asked for."""
    stack = Stack(App(analytics_reporting=False), "Census")
    if cached:
        ml.JobDefaults(cache=ml.Cache(expires=Duration.days(30))).apply_to(stack)
    job = KINDS[kind](stack)
    if caught:
        late = ["States.Timeout", "AutoMLJobTimedOut", "PipelineExecutionTimedOut"]
        job.add_catch(sfn.Pass(stack, "TooLate"), errors=late, result_path="$.error")
        job.add_catch(sfn.Pass(stack, "Sorry"), errors=["States.ALL"], result_path="$.error")
    ml.Workflow(stack, "Machine", definition=job.next(sfn.Pass(stack, "After")))
    template: dict[str, Any] = stack.node.root.synth().get_stack_by_name("Census").template  # type: ignore[attr-defined]
    return definition(template)


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        outcomes: How attempts end.
        attempts: How often the job is tried then.
        error: The error that it ends with, as the kinds call it that Step Functions waits for; None if it succeeds.
        status: What that error is called by kinds that poll, after their name; empty if they call it the same.
        handler: Where a Catch of the user's leads; None if nothing catches it.
    """

    outcomes: Outcome | list[Outcome]
    attempts: int
    error: str | None
    status: str = ""
    handler: str | None = "Sorry"

    def error_of(self, kind: str) -> str | None:
        """The error as a kind of job calls it."""
        if kind not in BY_LOOKING or self.error is None:
            return self.error
        if self.status:
            return f"{kind}{self.status}"
        return self.error.replace("AmazonSageMakerException", "SageMakerException")


THROTTLED = "SageMaker.AmazonSageMakerException"
FAILED = "States.TaskFailed"
FAULTS: dict[str, Fault] = {
    "none": Fault([], 1, None),
    "throttled": Fault([throttled(6)], 7, None),
    "throttled too long": Fault([throttled(7)], 7, THROTTLED),
    "quota": Fault([quota_exceeded(20)], 21, None),
    "quota too long": Fault([quota_exceeded(21)], 21, "SageMaker.ResourceLimitExceededException"),
    "throttled and quota": Fault([throttled(3), quota_exceeded(4), throttled(3)], 11, None),
    "no capacity": Fault([capacity(1)], 1, FAILED, "Failed"),
    "internal error": Fault([internal_error(1)], 1, FAILED, "Failed"),
    "algorithm error": Fault([fails("AlgorithmError: bad data")], 1, FAILED, "Failed"),
    "client error": Fault([fails("ClientError: no such file")], 1, FAILED, "Failed"),
    "fails after throttling": Fault([throttled(2), fails("AlgorithmError: bad data", after=60)], 3, FAILED, "Failed"),
    "validation": Fault([refused("ValidationException", times=7)], 7, THROTTLED),
    "access denied": Fault([refused("AccessDeniedException", times=7)], 7, THROTTLED),
    "not found": Fault([refused("ResourceNotFound")], 1, "SageMaker.ResourceNotFoundException"),
    "in use": Fault([refused("ResourceInUse")], 1, "SageMaker.ResourceInUseException"),
    "stopped": Fault([stopped(after=60)], 1, FAILED, "Stopped"),
    "too late": Fault([times_out()], 1, "States.Timeout", "TimedOut", handler="TooLate"),
    "too large": Fault([returns({"FailureReason": "x" * 300_000})], 1, "States.DataLimitExceeded", handler=None),
    "runtime": Fault([raises("States.Runtime")], 1, "States.Runtime", handler=None),
}
