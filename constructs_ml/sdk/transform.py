"""Transform jobs from transformers of the SageMaker SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from constructs_ml.core.job_spec import volume_key_arn
from constructs_ml.core.task import SageMakerCall
from constructs_ml.sdk.starting import Given, adapting, begin

if TYPE_CHECKING:
    from constructs import Construct

    from constructs_ml.tasks.transform.job import TransformDraft

_PLACES = {"TransformInput", "TransformOutput", "TransformResources", "DataCaptureConfig", "Environment", "Tags"}


def from_transformer(cls: type, scope: Construct, construct_id: str, *given: Any) -> Any:  # noqa: ANN401 - a job
    """See :meth:`~constructs_ml.TransformJob.from_transformer`."""
    return begin(cls, _start, scope, construct_id, Given(*given))


def _start(
    job: Any,  # noqa: ANN401 - a transform job
    scope: Construct,
    construct_id: str,
    given: Given,
) -> None:
    with adapting(job, scope, construct_id, given, "transform") as adapted:
        request, draft = adapted.request, adapted.draft
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
            capture = {**adapted.back({**capture, "DestinationS3Uri": ""}), "DestinationS3Uri": place.location}
        cast("TransformDraft", draft).model_role = draft.props.get("role")
        SageMakerCall.__init__(
            job,
            draft,
            {
                **{name: adapted.back(value) for name, value in request.items() if name not in _PLACES},
                "TransformInput": {
                    **adapted.back({**read, "DataSource": None}),
                    "DataSource": {"S3DataSource": {**adapted.back({**source, "S3Uri": ""}), "S3Uri": uri}},
                },
                "TransformOutput": {
                    **adapted.back({**written, "S3OutputPath": ""}),
                    "S3OutputPath": output.location,
                    "KmsKeyId": draft.output_key_arn() if key is None else adapted.back(key),
                },
                "TransformResources": {"VolumeKmsKeyId": volume_key_arn(draft), **adapted.back(resources)},
                "DataCaptureConfig": capture or None,
                "Environment": adapted.environment(),
                "Tags": adapted.tags(),
            },
        )
        job._output = output  # noqa: SLF001 - the job that is begun here
