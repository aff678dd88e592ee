"""The inputs and outputs of processing jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.reading.requests import get, requests_of
from constructs_ml.checks.reading.values import entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.requests import Request

ROOT = "/opt/ml/processing"
INPUTS, OUTPUTS = "ProcessingInputs", "ProcessingOutputConfig.Outputs"
_SOURCES = {INPUTS: ("S3Input", "DatasetDefinition"), OUTPUTS: ("S3Output",)}


@dataclass(frozen=True, slots=True)
class Item:
    """An input or an output.

    Attributes:
        request: The request that it is in.
        member: Where in the request: ``ProcessingInputs[0]``.
        body: Its fields.
    """

    request: Request
    member: str
    body: Mapping[str, Any]

    @property
    def is_input(self) -> bool:
        """Whether it is an input."""
        return self.member.startswith(INPUTS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input or an output is in the container.

    Attributes:
        request: The request that it is in.
        member: Where in the request: ``ProcessingInputs[0].S3Input.LocalPath``.
        path: The path; ``LATER`` if it is known only later, None if it is not there.
        item: The input or the output.
        source: ``S3Input``, ``DatasetDefinition`` or ``S3Output``.
    """

    request: Request
    member: str
    path: Any
    item: Item
    source: str

    @property
    def is_input(self) -> bool:
        """Whether it is an input's."""
        return self.item.is_input


@dataclass(frozen=True, slots=True)
class Names:
    """The names that are known of a job's inputs and outputs, with their places in its request."""

    request: Request
    names: tuple[tuple[str, str], ...]


def items(machine: Machine) -> Iterator[Item]:
    """The inputs and outputs of all processing jobs."""
    for request in requests_of(machine):
        if request.operation == "CreateProcessingJob":
            for member in _SOURCES:
                for at, body in entries(request.get(*member.split("."))):
                    yield Item(request, f"{member}[{at}]", body)


def places(machine: Machine) -> Iterator[Place]:
    """Where they are in their containers."""
    for item in items(machine):
        for source in _SOURCES[INPUTS if item.is_input else OUTPUTS]:
            if get(item.body, source) is not None:
                path = get(item.body, source, "LocalPath")
                yield Place(item.request, f"{item.member}.{source}.LocalPath", path, item, source)


def names(machine: Machine) -> Iterator[Names]:
    """The names of the inputs and outputs of each processing job."""
    found: dict[int, tuple[Request, list[tuple[str, str]]]] = {}
    for item in items(machine):
        member = "InputName" if item.is_input else "OutputName"
        name = get(item.body, member)
        if isinstance(name, str):
            found.setdefault(id(item.request), (item.request, []))[1].append((f"{item.member}.{member}", name))
    for request, known in found.values():
        yield Names(request, tuple(known))
