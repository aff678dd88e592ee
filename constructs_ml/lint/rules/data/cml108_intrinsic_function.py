"""CML108."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_later, is_number
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.functions import FUNCTIONS
from constructs_ml.lint.dataflow.intrinsics import Call, IntrinsicError, Literal, PathArgument, is_call, read_call
from constructs_ml.lint.dataflow.texts import Use, texts_of
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.functions import Function
    from constructs_ml.lint.dataflow.intrinsics import Argument

_LATER = re.compile(r"\$\{[^}]*\}")
_PLACE = re.compile(r"\\.|\{\}")
_BOUNDS, _MOST = 3, 1000
"""The number of arguments of States.ArrayRange, and the most items that it returns."""


@rule(
    "CML108",
    title="A call of an intrinsic function is valid",
    reason="Step Functions refuses a call that it cannot parse, an unknown function, arguments that the function does "
    "not accept, and calls nested more than ten deep; States.Format fails if it has more or fewer values than {}. "
    'Source: "Intrinsic functions for JSONPath states".',
    bad={
        "StartAt": "Name",
        "States": {
            "Name": {"Type": "Pass", "Parameters": {"to.$": "States.Format('s3://{}/{}', $.bucket)"}, "End": True}
        },
    },
    good={
        "StartAt": "Name",
        "States": {
            "Name": {"Type": "Pass", "Parameters": {"to.$": "States.Format('s3://{}/in', $.bucket)"}, "End": True}
        },
    },
)
def intrinsic_function(machine: Machine) -> Iterator[Violation]:
    """Invalid calls of intrinsic functions: the first fault of each."""
    for text in texts_of(machine):
        if text.use in {Use.DYNAMIC, Use.FIELD} and isinstance(text.value, str) and is_call(text.value):
            problem = _problem(text.value)
            if problem:
                yield Violation(text.state.name, text.member, problem)


def _problem(text: str) -> str:
    try:
        return next(_faults(read_call(text)), "")
    except IntrinsicError as error:
        # The value filled in at deployment may complete the call.
        return "" if _LATER.search(_without_texts(text)) else f"is {text}, which {error}"


def _without_texts(text: str) -> str:
    return re.sub(r"'(?:[^'\\]|\\.)*'", "", text)


def _faults(call: Call) -> Iterator[str]:
    function = FUNCTIONS.get(call.name)
    if function is None:
        yield f"calls {call.name}, which does not exist{did_you_mean(call.name, FUNCTIONS)}"
    else:
        yield from _of_number(call, function)
        yield from _of_types(call, function)
        yield from _of_bounds(call)
        if call.name == "States.Format":
            yield from _of_format(call)
    for argument in call.arguments:
        if isinstance(argument, Call):
            yield from _faults(argument)
        elif isinstance(argument, PathArgument) and argument.fault and not is_later(argument.text):
            yield f"calls {call.name} with {argument.text}, which {argument.fault}"


def _of_number(call: Call, function: Function) -> Iterator[str]:
    got, least, most = len(call.arguments), function.least, function.most
    if got < least or (most is not None and got > most):
        wanted = f"at least {least}" if most is None else str(least) if least == most else f"{least} or {most}"
        noun = "argument" if wanted in {"1", "at least 1"} else "arguments"
        yield f"calls {call.name} with {got} arguments; it takes {wanted} {noun}"


def _of_types(call: Call, function: Function) -> Iterator[str]:
    for at, (argument, wanted) in enumerate(zip(call.arguments, function.types, strict=False)):
        if isinstance(argument, Literal) and wanted and not _is_of(argument, wanted):
            kind = "a path or a call" if wanted == "path" else f"a {wanted}"
            yield f"calls {call.name} with {_shown(argument)} as argument {at + 1}; it must be {kind}"
    if function.choices is not None and len(call.arguments) > function.choices[0]:
        at, choices = function.choices
        argument = call.arguments[at]
        value = _shown(argument).strip("'")
        if isinstance(argument, Literal) and value not in choices and not is_later(value):
            near = did_you_mean(value, choices) if len(choices) > 1 else ""
            yield f"calls {call.name} with {_shown(argument)}; argument {at + 1} must be {' or '.join(choices)}{near}"


def _of_bounds(call: Call) -> Iterator[str]:
    """Yield literal numbers out of the function's range; fractions are rounded."""
    numbers = [
        math.floor(each.value + 0.5)
        if isinstance(each, Literal) and is_number(each.value) and math.isfinite(each.value)
        else None
        for each in call.arguments
    ]
    if call.name == "States.ArrayPartition" and [
        number for number in numbers[1:2] if number is not None and number < 1
    ]:
        yield f"calls {call.name} with {numbers[1]} as argument 2; it must be at least 1"
    if call.name == "States.ArrayRange" and numbers[2:3] == [0]:
        yield f"calls {call.name} with 0 as argument 3; it must not be 0"
    elif call.name == "States.ArrayRange" and len(numbers) == _BOUNDS and None not in numbers:
        start, end, step = (number or 0 for number in numbers)
        items = (end - start) // step + 1
        if items > _MOST:
            yield f"calls {call.name} for {items} items; it returns at most {_MOST}"


def _is_of(argument: Literal, wanted: str) -> bool:
    types = {"string": str, "boolean": bool, "number": float}
    if isinstance(argument.value, str) and is_later(argument.value):
        return True
    return wanted in types and isinstance(argument.value, types[wanted])


def _shown(argument: Argument) -> str:
    if not isinstance(argument, Literal):
        return ""
    return f"'{argument.raw}'" if isinstance(argument.value, str) else argument.raw


def _of_format(call: Call) -> Iterator[str]:
    first = call.arguments[0] if call.arguments else None
    if isinstance(first, Literal) and isinstance(first.value, str):
        places = sum(found == "{}" for found in _PLACE.findall(_LATER.sub("", first.raw)))
        values = len(call.arguments) - 1
        if places != values:
            yield f"calls States.Format with {places} {{}} in its string, but {values} values; they must match"
