"""The closed choices of a transform job, and what it captures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import key_arn
from constructs_ml.core.s3_data import written_by_execution

if TYPE_CHECKING:
    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.s3_data import S3Data


class SplitType(Enum):
    """The part of an object that is one record."""

    NONE = "None"
    """The whole object."""
    LINE = "Line"
    RECORD_IO = "RecordIO"
    TF_RECORD = "TFRecord"


class BatchStrategy(Enum):
    """The number of records that the model gets in one request."""

    MULTI_RECORD = "MultiRecord"
    """As many as fit ``max_payload``."""
    SINGLE_RECORD = "SingleRecord"


class AssembleWith(Enum):
    """The separator between the results of two records."""

    NONE = "None"
    LINE = "Line"


class JoinSource(Enum):
    """The source that each result is joined with."""

    NONE = "None"
    INPUT = "Input"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDataCapture:
    """Keeps what goes into a model and what comes out, for monitoring.

    Attributes:
        destination: Where it is kept. Default: a location unique to the execution.
        key: The KMS key that it is encrypted with. Default: the bucket's encryption.
        generate_inference_id: Whether each record gets an id. Default: it gets none.
    """

    destination: S3Data | None = None
    key: AnyKey | None = None
    generate_inference_id: bool | None = None

    def to_request(self, spec: JobSpec) -> tuple[dict[str, Any], S3Data]:
        """The ``DataCaptureConfig``, and the place that it names; what it writes is declared."""
        data = self.destination or written_by_execution(spec.context, spec.part, "capture")
        key = key_arn(self.key)
        kept = data if key is None else data.encrypted_with(key)
        spec.access.writes += kept.objects
        request = {
            "DestinationS3Uri": data.location,
            "KmsKeyId": key,
            "GenerateInferenceId": self.generate_inference_id,
        }
        return request, kept
