"""Constraints on a single value: its type, values, length, range and pattern."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sized
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Finding, FindingKind, Severity, shown
from constructs_ml.sagemaker.patterns import matches
from constructs_ml.sagemaker.registries import IMAGES, check_image
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from constructs_ml.sagemaker.model import Shape


_IN_ANY_DIALECT = ("missing )", "nothing to repeat", "unbalanced parenthesis", "unterminated character set")
"""Python's errors for expressions that ``java.util.regex.Pattern`` refuses too; other errors may be Python's alone."""


def check_expression(expression: str, member: str) -> Iterator[Finding]:
    """Yield the finding that a metric's regular expression is invalid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(expression)
    except re.error as error:
        if str(error.msg).startswith(_IN_ANY_DIALECT):
            where = "" if error.pos is None else f" at position {error.pos}"
            problem = f"must be a regular expression, got {shown(expression)}: {error.msg}{where}"
            yield Finding(member, problem, "escape literal characters with a backslash", FindingKind.PATTERN)


_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "structure": ("a mapping", (dict, Mapping)),
    "map": ("a mapping", (dict, Mapping)),
    "list": ("a list", (list, tuple)),
    "string": ("a string", (str,)),
    "integer": ("an integer", (int,)),
    "long": ("an integer", (int,)),
    "float": ("a number", (int, float)),
    "double": ("a number", (int, float)),
    "boolean": ("a boolean", (bool,)),
    "timestamp": ("a timestamp", (str, int, float, datetime)),
}
_UNITS = {"string": "characters", "list": "items", "map": "entries"}
_INSTANCE_TYPE = re.compile(r"ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+")
_SHOWN_VALUES = 12
_COMPUTED = "compute with sfn.JsonPath.math_add or JSONata, as Python cannot"
_LARGEST = 1e280
"""A larger number is the result of arithmetic on a token of aws-cdk-lib."""
_NEVER_EMPTY = {
    "ContainerArgument",
    "ContainerEntrypointString",
    "TrainingContainerArgument",
    "TrainingContainerEntrypointString",
}
"""Strings that the service refuses if empty, though its model sets no minimum. Source: issue 3758 of
aws/sagemaker-python-sdk, which shows the service's answer."""
_ONE_LINE = "its pattern is .*, which line breaks do not match"
_HINTS = {
    r"(https|s3)://([^/]+)/?(.*)": "write it as s3://bucket/prefix",
    r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}": "use letters, digits and single hyphens between them",
    r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+": "pass a role's ARN: arn:aws:iam::ACCOUNT:role/NAME",
}


@lru_cache(maxsize=4096)
def scalar_findings(shape: Shape, kind: str, value: str | int) -> tuple[Finding, ...]:  # noqa: ARG001 - 1 is True to a cache
    """Return the findings about a string, an integer or a boolean, without the member's name, for reuse anywhere."""
    return tuple(check_type(shape, value, "")) or tuple(check_value(shape, value, ""))


@cache
def is_bounded(shape: Shape) -> bool:
    """Return whether :func:`check_value` may find anything wrong with values of a shape."""
    bounds = (shape.enum, shape.min, shape.max, shape.pattern)
    return any(bound or bound == 0 for bound in bounds) or shape.name in {*IMAGES, *_NEVER_EMPTY, "MetricRegex"}


def check_type(shape: Shape, value: object, member: str) -> Iterator[Finding]:
    """Yield the finding that a value has the wrong type."""
    if shape.type not in _TYPES:
        return
    name, types = _TYPES[shape.type]
    if not isinstance(value, types) or (isinstance(value, bool) and shape.type != "boolean"):
        computed = isinstance(value, float) and _LARGEST < abs(value) < math.inf
        got = "the result of arithmetic on a number that is known only later" if computed else _named(value)
        yield Finding(
            member, f"must be {name}, got {got}", _COMPUTED if computed else _cast(shape, value), FindingKind.TYPE
        )
    elif isinstance(value, float) and not math.isfinite(value):
        yield Finding(member, f"must be a finite number, got {value!r}", "", FindingKind.TYPE)


def _named(value: object) -> str:
    return f"{type(value).__name__} {shown(value)}"


def check_value(shape: Shape, value: Any, member: str) -> Iterator[Finding]:  # noqa: ANN401 - a request is JSON
    """Yield the first of the shape's constraints that a value of the right type breaks."""
    if shape.enum:
        yield from _check_enum(shape, value, member)
        return
    if shape.type == "structure":
        yield from check_image(shape.name, value, member)
    if value == "" and shape.name in _NEVER_EMPTY:
        yield Finding(member, "must not be empty, which SageMaker refuses", "leave it out", FindingKind.LENGTH)
        return
    if shape.name == "MetricRegex":
        yield from check_expression(value, member)
    out_of_range = list(_check_size(shape, value, member))
    yield from out_of_range
    if isinstance(value, str) and shape.pattern and not out_of_range and not matches(shape.pattern, value):
        one_line = shape.pattern == ".*"
        problem = "must be one line" if one_line else f"must match {shape.pattern}"
        hint = _ONE_LINE if one_line else _HINTS.get(shape.pattern, "")
        yield Finding(member, f"{problem}, got {shown(value)}", hint, FindingKind.PATTERN)


def _check_enum(shape: Shape, value: str, member: str) -> Iterator[Finding]:
    if value in shape.enum:
        return
    known = sorted(shape.enum)
    if not shape.name.endswith("InstanceType"):
        listed = ", ".join(known[:_SHOWN_VALUES]) + (
            f", ... ({len(known)} values)" if len(known) > _SHOWN_VALUES else ""
        )
        near = nearest(value, known)
        fix = f"did you mean {near[0]!r}?" if near else ""
        yield Finding(member, f"must be one of {listed}, got {value!r}", fix, FindingKind.ENUM)
        return
    near = [f"ml.{value}"] if f"ml.{value}" in shape.enum else nearest(value, known)
    if _INSTANCE_TYPE.fullmatch(value):
        # New instance types appear between releases of botocore: the service may know this one.
        problem = f"is not an instance type of this member in botocore's model, got {value!r}"
        fix = "update botocore if it is new" + (f", or did you mean {near[0]!r}?" if near else "")
        yield Finding(member, problem, fix, FindingKind.ENUM, Severity.WARNING)
    else:
        fix = f"did you mean {near[0]!r}?" if near else "write it as 'ml.m5.xlarge'"
        yield Finding(member, f"must be an instance type ml.FAMILY.SIZE, got {value!r}", fix, FindingKind.ENUM)


def _check_size(shape: Shape, value: Sized | float, member: str) -> Iterator[Finding]:
    if (shape.min is None and shape.max is None) or not isinstance(value, (int, float, Sized)):
        return
    size = len(value) if isinstance(value, Sized) else value
    if (shape.min is None or size >= shape.min) and (shape.max is None or size <= shape.max):
        return
    allowed = _range(shape)
    if isinstance(value, Sized):
        unit = _UNITS.get(shape.type, "members")
        yield Finding(member, f"must have {allowed} {unit}, got {size}", _length_fix(value), FindingKind.LENGTH)
    else:
        fix = f"pass {shape.max if shape.max is not None and size > shape.max else shape.min}"
        yield Finding(member, f"must be {allowed}, got {value!r}", fix, FindingKind.RANGE)


def _range(shape: Shape) -> str:
    if shape.max is None:
        return f"at least {shape.min}"
    if shape.min is None:
        return f"at most {shape.max}"
    return str(shape.min) if shape.min == shape.max else f"{shape.min}-{shape.max}"


def _length_fix(value: Sized) -> str:
    return "" if len(value) else "leave it out"


def _cast(shape: Shape, value: object) -> str:
    """Return the fix for a value of the wrong type."""
    if shape.type == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return f"pass {value.capitalize()}"
    if shape.type in ("integer", "long") and isinstance(value, str) and re.fullmatch(r"-?\d+", value, re.ASCII):
        return f"pass {value}"
    if shape.type in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return f"pass {int(value)}"
    if shape.type == "string" and isinstance(value, (int, float)):
        return f"pass '{str(value).lower()}'"
    if shape.type == "list" and isinstance(value, str):
        return f"pass [{shown(value)}]"
    return ""
