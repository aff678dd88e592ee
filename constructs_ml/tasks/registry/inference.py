"""The inference specification of a model package: its containers, and what they are known to work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.core.model_data import as_model_data
from constructs_ml.core.requests import items, structure
from constructs_ml.core.spec import TaskSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.core.enums import Compression, ModelDataType
    from constructs_ml.core.image import BoundImage, ContainerImage
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.errors import Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageContainer:
    """A container of a model package.

    Attributes:
        image: The image. Default: none, for a package of a model in a hub.
        data: The artifacts: a ``model.tar.gz``, such as ``train.model_artifacts``, or a ``ModelData``.
        hostname: Its name for the other containers.
        image_digest: The image's hash, ``sha256:`` and 64 hexadecimal digits.
        product_id: The product in AWS Marketplace that it is a part of.
        environment: Environment variables, at most 100.
        model_input: The shape of its input, as a JSON string.
        framework: Such as ``PYTORCH``; with ``framework_version`` and ``nearest_model`` for inference recommendations.
        framework_version: Such as ``1.8``.
        nearest_model: The public model that it resembles most.
        additional_data: More artifacts, by name, at most 5.
        additional_s3_data: Data in addition to the artifacts, for further training.
        additional_s3_compression: ``None`` or ``Gzip``. Default: ``None``.
        additional_s3_type: ``S3Prefix`` or ``S3Object``.
        additional_s3_etag: The tag that they must have.
        data_etag: The tag that the artifacts must have.
        is_checkpoint: Whether the artifacts are a checkpoint of training.
        hub_content_name: The model in a hub that it was made of.
        hub_content_version: Its version.
        recipe_name: The recipe that it was made by.
    """

    image: ContainerImage | None = None
    data: S3Data | ModelData | None = None
    hostname: str | None = None
    image_digest: str | None = None
    product_id: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    model_input: str | None = None
    framework: str | None = None
    framework_version: str | None = None
    nearest_model: str | None = None
    additional_data: Mapping[str, ModelData] = field(default_factory=dict)
    additional_s3_data: S3Data | None = None
    additional_s3_compression: Compression | str | None = None
    additional_s3_type: ModelDataType | str = "S3Prefix"
    additional_s3_etag: str | None = None
    data_etag: str | None = None
    is_checkpoint: bool | None = None
    hub_content_name: str | None = None
    hub_content_version: str | None = None
    recipe_name: str | None = None

    def to_request(self, spec: RegistrySpec) -> dict[str, Any]:
        """The ``ModelPackageContainerDefinition`` of a request."""
        bound = None if self.image is None else spec.image(self.image)
        base = {
            "HubContentName": self.hub_content_name,
            "HubContentVersion": self.hub_content_version,
            "RecipeName": self.recipe_name,
        }
        more = [{"ChannelName": name, "S3DataSource": data.to_request()} for name, data in self.additional_data.items()]
        return {
            "ContainerHostname": self.hostname,
            "Image": None if bound is None else bound.uri,
            "ImageDigest": self.image_digest,
            **artifacts_request(self.data, spec.faults),
            "ProductId": self.product_id,
            "Environment": dict(self.environment) or None,
            "ModelInput": None if self.model_input is None else {"DataInputConfig": self.model_input},
            "Framework": self.framework,
            "FrameworkVersion": self.framework_version,
            "NearestModelName": self.nearest_model,
            "AdditionalModelDataSources": items(more),
            "AdditionalS3DataSource": self._additional_s3(),
            "ModelDataETag": self.data_etag,
            "IsCheckpoint": self.is_checkpoint,
            "BaseModel": structure(base),
        }

    def _additional_s3(self) -> dict[str, Any] | None:
        if self.additional_s3_data is None:
            return None
        return {
            "S3DataType": self.additional_s3_type,
            "S3Uri": self.additional_s3_data.location,
            "CompressionType": self.additional_s3_compression,
            "ETag": self.additional_s3_etag,
        }


def artifacts_request(data: S3Data | ModelData | None, faults: Faults) -> dict[str, Any]:
    """The members that say where artifacts are."""
    whole = as_model_data(data, faults)
    if whole is not None:
        return {"ModelDataSource": {"S3DataSource": whole.to_request()}}
    return {"ModelDataUrl": None if data is None else cast("S3Data", data).location}


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSpecification:
    """The inference specification of a model package.

    Attributes:
        containers: Its containers, 1-15.
        content_types: The MIME types that it takes.
        response_types: The MIME types that it gives.
        realtime_instances: The instance types that endpoints may run it on.
        transform_instances: The instance types that transform jobs may run it on.
        description: Its description; only where a package has several.
    """

    containers: Sequence[PackageContainer]
    content_types: Sequence[str] = ()
    response_types: Sequence[str] = ()
    realtime_instances: Sequence[str] = ()
    transform_instances: Sequence[str] = ()
    description: str | None = None

    def to_request(self, spec: RegistrySpec) -> dict[str, Any]:
        """The ``InferenceSpecification`` of a request."""
        return {
            "Containers": [container.to_request(spec) for container in self.containers],
            "SupportedTransformInstanceTypes": items(self.transform_instances),
            "SupportedRealtimeInferenceInstanceTypes": items(self.realtime_instances),
            "SupportedContentTypes": items(self.content_types),
            "SupportedResponseMIMETypes": items(self.response_types),
        }


def named_specifications(
    spec: RegistrySpec, specifications: Mapping[str, InferenceSpecification] | None
) -> list[dict[str, Any]] | None:
    """Further specifications of a package, by name."""
    return items(
        [
            {"Name": name, "Description": one.description, **one.to_request(spec)}
            for name, one in (specifications or {}).items()
        ]
    )


class RegistrySpec(TaskSpec):
    """Collects the request of a state of the model registry."""

    def add_tag(self, key: str, value: str) -> None:
        """Tag a package, for a policy; not a version in a group, which has the tags of its group."""
        if not {"ModelPackageGroupName", "ModelPackageGroupName.$"} & self.request.keys():
            super().add_tag(key, value)

    def image(self, image: ContainerImage) -> BoundImage | None:
        """An image for inference. The role of the model that is made of the package pulls it, so no role is granted it here."""
        return image.bind(self.context, scope="inference", instance_type=None, faults=self.faults)
