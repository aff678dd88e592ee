"""CML013."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.schema import CHOICE_RULE_FIELDS, OPERATORS, Kind
from constructs_ml.asl.value_kinds import fault
from constructs_ml.asl.values import entries, is_open, shown
from constructs_ml.asl.walk import CHOICE_RULE, parts_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine


Json = Any
Rule = Mapping[str, Json]
COMBINATIONS = ("And", "Or", "Not")


def rules_of(machine: Machine) -> Iterator[tuple[str, str, Rule]]:
    """Yield the state, path and body of each JSONPath Choice rule; each before those nested in it."""
    for part in parts_of(machine):
        if part.what == CHOICE_RULE and part.language is Language.JSONPATH and not part.foreign:
            for member, rule in _within(part.member, part.body):
                yield part.owner, member, rule


def is_nested(member: str) -> bool:
    """Return whether a rule is nested in another."""
    return "." in member


def _within(member: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    yield member, rule
    for name in ("And", "Or"):
        for at, nested in entries(rule.get(name)):
            yield from _within(f"{member}.{name}[{at}]", nested)
    if isinstance(rule.get("Not"), Mapping):
        yield from _within(f"{member}.Not", rule["Not"])


_FIELDS = {name for name, field in CHOICE_RULE_FIELDS.items() if field.language is not Language.JSONATA}
_DONE = {"Type": "Succeed"}


@rule(
    "CML013",
    title="A Choice rule compares one variable with one operator, or combines rules",
    reason="Step Functions refuses a rule without an operator, with two, with an unknown one, or with an operand of "
    'another type than the operator compares. Source: the Amazon States Language, "Choice State".',
    bad={
        "StartAt": "Good?",
        "States": {
            "Good?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.auc", "NumericGreaterThan": "0.9", "Next": "Done"}],
                "Default": "Done",
            },
            "Done": _DONE,
        },
    },
    good={
        "StartAt": "Train",
        "States": {
            "Train": {"Type": "Pass", "Result": {"auc": 0.95}, "Next": "Good?"},
            "Good?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.auc", "NumericGreaterThan": 0.9, "Next": "Done"}],
                "Default": "Done",
            },
            "Done": _DONE,
        },
    },
)
def choice_rule(machine: Machine) -> Iterator[Violation]:
    """Malformed rules in JSONPath."""
    for state, member, body in rules_of(machine):
        for name, problem, fix in _faults(body, nested=is_nested(member)):
            yield Violation(state, f"{member}.{name}" if name else member, problem, fix)


def _faults(body: Rule, *, nested: bool) -> Iterator[tuple[str, str, str]]:
    if nested and "Next" in body:
        yield "Next", "is in a nested rule", "move it next to the outermost And, Or or Not"
    unknown = [name for name in body if name not in _FIELDS and name != "Comment" and not is_open(name)]
    for name in unknown:
        yield name, f"is not an operator{did_you_mean(name, _FIELDS)}", ""
    operators = [name for name in body if name in OPERATORS]
    combinations = [name for name in COMBINATIONS if name in body]
    if len(operators) + len(combinations) > 1:
        first, *others = operators + combinations
        yield first, f"cannot be combined with {' and '.join(others)} in one rule", "combine two rules with And"
    elif combinations and "Variable" in body:
        yield "Variable", f"cannot be combined with {combinations[0]}", "write it into each nested rule"
    elif not operators and not combinations and not unknown:
        missing = "an operator, such as StringEquals" if "Variable" in body else "Variable and an operator"
        yield "", f"is missing {missing}", ""
    elif operators and "Variable" not in body and not unknown:
        yield "Variable", f"is missing for {operators[0]}", ""
    yield from _operands(body, operators)


def _operands(body: Rule, operators: list[str]) -> Iterator[tuple[str, str, str]]:
    for name in ("Variable", *operators, *COMBINATIONS):
        if name not in body:
            continue
        value = body[name]
        wrong = fault(CHOICE_RULE_FIELDS[name], value, Language.JSONPATH)
        if wrong:
            yield name, *wrong
        elif CHOICE_RULE_FIELDS[name].kind is Kind.LIST:
            yield from _nested(name, value)


def _nested(name: str, rules: list[object]) -> Iterator[tuple[str, str, str]]:
    if not rules:
        yield name, "must contain at least one rule", ""
    for at, item in enumerate(rules):
        if not isinstance(item, dict) and not is_open(item):
            yield f"{name}[{at}]", f"must be a rule, got {shown(item)}", ""
