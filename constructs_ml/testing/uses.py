"""Choice of a value for an unknown, by its destination: the id of a security group in ``SecurityGroupIds``.

Candidates come from the value's own names and from the member that it is in; where the member is one of SageMaker's API, the
first is taken that the API's model accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.likely_values import likely_type, likely_values, plain_name, possible_values
from constructs_ml.errors import Severity, SimulationError
from constructs_ml.local.emulator.integrations import Integration, TaskError
from constructs_ml.sagemaker.constraints import check_value
from constructs_ml.sagemaker.model import ModelError, input_shape, operations
from constructs_ml.testing.lookups import Lookups
from constructs_ml.testing.stand_ins import MARK

if TYPE_CHECKING:
    from constructs_ml.sagemaker.model import Shape
    from constructs_ml.testing.deployed_app import DeployedApp
    from constructs_ml.testing.stand_ins import Unknown

# Definitions are any JSON.
_Json = Any
_QUOTED = re.compile(r"(\{%\s*(['\"]))([^'\"]*)(\2\s*%\})")
_OF_CDK = re.compile(r"[$#]\{Token\[([^\]]*)\]\}?")
_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}
_REQUESTS = ("Arguments", "Parameters")
# What stands around a value in a text, and the form that it has there.
_AROUND = (
    (r"s3://$", "", "name"),
    (r"\.dkr\.ecr\.$", "", "{region}"),
    ("", r"^\.dkr\.ecr\.", "{account}"),
    (r"arn:$", "", "{partition}"),
    (r"arn:[^:]*:[^:]*:$", "", "{region}"),
    (r"arn:[^:]*:[^:]*:[^:]*:$", "", "{account}"),
)


@dataclass(frozen=True, slots=True)
class Use:
    """The destination of a value.

    Attributes:
        state: The state.
        member: The member, as messages name it.
        key: The last name of it.
        shape: Its type in SageMaker's API; None where it is none of a request.
        is_expression: Whether the member is a path or an expression, whose value is known only in an execution.
    """

    state: str = ""
    member: str = ""
    key: str = ""
    shape: Shape | None = None
    is_expression: bool = False

    def __str__(self) -> str:
        """The place as messages name it."""
        return ": ".join(filter(None, (self.state, self.member))) or "the definition"

    def accepts(self, value: _Json) -> bool:
        """Return whether the API's model allows a value here."""
        if self.shape is None or self.is_expression:
            return True
        return not any(found.severity is Severity.ERROR for found in check_value(self.shape, value, self.member))


class Uses:
    """Replacement of unknown values in a definition.

    Args:
        app: The app that the definition is part of, with what is unknown.
    """

    def __init__(self, app: DeployedApp) -> None:
        self._app, self._stand_ins = app, app.stand_ins
        self._lookups = Lookups(app)

    def fill(self, definition: Mapping[str, _Json]) -> Mapping[str, _Json]:
        """Return a definition without unknown values.

        Args:
            definition: The definition.

        Raises:
            SimulationError: If something in it has no value.
        """
        filled: Mapping[str, _Json] = self._walk(definition, Use())
        return filled

    def _walk(self, value: _Json, use: Use) -> _Json:
        if isinstance(value, str):
            return self._text(value, use)
        if isinstance(value, list):
            shape = use.shape.member if use.shape is not None and use.shape.type == "list" else None
            return [
                self._walk(item, replace(use, member=f"{use.member}[{at}]", shape=shape))
                for at, item in enumerate(value)
            ]
        if not isinstance(value, Mapping):
            return value
        if "StartAt" in value and isinstance(value.get("States"), Mapping):
            states = {name: self._state(str(name), state) for name, state in value["States"].items()}
            return {
                key: states if key == "States" else self._walk(item, _into(use, key)) for key, item in value.items()
            }
        return {self._text(str(key), use): self._walk(item, _into(use, str(key))) for key, item in value.items()}

    def _state(self, name: str, state: _Json) -> _Json:
        use = Use(state=name)
        if not isinstance(state, Mapping):
            return self._walk(state, use)
        request = replace(use, shape=_request_shape(str(state.get("Resource", ""))))
        return {key: self._walk(item, request if key in _REQUESTS else _into(use, key)) for key, item in state.items()}

    def _text(self, text: str, use: Use) -> _Json:
        text = self._lookups.marked(text)
        quoted = _QUOTED.fullmatch(text)
        if quoted and MARK.search(quoted[3]):
            return f"{quoted[1]}{self._filled(quoted[3], use)}{quoted[4]}"
        if not use.is_expression and text.startswith("{%"):
            use = replace(use, is_expression=True)
        value = self._filled(text, use) if MARK.search(text) else text
        if isinstance(value, str):
            of_cdk = _OF_CDK.search(value)
            if of_cdk:
                fix = "pass the stack, or its template after synthesis"
                raise SimulationError(f"{use} holds {of_cdk[0]}, a token that was never resolved; {fix}")
        return value

    def _filled(self, text: str, use: Use) -> _Json:
        """Return a string with values in the place of marks."""
        whole = MARK.fullmatch(text)
        if whole:
            return self._whole(self._usable(whole, use), use)
        marks = list(MARK.finditer(text))
        choices = [list(self._inside(self._usable(found, use), text, found)) for found in marks]
        chosen = [options[0] for options in choices]
        for at, options in enumerate(choices):
            if use.accepts(_put(text, marks, chosen)):
                break
            fitting = (option for option in options if use.accepts(_put(text, marks, _with(chosen, at, option))))
            chosen[at] = next(fitting, chosen[at])
        for found, value in zip(marks, chosen, strict=True):
            self._stand_ins.made[value] = self._stand_ins.of(found).origin
        return _put(text, marks, chosen)

    def _whole(self, unknown: Unknown, use: Use) -> _Json:
        shape = use.shape
        if shape is not None and shape.type in _NUMBERS:
            number = _NUMBERS[shape.type](float(unknown.guess or shape.min or 1))
            return number if use.accepts(number) else _NUMBERS[shape.type](shape.min or 1)
        if shape is not None and shape.type == "boolean":
            return True
        if shape is not None and shape.type == "list":
            return [self._whole(unknown, replace(use, shape=shape.member))]
        options = list(self._candidates(unknown, use))
        fitting = [option for option in options if use.accepts(option)]
        matching = [option for option in fitting if re.search(unknown.pattern, option)] if unknown.pattern else []
        value = (matching or fitting or options)[0]
        self._stand_ins.made[value] = unknown.origin
        return value

    def _candidates(self, unknown: Unknown, use: Use) -> Iterator[str]:
        """Yield values for an unknown that is a whole member, the likeliest first."""
        place, identity = self._stand_ins.place, unknown.identity
        if unknown.guess:
            yield unknown.guess
        names = (use.key, *unknown.names) if use.shape is not None else (*unknown.names, use.key)
        # A name that agrees with the member decides: KmsKeyId takes a key's id and its ARN.
        promised = likely_type(use.key)
        names = (
            tuple(sorted(names, key=lambda name: name == use.key or likely_type(name) != promised))
            if promised
            else names
        )
        plain = plain_name(identity, place)
        yield from (value for name in names for value in likely_values(name, identity, place) if value != plain)
        if use.shape is not None and use.shape.enum:
            known = sorted(use.shape.enum)
            yield "ml.m5.xlarge" if "ml.m5.xlarge" in known else known[0]
        yield plain
        yield from possible_values(identity, place)

    def _inside(self, unknown: Unknown, text: str, found: re.Match[str]) -> Iterator[str]:
        """Yield values for an unknown that is a part of a string."""
        place, identity = self._stand_ins.place, unknown.identity
        before, after = text[: found.start()], text[found.end() :]
        plain = plain_name(identity, place)
        if unknown.guess:
            yield unknown.guess
        for pattern, following, form in _AROUND:
            if re.search(pattern, before) and re.search(following, after):
                yield (
                    plain
                    if form == "name"
                    else form.format(region=place.region, account=place.account, partition=place.partition)
                )
        # An ARN or an address begins a text; what stands inside of one has neither.
        begins = not before or before[-1] in "'\" ,"
        for name in unknown.names:
            for value in likely_values(name, identity, place):
                if value != plain and (begins or not re.search("[:/]", value)):
                    yield value
        yield plain

    def _usable(self, found: re.Match[str], use: Use) -> Unknown:
        unknown = self._stand_ins.of(found)
        if unknown.problem:
            raise SimulationError(f"{use} is {unknown.origin}, {unknown.problem}")
        return unknown


def _into(use: Use, key: str) -> Use:
    """A member of what is used here."""
    name = key.removesuffix(".$")
    shape = use.shape
    if shape is not None:
        shape = shape.value if shape.type == "map" else shape.members.get(name)
    member = f"{use.member}.{name}" if use.member else name
    return replace(use, member=member, key=name, shape=shape, is_expression=name != key)


def _request_shape(resource: str) -> Shape | None:
    if ":sagemaker:" not in resource:
        return None
    try:
        return input_shape(Integration.of(resource, operations()).operation)
    except (ModelError, TaskError):
        return None


def _put(text: str, marks: list[re.Match[str]], values: list[str]) -> str:
    waiting = iter(values)
    assert len(marks) == len(values)  # noqa: S101 - one for each
    return MARK.sub(lambda _: next(waiting), text)


def _with(values: list[str], at: int, value: str) -> list[str]:
    return [*values[:at], value, *values[at + 1 :]]
