"""Search for the values of a request by their names and types in the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from constructs_ml.asl.expressions import Path
from constructs_ml.sagemaker.model import Shape

Wanted: TypeAlias = Callable[[str, Shape], bool]
"""A predicate on a member's name and shape."""

_STRUCTURED = frozenset({"structure", "list", "map"})


def is_instance_type(_: str, shape: Shape) -> bool:
    """Return whether a member is an instance type: ``ml.m5.xlarge``."""
    return shape.type == "string" and shape.name.endswith("InstanceType")


def find_values(
    shape: Shape,
    value: Any,  # noqa: ANN401 - JSON with runtime values in it
    wanted: Wanted,
    path: str = "",
    name: str = "",
) -> Iterator[tuple[str, Any]]:
    """Yield the values of the wanted members, and runtime values of structures that may contain one.

    Args:
        shape: The shape of the value.
        value: The value.
        wanted: The predicate.
        path: The path to the value in the request.
        name: The member that holds the value.

    Yields:
        The path of a value, and the value.
    """
    if value is None:
        return
    if wanted(name, shape):
        yield path, value
    elif (parts := _parts_of(shape, value, path)) is not None:
        for place, part, member, below in parts:
            yield from find_values(below, part, wanted, place, member)
    elif shape.type in _STRUCTURED and _may_hold(shape, wanted, set()):
        yield path, value


def _parts_of(shape: Shape, value: Any, path: str) -> list[tuple[str, Any, str, Shape]] | None:  # noqa: ANN401 - JSON
    """Return the parts of a value that the API knows: paths, values, members and shapes; None for a scalar."""
    if shape.type == "structure" and isinstance(value, Mapping):
        known = [(str(key).removesuffix(".$"), item, key) for key, item in value.items()]
        return [
            (
                f"{path}.{member}" if path else member,
                Path(item) if member != key and isinstance(item, str) else item,
                member,
                shape.members[member],
            )
            for member, item, key in known
            if member in shape.members
        ]
    if shape.type == "list" and isinstance(value, list):
        return [(f"{path}[{at}]", item, "", shape.member) for at, item in enumerate(value)]
    if shape.type == "map" and isinstance(value, Mapping):
        return [(f"{path}.{key}", item, "", shape.value) for key, item in value.items()]
    return None


def _may_hold(shape: Shape, wanted: Wanted, seen: set[str]) -> bool:
    """Return whether a wanted member can be anywhere below a shape."""
    if shape.name in seen:
        return False
    seen.add(shape.name)
    if shape.type == "structure":
        below = list(shape.members.items())
    elif shape.type in _STRUCTURED:
        below = [("", shape.member if shape.type == "list" else shape.value)]
    else:
        below = []
    return any(wanted(name, each) or _may_hold(each, wanted, seen) for name, each in below)
