"""The approval of a model package, as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Path
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.props import CallProps, RequestProps
from constructs_ml.core.requests import items
from constructs_ml.core.spec import SDK
from constructs_ml.core.task import FromRequest, SageMakerTask
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.resources import call_statement, resource_arns
from constructs_ml.tasks.registry.group import group_pattern
from constructs_ml.tasks.registry.inference import RegistrySpec, named_specifications
from constructs_ml.tasks.registry.register import RegisterModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.enums import ApprovalStatus, RegistrationType
    from constructs_ml.iam.resources import Place
    from constructs_ml.tasks.registry.group import ModelPackageGroup
    from constructs_ml.tasks.registry.inference import InferenceSpecification
    from constructs_ml.tasks.registry.validation import LifeCycle, ModelCard


def package_reference(package: RegisterModel | str) -> str | Runtime:
    """The ARN of a package, as the kernel writes it."""
    if isinstance(package, RegisterModel):
        return Path(package.path_to("ModelPackageArn"))
    reference: str | Runtime = parse_runtime_values(package)
    return reference


def package_arns(
    place: Place, package: RegisterModel | str, group: ModelPackageGroup | str | None = None
) -> tuple[str, ...]:
    """The ARNs that a state needs to be allowed to use a package."""
    if isinstance(package, RegisterModel):
        return resource_arns(place, "model-package", package.packages)
    arn = parse_runtime_values(package)
    if isinstance(arn, str) and arn:
        return (arn,)
    return resource_arns(place, "model-package", group_pattern(group))


ANY_PACKAGE = "package is known only at run time, so the state machine may use any model-package; pass group="


class UpdateProps(CallProps, total=False):
    """Props of a change of a model package in addition to its approval."""

    customer_metadata: Mapping[str, str]
    """Entries that are added to its metadata, at most 50."""
    remove_customer_metadata: Sequence[str]
    """The names of entries that are removed."""
    inference: InferenceSpecification
    """The containers that serve it from now on."""
    add_specifications: Mapping[str, InferenceSpecification]
    """More ways to serve it, by name, at most 15."""
    source_uri: str
    """The source of the model."""
    model_card: ModelCard
    """The model card, for people."""
    life_cycle: LifeCycle
    """Its stage on the way to production."""
    registration_type: RegistrationType | str
    """``Logged`` or ``Registered``."""
    client_token: str
    """The token that distinguishes a repeated call from a new one. Default: the SDK draws one."""


class UpdateModelApproval(FromRequest):
    """Defines a state that approves or rejects a model package, or changes what is said of it.

    ::

        approve = ml.UpdateModelApproval(self, "Approve", package=register, approval_status="Approved")

    Its result is the package's ARN. Source of members and limits: the UpdateModelPackage API, called through the AWS SDK
    integration.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: RegisterModel | str,
        approval_status: ApprovalStatus | str | None = None,
        approval_description: str | None = None,
        group: ModelPackageGroup | str | None = None,
        **props: Unpack[UpdateProps],
    ) -> None:
        """Define the update.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            package: A ``RegisterModel`` state, or a package's ARN.
            approval_status: ``Approved``, ``Rejected`` or ``PendingManualApproval``. Default: as it was.
            approval_description: The reason, at most 1,024 characters.
            group: The package's group, where its ARN is known only at run time: it says what the state machine may
                change. Default: any package.
            props: Further changes, and the props of all states:
                :class:`~constructs_ml.tasks.registry.approval.UpdateProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = RegistrySpec("UpdateModelPackage", scope, construct_id, props, known=UpdateProps, service=SDK)
        spec.members |= _MEMBERS
        if props.get("tags"):
            spec.faults.add("tags", "cannot be changed by an update", "tag the package when it is registered")
        inference, card, cycle = props.get("inference"), props.get("model_card"), props.get("life_cycle")
        super().__init__(
            spec,
            {
                "ModelPackageArn": package_reference(package),
                "ModelApprovalStatus": approval_status,
                "ModelPackageRegistrationType": props.get("registration_type"),
                "ApprovalDescription": approval_description,
                "CustomerMetadataProperties": dict(props.get("customer_metadata") or {}) or None,
                "CustomerMetadataPropertiesToRemove": items(props.get("remove_customer_metadata") or ()),
                "AdditionalInferenceSpecificationsToAdd": named_specifications(spec, props.get("add_specifications")),
                "InferenceSpecification": None if inference is None else inference.to_request(spec),
                "SourceUri": props.get("source_uri"),
                "ModelCard": None if card is None else card.to_request(),
                "ModelLifeCycle": None if cycle is None else cycle.to_request(),
                "ClientToken": props.get("client_token"),
            },
        )
        self._allow(spec, package, group)

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        spec = RegistrySpec("UpdateModelPackage", scope, construct_id, props, known=RequestProps, service=SDK)
        SageMakerTask.__init__(self, spec, request)
        self._allow(spec, request.get("ModelPackageArn", ""), props.get("name_prefix"))

    def _allow(self, spec: RegistrySpec, package: RegisterModel | str, group: ModelPackageGroup | str | None) -> None:
        arns = package_arns(spec.context.of_stack.place, package, group)
        if arns[0].endswith("model-package/*"):
            self._warn(ANY_PACKAGE)
        self._policies = policies_of(spec.context, [call_statement(("UpdateModelPackage",), arns)], spec.faults.path)


_MEMBERS = {
    "AdditionalInferenceSpecificationsToAdd": "add_specifications",
    "ApprovalDescription": "approval_description",
    "ClientToken": "client_token",
    "CustomerMetadataProperties": "customer_metadata",
    "CustomerMetadataPropertiesToRemove": "remove_customer_metadata",
    "InferenceSpecification": "inference",
    "ModelApprovalStatus": "approval_status",
    "ModelCard": "model_card",
    "ModelLifeCycle": "life_cycle",
    "ModelPackageArn": "package",
    "ModelPackageRegistrationType": "registration_type",
    "SourceUri": "source_uri",
}
