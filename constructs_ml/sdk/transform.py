"""Transform jobs from transformers of the SageMaker SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from constructs_ml.core.job_spec import volume_key_arn
from constructs_ml.core.task import SageMakerTask
from constructs_ml.sdk.sdk_call import SdkCall, build_job, capture_request

if TYPE_CHECKING:
    from constructs import Construct

    from constructs_ml.tasks.transform.job import TransformSpec

_PLACES = {"TransformInput", "TransformOutput", "TransformResources", "DataCaptureConfig", "Environment", "Tags"}


def from_transformer(cls: type, scope: Construct, construct_id: str, *given: Any) -> Any:  # noqa: ANN401 - a job
    """See :meth:`~constructs_ml.TransformJob.from_transformer`."""
    return build_job(cls, _start, scope, construct_id, SdkCall(*given))


def _start(
    job: Any,  # noqa: ANN401 - a transform job
    scope: Construct,
    construct_id: str,
    given: SdkCall,
) -> None:
    with capture_request(job, scope, construct_id, given, "transform") as adapted:
        request, spec = adapted.request, adapted.spec
        read, written, capture = (
            request.get(name) or {} for name in ("TransformInput", "TransformOutput", "DataCaptureConfig")
        )
        source = read["DataSource"]["S3DataSource"]
        uri = adapted.read(source["S3Uri"], "data", folder="")
        key = written.get("KmsKeyId")
        output = adapted.write(written["S3OutputPath"], "", "output", key)
        resources = request["TransformResources"]
        adapted.volume_key(resources, "volume_kms_key")
        if capture:
            place = adapted.write(
                capture["DestinationS3Uri"], "capture", "batch_data_capture_config", capture.get("KmsKeyId")
            )
            capture = {**adapted.decode({**capture, "DestinationS3Uri": ""}), "DestinationS3Uri": place.location}
        cast("TransformSpec", spec).model_role = spec.props.get("role")
        SageMakerTask.__init__(
            job,
            spec,
            {
                **{name: adapted.decode(value) for name, value in request.items() if name not in _PLACES},
                "TransformInput": {
                    **adapted.decode({**read, "DataSource": None}),
                    "DataSource": {"S3DataSource": {**adapted.decode({**source, "S3Uri": ""}), "S3Uri": uri}},
                },
                "TransformOutput": {
                    **adapted.decode({**written, "S3OutputPath": ""}),
                    "S3OutputPath": output.location,
                    "KmsKeyId": spec.output_key_arn if key is None else adapted.decode(key),
                },
                "TransformResources": {"VolumeKmsKeyId": volume_key_arn(spec), **adapted.decode(resources)},
                "DataCaptureConfig": capture or None,
                "Environment": adapted.environment(),
                "Tags": adapted.tags(),
            },
        )
        job._output = output  # noqa: SLF001 - the job that is begun here
