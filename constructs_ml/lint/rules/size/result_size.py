"""The size of the result of a SageMaker call: of the repeated request, and of the members that the service adds.

A Describe call repeats the request. Its known parts count as written; parts that are known only later count with the
API's maximum, and so do members that the service adds. JSON's quotes and colons count; escapes do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_open
from constructs_ml.sagemaker.model import ModelError, input_shape
from constructs_ml.sagemaker.result import UnknownMemberError, member_at, result_shape

if TYPE_CHECKING:
    from constructs_ml.asl.integration import Integration
    from constructs_ml.asl.jsonpath import PlainSteps
    from constructs_ml.sagemaker.model import Shape

# Sizes where the API documents no limit.
_TEXT, _ITEMS = 256, 10
_SCALAR = 24
_DEFAULTED = 256
"""The maximum size of a value that the service writes into an omitted member."""
# There is one of the first for each of the second.
_AS_MANY = {
    "DebugRuleEvaluationStatuses": "DebugRuleConfigurations",
    "ProfilerRuleEvaluationStatuses": "ProfilerRuleConfigurations",
}
_RANGES = "HyperParameterTuningJobConfig"
_TRIALS = ("BestTrainingJob", "OverallBestTrainingJob")
"""Members with the values of the hyperparameters that the ranges name."""


class Result:
    """The result of a call.

    Attributes:
        operation: The operation that returns it: ``DescribeTrainingJob``.
    """

    def __init__(self, call: Integration, request: Mapping[str, Any]) -> None:
        """Read the shape of the response.

        Raises:
            ModelError: If botocore's model has no such operation, or the operation has no response.
            UnknownMemberError: If Step Functions cannot wait for it.
        """
        self._shape = result_shape(call.action, sync=call.waits)
        self._asked = input_shape(call.operation).members if call.waits else {}
        self._request = request
        self.operation = self._shape.name.removesuffix("Response").removesuffix("Output")

    @property
    def bytes(self) -> int:
        """The maximum size in bytes."""
        return 2 + sum(len(name) + 4 + self._of_member(name) for name in self._shape.members)

    def of(self, steps: PlainSteps) -> int:
        """Return the maximum size at ``("ModelArtifacts", "S3ModelArtifacts")``; 0 if the steps lead nowhere."""
        if not steps:
            return self.bytes
        name, largest = _reached(self._shape, steps)
        return min(self._of_member(name), largest) if name else 0

    def _of_member(self, name: str) -> int:
        return _member(name, self._shape.members[name], self._request, asked=name in self._asked)


def result_of(call: Integration, request: Any) -> Result | None:  # noqa: ANN401 - JSON
    """Return the result of a call; None if the API has none for it."""
    try:
        return Result(call, request if isinstance(request, Mapping) else {})
    except (ModelError, UnknownMemberError):
        return None


@cache
def _reached(shape: Shape, steps: PlainSteps) -> tuple[str, int]:
    """Return the first member of steps, and the maximum size at their end; an empty name if they lead nowhere."""
    try:
        member_at(shape, steps)
    except UnknownMemberError:
        return "", 0
    for step in steps:
        shape = shape.members[step] if isinstance(step, str) and step in shape.members else _inner(shape)
    return str(steps[0]), most(shape)


@cache
def most(shape: Shape) -> int:
    """Return the maximum size of a value."""
    return _most(shape, ())


def _most(shape: Shape, above: tuple[str, ...]) -> int:
    if shape.name in above:
        return _SCALAR
    above = (*above, shape.name)
    if shape.type == "structure":
        sizes = [len(name) + 4 + _most(member, above) for name, member in shape.members.items()]
        return 2 + (max(sizes, default=0) if shape.union else sum(sizes))
    if shape.type == "list":
        return 2 + _count(shape) * (1 + _most(shape.member, above))
    if shape.type == "map":
        return 2 + _count(shape) * (2 + _most(shape.key, above) + _most(shape.value, above))
    if shape.type == "string":
        length = max(map(len, shape.enum)) if shape.enum else shape.max
        return 2 + int(_TEXT if length is None else length)
    return _SCALAR


def _count(shape: Shape) -> int:
    return int(_ITEMS if shape.max is None else shape.max)


def _inner(shape: Shape) -> Shape:
    return shape.value if shape.type == "map" else shape.member


def _member(name: str, shape: Shape, request: Mapping[str, Any], *, asked: bool) -> int:
    if f"{name}.$" in request:
        return most(shape)
    if name in request:
        return _written(shape, request[name])
    if name in _AS_MANY:
        rules = request.get(_AS_MANY[name], ())
        known = isinstance(rules, (list, tuple)) and not is_open(rules) and f"{_AS_MANY[name]}.$" not in request
        return 2 + len(rules) * most(shape.member) if known else most(shape)
    if name in _TRIALS and isinstance(request.get(_RANGES), Mapping):
        values = shape.members["TunedHyperParameters"]
        return most(shape) - most(values) + min(most(values), 2 * _written(values, request[_RANGES]))
    return min(most(shape), _DEFAULTED) if asked else most(shape)


def _written(shape: Shape, value: Any) -> int:  # noqa: ANN401 - JSON
    """Return the size of a request's value in the response that repeats it."""
    if is_open(value):
        return most(shape)
    if isinstance(value, Mapping):
        return 2 + sum(_entry(shape, str(name), item) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        inner = shape.member if shape.type == "list" else shape
        return 2 + sum(1 + _written(inner, item) for item in value)
    return len(value.encode(errors="surrogatepass")) + 2 if isinstance(value, str) else _SCALAR


def _entry(shape: Shape, name: str, value: Any) -> int:  # noqa: ANN401 - JSON
    plain = name.removesuffix(".$")
    inner = shape.value if shape.type == "map" else shape.members.get(plain, shape)
    return len(plain) + 4 + (most(inner) if plain != name else _written(inner, value))
