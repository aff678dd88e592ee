"""A model that can be hosted, as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import aws_iam as iam

from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.network import network_of, vpc_members
from constructs_ml.core.props import ModelProps
from constructs_ml.core.resource_spec import ResourceSpec
from constructs_ml.core.resource_task import ResourceTask
from constructs_ml.core.s3_data import located
from constructs_ml.iam.job_role import job_statements
from constructs_ml.tasks.hosting.container import ModelContainer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyRole
    from constructs_ml.core.code import Code
    from constructs_ml.core.enums import ExecutionMode
    from constructs_ml.core.execution_role import JobPermissions
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.s3_data import Place
    from constructs_ml.iam.statements import Statement


@jsii.implements(iam.IGrantable)
class CreateModel(ResourceTask):
    """Defines a state that makes a model of an image and artifacts.

    ::

        model = ml.CreateModel(
            self, "CreateModel",
            image=ml.ContainerImage.sklearn("1.2-1"),
            data=train.model_artifacts,
            code=ml.Code.from_asset("src/inference.py"),
        )

    Nothing runs yet: an endpoint or a transform job runs the model, under the model's role. Its result is the model's ARN
    and name. Source of members and limits: the CreateModel API.

    Attributes:
        role: The role that the model's containers run under; None if the request named another.
    """

    operation = "CreateModel"
    name_member = "ModelName"
    arn_type = "model"
    role_member = "ExecutionRoleArn"
    role: AnyRole | None = None
    _permissions: JobPermissions | None = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage | None = None,
        data: Place | ModelData | None = None,
        code: Code | None = None,
        model_package: str | None = None,
        containers: Sequence[ModelContainer] = (),
        execution_mode: ExecutionMode | str | None = None,
        model_name: str | None = None,
        **props: Unpack[ModelProps],
    ) -> None:
        """Define the model.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            image: The image that serves it.
            data: Its artifacts, such as ``train.model_artifacts``. Default: the image has the model in it.
            code: The script for inference that a framework image runs. Default: what the image runs.
            model_package: The name or ARN of a model package, instead of an image and artifacts.
            containers: The containers, at most 15, instead of all of the above: one where it takes more to say what it
                is, several for an inference pipeline.
            execution_mode: ``Serial`` to pass each request through all containers, ``Direct`` to let the caller choose
                one. Default: ``Serial``.
            model_name: The model's name. Default: one that is new at every attempt.
            props: Its environment, network and role, and what all states take:
                :class:`~constructs_ml.core.props.ModelProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = ResourceSpec(
            self.operation, scope, construct_id, props, name=(self.name_member, model_name), known=ModelProps
        )
        spec.network = network_of(
            spec.context, props.get("vpc"), props.get("vpc_subnets"), props.get("security_groups"), spec.faults
        )
        single = ModelContainer(image=image, data=located(data), code=code, model_package=model_package)
        if containers and single != ModelContainer():
            problem = "cannot be combined with image, data, code or model_package"
            spec.faults.add("containers", problem, "pass ml.hosting.ModelContainer(image=..., data=..., code=...)")
        spec.members |= _MEMBERS
        permissions = permissions_for(spec.context, props.get("role"))
        super().__init__(
            spec,
            {
                **_containers(spec, containers, single),
                "InferenceExecutionConfig": None if execution_mode is None else {"Mode": execution_mode},
                "ExecutionRoleArn": permissions.role_arn,
                "Tags": spec.tags(),
                "VpcConfig": spec.vpc_config(),
                "EnableNetworkIsolation": spec.flag("network_isolation"),
            },
            role_arn=permissions.role_arn,
        )
        permissions.allow(job_statements(spec.access, spec.context.of_stack.place))
        self.role = permissions.role
        self._role_policy = permissions.policy
        self._permissions = permissions
        if _packaged_without_reads(containers or [single]):
            text = "model_package has artifacts that the model's role may not read; pass ml.hosting.ModelContainer(..., reads=[...])"
            self._warn(text)

    @property
    def model_name(self) -> str:
        """The model's name for the states after it."""
        return self._name_text()

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Return the principal of grants to the model, its role: ``table.grant_read_data(model)``."""
        if self._permissions is None:
            raise ValueError(f"{self._path} runs under a role that only its request names; grant to that role")
        return self._permissions.granted.grant_principal

    def allow(self, statements: Iterable[Statement]) -> None:
        """Grant the model's role further permissions, for features of an endpoint or a transform job."""
        if self._permissions is not None:
            self._permissions.allow(statements)


def _containers(spec: ResourceSpec, given: Sequence[ModelContainer], single: ModelContainer) -> dict[str, Any]:
    if len(given) > 1:
        return {"Containers": [item.to_request(spec, f"containers[{at}].") for at, item in enumerate(given)]}
    spec.members |= {"PrimaryContainer": "containers[0]"} if given else _MEMBERS_OF_ONE
    return {"PrimaryContainer": given[0].to_request(spec, "containers[0].") if given else single.to_request(spec, "")}


def _packaged_without_reads(containers: Sequence[ModelContainer]) -> bool:
    return any(item.model_package is not None and not item.reads for item in containers)


_MEMBERS = {
    "Containers": "containers",
    "EnableNetworkIsolation": "network_isolation",
    "ExecutionRoleArn": "role",
    "InferenceExecutionConfig.Mode": "execution_mode",
    "ModelName": "model_name",
    **vpc_members("VpcConfig"),
}
_MEMBERS_OF_ONE = {
    "PrimaryContainer.Environment": "environment",
    "PrimaryContainer.Image": "image",
    "PrimaryContainer.ModelDataSource": "data",
    "PrimaryContainer.ModelDataUrl": "data",
    "PrimaryContainer.ModelPackageName": "model_package",
}
