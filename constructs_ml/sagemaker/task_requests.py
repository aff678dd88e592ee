"""The requests that a state machine sends to SageMaker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import is_open
from constructs_ml.errors import Severity, Violation
from constructs_ml.sagemaker.model import ModelError, input_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine

_PATH = re.compile(r"\$|\$\$?[.\[].*|States\.\w+\(.*", re.DOTALL)


class Later(Enum):
    """Placeholder for a value that is known only when the template is deployed or the workflow runs."""

    VALUE = "known only later"


LATER = Later.VALUE


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a state.

    Attributes:
        state: The state.
        operation: ``CreateTrainingJob``.
        body: The request. A member whose name ends in ``.$`` is known only at run time.
    """

    state: State
    operation: str
    body: Mapping[str, Any]

    @property
    def root(self) -> str:
        """The field that holds it."""
        return "Arguments" if self.state.language is Language.JSONATA else "Parameters"

    def get(self, *names: str) -> Any:  # noqa: ANN401 - JSON
        """Return the member at these names; ``LATER`` if it is known only later, None if it is absent."""
        return get(self.body, *names)

    def violation(self, member: str, problem: str, fix: str = "", severity: Severity | None = None) -> Violation:
        """Return a violation about a member."""
        return Violation(self.state.name, f"{self.root}.{member}", problem, fix, severity)


def get(value: Any, *names: str) -> Any:  # noqa: ANN401 - JSON
    """Return the member of a value at these names; ``LATER`` if it is known only later, None if it is absent."""
    for name in names:
        if not isinstance(value, Mapping) or is_open(value):
            return LATER
        if f"{name}.$" in value:
            return LATER
        value = value.get(name)
        if value is None:
            return None
    return LATER if is_open(value) or is_path(value) else value


@per_machine_cache
def requests_of(machine: Machine) -> tuple[Request, ...]:
    """Return the readable requests to SageMaker, of both its optimized and its SDK integration."""
    return tuple(_requests(machine))


@per_machine_cache
def texts_of_requests(machine: Machine) -> tuple[tuple[Request, str, str], ...]:
    """Return all strings in the requests to SageMaker, each with its request and its member."""
    return tuple(
        (request, member, text) for request in requests_of(machine) for member, text in _texts(request.body, "")
    )


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(item, f"{path}[{at}]")


def _requests(machine: Machine) -> Iterator[Request]:
    for state in machine.states:
        call = integration_of(state)
        # Without a payload a state sends its input, which is known only at run time.
        if call is None or not call.is_sagemaker or not isinstance(state.payload, Mapping):
            continue
        try:
            input_shape(call.operation)
        except ModelError:
            continue
        yield Request(state, call.operation, state.payload)


def is_path(value: object) -> bool:
    """Return whether a value is a string in the form of a path or an intrinsic function."""
    return isinstance(value, str) and value.startswith(("$", "States.")) and _PATH.fullmatch(value) is not None
