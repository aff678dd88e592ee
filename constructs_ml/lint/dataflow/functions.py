"""The intrinsic functions: their parameters and results.

Source: the Step Functions developer guide, "Intrinsic functions for JSONPath states".
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.change import merged
from constructs_ml.lint.dataflow.intrinsics import Call, Literal
from constructs_ml.lint.dataflow.lookup import find
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    STRING,
    Array,
    array_of,
    array_with,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.lint.dataflow.intrinsics import Argument
    from constructs_ml.lint.dataflow.shape import Shape


@dataclass(frozen=True, slots=True)
class Function:
    """The parameters of an intrinsic function.

    Attributes:
        least: The least number of arguments.
        most: The greatest number; None if it is unbounded.
        types: The types of literal arguments, in order: ``string``, ``number``; empty for any.
        choices: The position of an argument, and the values that a literal there may have.
    """

    least: int
    most: int | None
    types: tuple[str, ...] = ()
    choices: tuple[int, tuple[str, ...]] | None = None


_HASHES = ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512")
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "States.Array": Function(0, None),
        "States.ArrayContains": Function(2, 2, ("path",)),
        "States.ArrayGetItem": Function(2, 2, ("path", "number")),
        "States.ArrayLength": Function(1, 1, ("path",)),
        "States.ArrayPartition": Function(2, 2, ("path", "number")),
        "States.ArrayRange": Function(3, 3, ("number", "number", "number")),
        "States.ArrayUnique": Function(1, 1, ("path",)),
        "States.Base64Decode": Function(1, 1, ("string",)),
        "States.Base64Encode": Function(1, 1, ("string",)),
        "States.Format": Function(1, None, ("string",)),
        "States.Hash": Function(2, 2, ("", "string"), (1, _HASHES)),
        "States.JsonMerge": Function(3, 3, ("path", "path", "boolean"), (2, ("false",))),
        "States.JsonToString": Function(1, 1, ("path",)),
        "States.MathAdd": Function(2, 2, ("number", "number")),
        "States.MathRandom": Function(2, 3, ("number", "number", "number")),
        "States.StringSplit": Function(2, 2, ("string", "string")),
        "States.StringToJson": Function(1, 1, ("string",)),
        "States.UUID": Function(0, 0),
    }
)
"""The functions by name. The type ``path`` excludes literals: only a path or another call is allowed."""

_GIVES: Mapping[str, Shape] = MappingProxyType(
    {
        "States.ArrayContains": BOOLEAN,
        "States.ArrayLength": NUMBER,
        "States.ArrayRange": array_of(NUMBER),
        "States.Base64Decode": STRING,
        "States.Base64Encode": STRING,
        "States.Format": STRING,
        "States.Hash": STRING,
        "States.JsonToString": STRING,
        "States.MathAdd": NUMBER,
        "States.MathRandom": NUMBER,
        "States.StringSplit": array_of(STRING),
        "States.UUID": STRING,
    }
)


_LISTS = ("States.ArrayPartition", "States.ArrayUnique")


def always_gives(call: Call) -> Shape | None:
    """Return the result that a call has for all arguments; None if it depends on them."""
    if call.name == "States.Array":
        return array_with(tuple(map(_always, call.arguments)))
    return array_of(ANYTHING) if call.name in _LISTS else _GIVES.get(call.name)


def _always(argument: Argument) -> Shape:
    """Return the shape of an argument, whatever value it reads."""
    if isinstance(argument, Literal):
        kinds = ((str, STRING), (bool, BOOLEAN), (float, NUMBER))
        return next((shape for kind, shape in kinds if isinstance(argument.value, kind)), ANYTHING)
    return (always_gives(argument) if isinstance(argument, Call) else None) or ANYTHING


def result_of(call: Call, arguments: tuple[Shape, ...]) -> Shape:
    """Return the result of a call.

    Args:
        call: The call.
        arguments: The shapes of its arguments.
    """
    if call.name == "States.Array":
        return array_with(arguments)
    if call.name in _GIVES or not arguments:
        return _GIVES.get(call.name, ANYTHING)
    first = arguments[0]
    item = item_of(first)
    if call.name == "States.ArrayGetItem":
        at = getattr(call.arguments[-1], "value", None)
        # An argument that is not an index, or is too large for a number, yields an unknown item.
        return find(first, (int(at),)).shape if isinstance(at, float) and at.is_integer() else item
    if call.name == "States.JsonMerge":
        return merged(first, arguments[1]) if len(arguments) > 1 else ANYTHING
    lists = {"States.ArrayPartition": array_of(array_of(item)), "States.ArrayUnique": array_of(item)}
    return lists.get(call.name, ANYTHING)


def item_of(shape: Shape) -> Shape:
    """Return the shape of the items of a list."""
    return shape.item if isinstance(shape, Array) else ANYTHING
