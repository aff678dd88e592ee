"""The shapes of payload templates in JSONPath: ``Parameters``, ``ResultSelector``, ``ItemSelector``, ``Assign``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import ParsedPath, PathError, read_path
from constructs_ml.lint.dataflow.functions import always_gives, result_of
from constructs_ml.lint.dataflow.intrinsics import Call, IntrinsicError, Literal, is_call, read_call
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.shape import ANYTHING, array_with, literal, object_of

if TYPE_CHECKING:
    from constructs_ml.lint.dataflow.intrinsics import Argument
    from constructs_ml.lint.dataflow.reads import Environment
    from constructs_ml.lint.dataflow.shape import Shape


def made_of(template: Any, environment: Environment, member: str, source: str = "") -> Shape:  # noqa: ANN401 - JSON
    """Return the shape of a template's value.

    Args:
        template: The template.
        environment: The values that its paths can start in.
        member: The field that holds it.
        source: The origin of the result, for messages.
    """
    if isinstance(template, Mapping):
        made: dict[str, Shape] = {}
        for key, value in template.items():
            where = f"{member}.{key}"
            if isinstance(key, str) and key.endswith(".$"):
                made[key[:-2]] = expressed(value, environment, where)
            else:
                made[str(key)] = made_of(value, environment, where)
        return object_of(made, source=source)
    if isinstance(template, (list, tuple)):
        return array_with(tuple(made_of(item, environment, f"{member}[{at}]") for at, item in enumerate(template)))
    return literal(template)


def noted(template: Any, environment: Environment, member: str) -> None:  # noqa: ANN401 - JSON
    """Record the reads of a template whose value does not matter."""
    if isinstance(template, Mapping):
        for key, value in template.items():
            if isinstance(key, str) and key.endswith(".$"):
                expressed(value, environment, f"{member}.{key}")
            elif isinstance(value, (Mapping, list)):
                noted(value, environment, f"{member}.{key}")
    elif isinstance(template, list):
        for at, item in enumerate(template):
            noted(item, environment, f"{member}[{at}]")


def expressed(value: Any, environment: Environment, member: str) -> Shape:  # noqa: ANN401 - JSON
    """Evaluate a path or a call of an intrinsic function; a malformed one, or any other value, yields anything."""
    if not isinstance(value, str):
        return ANYTHING
    if is_call(value):
        try:
            call = read_call(value)
        except IntrinsicError:
            return ANYTHING
        certain = always_gives(call)
        if certain is not None:
            environment.facts.gives[member] = certain
        return _called(call, environment, member)
    return path_read(value, environment, member)


def path_read(text: str, environment: Environment, member: str) -> Shape:
    """Evaluate a path; a malformed one yields anything."""
    try:
        path = read_path(text)
    except PathError:
        return ANYTHING
    shape = _read(path, text, environment, member)
    if path.whole and path.definite and environment.facts.reads[-1].found.outcome is Outcome.THERE:
        environment.facts.gives[member] = shape
    return shape


def _called(call: Call, environment: Environment, member: str) -> Shape:
    return result_of(call, tuple(_argument(argument, environment, member) for argument in call.arguments))


def _argument(argument: Argument, environment: Environment, member: str) -> Shape:
    if isinstance(argument, Call):
        return _called(argument, environment, member)
    if isinstance(argument, Literal):
        return literal(argument.value)
    return ANYTHING if argument.path is None else _read(argument.path, argument.text, environment, member)


def _read(path: ParsedPath, text: str, environment: Environment, member: str) -> Shape:
    found = environment.read(path.root, path.steps, member, text, needed=path.definite)
    return found.shape if path.whole and found.outcome is not Outcome.NEVER else ANYTHING
