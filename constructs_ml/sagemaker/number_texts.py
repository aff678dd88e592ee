"""Texts that stand where the API takes a number or a boolean, though nobody knows yet what they will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Finding, FindingKind
from constructs_ml.sagemaker.model import input_shape

if TYPE_CHECKING:
    from constructs_ml.sagemaker.model import Shape

_WANTED = {
    **dict.fromkeys(["integer", "long"], ("an integer", "pass Token.as_number(...) of it")),
    **dict.fromkeys(["float", "double"], ("a number", "pass Token.as_number(...) of it")),
    "boolean": ("a boolean", "pass True or False"),
}


def texts_for_numbers(operation: str, request: Mapping[str, Any]) -> Iterator[Finding]:
    """The members that a deployment makes a text where the API takes none.

    Args:
        operation: The operation.
        request: Its request, in which what a run decides is a runtime value, and what a deployment decides a token.
    """
    return _found(input_shape(operation), request, "")


def _found(shape: Shape, value: Any, path: str) -> Iterator[Finding]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        wanted, fix = _WANTED.get(shape.type, ("", ""))
        if wanted and "${Token[" in value:
            problem = f"must be {wanted}, got a text that is known only when the stack is deployed"
            yield Finding(path, problem, fix, FindingKind.TYPE)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            inner = shape.members.get(name) if shape.type == "structure" else None
            if inner is not None:
                yield from _found(inner, item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)) and shape.type == "list":
        for at, item in enumerate(value):
            yield from _found(shape.member, item, f"{path}[{at}]")
