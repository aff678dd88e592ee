"""Processing jobs from processors of the SageMaker SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.task import SageMakerTask
from constructs_ml.sdk.sdk_call import SdkCall, build_job, capture_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.sdk.adapted import Adapted


def from_processor(cls: type, scope: Construct, construct_id: str, *given: Any) -> Any:  # noqa: ANN401 - a job
    """See :meth:`~constructs_ml.ProcessingJob.from_processor`."""
    return build_job(cls, _start, scope, construct_id, SdkCall(*given))


def _start(
    job: Any,  # noqa: ANN401 - a processing job
    scope: Construct,
    construct_id: str,
    given: SdkCall,
) -> None:
    with capture_request(job, scope, construct_id, given, "run") as adapted:
        request = adapted.request
        application = request["AppSpecification"]
        cluster = request["ProcessingResources"]["ClusterConfig"]
        network = request.get("NetworkConfig") or {}
        command = application.get("ContainerEntrypoint") or []
        inputs = [_input(adapted, item) for item in request.get("ProcessingInputs") or []]
        locations: dict[str, S3Data] = {}
        outputs = _outputs(adapted, request.get("ProcessingOutputConfig") or {}, locations)
        adapted.volume_key(cluster, "volume_kms_key")
        SageMakerTask.__init__(
            job,
            adapted.spec,
            {
                **{name: adapted.decode(request.get(name)) for name in ("ProcessingResources", "ExperimentConfig")},
                "ProcessingInputs": inputs or None,
                "ProcessingOutputConfig": outputs,
                "StoppingCondition": adapted.decode(request.get("StoppingCondition")),
                "AppSpecification": {
                    "ImageUri": adapted.image(application["ImageUri"], "processing"),
                    "ContainerEntrypoint": adapted.entrypoint(command),
                    "ContainerArguments": adapted.decode(application.get("ContainerArguments")) or None,
                },
                "Environment": adapted.environment(),
                "NetworkConfig": _network(adapted, network),
                "Tags": adapted.tags(),
            },
        )
        job._locations = locations  # noqa: SLF001 - the job that is begun here


def _input(adapted: Adapted, item: Mapping[str, Any]) -> dict[str, Any]:
    name, s3 = item["InputName"], item.get("S3Input")
    if s3 is None:
        if adapted.spec.derives_role:
            problem = "is a dataset definition, of which no permission is derived"
            adapted.spec.faults.add(f"inputs[{name!r}]", problem, "define the job by props, or pass role=")
        decoded: dict[str, Any] = adapted.decode(item)
        return decoded
    uri = adapted.read(s3["S3Uri"], f"inputs[{name!r}]", folder=s3["LocalPath"])
    rest = {key: value for key, value in s3.items() if key != "S3Uri"}
    members = {key: value for key, value in item.items() if key != "S3Input"}
    return {**adapted.decode(members), "S3Input": {"S3Uri": uri, **adapted.decode(rest)}}


def _outputs(adapted: Adapted, config: Mapping[str, Any], locations: dict[str, S3Data]) -> dict[str, Any] | None:
    key = config.get("KmsKeyId")
    outputs = []
    for item in config.get("Outputs") or []:
        output = {name: adapted.decode(value) for name, value in item.items() if name != "S3Output"}
        if item.get("S3Output") is not None:
            name, s3 = item["OutputName"], item["S3Output"]
            locations[name] = adapted.write(s3["S3Uri"], name, f"outputs[{name!r}]", key)
            output["S3Output"] = {**adapted.decode({**s3, "S3Uri": ""}), "S3Uri": locations[name].location}
        outputs.append(output)
    if not outputs:
        return None
    return {"Outputs": outputs, "KmsKeyId": adapted.spec.output_key_arn if key is None else adapted.decode(key)}


def _network(adapted: Adapted, given: Mapping[str, Any]) -> dict[str, Any] | None:
    encrypted = given.get("EnableInterContainerTrafficEncryption")
    config = {
        "EnableNetworkIsolation": adapted.flag(given.get("EnableNetworkIsolation"), "network_isolation"),
        "EnableInterContainerTrafficEncryption": adapted.flag(encrypted, "encrypt_inter_container_traffic"),
        "VpcConfig": adapted.vpc_config(given.get("VpcConfig")),
    }
    return config if any(value is not None for value in config.values()) else None
