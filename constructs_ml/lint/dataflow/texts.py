"""The paths, calls, expressions and plain strings of a definition, with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import catchers_of, rules_of
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import is_later

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine


class Use(Enum):
    """The use of a value in its place."""

    FIELD = "field"
    """A field that holds a path: ``InputPath``, the ``Variable`` of a rule."""
    RESULT_PATH = "result path"
    """A field that says where a value is written."""
    DYNAMIC = "dynamic"
    """The value of a key that ends in ``.$`` in a payload template."""
    PLAIN = "plain"
    """Any other value in a payload template, or any in a state in JSONata."""
    FIXED = "fixed"
    """A value that is never evaluated: in the ``Result`` of a Pass."""


@dataclass(frozen=True, slots=True)
class Text:
    """A value of a state.

    Attributes:
        state: The state.
        member: The field that holds it: ``Parameters.Payload.status.$``.
        key: The innermost key above it.
        value: The value.
        use: Its use.
        listed: Whether it is an item of a list.
    """

    state: State
    member: str
    key: str
    value: Any
    use: Use
    listed: bool = False

    @property
    def jsonata(self) -> bool:
        """Return whether the state is in JSONata."""
        return self.state.language is Language.JSONATA


_TEMPLATES = (
    "Parameters",
    "ResultSelector",
    "ItemSelector",
    "Assign",
    "Credentials",
    "ItemBatcher",
    "ItemReader",
    "ResultWriter",
)
_NOT_EVALUATED = {
    "Branches",
    "Choices",
    "Comment",
    "ItemProcessor",
    "Iterator",
    "Next",
    "QueryLanguage",
    "Resource",
    "Retry",
    "Type",
}


_MARKS = ("$", "{%", "%}", "States.")
"""Marks of a plain string that may be meant as something else."""


@per_machine_cache
def texts_of(machine: Machine) -> tuple[Text, ...]:
    """Return the values that states evaluate, or may be meant to; without those that the deployment fills in."""
    found = (text for state in machine.states for text in _of_state(state))
    return tuple(text for text in found if not is_later(text.value) or "States." in str(text.value))


def _of_state(state: State) -> Iterator[Text]:
    jsonata = state.language is Language.JSONATA
    parts = [("", state.body)]
    parts += [(f"Catch[{at}].", catcher) for at, catcher in catchers_of(state.body)]
    parts += [(f"Choices[{at}].", rule) for at, rule in enumerate(rules_of(state.body))]
    for prefix, body in parts:
        for field, value in body.items():
            member = f"{prefix}{field}"
            if jsonata:
                if field not in _NOT_EVALUATED and (field != "Catch" or prefix):
                    yield from _within(state, value, member, field)
            elif field in _TEMPLATES:
                yield from _within(state, value, member, field)
            elif field == "Result":
                yield from _within(state, value, member, field, fixed=True)
            else:
                yield from _field(state, field, value, member)


def _field(state: State, field: str, value: Any, member: str) -> Iterator[Text]:  # noqa: ANN401 - JSON
    if field == "ResultPath":
        yield Text(state, member, field, value, Use.RESULT_PATH)
    elif field.endswith("Path") or field == "Variable":
        yield Text(state, member, field, value, Use.FIELD)
    elif field in {"And", "Or"} and isinstance(value, list):
        for at, rule in enumerate(value):
            yield from _rule(state, rule, f"{member}[{at}]")
    elif field == "Not":
        yield from _rule(state, value, member)


def _rule(state: State, rule: Any, member: str) -> Iterator[Text]:  # noqa: ANN401 - JSON
    for field, value in rule.items() if isinstance(rule, Mapping) else ():
        yield from _field(state, str(field), value, f"{member}.{field}")


def _within(
    state: State,
    value: Any,  # noqa: ANN401 - JSON
    member: str,
    key: str,
    *,
    fixed: bool = False,
    listed: bool = False,
) -> Iterator[Text]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            where = f"{member}.{name}"
            if str(name).endswith(".$"):
                use = Use.FIXED if fixed else Use.PLAIN if state.language is Language.JSONATA else Use.DYNAMIC
                yield Text(state, where, str(name), item, use)
            else:
                yield from _within(state, item, where, str(name), fixed=fixed)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _within(state, item, f"{member}[{at}]", key, fixed=fixed, listed=True)
    elif isinstance(value, str) and any(mark in value for mark in _MARKS):
        yield Text(state, member, key, value, Use.FIXED if fixed else Use.PLAIN, listed)
