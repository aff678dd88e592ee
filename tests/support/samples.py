"""Valid requests, and requests with exactly one fault, made from botocore's model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_ml.errors import FindingKind
from constructs_ml.sagemaker.model import input_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.model import Shape

HUB = "arn:aws:sagemaker:us-east-1:111122223333:hub-content"
SAGEMAKER = "arn:aws:sagemaker:us-east-1:111122223333"
TEXTS = (
    "abc",
    "text/csv",
    "1D",
    "p1",
    f"sha256:{'0' * 64}",
    f"{SAGEMAKER}:pipeline/name",
    "s3://bucket/key",
    "arn:aws:iam::111122223333:role/Job",
    "arn:aws:lambda:us-east-1:111122223333:function:credentials",
    f"{HUB}/hub/DataSet/name/1.0.0",
    f"{HUB}/hub/Model/name/1.0.0",
    f"{SAGEMAKER}:training-plan/a-plan-with-a-name",
    f"{SAGEMAKER}:mlflow-app/name",
    f"{SAGEMAKER}:model-package-group/name",
    f"{SAGEMAKER}:model-package/name",
    f"{SAGEMAKER}:labeling-job-algorithm-specification/name",
    f"{SAGEMAKER}:workteam/private-crowd/name",
    f"{SAGEMAKER}:human-task-ui/name",
    f"{SAGEMAKER}:model/name",
    "arn:aws:sns:us-east-1:111122223333:topic",
    "fs-0123456789",
    "/metrics",
    "16K",
)
# Texts that most patterns refuse; what is tried is asked of `re`, and the patterns `re` lacks have tests of their own.
BAD_TEXTS = ("!", "a\nb", "\0", "a b", "!" * 60, "\n" * 60)
BEYOND_RE = re.compile(r"\\p|\\uD8")


class Case(NamedTuple):
    """A request with one fault.

    Attributes:
        member: Where the fault is.
        rule: What it is about.
        request: The request.
    """

    member: str
    rule: FindingKind
    request: Any


def sample(shape: Shape) -> Any:
    """The least value that satisfies a shape."""
    if shape.type == "structure":
        names = list(shape.members)[:1] if shape.union else shape.required
        return {name: sample(shape.members[name]) for name in names}
    if shape.type == "list":
        return [sample(shape.member) for _ in range(int(shape.min or 1))]
    if shape.type == "map":
        return {sample(shape.key): sample(shape.value)}
    if shape.type == "string":
        return text(shape)
    return {"boolean": True, "timestamp": 0}.get(shape.type, shape.min or 1)


def text(shape: Shape) -> str:
    """A text that satisfies a shape."""
    if shape.enum:
        return shape.enum[0]
    for candidate in TEXTS:
        long_enough = candidate.ljust(int(shape.min or 0), "0")
        known = shape.pattern is None or BEYOND_RE.search(shape.pattern)
        if (shape.max or 10**6) >= len(long_enough) and (known or re.fullmatch(shape.pattern or "", long_enough)):
            return (
                "arn:aws:lambda:us-east-1:111122223333:function:f" if "Alnum" in (shape.pattern or "") else long_enough
            )
    raise AssertionError(f"no sample matches {shape.name}: {shape.pattern}")


def around(shape: Shape, steps: tuple[str, ...], value: Any) -> Any:
    """A valid value of a shape, but for what stands at the end of the steps."""
    if not steps:
        return value
    step, *rest = steps
    if shape.type == "list":
        return [around(shape.member, tuple(rest), value), *sample(shape)[1:]]
    if shape.type == "map":
        return {sample(shape.key): around(shape.value, tuple(rest), value)}
    base = {} if shape.union else sample(shape)
    return {**base, step: around(shape.members[step], tuple(rest), value)}


def nodes(
    shape: Shape, steps: tuple[str, ...] = (), above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Every shape in a request and the steps to it."""
    yield steps, shape
    if shape.name in above:
        return
    inner = {"[0]": "member", "{}": "value"}
    for step, part in inner.items():
        if shape.type == {"[0]": "list", "{}": "map"}[step]:
            yield from nodes(getattr(shape, part), (*steps, step), (*above, shape.name))
    for name, member in shape.members.items():
        yield from nodes(member, (*steps, name), (*above, shape.name))


def faults(operation: str) -> Iterator[Case]:
    """For everything that can be wrong in a request of this operation, a request in which only that is."""
    root = input_shape(operation)
    for steps, shape in nodes(root):
        for suffix, rule, value in wrong_values(shape):
            here = written(root, steps)
            member = f"{here}.{suffix}" if here and suffix else suffix or here or "the request"
            yield Case(member, rule, around(root, steps, value))


def wrong_values(shape: Shape) -> Iterator[tuple[str, FindingKind, Any]]:
    """Values with one fault: the member of the value at fault ("" for itself), the rule, the value."""
    yield (
        "",
        FindingKind.TYPE,
        {"boolean": "yes", "string": 7, "structure": "x", "map": "x", "timestamp": True}.get(shape.type, "x"),
    )
    if shape.type == "structure":
        good = sample(shape)
        for name in shape.required:
            yield name, FindingKind.REQUIRED, {key: value for key, value in good.items() if key != name}
        if not shape.union:
            yield "Nonsense", FindingKind.UNKNOWN, {**good, "Nonsense": 1}
        else:
            yield "", FindingKind.UNION, {}
    elif shape.enum:
        yield "", FindingKind.ENUM, "nonsense"
    else:
        yield from out_of_bounds(shape)
        if shape.pattern and not BEYOND_RE.search(shape.pattern):
            for bad in BAD_TEXTS:
                fits = (shape.min or 0) <= len(bad) <= (shape.max or 10**6)
                if fits and not re.fullmatch(shape.pattern, bad):
                    yield "", FindingKind.PATTERN, bad
                    break


def out_of_bounds(shape: Shape) -> Iterator[tuple[str, FindingKind, Any]]:
    """Values just below the minimum and just above the maximum; no map has more entries than its keys have values."""
    rule = FindingKind.LENGTH if shape.type in ("string", "list", "map") else FindingKind.RANGE
    if shape.min is not None and (shape.min > 0 or rule is FindingKind.RANGE):
        yield "", rule, of_size(shape, shape.min - 1)
    if shape.max is not None and not (shape.type == "map" and 0 < len(shape.key.enum) <= shape.max):
        yield "", rule, of_size(shape, shape.max + 1)


def of_size(shape: Shape, size: float) -> Any:
    """A value of this size or length, valid but for that."""
    if shape.type == "string":
        return "a" * int(size)
    if shape.type == "list":
        return [sample(shape.member)] * int(size)
    if shape.type == "map":
        keys = shape.key.enum or [f"key{index}" for index in range(int(size))]
        return {key: sample(shape.value) for key in keys[: int(size)]}
    return size


def written(root: Shape, steps: tuple[str, ...]) -> str:
    """Steps as a finding writes them."""
    path, shape = "", root
    for step in steps:
        if shape.type == "map":
            path += f"[{sample(shape.key)!r}]"
            shape = shape.value
        elif shape.type == "list":
            path += step
            shape = shape.member
        else:
            path += f".{step}" if path else step
            shape = shape.members[step]
    return path
