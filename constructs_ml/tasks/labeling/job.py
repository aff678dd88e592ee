"""A SageMaker Ground Truth labeling job as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.execution_role import permissions_for, role_of_kind
from constructs_ml.core.job_spec import JobSpec, RoleJobSpec, volume_key_arn
from constructs_ml.core.job_task import RoleJob, SyncJob
from constructs_ml.core.network import vpc_members
from constructs_ml.core.props import NetworkProps, RunProps
from constructs_ml.core.s3_data import S3Data, written_by_execution
from constructs_ml.iam.job_role import write_logs
from constructs_ml.iam.resources import in_lower_case, pass_role
from constructs_ml.iam.statements import Statement
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyKey, AnyRole, AnyTopic
    from constructs_ml.core.enums import ContentClassifier
    from constructs_ml.iam.resources import Place
    from constructs_ml.tasks.labeling.task import AutomatedLabeling, LabelingTask


# What a labeling job needs beside its data.
#
# Source: "Create a SageMaker AI Execution Role for a Ground Truth Labeling Job" of the SageMaker developer guide, narrowed
# to what the job names.

MANAGE_QUEUE = (
    "sqs:CreateQueue",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
)


def allow_labeling(spec: JobSpec, *, automated: bool) -> None:
    """Declare the metrics of the workers and, for automated labeling, the jobs that SageMaker starts for it.

    Where the buckets are is asked for those that the job has declared to read and write.
    """
    # PutMetricData has no resource to narrow it to.
    namespaces = ["/aws/sagemaker/*", "AWS/SageMaker*", "aws/sagemaker*"]
    only = {"StringLike": {"cloudwatch:namespace": namespaces}}
    spec.access.other.append(Statement(("cloudwatch:PutMetricData",), ("*",), only))
    places = [*spec.access.reads, *spec.access.writes]
    if buckets := tuple(dict.fromkeys(objects.bucket_arn for objects in places)):
        spec.access.other.append(Statement(("s3:GetBucketLocation",), buckets))
    if automated:
        role_arn = permissions_for(spec.context, spec.props.get("role")).role_arn
        spec.access.other.append(pass_role(role_arn))
        # Of the jobs that learn to label, and that label.
        groups = (JobKind.TRAINING.log_group, JobKind.TRANSFORM.log_group)
        spec.access.other.append(write_logs(spec.context.of_stack.place, *groups))


def streaming_statements(
    source: AnyTopic | None, sink: AnyTopic | None, names: str, place: Place
) -> Iterator[Statement]:
    """Yield the statements for the topics of a job that runs until it is stopped, and for Ground Truth's queue.

    Args:
        source: Sends the objects.
        sink: The topic that each label is announced to.
        names: The pattern of the job's names; the queue is named after it, in lower case.
        place: Where it runs.
    """
    if source is not None:
        queues = place.arn("sqs", f"GroundTruth-{in_lower_case(names)}")
        yield Statement(MANAGE_QUEUE, (queues,))
        to_queue = {"StringEquals": {"sns:Protocol": "sqs"}, "StringLike": {"sns:Endpoint": queues}}
        yield Statement(("sns:Subscribe",), (source.topic_arn,), to_queue)
        yield Statement(("sns:Unsubscribe",), (source.topic_arn,))
    if sink is not None:
        yield Statement(("sns:Publish",), (sink.topic_arn,))


class LabelingProps(RunProps, NetworkProps, total=False):
    """Props of labeling jobs: those of every job that they have, and those that few of them need."""

    role: AnyRole
    """The role that the job runs under; it is granted what the job declares. Default: one that the stack's jobs share."""
    output_key: AnyKey
    """The KMS key of the labels. Default: the bucket's encryption."""
    volume_key: AnyKey
    """The KMS key of the volumes that automated labeling uses. Default: SageMaker's own key."""
    content_classifiers: Sequence[ContentClassifier | str]
    """``FreeOfPersonallyIdentifiableInformation`` or ``FreeOfAdultContent``. Default: nothing is declared."""
    input_topic: AnyTopic
    """The topic that sends objects to a job that runs until it is stopped. Default: the job ends with its manifest."""
    output_topic: AnyTopic
    """The topic that each label is announced to. Default: none."""
    max_human_labeled_objects: int | str
    """The job ends after people have labeled so many objects. Default: it goes on."""
    max_percentage_labeled: int | str
    """The job ends after so much of the objects is labeled, 1-100. Default: it goes on."""
    automated: AutomatedLabeling
    """Lets SageMaker label what it has learned to label. Default: people label everything."""


class LabelingJob(SyncJob, RoleJob):
    """Defines a state that has people label data and, by default, waits for them: for weeks, if need be.

    ::

        label = ml.LabelingJob(
            self, "Label",
            manifest=ml.S3Data.from_manifest(bucket, "images.manifest", lists=[images], augmented=True),
            label_attribute_name="species",
            label_categories=ml.S3Data.from_object(bucket, "species.json"),
            task=ml.labeling.LabelingTask(
                title="Name the species",
                description="Look at the picture and choose a species",
                workteam_arn=team.attr_workteam_arn,
                template=ml.S3Data.from_object(bucket, "species.liquid.html"),
                pre_annotation=prepare,
                consolidation=consolidate,
            ),
        )

    Its result is that of DescribeLabelingJob. Source of members and limits: the CreateLabelingJob API. Ground Truth is
    no longer open to accounts that have not used it.
    """

    kind = JobKind.LABELING

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        task: LabelingTask,
        label_attribute_name: str,
        manifest: S3Data | None = None,
        label_categories: S3Data | None = None,
        output: S3Data | None = None,
        **props: Unpack[LabelingProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            task: The task that workers get.
            label_attribute_name: The name of the label in the output manifest.
            manifest: The manifest of the objects. Default: an ``input_topic`` sends them.
            label_categories: The file with the categories. Default: the task has none.
            output: Where the labels go. Default: a location unique to the execution.
            props: The rarer props of labeling jobs, and those of all jobs:
                :class:`~constructs_ml.labeling.LabelingProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = RoleJobSpec(self.kind, scope, construct_id, props, known=LabelingProps)
        spec.members |= _MEMBERS
        destination = spec.writes(output or written_by_execution(spec.context, spec.part, ""))
        # Workers' answers are read back to be consolidated.
        spec.access.reads += destination.objects
        for place in (manifest, label_categories):
            spec.access.reads += () if place is None else place.objects
        _check(spec, {"manifest": manifest, "label_categories": label_categories, "output": destination})
        human_task = task.to_request(spec)
        if spec.derives_role:
            spec.props = {**spec.props, "role": role_of_kind(spec.context, "Labeling")}
        allow_labeling(spec, automated=props.get("automated") is not None)
        super().__init__(
            spec,
            {
                "LabelAttributeName": label_attribute_name,
                "InputConfig": _input_config(spec, manifest),
                "OutputConfig": {
                    "S3OutputPath": destination.location,
                    "KmsKeyId": spec.output_key_arn,
                    "SnsTopicArn": props["output_topic"].topic_arn if props.get("output_topic") else None,
                },
                "LabelCategoryConfigS3Uri": None if label_categories is None else label_categories.location,
                "StoppingConditions": _stopping(spec),
                "LabelingJobAlgorithmsConfig": _automated(spec),
                "HumanTaskConfig": human_task,
                "Tags": spec.tags(),
            },
        )
        self._output = destination
        streaming = streaming_statements(
            props.get("input_topic"), props.get("output_topic"), spec.names, spec.context.of_stack.place
        )
        permissions_for(spec.context, spec.props.get("role")).allow(streaming)

    @property
    def output_location(self) -> S3Data:
        """The place of the labels, ``<job name>/manifests/output/output.manifest``, for the states after it.

        Raises:
            InvalidPropsError: If the job was defined by its request, from which nothing is derived.
        """
        return self._known_output()


RESOURCES = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig"
_MEMBERS = {
    "HumanTaskConfig": "task",
    "InputConfig.DataAttributes.ContentClassifiers": "content_classifiers",
    "InputConfig.DataSource.S3DataSource.ManifestS3Uri": "manifest",
    "InputConfig.DataSource.SnsDataSource": "input_topic",
    "LabelAttributeName": "label_attribute_name",
    "LabelCategoryConfigS3Uri": "label_categories",
    "LabelingJobAlgorithmsConfig": "automated",
    RESOURCES: RESOURCES,
    f"{RESOURCES}.VolumeKmsKeyId": "volume_key",
    **vpc_members(f"{RESOURCES}.VpcConfig"),
    "LabelingJobName": "job_name",
    "OutputConfig.KmsKeyId": "output_key",
    "OutputConfig.S3OutputPath": "output",
    "OutputConfig.SnsTopicArn": "output_topic",
    "StoppingConditions.MaxHumanLabeledObjectCount": "max_human_labeled_objects",
    "StoppingConditions.MaxPercentageOfInputDatasetLabeled": "max_percentage_labeled",
}


def _check(spec: JobSpec, places: dict[str, S3Data | None]) -> None:
    if places["manifest"] is None and spec.props.get("input_topic") is None:
        fix = "pass manifest=S3Data.from_object(...)"
        spec.faults.add("manifest", "or input_topic is required, got neither", fix)
    for member, place in places.items():
        if place is not None and not place.objects and spec.derives_role:
            spec.unknown_location(member)
    if spec.props.get("automated") is None:
        for name in ("volume_key", "vpc"):
            if spec.props.get(name) is not None:
                spec.faults.add(name, "is for automated labeling only", "pass automated= or leave it out")


def _input_config(spec: JobSpec, manifest: S3Data | None) -> dict[str, Any]:
    topic, classifiers = spec.props.get("input_topic"), spec.props.get("content_classifiers")
    return {
        "DataSource": {
            "S3DataSource": None if manifest is None else {"ManifestS3Uri": manifest.location},
            "SnsDataSource": None if topic is None else {"SnsTopicArn": topic.topic_arn},
        },
        "DataAttributes": None if classifiers is None else {"ContentClassifiers": list(classifiers)},
    }


def _stopping(spec: JobSpec) -> dict[str, Any] | None:
    conditions = {
        "MaxHumanLabeledObjectCount": spec.props.get("max_human_labeled_objects"),
        "MaxPercentageOfInputDatasetLabeled": spec.props.get("max_percentage_labeled"),
    }
    return conditions if any(value is not None for value in conditions.values()) else None


def _automated(spec: JobSpec) -> dict[str, Any] | None:
    automated = spec.props.get("automated")
    if automated is None:
        return None
    resources = {"VolumeKmsKeyId": volume_key_arn(spec), "VpcConfig": spec.vpc_config()}
    return {
        "LabelingJobAlgorithmSpecificationArn": automated.algorithm_arn,
        "InitialActiveLearningModelArn": automated.initial_model_arn,
        "LabelingJobResourceConfig": resources if any(resources.values()) else None,
    }
