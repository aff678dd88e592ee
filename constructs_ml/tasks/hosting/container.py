"""The containers of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.dynamic import is_whole
from constructs_ml.asl.expressions import merged
from constructs_ml.core.enums import api_value
from constructs_ml.core.image import FrameworkImage
from constructs_ml.core.model_data import allow_read, as_model_data
from constructs_ml.core.requests import items, seconds, structure
from constructs_ml.core.values import parse_runtime_values, texts
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.cdk_types import AnyFunction
    from constructs_ml.core.code import Code
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.requests import Whole
    from constructs_ml.core.resource_spec import ResourceSpec
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.tasks.training.services import RegistryAccess

LOADS_CODE_FROM_S3 = frozenset({"chainer", "coach-mxnet", "mxnet", "sklearn", "xgboost"})
"""The frameworks whose images fetch the script for inference from S3. The others look for it in the model's archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContainer:
    """A container of a model: an image with artifacts and a script, or a model package.

    Attributes:
        image: The image; or else a model package.
        data: The artifacts: a ``model.tar.gz``, such as ``train.model_artifacts``, or for several models the prefix that
            they are below. Default: the image has the model in it.
        code: The script for inference that a framework image runs. Default: what the image runs.
        environment: Environment variables, at most 100, added to the model's.
        model_package: The name or ARN of a model package, instead of an image.
        inference_specification: The inference specification of the package that is used. Default: its first.
        hostname: Its name for the other containers, and for callers of one container alone.
        multi_model: Whether the artifacts are a prefix with many models that are loaded when they are called.
        cache_models: Whether such models stay in memory. Default: yes.
        additional_data: More artifacts, by the name of the folder below ``/opt/ml/additional-model-data-sources`` that
            they are put in, at most 5.
        image_access: ``Platform`` to pull the image from ECR, ``Vpc`` for a private registry in the model's VPC.
            Default: ``Platform``.
        registry_credentials: The function that gives the credentials of the private registry.
        metrics_path: The path that the container serves metrics at: ``/metrics``. Default: none.
        metrics_interval: How often they are collected.
        reads: Other data that it reads from S3, such as the artifacts of a model package.
        repositories: The ARNs of ECR repositories that it needs besides, such as the image's of a model package.
    """

    image: ContainerImage | None = None
    data: S3Data | ModelData | None = None
    code: Code | None = None
    environment: Mapping[str, str] | Whole = field(default_factory=dict)
    model_package: str | None = None
    inference_specification: str | None = None
    hostname: str | None = None
    multi_model: bool | None = None
    cache_models: bool | None = None
    additional_data: Mapping[str, ModelData] = field(default_factory=dict)
    image_access: RegistryAccess | str | None = None
    registry_credentials: AnyFunction | None = None
    metrics_path: str | None = None
    metrics_interval: Duration | str | None = None
    reads: Sequence[S3Data] = ()
    repositories: Sequence[str] = ()

    def to_request(self, spec: ResourceSpec, where: str) -> dict[str, Any]:
        """The container's definition in a request; what it needs is declared.

        Args:
            spec: The model.
            where: Where its props stand, for messages: empty, or ``containers[0].``.
        """
        if (self.image is None) == (self.model_package is None):
            problem = "or model_package is required, and only one of them"
            spec.faults.add(f"{where}image", problem, "pass image=")
        bound = (
            None
            if self.image is None
            else spec.image(self.image, None, member=f"{where}image", private=api_value(self.image_access) == "Vpc")
        )
        for data in self.reads:
            allow_read(data, spec, lambda: spec.unknown_location(f"{where}reads"))
        spec.access.repositories += self.repositories
        whole = as_model_data(self.data, spec.faults, f"{where}data")
        return {
            "ContainerHostname": self.hostname,
            "Image": None if bound is None else bound.uri,
            "ImageConfig": self._image_config(spec, where),
            "Mode": None if self.multi_model is None else "MultiModel" if self.multi_model else "SingleModel",
            "ModelDataUrl": None if whole else self._data(spec, where, whole),
            "ModelDataSource": {"S3DataSource": self._data(spec, where, whole)} if whole else None,
            "AdditionalModelDataSources": self._additional(spec, where),
            "Environment": self._environment(spec, where) or None,
            "ModelPackageName": self.model_package,
            "InferenceSpecificationName": self.inference_specification,
            "MultiModelConfig": self._cache(spec, where),
            "ContainerMetricsConfig": self._metrics(spec, where),
        }

    def _data(self, spec: ResourceSpec, where: str, whole: ModelData | None) -> Any:  # noqa: ANN401 - a location or a structure
        def unknown() -> None:
            spec.unknown_location(f"{where}data")

        if whole is not None:
            whole.allow(spec, unknown)
            return whole.to_request()
        if self.data is None:
            return None
        data = cast("S3Data", self.data)
        allow_read(data, spec, unknown)
        return data.location

    def _additional(self, spec: ResourceSpec, where: str) -> list[dict[str, Any]] | None:
        for name, data in self.additional_data.items():
            data.allow(spec, lambda name=name: spec.unknown_location(f"{where}additional_data[{name!r}]"))  # type: ignore[misc] # mypy 14459
        return items(
            [{"ChannelName": name, "S3DataSource": data.to_request()} for name, data in self.additional_data.items()]
        )

    def _environment(self, spec: ResourceSpec, where: str) -> dict[str, Any] | Runtime:
        own = self.environment if is_whole(self.environment) else texts(cast("Mapping[str, Any]", self.environment))
        script = self._script(spec, where)
        # At run time the names that run the script are the last, so that no other takes their place.
        parts = (own, script) if is_whole(own) else (script, own)
        return merged(spec.environment() or {}, *map(parse_runtime_values, parts))

    def _script(self, spec: ResourceSpec, where: str) -> dict[str, Any]:
        """The environment that has the inference toolkit in a framework image run the script."""
        if self.code is None:
            return {}
        framework = self.image.name if isinstance(self.image, FrameworkImage) else None
        if framework is not None and framework not in LOADS_CODE_FROM_S3:
            spec.faults.add(
                f"{where}code",
                f"is not for {framework}, whose image looks for the script in the model's archive",
                "let the training script copy it to code/inference.py of its model folder, and leave it out here",
            )
        if spec.flag("network_isolation"):
            spec.faults.add(
                f"{where}code",
                "cannot be combined with network_isolation: the image fetches it from S3, over the network",
                "let the training script copy it to code/inference.py of its model folder, and leave it out here",
            )
        script = self.code.for_training(spec.context, spec.faults)
        if script is None:
            return {}
        spec.access.reads += script.archive.objects
        if script.requirements.ignored:
            spec.warnings.append(f"{where}code {script.requirements.ignored}")
        return {
            "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
            "SAGEMAKER_PROGRAM": script.program,
            "SAGEMAKER_REGION": spec.context.of_stack.place.region,
            "SAGEMAKER_SUBMIT_DIRECTORY": script.archive.location,
        }

    def _image_config(self, spec: ResourceSpec, where: str) -> dict[str, Any] | None:
        credentials = self.registry_credentials
        if credentials is not None:
            if api_value(self.image_access) != "Vpc":
                problem = f"are for image_access='Vpc', got {self.image_access!r}"
                spec.faults.add(f"{where}registry_credentials", problem, "pass image_access='Vpc'")
            spec.access.other.append(Statement(("lambda:InvokeFunction",), (credentials.function_arn,)))
        if self.image_access is None:
            return None
        provider = None if credentials is None else {"RepositoryCredentialsProviderArn": credentials.function_arn}
        return structure({"RepositoryAccessMode": self.image_access, "RepositoryAuthConfig": provider})

    def _cache(self, spec: ResourceSpec, where: str) -> dict[str, str] | None:
        if self.cache_models is None:
            return None
        if not self.multi_model:
            spec.faults.add(f"{where}cache_models", "is for several models only", "pass multi_model=True")
        return {"ModelCacheSetting": "Enabled" if self.cache_models else "Disabled"}

    def _metrics(self, spec: ResourceSpec, where: str) -> dict[str, Any] | None:
        interval = seconds(self.metrics_interval)
        if self.metrics_path is None:
            if interval is not None:
                spec.faults.add(f"{where}metrics_interval", "needs a metrics_path", "pass metrics_path='/metrics'")
            return None
        endpoint = structure({"MetricsEndpointPath": self.metrics_path, "MetricPublishFrequencyInSeconds": interval})
        return {"MetricsEndpoints": [endpoint]}
