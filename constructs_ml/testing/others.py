"""Services other than SageMaker, whose responses are those of the script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.errors import FindingKind, Severity, SimulationError
from constructs_ml.iam.facts import READS_OBJECT
from constructs_ml.local.emulator.integrations import TaskError
from constructs_ml.services.request import check
from constructs_ml.spelling import did_you_mean
from constructs_ml.testing.outcomes import Ending, Refused, Returned

if TYPE_CHECKING:
    from constructs_ml.testing.outcomes import Outcome

_LAMBDA = ":lambda:invoke"
_LAMBDA_MEMBERS = ("ExecutedVersion", "LogResult", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode")
_LAMBDA_ERRORS = {"ThrottlingException": "Lambda.TooManyRequestsException"}


def answer(name: str, resource: str, outcome: Outcome | None) -> Any:  # noqa: ANN401 - any JSON
    """The response of a call.

    Args:
        name: The state that calls.
        resource: The task's resource.
        outcome: The outcome of the call.

    Raises:
        TaskError: If it fails.
        SimulationError: If nothing is known of it.
    """
    waits = resource.endswith(".waitForTaskToken")
    if isinstance(outcome, Returned):
        if _LAMBDA in resource and not waits:
            return _invoked(name, outcome.value)
        return outcome.value
    if isinstance(outcome, Ending):
        raise TaskError("States.TaskFailed", outcome.reason or outcome.status)
    if isinstance(outcome, Refused):
        if _LAMBDA in resource and outcome.code in _LAMBDA_ERRORS:
            raise TaskError(_LAMBDA_ERRORS[outcome.code], outcome.message)
        message = f"{name}: how Step Functions calls {outcome.code} of {_shown(resource)} is not known here"
        raise SimulationError(f"{message}; write raises('Service.{outcome.code}')")
    if resource.endswith(f":{READS_OBJECT}"):
        message = f"{name} reads an object, of which a simulation knows nothing"
        raise SimulationError(f"{message}; script it: {{{name!r}: reports({{'accuracy': 0.9}})}}")
    example = '{"Payload": {...}}' if _LAMBDA in resource and not waits else "{...}"
    message = f"{name} calls {_shown(resource)}, of which a simulation knows no usual answer"
    raise SimulationError(f"{message}; script it: {{{name!r}: returns({example})}}")


def refusal_of(resource: str, request: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the reason that Step Functions does not make a call; empty if it does, or if that is uncertain.

    Only types are judged, which values have when the workflow runs: that members lack or are unknown stands in the definition,
    where the checks report it.

    Args:
        resource: The task's resource.
        request: The request, with the values of the execution.
    """
    name, _, _ = _shown(resource).partition(".")
    found = check(name, request) if ":states:::" in resource and isinstance(request, dict) else []
    faults = [str(each) for each in found if each.severity is Severity.ERROR and each.rule is FindingKind.TYPE]
    return f"the Parameters could not be used to start the Task {name}: {'; '.join(faults)}" if faults else ""


def _invoked(name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The response of a Lambda function's invocation."""
    known = isinstance(value, dict) and all(member in _LAMBDA_MEMBERS for member in value)
    if not known:
        wrong = [member for member in value if member not in _LAMBDA_MEMBERS] if isinstance(value, dict) else []
        near = did_you_mean(wrong[0], _LAMBDA_MEMBERS) if wrong else ""
        message = f"{name}: an invocation answers {', '.join(_LAMBDA_MEMBERS)}, got returns({value!r}){near}"
        raise SimulationError(f"{message}; write returns({{'Payload': ...}})")
    return {"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": {}, **value}


def _shown(resource: str) -> str:
    return resource.rsplit(":states:::", maxsplit=1)[-1]
