"""Tells a value of the wrong type by what an expression certainly gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.lint.dataflow.shape import Array, Object, Scalar, is_object

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State
    from constructs_ml.lint.dataflow.shape import Shape

_NULL = {"", "null"}


def type_of(shape: Shape | None) -> str:
    """What a value certainly is: ``string``, ``number``, ``boolean``, ``list`` or ``object``; empty if that is not known."""
    if isinstance(shape, Scalar):
        return "" if shape.type in _NULL else shape.type
    if isinstance(shape, Array):
        return "list"
    return "object" if isinstance(shape, Object) and is_object(shape) else ""


def named(type_: str) -> str:
    """A type as messages say it."""
    return "an object" if type_ == "object" else f"a {'text' if type_ == 'string' else type_}"


def cast_to(wanted: str, got: str, state: State) -> str:
    """How a state makes one type of another; empty if there is no way that is likely meant."""
    jsonata = state.language is Language.JSONATA
    if wanted == "string" and got in {"number", "boolean"}:
        return "write $string(…) around it" if jsonata else "write States.Format('{}', …) around it"
    if wanted == "number" and got == "string":
        return "write $number(…) around it" if jsonata else "write States.StringToJson(…) around it"
    if wanted == "boolean" and got == "string":
        return "compare it with a text" if jsonata else "write States.StringToJson(…) around it"
    if wanted == "boolean" and jsonata:
        return "write a comparison, or $boolean(…) around it"
    return ""
