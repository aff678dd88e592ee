"""The types of request values that are computed at run time, compared with the API's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.shape import Array, cast_to, named, type_of
from constructs_ml.lint.service_requests import service_requests_of
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.task_requests import requests_of
from constructs_ml.services.optimized import Own
from constructs_ml.services.request import input_of

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Facts
    from constructs_ml.lint.dataflow.shape import Shape


class Typed(Protocol):
    """A type of an API."""

    @property
    def type(self) -> str:
        """The name of its type in botocore's model: ``structure``, ``long``."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The types of a structure's members."""

    @property
    def member(self) -> Any:  # noqa: ANN401 - Typed
        """The type of a list's items."""

    @property
    def value(self) -> Any:  # noqa: ANN401 - Typed
        """The type of a map's values."""


_TYPES = {
    **dict.fromkeys(["structure", "map"], "object"),
    **dict.fromkeys(["integer", "long", "float", "double"], "number"),
    "boolean": "boolean",
    "list": "list",
    "string": "string",
}


def mistyped(machine: Machine) -> Iterator[Violation]:
    """Yield the values of requests whose type certainly differs from their member's."""
    facts = flow_of(machine).facts
    for request in requests_of(machine):
        if request.state in facts:
            yield from in_request(facts[request.state], input_shape(request.operation), request.body, request.root)
    for other in service_requests_of(machine):
        shape = input_of(other.name) if other.state in facts and facts[other.state].gives else None
        if shape is not None and not isinstance(shape, Own):
            found = in_request(facts[other.state], shape, other.body, other.root)
            yield from (each for each in found if not _may_be_written(each))


def _may_be_written(found: Violation) -> bool:
    """Return whether a value is an object for a string member, which some integrations serialize as JSON."""
    return found.problem.endswith(("yields an object, but must be a string", "yields a list, but must be a string"))


def in_request(facts: Facts, shape: Typed, value: Any, member: str) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    """Yield the values of a request whose type certainly differs from their member's.

    Args:
        facts: The facts about its state.
        shape: The type that the value must have.
        value: The request, or a part of it.
        member: The path of the value.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = str(key).removesuffix(".$")
            inner = (
                shape.members.get(name) if shape.type == "structure" else shape.value if shape.type == "map" else None
            )
            if inner is not None and name != key:
                yield from _compared(facts, inner, f"{member}.{key}", item)
            elif inner is not None:
                yield from in_request(facts, inner, item, f"{member}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value) if shape.type == "list" else ():
            yield from in_request(facts, shape.member, item, f"{member}[{at}]")
    elif is_jsonata(value):
        yield from _compared(facts, shape, member, value)


def _compared(facts: Facts, shape: Typed, member: str, written: Any) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    given = facts.gives.get(member)
    got, wanted = type_of(given), _TYPES.get(shape.type, "")
    if got and wanted and got != wanted:
        problem = f"is {written}, which yields {named(got)}, but must be {named(wanted)}"
        yield Violation(facts.state.name, member, problem, cast_to(wanted, got, facts.state))
    elif shape.type == "list" and isinstance(given, Array):
        yield from _items(
            facts,
            _TYPES.get(shape.member.type, ""),
            member,
            written,
            (given.item,) if given.items is None else given.items,
        )


def _items(facts: Facts, wanted: str, member: str, written: Any, items: Iterable[Shape]) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    """Yield the items of a list, written as one expression, whose type certainly differs."""
    for at, item in enumerate(items):
        got = type_of(item)
        if got and wanted and got != wanted:
            problem = f"is {written}, whose item {at} is {named(got)}, but must be {named(wanted)}"
            yield Violation(facts.state.name, member, problem, cast_to(wanted, got, facts.state))
