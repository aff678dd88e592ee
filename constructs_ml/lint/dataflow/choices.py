"""What the rules of a Choice in JSONPath read, and what is known where they hold and where they do not."""

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
    from constructs_ml.lint.dataflow.reads import Places, Sight


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a condition tells.

    Attributes:
        true: The paths that lead to something where it holds.
        false: Those where it does not.
        looked: All that it looked at.
    """

    true: Places = NOWHERE
    false: Places = NOWHERE
    looked: Places = NOWHERE


def outlook(rule: Any, sight: Sight, member: str) -> Outlook:  # noqa: ANN401 - JSON
    """What a rule tells; what it reads is noted."""
    if not isinstance(rule, Mapping):
        return Outlook()
    if isinstance(rule.get("And"), list):
        return _in_order(rule["And"], sight, f"{member}.And")
    if isinstance(rule.get("Or"), list):
        return _swapped(_in_order(rule["Or"], sight, f"{member}.Or", either=True))
    if "Not" in rule:
        return _swapped(outlook(rule["Not"], sight, f"{member}.Not"))
    return _comparison(rule, sight, member)


def _swapped(found: Outlook) -> Outlook:
    return Outlook(found.false, found.true, found.looked)


def _in_order(rules: list[Any], sight: Sight, member: str, *, either: bool = False) -> Outlook:
    """All of several rules; for Or, that none of them holds."""
    true, false, looked = NOWHERE, None, NOWHERE
    for at, rule in enumerate(rules):
        found = outlook(rule, sight.where(true), f"{member}[{at}]")
        if either:
            found = _swapped(found)
        # Where not all of them hold, this one does not though those before it do, or one of those does not.
        false = found.false if false is None else false & (found.false | true)
        true, looked = true | found.true, looked | found.looked
    return Outlook(true, false or NOWHERE, looked)


def _comparison(rule: Mapping[str, Any], sight: Sight, member: str) -> Outlook:
    variable = _path(rule.get("Variable"))
    if variable is None:
        return Outlook()
    place = frozenset({(variable.root, variable.steps)}) if variable.whole else NOWHERE
    if "IsPresent" in rule:
        sight.test(variable.root, variable.steps)
        true, false = (place, NOWHERE) if rule["IsPresent"] is True else (NOWHERE, place)
        return Outlook(true, false, place)
    places = place | _compared(rule, sight, member)
    found = sight.read(
        variable.root, variable.steps, f"{member}.Variable", str(rule["Variable"]), needed=variable.definite
    )
    if variable.whole and found.outcome is not Outcome.NEVER and isinstance(found.shape, Scalar):
        for operator, value in rule.items():
            if str(operator).startswith(_KINDS) and not str(operator).endswith("Path"):
                note = Comparison(sight.notes.state, member, str(rule["Variable"]), found.shape, str(operator), value)
                sight.notes.comparisons.append(note)
    return Outlook(places, places, places)


_KINDS = ("String", "Numeric", "Boolean", "Timestamp")


def _compared(rule: Mapping[str, Any], sight: Sight, member: str) -> Places:
    """The paths of the values that a variable is compared with."""
    places = NOWHERE
    for operator, value in rule.items():
        path = _path(value) if str(operator).endswith("Path") else None
        if path is not None:
            sight.read(path.root, path.steps, f"{member}.{operator}", str(value), needed=path.definite)
            places |= {(path.root, path.steps)}
    return places


def _path(text: object) -> ParsedPath | None:
    try:
        return read_path(text) if isinstance(text, str) else None
    except PathError:
        return None
