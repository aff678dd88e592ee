"""List functions, and ``$type``."""

from __future__ import annotations

from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from constructs_ml.interpreter.expressions.numbers import is_numbers
from constructs_ml.interpreter.expressions.values import NULL, Value, code_units, failure, is_function, same


def type_of(value: Value) -> Value:
    """The type of a value."""
    return "function" if is_function(value) else Functions.type(value)


def distinct(values: Value) -> Value:
    """Return the distinct values."""
    if not isinstance(values, list) or len(values) <= 1:
        return values
    found: list[Value] = Utils.create_sequence() if Utils.is_sequence(values) else []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
    return found


def sort(values: Value, comparator: Value = None) -> Value:
    """Sort values by merging halves; the right one comes first if the comparator says so.

    Raises:
        JException: If there is no comparator, and they are neither numbers nor strings.
    """
    if values is None or len(values) <= 1:
        return values
    if comparator is not None:
        return _merged(list(values), lambda left, right: _holds(Functions.func_apply(comparator, [left, right])))
    if is_numbers(values):
        return sorted(values)
    if Utils.is_array_of_strings(values):
        return sorted(values, key=code_units)
    message = "The single argument form of the sort function can only be applied to an array of strings or of numbers"
    raise failure("D3070", message)


def _merged(values: list[Value], swaps: Any) -> list[Value]:  # noqa: ANN401 - a function
    if len(values) <= 1:
        return values
    middle = len(values) // 2
    left, right = _merged(values[:middle], swaps), _merged(values[middle:], swaps)
    merged: list[Value] = []
    first = second = 0
    while first < len(left) and second < len(right):
        if swaps(left[first], right[second]):
            merged.append(right[second])
            second += 1
        else:
            merged.append(left[first])
            first += 1
    return [*merged, *left[first:], *right[second:]]


def _holds(answer: Value) -> bool:
    """Return whether a comparator's result swaps the two; any list and object does."""
    if answer is None or answer is NULL:
        return False
    return isinstance(answer, (list, dict)) or is_function(answer) or bool(answer)
