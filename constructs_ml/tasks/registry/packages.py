"""Model packages that states refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Path
from constructs_ml.core.values import to_core
from constructs_ml.iam.resources import resource_arns
from constructs_ml.tasks.registry.group import group_pattern
from constructs_ml.tasks.registry.register import RegisterModel

if TYPE_CHECKING:
    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.iam.place import Place
    from constructs_ml.tasks.registry.group import ModelPackageGroup


def package_reference(package: RegisterModel | str) -> str | Runtime:
    """The ARN of a package, as the pure core writes it."""
    if isinstance(package, RegisterModel):
        return Path(package.path_to("ModelPackageArn"))
    reference: str | Runtime = to_core(package)
    return reference


def package_arns(
    place: Place, package: RegisterModel | str, group: ModelPackageGroup | str | None = None
) -> tuple[str, ...]:
    """The ARNs that a state needs to be allowed to use a package."""
    if isinstance(package, RegisterModel):
        return resource_arns(place, "model-package", package.packages)
    arn = to_core(package)
    if isinstance(arn, str) and arn:
        return (arn,)
    return resource_arns(place, "model-package", group_pattern(group))
