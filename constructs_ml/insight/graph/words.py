"""Conditions, retries, errors and durations in words, as people say them: ``$.Prepare.ProcessingJobStatus is "Completed"``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.inputs import VARIABLE
from constructs_ml.asl.retry import CAPACITY, INTERNAL, QUOTA, THROTTLED, THROTTLED_SDK
from constructs_ml.asl.values import fields_of, is_number
from constructs_ml.lint.dataflow.jsonata import inside, parse

Json = Any

# JSONPath ---------------------------------------------------------------------------------------------------------

_ORDERS = {
    "String": ("is", "comes before", "comes after", "is or comes before", "is or comes after"),
    "Numeric": ("is", "is less than", "is more than", "is at most", "is at least"),
    "Timestamp": ("is at", "is before", "is after", "is at or before", "is at or after"),
}
_SUFFIXES = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_COMPARISONS = {
    **{
        f"{kind}{suffix}": verb
        for kind, verbs in _ORDERS.items()
        for suffix, verb in zip(_SUFFIXES, verbs, strict=True)
    },
    "BooleanEquals": "is",
    "StringMatches": "matches",
}
_TESTS = {
    "IsBoolean": "is true or false",
    "IsNull": "is null",
    "IsNumeric": "is a number",
    "IsPresent": "is present",
    "IsString": "is a string",
    "IsTimestamp": "is a timestamp",
}
_BRACKETS = re.compile(r"\['(\w+)'\]")
_UNTOLD = {"Variable", "Next", "Comment", "Assign", "Output"}


def condition_of(rule: Mapping[str, Json]) -> str:
    """Return the condition of a Choice rule in words, in either query language.

    Args:
        rule: The rule. A part that is malformed is shown as it is written.
    """
    if VARIABLE in fields_of(rule.get("Assign")):  # the check of typed inputs, which is long
        return "the input is valid"
    if "Condition" in rule:
        condition = rule["Condition"]
        return in_words(condition) if is_jsonata(condition) else _literal(condition)
    return _rule(rule)


def _rule(rule: Json, *, inner: bool = False) -> str:
    if not isinstance(rule, Mapping):
        return _literal(rule)
    for name, word in (("And", " and "), ("Or", " or ")):
        if isinstance(rule.get(name), list):
            parts = [_rule(part, inner=True) for part in rule[name]]
            text = word.join(parts)
            return f"({text})" if inner and len(parts) > 1 else text
    if "Not" in rule:
        denied = rule["Not"]
        leaf = isinstance(denied, Mapping) and not {"And", "Or", "Not"} & set(denied)
        return _leaf(denied, negative=True) if leaf else f"not ({_rule(denied)})"
    return _leaf(rule, negative=False)


def _leaf(rule: Mapping[str, Json], *, negative: bool) -> str:
    variable = rule.get("Variable")
    subject = _path(variable) if isinstance(variable, str) else _literal(variable)
    told = [_told(operator, value, negative=negative) for operator, value in rule.items() if operator not in _UNTOLD]
    return (
        f"{subject} {(' or ' if negative else ' and ').join(told)}" if told else f"{subject} is compared with nothing"
    )


def _told(operator: str, value: Json, *, negative: bool) -> str:
    if operator in _TESTS:
        return negated(_TESTS[operator]) if negative is (value is True) else _TESTS[operator]
    name = operator.removesuffix("Path")
    if name not in _COMPARISONS:
        return f"{'not ' if negative else ''}{operator} {_literal(value)}"
    verb = negated(_COMPARISONS[name]) if negative else _COMPARISONS[name]
    operand = _path(value) if operator.endswith("Path") and isinstance(value, str) else _literal(value)
    return f"{verb} {operand}"


def negated(verb: str) -> str:
    """Return the opposite of a predicate: ``is not at least``, ``does not match``."""
    if verb == "is present":
        return "is missing"
    if " or comes " in verb:
        return verb.replace("is or comes", "is not and does not come")
    if verb.startswith("is"):
        return f"is not{verb[2:]}"
    first, _, rest = verb.partition(" ")
    base = first[:-2] if first.endswith("ches") else first[:-1]
    return f"does not {base} {rest}".rstrip()


def _path(text: str) -> str:
    """Return a path with dots where it has brackets around a plain name."""
    return _BRACKETS.sub(r".\1", text)


def _literal(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


# JSONata ----------------------------------------------------------------------------------------------------------

_BINARY = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    ">": "is more than",
    "<=": "is at most",
    ">=": "is at least",
    "in": "is in",
    "and": "and",
    "or": "or",
}
_FURTHER = ("predicate", "stages", "group", "sort", "terms", "keep_array", "keep_singleton_array", "focus", "index")
"""Attributes of a node beside its value, such as a filter, which have no words."""
_LOGICAL = {"and", "or"}
_ARITHMETIC = {"+", "-", "*", "/", "%", "&"}
_CALLS = {"exists": "is present", "contains": "contains"}


class _UnknownFormError(Exception):
    """An expression has a part that has no words."""


def in_words(text: str) -> str:
    """Return a JSONata expression in words; one that is more than a condition is returned as it is written.

    Args:
        text: The expression, in ``{% %}``.
    """
    expression = " ".join(inside(text).split())
    parsed = parse(expression)
    if parsed.tree is None:
        return expression
    try:
        return _Words(parsed.taken).of(parsed.tree)
    except (_UnknownFormError, AttributeError, RecursionError):
        return expression


class _Words:
    """Puts the syntax tree of an expression into words."""

    def __init__(self, taken: Mapping[str, str]) -> None:
        self._taken = taken

    def of(self, node: Any, *, inner: bool = False) -> str:  # noqa: ANN401 - of jsonata-python
        """Return a node in words."""
        kind = node.type
        if any(getattr(node, name, None) for name in _FURTHER):
            raise _UnknownFormError
        if kind == "binary" and node.value in _BINARY:
            return self._binary(node, inner=inner)
        if kind == "binary" and node.value in _ARITHMETIC:
            return f"{self.of(node.lhs, inner=True)} {node.value} {self.of(node.rhs, inner=True)}"
        if kind == "block" and len(node.expressions) == 1:
            return self.of(node.expressions[0], inner=inner)
        if kind == "unary":
            return self._unary(node)
        return self._call(node) if kind == "function" else self._value(node)

    def _unary(self, node: Any) -> str:  # noqa: ANN401
        if node.value == "[":
            return f"[{', '.join(self.of(item) for item in node.expressions)}]"
        if node.value == "-":
            return f"-{self.of(node.expression, inner=True)}"
        raise _UnknownFormError

    def _binary(self, node: Any, *, inner: bool) -> str:  # noqa: ANN401
        if node.value == "in" and node.rhs.type == "unary" and node.rhs.value == "[":
            items = [self.of(item) for item in node.rhs.expressions]
            listed = f"{', '.join(items[:-1])} or {items[-1]}" if len(items) > 1 else "".join(items)
            return f"{self.of(node.lhs, inner=True)} is {listed}"
        if node.value in _LOGICAL:
            text = f" {node.value} ".join(
                self.of(part, inner=not self._is_comparison(part)) for part in self._parts(node)
            )
        else:
            text = f"{self.of(node.lhs, inner=True)} {_BINARY[node.value]} {self.of(node.rhs, inner=True)}"
        return f"({text})" if inner else text

    def _parts(self, node: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield the conditions that one operator joins: ``a and b and c`` is a tree."""
        for side in (node.lhs, node.rhs):
            if side.type == "binary" and side.value == node.value:
                yield from self._parts(side)
            else:
                yield side

    @staticmethod
    def _is_comparison(node: Any) -> bool:  # noqa: ANN401
        while node.type == "block" and len(node.expressions) == 1:
            node = node.expressions[0]
        return node.type == "binary" and node.value not in _LOGICAL

    def _call(self, node: Any) -> str:  # noqa: ANN401
        name = self._name(node.procedure.value)
        arguments = node.arguments
        if name == "not" and len(arguments) == 1:
            return self._negated(arguments[0])
        if name == "exists" and len(arguments) == 1:
            return f"{self.of(arguments[0], inner=True)} is present"
        if name == "contains" and len(arguments) == 2:  # noqa: PLR2004
            return f"{self.of(arguments[0], inner=True)} contains {self.of(arguments[1], inner=True)}"
        return f"${name}({', '.join(self.of(argument) for argument in arguments)})"

    def _negated(self, node: Any) -> str:  # noqa: ANN401
        while node.type == "block" and len(node.expressions) == 1:
            node = node.expressions[0]
        if node.type == "function" and self._name(node.procedure.value) in _CALLS:
            verb = _CALLS[self._name(node.procedure.value)]
            subject, *rest = [self.of(argument, inner=True) for argument in node.arguments]
            return " ".join([subject, negated(verb), *rest])
        if node.type == "binary" and node.value in _BINARY and node.value not in {"and", "or", "!="}:
            verb = "is not in" if node.value == "in" else negated(_BINARY[node.value])
            return f"{self.of(node.lhs, inner=True)} {verb} {self.of(node.rhs, inner=True)}"
        return f"not ({self.of(node)})"

    def _value(self, node: Any) -> str:  # noqa: ANN401
        kind = node.type
        if kind == "path":
            return self._path(node.steps)
        if kind == "string":
            return json.dumps(self._name(node.value), ensure_ascii=False)
        if kind == "variable":
            return f"${self._name(node.value)}" if node.value else "$"
        if kind == "name":
            return self._name(node.value)
        if kind == "number":
            return f"{node.value:g}" if isinstance(node.value, float) else str(node.value)
        if kind == "value":
            return _literal(node.value)
        raise _UnknownFormError

    def _path(self, steps: Any) -> str:  # noqa: ANN401
        parts = []
        for step in steps:
            if step.type not in {"name", "variable"} or any(getattr(step, name, None) for name in _FURTHER):
                raise _UnknownFormError
            parts.append(self._value(step))
        if parts[0] == "$states":
            return ".".join(parts[1:]) or parts[0]
        return ".".join(parts)

    def _name(self, value: Any) -> str:  # noqa: ANN401
        return self._taken.get(str(value), str(value))


# Errors and retries -----------------------------------------------------------------------------------------------

_ERRORS = {
    "States.ALL": "any error",
    "States.TaskFailed": "any failure",
    "States.Timeout": "time-outs",
    "States.HeartbeatTimeout": "missed heartbeats",
    "States.Permissions": "missing permissions",
    "States.DataLimitExceeded": "too much data",
    "States.ItemReaderFailed": "unreadable items",
    THROTTLED: "refused calls",
    THROTTLED_SDK: "refused calls",
    QUOTA: "quotas",
    CAPACITY: "lack of capacity",
    INTERNAL: "internal errors",
    "S3.S3Exception": "errors of S3",
    **dict.fromkeys(
        (
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
        ),
        "errors of Lambda",
    ),
    "Lambda.TooManyRequestsException": "throttling",
}
_TWICE = ("never", "once", "twice")


def errors_of(names: Json) -> list[str]:
    """Return the errors that a retrier or catcher names, in words, each once."""
    given = names if isinstance(names, list) else [names]
    return list(dict.fromkeys(_ERRORS.get(name, name) if isinstance(name, str) else _literal(name) for name in given))


def caught_by(catcher: Mapping[str, Json]) -> str:
    """Return the errors that a catcher handles: ``on any error``, ``on NotFound or Busy``.

    Error names stay as they are written, as they are what a log shows; only the wildcards are put into words.
    """
    names = catcher.get("ErrorEquals")
    given = names if isinstance(names, list) else [names]
    told = [
        "any error" if name == "States.ALL" else name if isinstance(name, str) else _literal(name) for name in given
    ]
    return f"on {' or '.join(told)}" if told else "on no error"


def retries_of(retriers: Json) -> str:
    """Return the retries of a state in words: ``retries refused calls 6 times, time-outs once``; empty if there are none."""
    told, never = [], []
    for retrier in retriers if isinstance(retriers, list) else ():
        if not isinstance(retrier, Mapping):
            continue
        errors = " and ".join(errors_of(retrier.get("ErrorEquals")))
        attempts = retrier.get("MaxAttempts", 3)
        if attempts == 0:
            never.append(errors)
        else:
            told.append(f"{errors} {_times(attempts)}")
    parts = [f"retries {', '.join(told)}"] if told else []
    parts += [f"never retries {', '.join(never)}"] if never and told else []
    return "; ".join(parts)


def _times(count: Json) -> str:
    if is_number(count):
        whole = int(count) if count == int(count) else count
        return _TWICE[int(whole)] if whole in {1, 2} else f"{whole} times"
    return f"{value_of(count)} times"


# Durations and values ---------------------------------------------------------------------------------------------

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_TOKEN = re.compile(r"\$\{(?:Token\[)?([^\]}.]*)[^}]*\}")
_HASH = re.compile(r"(?<=\w)[0-9A-F]{8}$")
"""The end of a logical id that aws-cdk-lib makes."""


def duration_of(seconds: Json) -> str:
    """Return a duration: ``1 hour 30 minutes``; an expression or a path is shown with its unit."""
    if not is_number(seconds):
        return f"{value_of(seconds)} seconds"
    left, parts = seconds, []
    for unit, length in _UNITS:
        count = int(left // length) if length > 1 else left
        if count:
            parts.append(f"{count:g} {unit}{'' if count == 1 else 's'}")
            left -= count * length
    return " ".join(parts) or "0 seconds"


def value_of(value: Json) -> str:
    """Return a value as a picture shows it: an expression without its brackets, a token by the name of its resource."""
    if is_jsonata(value):
        return in_words(value)
    if isinstance(value, str):
        return _TOKEN.sub(lambda found: f"‹{_HASH.sub('', found[1])}›", value)
    return _literal(value)
