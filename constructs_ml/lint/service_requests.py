"""The requests that a state machine sends to services other than SageMaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import fields_of
from constructs_ml.errors import Violation
from constructs_ml.services.request import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Finding, FindingKind

_STORAGE = ("ItemReader", "ResultWriter")


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """A request that a state sends.

    Attributes:
        state: The state.
        name: The service and the action: ``aws-sdk:s3:getObject``; for the reader of a Map, after ``ItemReader:``.
        body: The request.
        field: The field of a Map that holds it; empty for a Task.
    """

    state: State
    name: str
    body: Mapping[str, Any]
    field: str = ""

    @property
    def root(self) -> str:
        """The path of the field that holds the request."""
        return f"{self.field}.{_sent(self.state)}".lstrip(".")


@per_machine_cache
def service_requests_of(machine: Machine) -> tuple[ServiceRequest, ...]:
    """Return the readable requests to other services. A state without a payload sends its input, which is unknown."""
    found = ((state, integration_of(state)) for state in machine.states if isinstance(state.payload, Mapping))
    of_tasks = (
        ServiceRequest(state, call.name, state.payload)
        for state, call in found
        if call is not None and not call.is_sagemaker
    )
    return (*of_tasks, *(request for state in machine.states if state.type == "Map" for request in _of_map(state)))


def _of_map(state: State) -> Iterator[ServiceRequest]:
    for field in _STORAGE:
        body = fields_of(state.body.get(field))
        call = str(body.get("Resource")).partition(":states:::")[2]
        if call and isinstance(body.get(_sent(state)), Mapping):
            yield ServiceRequest(state, f"{field}:{call}", body[_sent(state)], field)


def _sent(state: State) -> str:
    return "Arguments" if state.language is Language.JSONATA else "Parameters"


def service_violations(machine: Machine, *rules: FindingKind) -> Iterator[Violation]:
    """Yield the violations of the services' models in the requests, for these kinds of finding."""
    for request, finding in _findings(machine):
        if finding.rule in rules:
            severity = finding.severity
            member = f"{request.root}.{finding.member}"
            yield Violation(request.state.name, member, finding.problem, finding.fix, severity)


@per_machine_cache
def _findings(machine: Machine) -> tuple[tuple[ServiceRequest, Finding], ...]:
    requests = service_requests_of(machine)
    return tuple((request, finding) for request in requests for finding in check(request.name, request.body))
