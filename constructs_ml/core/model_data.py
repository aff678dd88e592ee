"""The place of a model's artifacts, and SageMaker's handling of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.core.enums import Compression, ModelDataType
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.resource_spec import ResourceSpec
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.errors import Faults


def describe_hub_content(arn: str) -> Statement:
    """The statement for reading content of a hub; it takes the hub too.

    Source: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference.
    """
    place, found, content = arn.partition(":hub-content/")
    hub = f"{place}:hub/{content.split('/')[0]}"
    return Statement(("sagemaker:DescribeHubContent",), (arn, hub) if found else (arn,))


def read_hub_content(spec: JobSpec, arn: str, member: str) -> None:
    """Declare that a job reads content of a hub.

    Args:
        spec: The job.
        arn: The ARN of the content.
        member: The prop that it comes from.
    """
    known = parse_text(arn)
    if not isinstance(known, Runtime):
        spec.access.other.append(describe_hub_content(known))
    elif spec.derives_role:
        problem = "is known only at run time, so no permission can be derived from it"
        spec.faults.add(member, problem, "pass role= with the permission to read it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelData:
    """A model's artifacts, where a ``model.tar.gz`` alone does not say enough.

    Source: the S3ModelDataSource structure of the SageMaker API.

    Attributes:
        source: Where they are.
        compression: ``None`` or ``Gzip``. Default: ``None``.
        data_type: ``S3Prefix`` for all objects below the source, ``S3Object`` for one. Default: ``S3Prefix``.
        accept_eula: Whether you accept the model's licence agreement, for models that have one.
        hub_content: The ARN of a model in a private hub, which may be used in place of the artifacts.
        manifest: The manifest file that lists them.
        etag: The tag that the object at the source must have.
        manifest_etag: The tag that the manifest must have.
    """

    source: S3Data
    compression: Compression | str = "None"
    data_type: ModelDataType | str = "S3Prefix"
    accept_eula: bool | None = None
    hub_content: str | None = None
    manifest: S3Data | None = None
    etag: str | None = None
    manifest_etag: str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``S3DataSource`` of a request."""
        return {
            "S3Uri": self.source.location,
            "S3DataType": self.data_type,
            "CompressionType": self.compression,
            "ModelAccessConfig": None if self.accept_eula is None else {"AcceptEula": self.accept_eula},
            "HubAccessConfig": None if self.hub_content is None else {"HubContentArn": self.hub_content},
            "ManifestS3Uri": None if self.manifest is None else self.manifest.location,
            "ETag": self.etag,
            "ManifestEtag": self.manifest_etag,
        }

    def allow(self, spec: ResourceSpec, unknown: Callable[[], None]) -> None:
        """Declare the permissions to read them.

        Args:
            spec: The state that uses them.
            unknown: Called if that is unknown.
        """
        for data in (self.source, self.manifest):
            if data is not None:
                allow_read(data, spec, unknown)
        if self.hub_content is not None and not is_dynamic(self.hub_content):
            spec.access.other.append(describe_hub_content(self.hub_content))


def as_model_data(data: S3Data | ModelData | None, faults: Faults, member: str = "data") -> ModelData | None:
    """Artifacts that a request describes by a structure; None if it names them by a URI alone.

    Args:
        data: The artifacts.
        faults: Takes that it is known only later which of the two they are.
        member: The prop that they are passed for.
    """
    if isinstance(data, ModelData):
        return data
    if data is not None and data.is_model_folder is None:
        problem = (
            "is an archive or a folder, as the output_compression of its job is known only later, and requests differ"
        )
        faults.add(member, problem, "pass the job output_compression='GZIP' or 'NONE'")
    return ModelData(source=data) if data is not None and data.is_model_folder else None


def allow_read(data: S3Data, spec: ResourceSpec, unknown: Callable[[], None]) -> None:
    """Declare that objects are read."""
    spec.access.reads += data.objects
    if not data.objects and spec.derives_role:
        unknown()
