"""The registration of a model, as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.permissions import policies_of
from constructs_ml.core.props import CallProps, RequestProps
from constructs_ml.core.spec import SDK
from constructs_ml.core.task import FromRequest, SageMakerTask, passed_role
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.resources import call_statement, pass_role, resource_arns
from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.registry.group import ModelPackageGroup, group_name, group_pattern
from constructs_ml.tasks.registry.inference import (
    InferenceSpecification,
    PackageContainer,
    RegistrySpec,
    named_specifications,
)
from constructs_ml.tasks.registry.sources import DriftBaselines, ModelMetrics, members_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.enums import ApprovalStatus, ManagedStorage, ModelDomain, RegistrationType, SkipValidation
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.tasks.registry.validation import (
        LifeCycle,
        ModelCard,
        PackageValidation,
        Provenance,
        SourceAlgorithm,
    )


class RegisterProps(CallProps, total=False):
    """The props of a registration that most have no need of."""

    additional_specifications: Mapping[str, InferenceSpecification]
    """More ways to serve the model, by name, at most 15."""
    source_algorithm: SourceAlgorithm
    """The algorithm resource that it was trained with, instead of an inference specification."""
    validation: PackageValidation
    """A transform job that tries the package out. Default: none."""
    skip_validation: SkipValidation | str
    """``All`` to skip SageMaker's own checks. Default: ``None`` are skipped."""
    certify_for_marketplace: bool
    """Has it checked for AWS Marketplace."""
    provenance: Provenance
    """The origin of the model."""
    domain: ModelDomain | str
    """Its field: ``COMPUTER_VISION``, ``NATURAL_LANGUAGE_PROCESSING`` or ``MACHINE_LEARNING``."""
    task: str
    """The task of the model: ``CLASSIFICATION``, ``REGRESSION`` and the like."""
    sample_payload: S3Data
    """An archive of sample requests, for inference recommendations."""
    source_uri: str
    """The source of the model, such as an MLflow run."""
    security_key: AnyKey
    """The KMS key that what the package says is encrypted with. Default: SageMaker's own key."""
    model_card: ModelCard
    """The model card, for people."""
    life_cycle: LifeCycle
    """The model's stage on the way to production."""
    registration_type: RegistrationType | str
    """``Logged`` or ``Registered``. Default: ``Registered``."""
    managed_storage: ManagedStorage | str
    """``Restricted`` to have SageMaker keep the artifacts. Default: they stay where they are."""
    client_token: str
    """The token that distinguishes a repeated call from a new one. Default: the SDK draws one."""


class RegisterModel(FromRequest):
    """Defines a state that registers a model as a version in a group of model packages.

    ::

        register = ml.RegisterModel(
            self, "Register",
            group=group,
            image=ml.ContainerImage.xgboost("1.7-1"),
            data=train.model_artifacts,
            content_types=["text/csv"],
            response_types=["text/csv"],
            metrics=ml.registry.ModelMetrics(model_quality_statistics=evaluate.output("metrics")),
        )

    Its result is the package's ARN. Source of members and limits: the CreateModelPackage API, called through the AWS SDK
    integration.

    Attributes:
        packages: The IAM pattern of its packages' names.
    """

    packages: str = "*"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group: ModelPackageGroup | str | None = None,
        package_name: str | None = None,
        image: ContainerImage | None = None,
        data: S3Data | ModelData | None = None,
        inference: InferenceSpecification | None = None,
        content_types: Sequence[str] = (),
        response_types: Sequence[str] = (),
        realtime_instances: Sequence[str] = (),
        transform_instances: Sequence[str] = (),
        approval_status: ApprovalStatus | str | None = "PendingManualApproval",
        description: str | None = None,
        metrics: ModelMetrics | None = None,
        drift_baselines: DriftBaselines | None = None,
        customer_metadata: Mapping[str, str] | None = None,
        **props: Unpack[RegisterProps],
    ) -> None:
        """Define the registration.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            group: The group that it becomes a version of; or else a name for a package without versions.
            package_name: The name of a package without versions.
            image: The image that serves it.
            data: Its artifacts, such as ``train.model_artifacts``.
            inference: The containers that serve it, if an image and artifacts are not enough.
            content_types: The MIME types that it takes.
            response_types: The MIME types that it gives.
            realtime_instances: The instance types that endpoints may run it on. Default: any.
            transform_instances: The instance types that transform jobs may run it on. Default: any.
            approval_status: ``PendingManualApproval``, ``Approved`` or ``Rejected``; None to leave it to SageMaker.
            description: A description, at most 1,024 characters.
            metrics: Its metrics.
            drift_baselines: The baselines that monitoring compares it with.
            customer_metadata: Further metadata, at most 50 entries.
            props: The rest of the API's members and what all states take:
                :class:`~constructs_ml.tasks.registry.register.RegisterProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = RegistrySpec("CreateModelPackage", scope, construct_id, props, known=RegisterProps, service=SDK)
        spec.members |= _MEMBERS
        if (group is None) == (package_name is None):
            spec.faults.add("group", "or package_name is required, and only one of them", "pass group=")
        single = InferenceSpecification(
            containers=[PackageContainer(image=image, data=data)],
            content_types=content_types,
            response_types=response_types,
            realtime_instances=realtime_instances,
            transform_instances=transform_instances,
        )
        if inference is not None and single != InferenceSpecification(containers=[PackageContainer()]):
            spec.faults.add("inference", "cannot be combined with image, data or types", "say all in inference")
        served = inference or (single if image is not None else None)
        spec.members |= _MEMBERS_OF_ONE if inference is None else {"InferenceSpecification": "inference"}
        if served is None and "source_algorithm" not in props:
            spec.faults.add("image", "or inference or source_algorithm is required", "pass image=")
        super().__init__(
            spec,
            {
                "ModelPackageName": package_name,
                "ModelPackageGroupName": None if group is None else group_name(group),
                "ModelPackageDescription": description,
                "InferenceSpecification": None if served is None else served.to_request(spec),
                "Tags": _tags(spec, group),
                "ModelApprovalStatus": approval_status if group is not None else None,
                "ModelMetrics": None if metrics is None else metrics.to_request(),
                "CustomerMetadataProperties": dict(customer_metadata or {}) or None,
                "DriftCheckBaselines": None if drift_baselines is None else drift_baselines.to_request(),
                **_rest(spec, props),
            },
        )
        self.packages = group_pattern(group) if group is not None else str(package_name)
        validation = props.get("validation")
        role = None if validation is None else validation.role.role_arn
        key = props.get("security_key")
        self._policies = policies_of(
            spec.context,
            _statements(spec, self.packages, role, None if key is None else key.key_arn, self._request),
            spec.faults.path,
        )

    @property
    def package_arn(self) -> str:
        """The package's ARN for the states after it."""
        return self.result("ModelPackageArn")

    @property
    def group_name(self) -> str | None:
        """The name of the group that it becomes a version of; None if it has none, or one that only a run knows."""
        name = self._request.get("ModelPackageGroupName")
        return name.rpartition("/")[2] if isinstance(name, str) else None

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        spec = RegistrySpec("CreateModelPackage", scope, construct_id, props, known=RequestProps, service=SDK)
        SageMakerTask.__init__(self, spec, request)
        group = request.get("ModelPackageGroupName")
        name = parse_runtime_values(request.get("ModelPackageName") or "*")
        prefix = props.get("name_prefix")
        of_name = name if isinstance(name, str) else "*"
        self.packages = f"{prefix}*" if prefix else group_pattern(group) if group else of_name
        role = passed_role(spec, dict(request), None)
        self._policies = policies_of(
            spec.context, _statements(spec, self.packages, role, None, self._request), spec.faults.path
        )


def _statements(
    spec: RegistrySpec, packages: str, role_arn: str | None, key_arn: str | None, request: Mapping[str, Any]
) -> list[Statement]:
    place = spec.context.of_stack.place
    arns = resource_arns(place, "model-package", packages)
    if "ModelPackageGroupName" in request:
        # A version is made in its group.
        arns += resource_arns(place, "model-package-group", packages.removesuffix("/*"))
    statements = [call_statement(("CreateModelPackage",), arns, tags="Tags" in request)]
    if role_arn is not None:
        statements.append(pass_role(role_arn))
    if key_arn is not None:
        statements.append(Statement(("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), (key_arn,)))
    return statements


def _tags(spec: RegistrySpec, group: ModelPackageGroup | str | None) -> Any:  # noqa: ANN401 - a list, or what stands for one
    """A version has the tags of its group, and SageMaker refuses others."""
    if group is None:
        return spec.tags()
    if spec.props.get("tags"):
        spec.faults.add("tags", "cannot be combined with a group, whose tags its versions have", "tag the group")
    return None


def _rest(spec: RegistrySpec, props: RegisterProps) -> dict[str, Any]:
    structures = {
        "ValidationSpecification": props.get("validation"),
        "MetadataProperties": props.get("provenance"),
        "ModelCard": props.get("model_card"),
        "ModelLifeCycle": props.get("life_cycle"),
    }
    algorithm, key, sample = props.get("source_algorithm"), props.get("security_key"), props.get("sample_payload")
    return {
        "SourceAlgorithmSpecification": None if algorithm is None else algorithm.to_request(spec.faults),
        **{name: None if value is None else value.to_request() for name, value in structures.items()},
        "AdditionalInferenceSpecifications": named_specifications(spec, props.get("additional_specifications")),
        "CertifyForMarketplace": props.get("certify_for_marketplace"),
        "ClientToken": props.get("client_token"),
        "Domain": props.get("domain"),
        "Task": props.get("task"),
        "SamplePayloadUrl": None if sample is None else sample.location,
        "SkipModelValidation": props.get("skip_validation"),
        "SourceUri": props.get("source_uri"),
        "SecurityConfig": None if key is None else {"KmsKeyId": key.key_arn},
        "ManagedStorageType": props.get("managed_storage"),
        "ModelPackageRegistrationType": props.get("registration_type"),
    }


_MEMBERS = {
    "AdditionalInferenceSpecifications": "additional_specifications",
    "CertifyForMarketplace": "certify_for_marketplace",
    "ClientToken": "client_token",
    "CustomerMetadataProperties": "customer_metadata",
    "Domain": "domain",
    "ManagedStorageType": "managed_storage",
    "MetadataProperties": "provenance",
    "ModelApprovalStatus": "approval_status",
    "ModelCard": "model_card",
    "ModelLifeCycle": "life_cycle",
    "ModelPackageDescription": "description",
    "ModelPackageGroupName": "group",
    "ModelPackageName": "package_name",
    "ModelPackageRegistrationType": "registration_type",
    "SamplePayloadUrl": "sample_payload",
    "SecurityConfig.KmsKeyId": "security_key",
    "SkipModelValidation": "skip_validation",
    "SourceAlgorithmSpecification": "source_algorithm",
    "SourceUri": "source_uri",
    "Task": "task",
    "ValidationSpecification": "validation",
    **members_of("ModelMetrics", "metrics", ModelMetrics),
    **members_of("DriftCheckBaselines", "drift_baselines", DriftBaselines),
}
_MEMBERS_OF_ONE = {
    "InferenceSpecification.Containers[0].Image": "image",
    "InferenceSpecification.Containers[0].ModelDataSource": "data",
    "InferenceSpecification.Containers[0].ModelDataUrl": "data",
    "InferenceSpecification.SupportedContentTypes": "content_types",
    "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes": "realtime_instances",
    "InferenceSpecification.SupportedResponseMIMETypes": "response_types",
    "InferenceSpecification.SupportedTransformInstanceTypes": "transform_instances",
}
