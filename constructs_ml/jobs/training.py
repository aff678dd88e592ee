"""A SageMaker training job as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.expressions import Path
from constructs_ml.jobs.channel import channels_request
from constructs_ml.jobs.data import S3Data, written_by_execution
from constructs_ml.jobs.draft import Draft
from constructs_ml.jobs.instances import instances_request
from constructs_ml.jobs.job import Job
from constructs_ml.jobs.options import InputMode, api_value
from constructs_ml.jobs.values import number_to_text
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.jobs.channel import TrainingChannel
    from constructs_ml.jobs.code import Code
    from constructs_ml.jobs.image import ContainerImage
    from constructs_ml.jobs.props import JobProps

MAX_RUNTIME_SECONDS = 86_400
"""SageMaker's own default, written out because spot training needs it to be."""


class TrainingJob(Job):
    """Defines a state that runs a SageMaker training job and, by default, waits for it.

    ::

        train = ml.TrainingJob(
            self, "Train",
            image=ml.ContainerImage.sklearn("1.2-1"),
            code=ml.Code.from_asset("src/train.py"),
            channels={"train": preprocess.output("train")},
            hyperparameters={"max_depth": 6},
        )

    Its result is that of DescribeTrainingJob. Source of members and limits: the CreateTrainingJob API.
    """

    kind = JobKind.TRAINING

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage | None = None,
        algorithm: str | None = None,
        code: Code | None = None,
        entrypoint: Sequence[str] | None = None,
        arguments: Sequence[str] = (),
        channels: Mapping[str, S3Data | TrainingChannel] | None = None,
        input_mode: InputMode | str = InputMode.FILE,
        hyperparameters: Mapping[str, str | float] | None = None,
        metric_definitions: Mapping[str, str] | None = None,
        time_series_metrics: bool | None = None,
        output: S3Data | None = None,
        output_compression: str | None = None,
        spot: bool | None = None,
        max_wait: Duration | str | None = None,
        checkpoint: S3Data | None = None,
        checkpoint_path: str | None = None,
        retry_attempts: int | str | None = None,
        **props: Unpack[JobProps],
    ) -> None:
        """Defines the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            image: The image that it runs in; or else an algorithm.
            algorithm: The name or ARN of an algorithm resource, instead of an image.
            code: The script that a framework image runs (script mode). Default: what the image runs.
            entrypoint: What the container runs instead of the image's own entry point.
            arguments: The arguments of the entry point.
            channels: What it reads, by name; found at ``/opt/ml/input/data/<name>``.
            input_mode: How the channels reach the container.
            hyperparameters: The script gets each as ``--<name> <value>``, at most 100.
            metric_definitions: Regular expressions that find metrics in the log, by the metric's name, at most 40.
            time_series_metrics: Whether metrics are shown over time. Default: SageMaker decides.
            output: Where ``<job name>/output/model.tar.gz`` goes. Default: a place of the execution's own.
            output_compression: ``GZIP`` or ``NONE``. Default: ``GZIP``.
            spot: Whether it runs on spot instances, and goes on from its checkpoint after an interruption.
            max_wait: How long it may wait for spot instances and run. Default: twice ``max_runtime``.
            checkpoint: Where checkpoints are kept. Default: with spot, a place of the execution's own; else none.
            checkpoint_path: Where the container keeps them. Default: ``/opt/ml/checkpoints``.
            retry_attempts: How often SageMaker itself starts the job again after an internal error, at most 30.
            props: What all jobs take: :class:`~constructs_ml.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        draft = Draft(self.kind, scope, construct_id, props)
        if (image is None) == (algorithm is None):
            draft.faults.add("image", "or algorithm must be given, and only one of them", "pass image=")
        bound = None if image is None else draft.image(image, "training")
        script = None if code is None else code.for_training(draft.home, draft.faults)
        destination = draft.writes(output or written_by_execution(draft.home, draft.part, ""))
        if not destination.objects and draft.derives_role:
            draft.unknown_location("output")
        parameters: dict[str, str | Runtime] = {name: _text(value) for name, value in (hyperparameters or {}).items()}
        if script is not None:
            draft.access.reads += script.archive.objects
            parameters |= script.hyperparameters(draft.home.of_stack.place.region)
        draft.access.publishes_metrics = bool(metric_definitions)
        draft.members |= _MEMBERS
        super().__init__(
            draft,
            {
                "AlgorithmSpecification": {
                    "TrainingImage": None if bound is None else bound.uri,
                    "AlgorithmName": algorithm,
                    "TrainingInputMode": api_value(input_mode),
                    "MetricDefinitions": _metrics(metric_definitions),
                    "EnableSageMakerMetricsTimeSeries": time_series_metrics,
                    "ContainerEntrypoint": None if entrypoint is None else list(entrypoint),
                    "ContainerArguments": list(arguments) or None,
                },
                "InputDataConfig": channels_request(channels or {}, draft) or None,
                "OutputDataConfig": {
                    "S3OutputPath": destination.location,
                    "KmsKeyId": draft.output_key_arn(),
                    "CompressionType": output_compression,
                },
                "ResourceConfig": instances_request(draft),
                "StoppingCondition": _stopping(draft, spot=bool(spot), max_wait=max_wait),
                "HyperParameters": parameters or None,
                "Environment": draft.environment(),
                "VpcConfig": draft.vpc_config(),
                "EnableNetworkIsolation": draft.flag("network_isolation"),
                "EnableInterContainerTrafficEncryption": draft.flag("encrypt_inter_container_traffic"),
                "EnableManagedSpotTraining": spot,
                "CheckpointConfig": _checkpoints(draft, checkpoint, checkpoint_path, spot=bool(spot)),
                "RetryStrategy": None if retry_attempts is None else {"MaximumRetryAttempts": retry_attempts},
                "ExperimentConfig": draft.experiment(),
                "Tags": draft.tags(),
            },
        )
        self._destination = destination

    @property
    def model_artifacts(self) -> S3Data:
        """The job's ``model.tar.gz``, for the states after it."""
        path = self._result.jsonpath(self._refer("ModelArtifacts.S3ModelArtifacts"))
        return S3Data(Path(path), self._destination.objects)


_MEMBERS = {
    "AlgorithmSpecification.AlgorithmName": "algorithm",
    "AlgorithmSpecification.ContainerArguments": "arguments",
    "AlgorithmSpecification.ContainerEntrypoint": "entrypoint",
    "AlgorithmSpecification.MetricDefinitions": "metric_definitions",
    "AlgorithmSpecification.TrainingImage": "image",
    "AlgorithmSpecification.TrainingInputMode": "input_mode",
    "CheckpointConfig.LocalPath": "checkpoint_path",
    "CheckpointConfig.S3Uri": "checkpoint",
    "HyperParameters": "hyperparameters",
    "InputDataConfig": "channels",
    "OutputDataConfig.CompressionType": "output_compression",
    "OutputDataConfig.S3OutputPath": "output",
    "ResourceConfig.InstanceCount": "instance_count",
    "ResourceConfig.InstancePreferences": "instance_preferences",
    "ResourceConfig.InstanceType": "instance_type",
    "ResourceConfig.VolumeSizeInGB": "volume_size",
    "RetryStrategy.MaximumRetryAttempts": "retry_attempts",
    "StoppingCondition.MaxRuntimeInSeconds": "max_runtime",
    "StoppingCondition.MaxWaitTimeInSeconds": "max_wait",
    "TrainingJobName": "job_name",
}


def _text(value: object) -> Any:  # noqa: ANN401 - a text or a runtime value
    """A hyperparameter as the API takes it: a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    known_later = number_to_text(value)
    return str(value) if known_later is value else known_later


def _metrics(definitions: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    return [{"Name": name, "Regex": regex} for name, regex in (definitions or {}).items()] or None


def _stopping(draft: Draft, *, spot: bool, max_wait: Duration | str | None) -> dict[str, Any]:
    seconds = draft.seconds("max_runtime")
    runtime = MAX_RUNTIME_SECONDS if seconds is None else seconds
    if not spot:
        if max_wait is not None:
            draft.faults.add("max_wait", "is for spot training only", "pass spot=True or leave it out")
        return {"MaxRuntimeInSeconds": runtime}
    wait: Any = max_wait
    if max_wait is None:
        if isinstance(runtime, str):
            draft.faults.add("max_wait", "must be given when max_runtime is known only at run time", "pass max_wait=")
        else:
            wait = 2 * runtime
    elif not isinstance(max_wait, str):
        wait = cast("Any", max_wait).to_seconds()
        if not isinstance(runtime, str) and wait < runtime:
            draft.faults.add("max_wait", f"must be at least max_runtime, {runtime} s, got {wait} s", "make it longer")
    return {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": wait}


def _checkpoints(draft: Draft, checkpoint: S3Data | None, path: str | None, *, spot: bool) -> dict[str, Any] | None:
    if checkpoint is None and not spot:
        if path is not None:
            draft.faults.add("checkpoint_path", "needs a checkpoint", "pass checkpoint= or spot=True")
        return None
    kept = draft.writes(checkpoint or written_by_execution(draft.home, draft.part, "checkpoints"))
    draft.access.reads += kept.objects
    return {"S3Uri": kept.location, "LocalPath": path}
