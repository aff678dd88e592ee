"""How large the result of a call to SageMaker can be: of what was asked for, and of what the service adds.

A Describe call gives the request back. What of it is known counts as it is written; what is known only later counts with
the most that the API takes, and so does what the service adds. JSON's quotes and colons count; escapes do not.
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

# Where the API names no limit.
_TEXT, _ITEMS = 256, 10
_SCALAR = 24
_DEFAULTED = 256
"""The most that the service writes into a member that was left out."""
# One of these comes for each of those.
_AS_MANY = {
    "DebugRuleEvaluationStatuses": "DebugRuleConfigurations",
    "ProfilerRuleEvaluationStatuses": "ProfilerRuleConfigurations",
}
_RANGES = "HyperParameterTuningJobConfig"
_TRIALS = ("BestTrainingJob", "OverallBestTrainingJob")
"""They have the values of the hyperparameters that the ranges name."""


class Result:
    """The result of a call.

    Attributes:
        operation: The operation whose response it is: ``DescribeTrainingJob``.
    """

    def __init__(self, call: Integration, request: Mapping[str, Any]) -> None:
        """Reads the shape of the response.

        Raises:
            ModelError: If botocore's model has no such operation, or it gives nothing.
            UnknownMemberError: If Step Functions cannot wait for it.
        """
        self._shape = result_shape(call.action, sync=call.waits)
        self._asked = input_shape(call.operation).members if call.waits else {}
        self._request = request
        self.operation = self._shape.name.removesuffix("Response").removesuffix("Output")

    @property
    def bytes(self) -> int:
        """The most bytes that it can have."""
        return 2 + sum(len(name) + 4 + self._of_member(name) for name in self._shape.members)

    def of(self, steps: PlainSteps) -> int:
        """Return the most bytes of what steps lead to: ``("ModelArtifacts", "S3ModelArtifacts")``; 0 if they lead nowhere."""
        if not steps:
            return self.bytes
        name, largest = _reached(self._shape, steps)
        return min(self._of_member(name), largest) if name else 0

    def _of_member(self, name: str) -> int:
        return _member(name, self._shape.members[name], self._request, asked=name in self._asked)


def result_of(call: Integration, request: Any) -> Result | None:  # noqa: ANN401 - JSON
    """The result of a call; None if the API has none for it."""
    try:
        return Result(call, request if isinstance(request, Mapping) else {})
    except (ModelError, UnknownMemberError):
        return None


@cache
def _reached(shape: Shape, steps: PlainSteps) -> tuple[str, int]:
    """Return the member of a shape that steps begin with, and the most bytes of what they lead to; nothing if nowhere."""
    try:
        member_at(shape, steps)
    except UnknownMemberError:
        return "", 0
    for step in steps:
        shape = shape.members[step] if isinstance(step, str) and step in shape.members else _inner(shape)
    return str(steps[0]), most(shape)


@cache
def most(shape: Shape) -> int:
    """The most bytes of a value."""
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
    """The bytes of a value of the request as it is given back."""
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
