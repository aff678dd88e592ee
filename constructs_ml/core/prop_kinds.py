"""The kinds that the annotation of a prop allows."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


ALIASES = {
    "AnyFunction": "lambda_.IFunction",
    "AnyKey": "kms.IKey",
    "AnyRole": "iam.IRole",
    "AnyTarget": "Any",
    "AnyTopic": "sns.ITopic",
    "App": "str | Path | S3Data",
    "Channels": "Mapping[str, S3Data | TrainingChannel | FileSystem | HubDataset]",
    "Data": "S3Data | str",
    "File": "MetricsFile | S3Data",
    "MetricShape": "Mapping[str, type | MetricShape]",
    "Place": "S3Data",
    "Inputs": "Mapping[str, S3Data | ProcessingInput]",
    "Outputs": "Sequence[str] | Mapping[str, S3Data | ProcessingOutput]",
    # What is no such job is told by whoever reads it.
    "SyncJob": "Job",
    "Runtime": "Path | Expression | Format | Merge",
}
"""The meaning of names in annotations that are not classes."""
OPEN = ("Any", "Range", "object")
"""Names of types that may be anything, or that the code reading them checks."""
WHOLE = "Whole"
"""The name of what stands for all of a mapping or a list at run time."""
PROTOCOLS = {"JobPolicy": ("apply",), "NamedModel": ("model_name",)}
"""Names of types that no class identifies, with the members that do."""
SCALARS = {"bool": (bool,), "float": (int, float), "int": (int, float), "str": (str,)}
LISTS = ("Sequence", "list", "tuple")
MAPPINGS = ("Mapping", "dict")


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of values that an annotation allows.

    Attributes:
        names: The kinds by name.
        of_items: For each, the annotation of what is in it.
        scalars: Whether all are strings, numbers and booleans.
        text: Whether a string is the only one.
    """

    names: tuple[str, ...]
    of_items: tuple[str, ...]
    scalars: bool
    text: bool


@cache
def kinds_of(annotation: str) -> Kinds:
    """Return what an annotation allows, as a module with ``from __future__ import annotations`` has it."""
    names, of_items = zip(*_alternatives(ast.parse(annotation, mode="eval").body), strict=True)
    return Kinds(names, of_items, scalars=all(name in SCALARS for name in names), text=set(names) == {"str"})


def _alternatives(node: ast.expr) -> Iterator[tuple[str, str]]:
    """The kinds in an annotation, each with the annotation of what is in it."""
    if isinstance(node, ast.BinOp):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        yield "str", "Any"
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = ast.unparse(node.value)
        yield head, ast.unparse(inner[1 if head in MAPPINGS else 0])
    elif isinstance(node, (ast.Name, ast.Attribute)):
        name = ast.unparse(node)
        if name in ALIASES:
            yield from _alternatives(ast.parse(ALIASES[name], mode="eval").body)
        else:
            yield name, "Any"


_FIXES = {
    "Code": "pass Code.from_asset({})",
    "ContainerImage": "pass ContainerImage.from_registry({})",
    "JobKind": "pass ml.events.JobKind.TRAINING",
    "Duration": "pass Duration.hours(1)",
    "S3Data": "pass S3Data.from_uri({})",
    "Size": "pass Size.gibibytes(30)",
    "ec2.ISecurityGroup": "pass ec2.SecurityGroup.from_security_group_id(self, 'Group', {})",
    "ec2.SubnetSelection": "pass ec2.SubnetSelection(subnets=[ec2.Subnet.from_subnet_id(self, 'Subnet', {})])",
    "iam.IRole": "pass iam.Role.from_role_arn(self, 'Role', {})",
    "s3.IBucket": "pass s3.Bucket.from_bucket_name(self, 'Bucket', {})",
    "kms.IKey": "pass kms.Key.from_key_arn(self, 'Key', {})",
}
_FRAMEWORKS = {"scikit-learn": "sklearn", **{name: name for name in ("pytorch", "sklearn", "spark", "xgboost")}}
"""The methods of ContainerImage for SageMaker's own images, by names of the frameworks."""
_UNITS = {"Duration": "Duration.seconds", "Size": "Size.gibibytes"}
"""The most likely meaning of a plain number, as SageMaker's API has it."""


def usual_fix(names: Iterable[str], given: str = "...") -> str:
    """The fix for a value of any kind.

    Args:
        names: The kinds that it may be of.
        given: The value.
    """
    return next((_FIXES[name].format(given) for name in names if name in _FIXES), "")


def fix_of(names: Iterable[str], value: Any) -> str:  # noqa: ANN401 - whatever the user passed
    """The fix for a value, with the value in it.

    Args:
        names: The kinds that it may be of.
        value: The value.
    """
    kinds = tuple(names)
    if isinstance(value, str):
        framework, _, version = value.partition(":")
        if "ContainerImage" in kinds and framework.lower() in _FRAMEWORKS:
            return f"pass ContainerImage.{_FRAMEWORKS[framework.lower()]}({shown(version) if version else 'version'})"
        return next((found for name in kinds if (found := _import(name, value))), "") or usual_fix(kinds, shown(value))
    unit = next((_UNITS[name] for name in kinds if name in _UNITS), None)
    if unit is not None and isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"pass {unit}({value})"
    return usual_fix(kinds)


def _import(name: str, text: str) -> str:
    """Return aws-cdk-lib's call that imports what a string names otherwise than by the usual ARN or name."""
    given = shown(text)
    key = f"Stack.of(self).format_arn(service='kms', resource='key', resource_name={given})"
    bucket = shown(text.removeprefix("s3://").partition("/")[0])
    found = {
        ("S3Data", "name"): "pass 's3://bucket/prefix'",
        ("iam.IRole", "name"): f"pass iam.Role.from_role_name(self, 'Role', {given})",
        ("kms.IKey", "alias"): f"pass kms.Key.from_lookup(self, 'Key', alias_name={given})",
        ("kms.IKey", "name"): f"pass kms.Key.from_key_arn(self, 'Key', {key})",
        ("s3.IBucket", "arn"): f"pass s3.Bucket.from_bucket_arn(self, 'Bucket', {given})",
        ("s3.IBucket", "s3"): f"pass s3.Bucket.from_bucket_name(self, 'Bucket', {bucket})",
    }
    form = re.match(r"(arn|s3)(?=:)|(alias)(?=/)", text)
    return found.get((name, form[0] if form else "name"), "")
