"""The requests that a state machine sends to services other than SageMaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.checks.reading.integration import SDK, integration_of
from constructs_ml.checks.reading.once import once
from constructs_ml.checks.violation import Severity, Violation
from constructs_ml.sagemaker.finding import Severity as Certainty
from constructs_ml.services.request import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import State
    from constructs_ml.sagemaker.finding import Finding, Rule

_OTHERS = {"sagemaker", f"{SDK}sagemaker"}


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """What a state sends.

    Attributes:
        state: The state.
        name: The service and the action: ``aws-sdk:s3:getObject``.
        body: The request.
    """

    state: State
    name: str
    body: Mapping[str, Any]

    @property
    def root(self) -> str:
        """The field that holds it."""
        return "Arguments" if self.state.language is Language.JSONATA else "Parameters"


@once
def service_requests_of(machine: Machine) -> tuple[ServiceRequest, ...]:
    """The requests to other services that can be read. A state without a payload sends its input."""
    found = ((state, integration_of(state)) for state in machine.states if isinstance(state.payload, Mapping))
    return tuple(
        ServiceRequest(state, call.name, state.payload)
        for state, call in found
        if call is not None and call.service not in _OTHERS
    )


def service_violations(machine: Machine, *rules: Rule) -> Iterator[Violation]:
    """What their models have against the requests, of these rules."""
    for request, finding in _findings(machine):
        if finding.rule in rules:
            severity = Severity.WARNING if finding.severity is Certainty.WARNING else Severity.ERROR
            member = f"{request.root}.{finding.member}"
            yield Violation(request.state.name, member, finding.problem, finding.fix, severity)


@once
def _findings(machine: Machine) -> tuple[tuple[ServiceRequest, Finding], ...]:
    requests = service_requests_of(machine)
    return tuple((request, finding) for request in requests for finding in check(request.name, request.body))
