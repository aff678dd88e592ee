"""The part of a request that training jobs and the trials of tuning jobs share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.dynamic import is_dynamic, is_whole
from constructs_ml.asl.expressions import Expression, Path, merged
from constructs_ml.asl.input_member import doubled
from constructs_ml.core.enums import InputMode, api_value
from constructs_ml.core.packages import refuse_without_network
from constructs_ml.core.requests import seconds
from constructs_ml.core.s3_data import S3Data, written_by_execution
from constructs_ml.core.values import hyperparameter_text, parse_runtime_values
from constructs_ml.sagemaker.script_mode import CODE_CHANNEL, PROGRAM, SUBMIT_DIRECTORY
from constructs_ml.tasks.training.channel import channels_request, code_channel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration

    from constructs_ml.core.code import Code, TrainingCode
    from constructs_ml.core.enums import OutputCompression
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.requests import Whole
    from constructs_ml.tasks.training.channel import Channels

MAX_RUNTIME_SECONDS = 86_400
"""SageMaker's own default, written out because spot training needs it to be."""

MEMBERS = {
    "AlgorithmSpecification.AlgorithmName": "algorithm",
    "AlgorithmSpecification.MetricDefinitions": "metric_definitions",
    "AlgorithmSpecification.TrainingImage": "image",
    "AlgorithmSpecification.TrainingInputMode": "input_mode",
    "CheckpointConfig.LocalPath": "checkpoint_path",
    "CheckpointConfig.S3Uri": "checkpoint",
    "EnableInterContainerTrafficEncryption": "encrypt_inter_container_traffic",
    "EnableManagedSpotTraining": "spot",
    "EnableNetworkIsolation": "network_isolation",
    "Environment": "environment",
    "HyperParameters": "hyperparameters",
    "InputDataConfig": "channels",
    "OutputDataConfig.CompressionType": "output_compression",
    "OutputDataConfig.KmsKeyId": "output_key",
    "OutputDataConfig.S3OutputPath": "output",
    "ResourceConfig.InstanceCount": "instance_count",
    "ResourceConfig.InstanceGroups": "instance_groups",
    "ResourceConfig.InstancePlacementConfig": "placement",
    "ResourceConfig.InstancePreferences": "instance_preferences",
    "ResourceConfig.InstanceType": "instance_type",
    "ResourceConfig.KeepAlivePeriodInSeconds": "keep_alive",
    "ResourceConfig.TrainingPlanArn": "training_plan",
    "ResourceConfig.VolumeKmsKeyId": "volume_key",
    "ResourceConfig.VolumeSizeInGB": "volume_size",
    "RetryStrategy.MaximumRetryAttempts": "retry_attempts",
    "StoppingCondition.MaxPendingTimeInSeconds": "max_pending",
    "StoppingCondition.MaxRuntimeInSeconds": "max_runtime",
    "StoppingCondition.MaxWaitTimeInSeconds": "max_wait",
}
"""The prop that each member comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingParts:
    """Algorithm, data and output of training: the part that a training job and the trials of a tuning job share.

    The members are those of :class:`~constructs_ml.TrainingJob`.
    """

    image: ContainerImage | None = None
    algorithm: str | None = None
    code: Code | None = None
    channels: Channels | Whole = field(default_factory=dict)
    input_mode: InputMode | str = InputMode.FILE
    hyperparameters: Mapping[str, Any] | Whole = field(default_factory=dict)
    metric_definitions: Mapping[str, str] | Whole = field(default_factory=dict)
    output: S3Data | None = None
    output_compression: OutputCompression | str | None = None
    spot: bool | None = None
    max_wait: Duration | str | None = None
    checkpoint: S3Data | None = None
    checkpoint_path: str | None = None
    retry_attempts: int | str | None = None


def algorithm_request(spec: JobSpec, definition: TrainingParts) -> dict[str, Any]:
    """The ``AlgorithmSpecification``; what its image and metrics need is declared."""
    if (definition.image is None) == (definition.algorithm is None):
        spec.faults.add("image", "or algorithm is required, and only one of them", "pass image=")
    bound = None if definition.image is None else spec.image(definition.image, "training")
    metrics: Any = definition.metric_definitions
    if not is_whole(metrics):
        metrics = [{"Name": name, "Regex": regex} for name, regex in metrics.items()]
    return {
        "TrainingImage": None if bound is None else bound.uri,
        "AlgorithmName": definition.algorithm,
        "TrainingInputMode": api_value(definition.input_mode),
        "MetricDefinitions": metrics or None,
    }


def shipped_code(spec: JobSpec, definition: TrainingParts) -> TrainingCode | None:
    """The code of script mode, made ready; that it is read is declared."""
    if definition.code is None:
        return None
    isolated = bool(spec.flag("network_isolation"))
    script = definition.code.for_training(spec.context, spec.faults, isolated=isolated)
    if script is None:
        return None
    spec.access.reads += script.archive.objects
    spec.read("", script.archive)
    if script.requirements.ignored:
        spec.warnings.append(f"code {script.requirements.ignored}")
    if isolated:
        refuse_without_network(script.requirements, spec.environment(), spec.faults)
    return script


def training_request(
    spec: JobSpec, definition: TrainingParts, destination: S3Data, script: TrainingCode | None
) -> dict[str, Any]:
    """Return the request but for the algorithm, the hyperparameters and the resources."""
    spot = bool(definition.spot)
    attempts = definition.retry_attempts
    return {
        "InputDataConfig": _channels(spec, definition.channels, script) or None,
        "OutputDataConfig": {
            "S3OutputPath": destination.location,
            "KmsKeyId": spec.output_key_arn,
            "CompressionType": definition.output_compression,
        },
        "StoppingCondition": _stopping(spec, spot=spot, max_wait=definition.max_wait),
        "Environment": spec.environment(),
        "VpcConfig": spec.vpc_config(),
        "EnableNetworkIsolation": spec.flag("network_isolation"),
        "EnableInterContainerTrafficEncryption": spec.flag("encrypt_inter_container_traffic"),
        "EnableManagedSpotTraining": definition.spot,
        "CheckpointConfig": _checkpoints(spec, definition.checkpoint, definition.checkpoint_path, spot=spot),
        "RetryStrategy": None if attempts is None else {"MaximumRetryAttempts": attempts},
    }


def _channels(spec: JobSpec, channels: Channels | Whole, script: TrainingCode | None) -> Any:  # noqa: ANN401 - a list, or what stands for one
    whole = spec.whole("channels", channels)
    isolated = script is not None and script.isolated
    if whole is not None:
        if isolated:
            problem = (
                f"cannot be known only at run time together with code and network_isolation, which add {CODE_CHANNEL!r}"
            )
            spec.faults.add("channels", problem, "name them one by one")
        return whole
    named = cast("Channels", channels)
    request = channels_request(named, spec)
    if script is None or not isolated:
        return request
    if CODE_CHANNEL in named:
        problem = f"cannot be named {CODE_CHANNEL!r} together with code and network_isolation, which use that channel for the code"
        spec.faults.add("channels", problem, "rename the channel")
    return [*request, code_channel(script.archive)]


def training_output(spec: JobSpec, output: S3Data | None) -> S3Data:
    """Return the place of a job's artifacts; that it writes there is declared."""
    destination = spec.writes(output or spec.own_place(""))
    if not destination.objects and spec.derives_role:
        spec.unknown_location("output")
    return destination


def hyperparameters_request(
    spec: JobSpec, definition: TrainingParts, script: TrainingCode | None, member: str = "hyperparameters"
) -> Any:  # noqa: ANN401 - JSON
    """The hyperparameters, with those that make a framework image run the code.

    The toolkit in such an image reads each as JSON, so that a string must be in quotes to stay one; other images get
    what is written.
    """
    given = definition.hyperparameters
    parameters = (
        given
        if is_whole(given)
        else {
            name: hyperparameter_text(value, quoted=definition.code is not None)
            for name, value in cast("Mapping[str, Any]", given).items()
        }
    )
    if definition.code is None and not is_whole(given):
        for name in [name for name, value in cast("Mapping[str, Any]", given).items() if value is None]:
            spec.faults.add(f"{member}[{name!r}]", "must be a string, got None", "leave it out")
    if script is None:
        return parse_runtime_values(parameters) or None
    reserved = parse_runtime_values(script.hyperparameters(spec.context.of_stack.place.region))
    spec.reserve(reserved)
    if not is_whole(given):
        own = set(cast("Mapping[str, Any]", given))
        for name in sorted(own & {PROGRAM, SUBMIT_DIRECTORY}):
            spec.faults.add(
                f"{member}[{name!r}]", "cannot be combined with code, which sets it", "leave one of them out"
            )
        reserved = {name: value for name, value in reserved.items() if name not in own}
    return (
        parse_runtime_values(parameters) if is_whole(parameters) else merged(parse_runtime_values(parameters), reserved)
    )


def _stopping(spec: JobSpec, *, spot: bool, max_wait: Duration | str | None) -> dict[str, Any]:
    asked = spec.seconds("max_runtime")
    runtime = MAX_RUNTIME_SECONDS if asked is None else asked
    request = {"MaxRuntimeInSeconds": runtime, "MaxPendingTimeInSeconds": spec.seconds("max_pending")}
    if not spot:
        if max_wait is not None:
            spec.faults.add("max_wait", "is for spot training only", "pass spot=True or leave it out")
        return request
    wait = _twice(spec, runtime) if max_wait is None else seconds(max_wait)
    known = [isinstance(value, (int, float)) and not is_dynamic(value) for value in (wait, runtime)]
    if all(known) and wait < runtime:
        spec.faults.add("max_wait", f"must be at least max_runtime, {runtime} s, got {wait} s", "make it longer")
    return {**request, "MaxWaitTimeInSeconds": wait}


def _twice(spec: JobSpec, runtime: Any) -> Any:  # noqa: ANN401 - a number or a runtime value
    """Twice a number of seconds; None if nothing can double it."""
    known = parse_runtime_values(runtime)
    if not is_dynamic(known):
        # A string that is not a number is reported with the request.
        return 2 * known if isinstance(known, (int, float)) else None
    if isinstance(known, (Path, Expression)):
        return doubled(known)
    spec.faults.add("max_wait", "is required when max_runtime is known only later", "pass max_wait=")
    return None


def _checkpoints(spec: JobSpec, checkpoint: S3Data | None, path: str | None, *, spot: bool) -> dict[str, Any] | None:
    if checkpoint is None and not spot:
        if path is not None:
            spec.faults.add("checkpoint_path", "requires a checkpoint", "pass checkpoint= or spot=True")
        return None
    kept = spec.writes_beside(checkpoint or written_by_execution(spec.context, spec.part, "checkpoints"))
    spec.access.reads += kept.objects
    if not kept.objects and spec.derives_role:
        spec.unknown_location("checkpoint")
    return {"S3Uri": kept.location, "LocalPath": path}
