"""The training jobs that a state machine starts: by themselves, or as trials of a tuning job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries
from constructs_ml.sagemaker.task_requests import get, requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation
    from constructs_ml.sagemaker.task_requests import Request


@dataclass(frozen=True, slots=True)
class Training:
    """A training job.

    Attributes:
        request: The request that it is in.
        prefix: Where in the request, with a dot at the end: ``TrainingJobDefinition.``; empty if it is the request.
        body: Its members.
    """

    request: Request
    prefix: str
    body: Mapping[str, Any]

    def get(self, *names: str) -> Any:  # noqa: ANN401 - JSON
        """A member; see :func:`constructs_ml.lint.requests.get`."""
        return get(self.body, *names)

    def violation(self, member: str, problem: str, fix: str = "") -> Violation:
        """What is wrong with a member."""
        return self.request.violation(f"{self.prefix}{member}", problem, fix)


def trainings(machine: Machine) -> Iterator[Training]:
    """All training jobs that are known."""
    for request in requests_of(machine):
        if request.operation == "CreateTrainingJob":
            yield Training(request, "", request.body)
        elif request.operation == "CreateHyperParameterTuningJob":
            yield from _trials(request)


def _trials(request: Request) -> Iterator[Training]:
    for _, one in entries([request.get("TrainingJobDefinition")]):
        yield Training(request, "TrainingJobDefinition.", one)
    for at, one in entries(request.get("TrainingJobDefinitions")):
        yield Training(request, f"TrainingJobDefinitions[{at}].", one)
