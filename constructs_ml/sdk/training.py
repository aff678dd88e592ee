"""Training jobs from model trainers and estimators of the SageMaker SDK, and the part that trials share with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.job_spec import volume_key_arn
from constructs_ml.core.task import SageMakerTask
from constructs_ml.sdk.capture import JOB_NAME
from constructs_ml.sdk.sdk_call import SdkCall, build_job, capture_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.sdk.adapted import Adapted

CHANNELS = "/opt/ml/input/data"
DRIVERS = "sm_drivers"
_DEBUGGING = {
    "DebugHookConfig": "debug",
    "ProfilerConfig": "profile",
    "TensorBoardOutputConfig": "tensorboard",
}
"""Members that say where else a job writes, and the name of the execution's own place for each."""


def from_model_trainer(cls: type, scope: Construct, construct_id: str, *given: Any) -> Any:  # noqa: ANN401 - a job
    """See :meth:`~constructs_ml.TrainingJob.from_model_trainer`."""
    return build_job(cls, _start, scope, construct_id, SdkCall(*given))


def _start(
    job: Any,  # noqa: ANN401 - a training job
    scope: Construct,
    construct_id: str,
    given: SdkCall,
) -> None:
    method = "train" if hasattr(given.thing, "train") else "fit"
    with capture_request(job, scope, construct_id, given, method) as adapted:
        request = adapted.request
        trained, destination = trained_request(adapted, request, "")
        SageMakerTask.__init__(job, adapted.spec, {**trained, "Tags": adapted.tags()})
        job._destination = destination  # noqa: SLF001 - the job that is begun here


def trained_request(adapted: Adapted, request: Mapping[str, Any], label: str) -> tuple[dict[str, Any], S3Data]:
    """The members that training jobs and the definitions of trials have in common, and where the artifacts go.

    Args:
        adapted: The request that they are a part of.
        request: The training job's request, or a definition.
        label: The prefix of the members in faults.
    """
    spec = adapted.spec
    algorithm = request["AlgorithmSpecification"]
    command = algorithm.get("ContainerEntrypoint") or []
    given = request.get("InputDataConfig") or []
    # Without an entry point of the SDK's nothing runs its drivers, as in the trials of a tuning job.
    used = [item for item in given if command or item["ChannelName"] != DRIVERS]
    channels = [_channel(adapted, item, label) for item in used]
    written = request["OutputDataConfig"]
    key = written.get("KmsKeyId")
    destination = adapted.write(written["S3OutputPath"], "", f"{label}output", key)
    image = algorithm.get("TrainingImage")
    members: dict[str, Any] = {
        "AlgorithmSpecification": {
            **adapted.decode({**algorithm, "TrainingImage": None}),
            "TrainingImage": None if image is None else adapted.image(image, "training"),
            "ContainerEntrypoint": adapted.entrypoint(command),
        },
        "InputDataConfig": channels or None,
        "OutputDataConfig": {
            **adapted.decode({**written, "S3OutputPath": ""}),
            "S3OutputPath": destination.location,
            "KmsKeyId": spec.output_key_arn if key is None else adapted.decode(key),
        },
        "CheckpointConfig": _checkpoints(adapted, request.get("CheckpointConfig"), label),
        "Environment": adapted.environment(),
        "VpcConfig": adapted.vpc_config(request.get("VpcConfig")),
        "EnableNetworkIsolation": adapted.flag(request.get("EnableNetworkIsolation"), "network_isolation"),
        "EnableInterContainerTrafficEncryption": adapted.flag(
            request.get("EnableInterContainerTrafficEncryption"), "encrypt_inter_container_traffic"
        ),
        **{name: _debugging(adapted, request[name], name, label) for name in _DEBUGGING if request.get(name)},
    }
    for name in ("HyperParameters", "StaticHyperParameters"):
        if request.get(name):
            members[name] = _parameters(adapted, request[name])
    for name in ("ResourceConfig", "HyperParameterTuningResourceConfig"):
        if request.get(name):
            adapted.volume_key(request[name], f"{label}volume_kms_key")
            members[name] = {"VolumeKmsKeyId": volume_key_arn(spec), **adapted.decode(request[name])}
    rest = {name: adapted.decode(value) for name, value in request.items() if name not in {*members, "Tags"}}
    return {**rest, **members}, destination


def _channel(adapted: Adapted, item: Mapping[str, Any], label: str) -> dict[str, Any]:
    name, s3 = item["ChannelName"], item["DataSource"].get("S3DataSource")
    member = f"{label}channels[{name!r}]"
    if s3 is None:
        if adapted.spec.derives_role:
            problem = "is a file system, of which no permission is derived"
            adapted.spec.faults.add(member, problem, "define the job by props, or pass role=")
        decoded: dict[str, Any] = adapted.decode(item)
        return decoded
    uri = adapted.read(s3["S3Uri"], member, folder=f"{CHANNELS}/{name}")
    source = {**adapted.decode({**s3, "S3Uri": ""}), "S3Uri": uri}
    return {**adapted.decode({**item, "DataSource": None}), "DataSource": {"S3DataSource": source}}


def _checkpoints(adapted: Adapted, given: Mapping[str, Any] | None, label: str) -> dict[str, Any] | None:
    if given is None:
        return None
    kept = adapted.write(given["S3Uri"], "checkpoints", f"{label}checkpoint", None)
    # A job that goes on after an interruption reads what it has kept.
    adapted.spec.access.reads += kept.objects
    return {**adapted.decode({**given, "S3Uri": ""}), "S3Uri": kept.location}


def _debugging(adapted: Adapted, given: Mapping[str, Any], name: str, label: str) -> dict[str, Any]:
    decoded: dict[str, Any] = adapted.decode({**given, "S3OutputPath": None})
    if given.get("S3OutputPath") is None:
        return decoded
    place = adapted.write(given["S3OutputPath"], _DEBUGGING[name], f"{label}{name}", given.get("KmsKeyId"))
    return {**decoded, "S3OutputPath": place.location}


def _parameters(adapted: Adapted, given: Mapping[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = adapted.decode(given)
    # The name differs at every attempt; the container knows it.
    if parameters.get("sagemaker_job_name") == f'"{JOB_NAME}"':
        del parameters["sagemaker_job_name"]
    if "sagemaker_region" in parameters:
        # The SDK writes the region that it looks images up for.
        parameters["sagemaker_region"] = f'"{adapted.spec.context.of_stack.place.region}"'
    return parameters
