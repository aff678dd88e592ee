"""The task of the people in a labeling job, and SageMaker's own labeling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.requests import seconds
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_lambda as lambda_

    from constructs_ml.core.cdk_types import AnyFunction
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.s3_data import S3Data


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPrice:
    """The pay of a worker of Amazon Mechanical Turk for a task, in US dollars.

    Attributes:
        dollars: 0-2.
        cents: 0-99.
        tenths_of_a_cent: 0-9.
    """

    dollars: int | str | None = None
    cents: int | str | None = None
    tenths_of_a_cent: int | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``PublicWorkforceTaskPrice``."""
        return {
            "AmountInUsd": {
                "Dollars": self.dollars,
                "Cents": self.cents,
                "TenthFractionsOfACent": self.tenths_of_a_cent,
            }
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingTask:
    """The task that each worker gets.

    Attributes:
        title: The title that workers see, at most 128 characters.
        description: The description, at most 255 characters.
        workteam_arn: The team that does it.
        template: The page that shows it, in S3; or else ``human_task_ui_arn``.
        human_task_ui_arn: The page that SageMaker has for named entities, point clouds and video.
        pre_annotation: The Lambda function that prepares each task, or the ARN of one of SageMaker's. Default: none.
        consolidation: The Lambda function that makes one label of several answers, or the ARN of one of SageMaker's.
            Default: none.
        workers_per_object: How many workers label each object, 1-9.
        time_limit: How long a worker may take. Default: 1 hour.
        availability: How long a task waits for a worker. Default: SageMaker's choice by the kind of team.
        max_concurrent_tasks: How many objects are labeled at the same time. Default: 1000.
        keywords: The keywords by which workers of Mechanical Turk find it, at most 5. Default: none.
        price: The price that workers of Mechanical Turk get for it. Default: none.
    """

    title: str
    description: str
    workteam_arn: str
    template: S3Data | None = None
    human_task_ui_arn: str | None = None
    pre_annotation: AnyFunction | str | None = None
    consolidation: AnyFunction | str | None = None
    workers_per_object: int | str = 1
    time_limit: Duration | str | None = None
    availability: Duration | str | None = None
    max_concurrent_tasks: int | str | None = None
    keywords: Sequence[str] = ()
    price: TaskPrice | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``HumanTaskConfig``; what it needs is declared."""
        if (self.template is None) == (self.human_task_ui_arn is None):
            fix = "pass ml.labeling.LabelingTask(template=S3Data.from_object(...))"
            spec.faults.add("task.template", "or human_task_ui_arn is required, and only one of them", fix)
        if self.template is not None:
            spec.access.reads += self.template.objects
        consolidation = _function(spec, self.consolidation, "task.consolidation")
        return {
            "WorkteamArn": self.workteam_arn,
            "UiConfig": {
                "UiTemplateS3Uri": None if self.template is None else self.template.location,
                "HumanTaskUiArn": self.human_task_ui_arn,
            },
            "PreHumanTaskLambdaArn": _function(spec, self.pre_annotation, "task.pre_annotation"),
            "TaskKeywords": list(self.keywords) or None,
            "TaskTitle": self.title,
            "TaskDescription": self.description,
            "NumberOfHumanWorkersPerDataObject": self.workers_per_object,
            "TaskTimeLimitInSeconds": TIME_LIMIT_SECONDS if self.time_limit is None else seconds(self.time_limit),
            "TaskAvailabilityLifetimeInSeconds": seconds(self.availability),
            "MaxConcurrentTaskCount": self.max_concurrent_tasks,
            "AnnotationConsolidationConfig": consolidation and {"AnnotationConsolidationLambdaArn": consolidation},
            "PublicWorkforceTaskPrice": None if self.price is None else self.price.to_request(),
        }


TIME_LIMIT_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomatedLabeling:
    """Lets SageMaker label the objects that it has learned to label.

    Attributes:
        algorithm_arn: The algorithm for the kind of labels.
        initial_model_arn: The model of an earlier labeling job that it starts from. Default: none.
    """

    algorithm_arn: str
    initial_model_arn: str | None = None


def _function(spec: JobSpec, function: lambda_.IFunction | str | None, member: str) -> str | None:
    """The ARN of a Lambda function; that it is invoked is declared."""
    if function is None:
        return None
    arn = function if isinstance(function, str) else function.function_arn
    known = parse_text(arn)
    if not isinstance(known, Runtime):
        spec.access.other.append(Statement(("lambda:InvokeFunction",), (known,)))
    elif spec.derives_role:
        problem = "is known only at run time, so no permission can be derived from it"
        spec.faults.add(member, problem, "pass role= with the permission to invoke it")
    return arn
