"""Requests to SageMaker, divided into the structures of the API's model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_open
from constructs_ml.errors import Severity, Violation
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.task_requests import LATER, get

if TYPE_CHECKING:
    from constructs_ml.sagemaker.model import Shape


@dataclass(frozen=True, slots=True)
class Part:
    """A structure in a request.

    Attributes:
        path: Its path in the request; empty for the request as a whole.
        shape: Its type in the API.
        body: The structure.
    """

    path: str
    shape: Shape
    body: Mapping[str, Any]

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the member at a path; ``LATER`` if it is known only later, None if it is missing."""
        return get(self.body, *path.split("."))

    def at(self, path: str) -> str:
        """Return the path of a member in the request."""
        return f"{self.path}.{path}" if self.path else path

    def is_on(self, path: str) -> bool:
        """Return whether a flag is set, or may be."""
        value = self.get(path)
        # CloudFormation accepts a string for the boolean.
        return value is LATER or value is True or (isinstance(value, str) and value.lower() == "true")


@dataclass(frozen=True)
class Call:
    """A request to SageMaker, sent by a state or by CloudFormation for a resource of the template.

    Attributes:
        operation: ``CreateTrainingJob``.
        body: The request.
        owner: The logical id of the state machine or of the resource.
        state: The name of the state; empty for a resource.
        root: The field of the state that holds the request.
    """

    operation: str
    body: Mapping[str, Any]
    owner: str
    state: str = ""
    root: str = ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The request and all structures in it, as far as they are known."""
        return tuple(_parts(input_shape(self.operation), self.body, ""))

    def violation(self, member: str, problem: str, fix: str = "", severity: Severity | None = None) -> Violation:
        """Return a violation at a member."""
        where = f"{self.root if self.state else self.owner}.{member}"
        return Violation(self.state, where, problem, fix, severity, machine=self.owner)


def each(value: Any, *path: str) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield the values at a path, in all items of lists; ``LATER`` if known only later, nothing if missing.

    Args:
        value: The value that the path starts in.
        path: The names of its members.
    """
    if isinstance(value, list):
        for item in value:
            yield from each(item, *path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        found = get(value, path[0])
        if found is LATER:
            yield LATER
        elif found is not None:
            yield from each(found, *path[1:])


def _parts(shape: Shape, body: Mapping[str, Any], path: str) -> Iterator[Part]:
    part = Part(path, shape, body)
    yield part
    for name, value in body.items():
        if name in shape.members:
            yield from _inside(shape.members[name], value, part.at(name))


def _inside(shape: Shape, value: Any, path: str) -> Iterator[Part]:  # noqa: ANN401 - JSON
    if shape.type == "structure" and isinstance(value, Mapping) and not is_open(value):
        yield from _parts(shape, value, path)
    elif shape.type == "list" and isinstance(value, list):
        for at, item in enumerate(value):
            yield from _inside(shape.member, item, f"{path}[{at}]")
