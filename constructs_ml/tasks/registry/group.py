"""A group of model packages: the versions of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnTag, RemovalPolicy
from constructs import Construct

from constructs_ml.asl.names import job_prefix
from constructs_ml.core.context import context_of
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
        name: Its name.
        arn: Its ARN.
        resource: The resource in the template.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Defines the group.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            name: Its name. Default: made of the names of the stack and the group.
            description: What its models are for.
            tags: Its tags, which its packages have too. Default: those of the nearest defaults.
            removal_policy: What becomes of it when it leaves the stack. Default: it is kept; a group with packages cannot
                be deleted.
        """
        from aws_cdk import aws_sagemaker as sagemaker

        super().__init__(scope, construct_id)
        context = context_of(scope)
        every = {**(context.defaults.tags or {}), **(tags or {})}
        own = job_prefix(context.of_stack.owner, context.path_below_stack(construct_id)).rstrip("-")
        self.name = name or own
        self.resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=self.name,
            model_package_group_description=description,
            tags=[CfnTag(key=key, value=every[key]) for key in sorted(every)] or None,
        )
        self.resource.apply_removal_policy(removal_policy)
        self.arn = self.resource.attr_model_package_group_arn


def group_name(group: ModelPackageGroup | str) -> str:
    """The name of a group, as a text for requests."""
    return group.name if isinstance(group, ModelPackageGroup) else group


def group_pattern(group: ModelPackageGroup | str | None) -> str:
    """Return the pattern of the names of a group's packages, as IAM writes it: ``churn/*``."""
    name = "" if group is None else parse_runtime_values(group_name(group))
    if not isinstance(name, str) or not name:
        return "*"
    return f"{name.rpartition('/')[2]}/*"
