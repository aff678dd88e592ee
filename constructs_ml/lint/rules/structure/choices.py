"""The rules of Choice states in JSONPath."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.values import entries
from constructs_ml.asl.walk import CHOICE_RULE, parts_of

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine

Json = Any
Rule = Mapping[str, Json]
COMBINATIONS = ("And", "Or", "Not")


def rules_of(machine: Machine) -> Iterator[tuple[str, str, Rule]]:
    """Each Choice rule in JSONPath: the state, where the rule stands, the rule; each before those nested in it."""
    for part in parts_of(machine):
        if part.what == CHOICE_RULE and part.language is Language.JSONPATH and not part.foreign:
            for member, rule in _within(part.member, part.body):
                yield part.owner, member, rule


def is_nested(member: str) -> bool:
    """Whether a rule stands inside another."""
    return "." in member


def _within(member: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    yield member, rule
    for name in ("And", "Or"):
        for at, nested in entries(rule.get(name)):
            yield from _within(f"{member}.{name}[{at}]", nested)
    if isinstance(rule.get("Not"), Mapping):
        yield from _within(f"{member}.Not", rule["Not"])
