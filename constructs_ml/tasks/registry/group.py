"""A group of model packages: the versions of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnTag, RemovalPolicy
from constructs import Construct

from constructs_ml.asl.names import job_prefix
from constructs_ml.core.context import context_of
from constructs_ml.core.deprecated import warn_deprecated
from constructs_ml.core.prop_checks import check_construct
from constructs_ml.core.values import parse_runtime_values

if TYPE_CHECKING:
    from collections.abc import Mapping


@check_construct
class ModelPackageGroup(Construct):
    """Defines a group of model packages, the versions of one model.

    ::

        group = ml.registry.ModelPackageGroup(self, "Churn", description="Who will leave us")

    Attributes:
        model_package_group_name: The name of the group.
        model_package_group_arn: The ARN of the group.
    """

    model_package_group_name: str
    model_package_group_arn: str

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model_package_group_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        name: str | None = None,
    ) -> None:
        """Define the group.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            model_package_group_name: The name of the group, which CloudFormation needs. Default: built from the names
                of the stack and the group.
            description: The purpose of its models, in words.
            tags: Its tags, which its packages have too. Default: those of the nearest defaults.
            removal_policy: The fate of the group when it leaves the stack. Default: it is kept; a group with packages cannot
                be deleted.
            name: Deprecated: ``model_package_group_name``.
        """
        from aws_cdk import aws_sagemaker as sagemaker

        super().__init__(scope, construct_id)
        if name is not None:
            warn_deprecated("ModelPackageGroup(name=)", "model_package_group_name=")
        context = context_of(scope)
        every = {**(context.defaults.tags or {}), **(tags or {})}
        own = job_prefix(context.of_stack.owner, context.path_below_stack(construct_id)).rstrip("-")
        self.model_package_group_name = model_package_group_name or name or own
        resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=self.model_package_group_name,
            model_package_group_description=description,
            tags=[CfnTag(key=key, value=every[key]) for key in sorted(every)] or None,
        )
        resource.apply_removal_policy(removal_policy)
        self.model_package_group_arn = resource.attr_model_package_group_arn

    @staticmethod
    def from_model_package_group_name(
        scope: Construct, construct_id: str, model_package_group_name: str
    ) -> ModelPackageGroup:
        """Return a group of the account and region that is there already.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            model_package_group_name: The name of the group.
        """
        return _ImportedGroup(scope, construct_id, model_package_group_name)

    @property
    def name(self) -> str:
        """Deprecated: ``model_package_group_name``."""
        warn_deprecated("ModelPackageGroup.name", "model_package_group_name")
        return self.model_package_group_name

    @property
    def arn(self) -> str:
        """Deprecated: ``model_package_group_arn``."""
        warn_deprecated("ModelPackageGroup.arn", "model_package_group_arn")
        return self.model_package_group_arn


class _ImportedGroup(ModelPackageGroup):
    """A group that is there already."""

    def __init__(self, scope: Construct, group_id: str, model_package_group_name: str) -> None:
        Construct.__init__(self, scope, group_id)
        self.model_package_group_name = model_package_group_name
        place = context_of(scope).of_stack.place
        self.model_package_group_arn = place.arn("sagemaker", f"model-package-group/{model_package_group_name}")


def group_name(group: ModelPackageGroup | str) -> str:
    """The name of a group, as a string for requests."""
    return group.model_package_group_name if isinstance(group, ModelPackageGroup) else group


def group_pattern(group: ModelPackageGroup | str | None) -> str:
    """Return the pattern of the names of a group's packages, as IAM writes it: ``churn/*``."""
    name = "" if group is None else parse_runtime_values(group_name(group))
    if not isinstance(name, str) or not name:
        return "*"
    return f"{name.rpartition('/')[2]}/*"
