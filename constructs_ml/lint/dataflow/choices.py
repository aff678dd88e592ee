"""The paths that a JSONPath Choice reads, and the facts that its rules prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import PathError, read_path
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.reads import NOWHERE, Comparison
from constructs_ml.lint.dataflow.shape import Scalar

if TYPE_CHECKING:
    from constructs_ml.asl.jsonpath import ParsedPath
    from constructs_ml.lint.dataflow.reads import Environment, Places


@dataclass(frozen=True, slots=True)
class Refinement:
    """The paths that a condition proves to lead to something, for either outcome.

    Attributes:
        true: The paths that lead to something where the condition holds.
        false: Those where it does not hold.
        tested: All paths that it tests.
    """

    true: Places = NOWHERE
    false: Places = NOWHERE
    tested: Places = NOWHERE


def refine_by_rule(rule: Any, environment: Environment, member: str) -> Refinement:  # noqa: ANN401 - JSON
    """Return the facts that a rule of a Choice proves; its reads are recorded."""
    if not isinstance(rule, Mapping):
        return Refinement()
    if isinstance(rule.get("And"), list):
        return _in_order(rule["And"], environment, f"{member}.And")
    if isinstance(rule.get("Or"), list):
        return _swapped(_in_order(rule["Or"], environment, f"{member}.Or", either=True))
    if "Not" in rule:
        return _swapped(refine_by_rule(rule["Not"], environment, f"{member}.Not"))
    return _comparison(rule, environment, member)


def _swapped(found: Refinement) -> Refinement:
    return Refinement(found.false, found.true, found.tested)


def _in_order(rules: list[Any], environment: Environment, member: str, *, either: bool = False) -> Refinement:
    """Combine rules that all hold; for Or, rules of which none holds."""
    true, false, tested = NOWHERE, None, NOWHERE
    for at, rule in enumerate(rules):
        found = refine_by_rule(rule, environment.where(true), f"{member}[{at}]")
        if either:
            found = _swapped(found)
        # If the conjunction fails, either this rule fails although those before it hold, or one of those fails.
        false = found.false if false is None else false & (found.false | true)
        true, tested = true | found.true, tested | found.tested
    return Refinement(true, false or NOWHERE, tested)


def _comparison(rule: Mapping[str, Any], environment: Environment, member: str) -> Refinement:
    variable = _path(rule.get("Variable"))
    if variable is None:
        return Refinement()
    place = frozenset({(variable.root, variable.steps)}) if variable.whole else NOWHERE
    if "IsPresent" in rule:
        environment.test(variable.root, variable.steps)
        true, false = (place, NOWHERE) if rule["IsPresent"] is True else (NOWHERE, place)
        return Refinement(true, false, place)
    places = place | _compared(rule, environment, member)
    found = environment.read(
        variable.root, variable.steps, f"{member}.Variable", str(rule["Variable"]), needed=variable.definite
    )
    if variable.whole and found.outcome is not Outcome.NEVER and isinstance(found.shape, Scalar):
        for operator, value in rule.items():
            if str(operator).startswith(_KINDS) and not str(operator).endswith("Path"):
                note = Comparison(
                    environment.facts.state, member, str(rule["Variable"]), found.shape, str(operator), value
                )
                environment.facts.comparisons.append(note)
    return Refinement(places, places, places)


_KINDS = ("String", "Numeric", "Boolean", "Timestamp")


def _compared(rule: Mapping[str, Any], environment: Environment, member: str) -> Places:
    """Return the paths of the values that a variable is compared with."""
    places = NOWHERE
    for operator, value in rule.items():
        path = _path(value) if str(operator).endswith("Path") else None
        if path is not None:
            environment.read(path.root, path.steps, f"{member}.{operator}", str(value), needed=path.definite)
            places |= {(path.root, path.steps)}
    return places


def _path(text: object) -> ParsedPath | None:
    try:
        return read_path(text) if isinstance(text, str) else None
    except PathError:
        return None
