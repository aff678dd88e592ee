"""Expressions: the operators that differ between jsonata-python and version 2.0.6 of the language."""

from __future__ import annotations

import copy
import gc
import math
import threading
import time
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.timebox import Timebox
from jsonata.utils import Utils

from constructs_ml.interpreter.expressions.functions import Function, frame, validated
from constructs_ml.interpreter.expressions.patterns import compiled
from constructs_ml.interpreter.expressions.values import (
    NULL,
    Value,
    clone,
    code_units,
    failure,
    is_number,
    text_of,
    truth,
    whole,
)

_NEWER = ("??", "?:")
"""Operators of version 2.1."""
_parsers = threading.local()
_FRAME = frame()


_collections = threading.local()
"""The seconds that each thread has spent on collecting garbage, which is that of the whole process."""


def _note_collection(phase: str, _: object) -> None:
    if phase == "start":
        _collections.start = time.thread_time()
    else:
        _collections.seconds = _collected() + time.thread_time() - _collections.start


def _collected() -> float:
    return float(getattr(_collections, "seconds", 0.0))


gc.callbacks.append(_note_collection)


def _own_time() -> float:
    """Return the seconds that this thread has worked, without those in which it collected garbage."""
    return time.thread_time() - _collected()


class _Timebox(Timebox):  # type: ignore[misc]
    """The limit of an evaluation, in the time of its thread: it is the same on a machine that others use too."""

    def __init__(self, environment: Any, milliseconds: int | None) -> None:  # noqa: ANN401 - the library has no types
        self._start = _own_time()
        super().__init__(environment, milliseconds)

    def check_runaway(self) -> None:
        """Raise an error if the time is over.

        Raises:
            JException: If it is.
        """
        if self.timeout is not None and (_own_time() - self._start) * 1000 > self.timeout:
            raise JException("D1012", -1, self.timeout)


class Expression(Jsonata):  # type: ignore[misc]
    """A parsed expression.

    Args:
        text: Its text, without ``{% %}``.

    Raises:
        JException: If it cannot be parsed.
    """

    def __init__(self, text: str) -> None:
        # The parent's own would parse by a parser with the operators of later versions.
        self.regex_engine, self.timeout, self.stack = compiled, None, None
        self.parser = _parser()
        self.ast = self.parser.parse(text, compiled)
        self.errors, self.ast.errors = self.ast.errors, None
        self.environment = self.create_frame(_FRAME)
        self.timestamp, self.input = 0, None
        self.validate_input, self.output_convert_nulls = False, False
        self.current()

    def current(self) -> None:
        """Make it the one in which the library's functions evaluate lambdas."""
        Jsonata.CURRENT.jsonata = self

    def limit(self, milliseconds: int | None) -> None:
        """Limit the time of the next evaluation.

        Args:
            milliseconds: The time; None for no limit.
        """
        _Timebox(self.environment, milliseconds)

    def validate_arguments(self, signature: Value, args: Any, context: Value) -> Any:  # noqa: ANN401 - the library has no types
        """Return the arguments of a function; null is not undefined."""
        return validated(signature, args, context)

    def evaluate_numeric_expression(self, lhs: Value, rhs: Value, op: str) -> Value:
        """Keep the fraction of a remainder; a division by zero is infinite, as for any numbers."""
        if op not in "/%" or not (Utils.is_numeric(lhs) and Utils.is_numeric(rhs)):
            return super().evaluate_numeric_expression(lhs, rhs, op)
        left, right = float(lhs), float(rhs)
        if right == 0:
            return math.nan if op == "%" or left == 0 else math.copysign(math.inf, left)
        return whole(left / right if op == "/" else math.fmod(left, right))

    def evaluate_includes_expression(self, lhs: Value, rhs: Value) -> bool:
        """Compare lists and objects by identity; true is not 1."""
        if lhs is None or rhs is None:
            return False
        return any(_identical(lhs, item) for item in (rhs if isinstance(rhs, list) else [rhs]))

    def evaluate_comparison_expression(self, lhs: Value, rhs: Value, op: str) -> Value:
        """Compare strings by UTF-16 units."""
        if isinstance(lhs, str) and isinstance(rhs, str):
            lhs, rhs = code_units(lhs), code_units(rhs)
            return {"<": lhs < rhs, "<=": lhs <= rhs, ">": lhs > rhs, ">=": lhs >= rhs}[op]
        return super().evaluate_comparison_expression(lhs, rhs, op)

    def evaluate_boolean_expression(self, lhs: Value, evalrhs: Any, op: str) -> bool:  # noqa: ANN401 - a function
        """Count a function as true."""
        if op == "and":
            return truth(lhs) and truth(evalrhs())
        return truth(lhs) or truth(evalrhs())

    def evaluate_condition(self, expr: Any, input: Value, environment: Any) -> Value:  # noqa: A002, ANN401
        """Count a function as true."""
        if truth(self.eval(expr.condition, input, environment)):
            return self.eval(expr.then, input, environment)
        return self.eval(expr._else, input, environment) if expr._else is not None else None  # noqa: SLF001

    def evaluate_string_concat(self, lhs: Value, rhs: Value) -> str:
        """Write numbers as ``$string`` does."""
        return "".join(text_of(side) for side in (lhs, rhs) if side is not None)

    def evaluate_transform_expression(self, expr: Any, input: Value, environment: Any) -> Any:  # noqa: A002, ANN401, ARG002
        """Keep the nulls of a transformed copy."""

        def transformed(value: Value) -> Value:
            copied = clone(value)
            found = self.eval(expr.pattern, copied, environment)
            for each in found if isinstance(found, list) else [] if found is None else [found]:
                self._update(expr, each, environment)
            return copied

        return Function("transform", "<(oa):o>", transformed)

    def evaluate_filter(self, predicate: Any, input: Value, environment: Any) -> Value:  # noqa: A002, ANN401
        """Round an index down, also one that counts from the end."""
        if predicate.type == "number":
            rounded = copy.copy(predicate)
            rounded.value = math.floor(predicate.value)
            return super().evaluate_filter(rounded, input, environment)
        results = Utils.create_sequence()
        items = [] if input is None else input if isinstance(input, list) else [input]
        tuples = results.tuple_stream = isinstance(items, Utils.JList) and items.tuple_stream
        for at, item in enumerate(items):
            frame = self.create_frame_from_tuple(environment, item) if tuples else environment
            found = self.eval(predicate, item["@"] if tuples else item, frame)
            wanted = [found] if is_number(found) else found
            if Utils.is_array_of_numbers(wanted):
                places = [math.floor(index) for index in wanted]
                results.extend([item] * sum(place == at or place + len(items) == at for place in places))
            elif truth(found):
                results.append(item)
        return results

    def _update(self, expr: Any, found: Value, environment: Any) -> None:  # noqa: ANN401
        update = self.eval(expr.update, found, environment)
        if update is not None and not isinstance(update, dict):
            raise failure("T2011", "The insert/update clause of the transform expression must evaluate to an object")
        deleted = None if expr.delete is None else self.eval(expr.delete, found, environment)
        names = deleted if isinstance(deleted, list) else [] if deleted is None else [deleted]
        if not Utils.is_array_of_strings(names):
            message = "The delete clause of the transform expression must evaluate to a string or array of strings"
            raise failure("T2012", message)
        if isinstance(found, dict):
            found.update(update or {})
            for name in names:
                found.pop(name, None)


def _parser() -> Parser:
    if not hasattr(_parsers, "parser"):
        _parsers.parser = Parser()
        for operator in _NEWER:
            del _parsers.parser.symbol_table[operator]
    # An expression that could not be parsed leaves its errors.
    _parsers.parser.errors = []
    return _parsers.parser


def _identical(left: Value, right: Value) -> bool:
    if isinstance(left, (list, dict)) or left is NULL:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
