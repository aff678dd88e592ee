"""The trial of a model package when it is made, and its origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import key_arn
from constructs_ml.tasks.registry.inference import artifacts_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.enums import Compression, ModelCardStatus
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.errors import Faults
    from constructs_ml.tasks.transform.options import AssembleWith, BatchStrategy, SplitType


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageValidation:
    """A transform job that SageMaker runs before the package is ready.

    Attributes:
        role: The role that it runs under. It must be allowed what the job needs.
        name: The profile's name.
        data: The data that it transforms.
        output: Where the results go.
        instance_type: Such as ``ml.m5.xlarge``.
        instance_count: The number of instances.
        content_type: The data's MIME type.
        compression: ``None`` or ``Gzip``. Default: the data are not compressed.
        split: ``Line``, ``RecordIO`` or ``TFRecord`` to split the data into records. Default: no splitting.
        accept: The MIME type of the results.
        assemble_with: ``Line`` to put each result on a line of its own.
        output_key: The KMS key of the results. Default: the bucket's encryption.
        volume_key: The KMS key of the volumes. Default: SageMaker's own key.
        ami_version: The image of the machines.
        max_concurrent: The maximum number of concurrent requests for an instance.
        max_payload_mb: The maximum size of a request in megabytes.
        batch_strategy: ``MultiRecord`` or ``SingleRecord``.
        environment: Environment variables, at most 16.
    """

    role: AnyRole
    data: S3Data
    output: S3Data
    name: str = "Validation"
    instance_type: str = "ml.m5.xlarge"
    instance_count: int | str = 1
    content_type: str | None = None
    compression: Compression | str | None = None
    split: SplitType | str | None = None
    accept: str | None = None
    assemble_with: AssembleWith | str | None = None
    output_key: AnyKey | None = None
    volume_key: AnyKey | None = None
    ami_version: str | None = None
    max_concurrent: int | str | None = None
    max_payload_mb: int | str | None = None
    batch_strategy: BatchStrategy | str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def to_request(self) -> dict[str, Any]:
        """The ``ValidationSpecification`` of a request."""
        source = {"S3DataType": self.data.data_type.value, "S3Uri": self.data.location}
        definition = {
            "MaxConcurrentTransforms": self.max_concurrent,
            "MaxPayloadInMB": self.max_payload_mb,
            "BatchStrategy": self.batch_strategy,
            "Environment": dict(self.environment) or None,
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "ContentType": self.content_type,
                "CompressionType": self.compression,
                "SplitType": self.split,
            },
            "TransformOutput": {
                "S3OutputPath": self.output.location,
                "Accept": self.accept,
                "AssembleWith": self.assemble_with,
                "KmsKeyId": key_arn(self.output_key),
            },
            "TransformResources": {
                "InstanceType": self.instance_type,
                "InstanceCount": self.instance_count,
                "VolumeKmsKeyId": key_arn(self.volume_key),
                "TransformAmiVersion": self.ami_version,
            },
        }
        profile = {"ProfileName": self.name, "TransformJobDefinition": definition}
        return {"ValidationRole": self.role.role_arn, "ValidationProfiles": [profile]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAlgorithm:
    """The algorithm resource that a model was trained with.

    Attributes:
        name: Its name or ARN.
        data: The artifacts.
        data_etag: The tag that they must have.
    """

    name: str
    data: S3Data | ModelData | None = None
    data_etag: str | None = None

    def to_request(self, faults: Faults) -> dict[str, Any]:
        """The ``SourceAlgorithmSpecification`` of a request.

        Args:
            faults: Collects its faults.
        """
        artifacts = artifacts_request(self.data, faults)
        algorithm = {**artifacts, "ModelDataETag": self.data_etag, "AlgorithmName": self.name}
        return {"SourceAlgorithms": [algorithm]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of a model.

    Attributes:
        commit_id: The commit of its code.
        repository: The repository of its code.
        generated_by: The tool that made it.
        project_id: The project that it belongs to.
    """

    commit_id: str | None = None
    repository: str | None = None
    generated_by: str | None = None
    project_id: str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``MetadataProperties`` of a request."""
        return {
            "CommitId": self.commit_id,
            "Repository": self.repository,
            "GeneratedBy": self.generated_by,
            "ProjectId": self.project_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The model card, for people.

    Attributes:
        content: The card, as a JSON string.
        status: ``Draft``, ``PendingReview``, ``Approved`` or ``Archived``.
    """

    content: str
    status: ModelCardStatus | str = "Draft"

    def to_request(self) -> dict[str, Any]:
        """The ``ModelCard`` of a request."""
        return {"ModelCardContent": self.content, "ModelCardStatus": self.status}


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCycle:
    """A model's stage on the way to production.

    Attributes:
        stage: Such as ``Staging``.
        status: Such as ``PendingApproval``.
        description: The reason for it.
    """

    stage: str
    status: str
    description: str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``ModelLifeCycle`` of a request."""
        return {"Stage": self.stage, "StageStatus": self.status, "StageDescription": self.description}
