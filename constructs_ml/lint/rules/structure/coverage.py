"""The coverage of a Choice: whether its rules match in every case.

Each rule is read as a combination of comparisons; every combination of their outcomes is tried. An unreadable
expression counts as a comparison of its own, so that a rule and its negation still complement each other.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.values import entries, is_later
from constructs_ml.asl.walk import language_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State


_TOKEN = re.compile(r"""('[^']*'|"[^"]*"|`[^`]*`|/\*.*?\*/)|([(\[{])|([)\]}])|\b(and|or)\b|.""", re.DOTALL)
_OPEN, _CLOSE, _WORD = 2, 3, 4


def split_boolean(text: str) -> tuple[str, list[str]]:
    """Return the operator that joins the parts of an expression, and the parts.

    Args:
        text: The expression.

    Returns:
        ``and``, ``or`` or ``not``, and the parts; an empty string and no parts if it is none of these.
    """
    text = text.strip()
    for word in ("or", "and"):
        parts = _split(text, word)
        if len(parts) > 1:
            return word, parts
    negated = re.match(r"\$not\s*\(", text)
    start = negated.end() - 1 if negated else 0
    if text[start : start + 1] == "(" and _closes(text, start) == len(text) - 1:
        inner = text[start + 1 : -1].strip()
        return ("not", [inner]) if negated else ("and", [inner])
    return "", []


def _split(text: str, word: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for found in _TOKEN.finditer(text):
        depth += (found.lastindex == _OPEN) - (found.lastindex == _CLOSE)
        if depth == 0 and found.lastindex == _WORD and found[_WORD] == word:
            parts.append(text[start : found.start()].strip())
            start = found.end()
    return [*parts, text[start:].strip()]


def _closes(text: str, start: int) -> int:
    """Return the position at which the parenthesis at a position closes; -1 if it does not."""
    depth = 0
    for found in _TOKEN.finditer(text, start):
        depth += (found.lastindex == _OPEN) - (found.lastindex == _CLOSE)
        if depth == 0:
            return found.start()
    return -1


Json = Any
Case = Mapping[str, str]
Test = Callable[[Case], bool]
_MOST_CASES = 4096
_ORDERED = ("<", "=", ">")
_FLAG = ("no", "yes")
_OPERATOR = re.compile(
    r"(String|Numeric|Timestamp)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(Path)?"
)
_SAYS = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": "=>",
}
_COMPARISON = re.compile(r"([^<>=!]+?)\s*(<=|>=|!=|<|>|=)\s*([^<>=!]+)")
_TURNED = str.maketrans("<>", "><")
_SIGNS = {"=": "=", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": "=>"}


@dataclass(frozen=True, slots=True)
class _Tests:
    """The comparisons of a Choice, and the possible outcomes of each."""

    domains: dict[str, tuple[str, ...]]

    def ordered(self, what: str, says: str) -> Test:
        """Return a comparison whose outcome is less, equal or greater."""
        self.domains[what] = _ORDERED
        return lambda case: case[what] in says

    def _compared(self, one: Json, says: str, other: Json, kind: str = "") -> Test:
        """Return a comparison of two sides, which may be swapped."""
        sides = [json.dumps(side, default=str) for side in (one, other)]
        # In JSONPath, the kind distinguishes paths from strings; in JSONata, a string has its quotes.
        if sides[0] > sides[1] and (not kind or kind.endswith("Path")):
            sides.reverse()
            says = says.translate(_TURNED)
        return self.ordered(" ? ".join([kind, *sides]), says)

    def flag(self, what: str, *, negated: bool = False) -> Test:
        """Return a test whose outcome is yes or no."""
        self.domains[what] = _FLAG
        return lambda case: (case[what] == "yes") is not negated

    def jsonpath(self, rule: Mapping[str, Json]) -> Test:
        """Return the test of a JSONPath rule."""
        if isinstance(rule.get("Not"), Mapping):
            inner = self.jsonpath(rule["Not"])
            return lambda case: not inner(case)
        for name, combined in (("And", all), ("Or", any)):
            if isinstance(rule.get(name), list):
                parts = [self.jsonpath(part) for _, part in entries(rule[name])]
                return lambda case, combined=combined: combined(part(case) for part in parts)  # type: ignore[misc]
        tested = {name: value for name, value in rule.items() if name not in {"Next", "Comment", "Assign"}}
        variable, operators = tested.pop("Variable", None), list(tested.items())
        if len(operators) == 1:
            name, operand = operators[0]
            found = _OPERATOR.fullmatch(name)
            if found:
                return self._compared(variable, _SAYS[found[2]], operand, f"{found[1]}{found[3] or ''}")
            if isinstance(operand, bool):
                return self.flag(json.dumps([variable, name], default=str), negated=not operand)
        return self.flag(json.dumps([variable, tested], sort_keys=True, default=str))

    def jsonata(self, text: str) -> Test:
        """Return the test of a JSONata condition."""
        word, parts = split_boolean(text)
        tests = [self.jsonata(part) for part in parts]
        if word == "not":
            return lambda case: not tests[0](case)
        if word:
            combined = all if word == "and" else any
            return lambda case: combined(test(case) for test in tests)
        if text in {"true", "false"}:
            return lambda _: text == "true"
        compared = _COMPARISON.fullmatch(text)
        if compared:
            return self._compared(compared[1], _SIGNS[compared[2]], compared[3])
        return self.flag(text)


def may_match_nothing(state: State) -> bool:
    """Return whether there is a case in which no rule of a Choice matches."""
    rules = [rule for _, rule in entries(state.body.get("Choices"))]
    language = language_of(state)
    if not rules or language is None or any(is_later(value) for rule in rules for value in rule.values()):
        return False
    tests = _Tests({})
    read = [_read(tests, rule, language) for rule in rules]
    if math.prod(map(len, tests.domains.values())) > _MOST_CASES:
        return False
    names = list(tests.domains)
    cases = (dict(zip(names, case, strict=True)) for case in itertools.product(*tests.domains.values()))
    return any(not any(test(case) for test in read) for case in cases)


def _read(tests: _Tests, rule: Mapping[str, Json], language: Language) -> Test:
    if language is Language.JSONPATH:
        return tests.jsonpath(rule)
    condition = rule.get("Condition")
    if isinstance(condition, bool):
        return lambda _: condition
    text = str(condition).strip().removeprefix("{%").removesuffix("%}")
    return tests.jsonata(" ".join(text.split()))
