"""CML309."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from constructs_ml.asl.handlers import catchers, retriers
from constructs_ml.asl.integration import SDK, integration_of
from constructs_ml.asl.retry import QUOTA
from constructs_ml.asl.values import shown
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.error_names import SAGEMAKER, THROTTLED_BY_SDK, lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.handlers import Handler
    from constructs_ml.asl.machine import Machine

_PREFIX = "SageMaker."
_ENOUGH = 0.85
# Names that a call's errors do not get: they have no name of their own.
_VAGUE = {"SageMaker.ThrottlingException", "SageMaker.AccessDeniedException", "SageMaker.ValidationException"}
_WAIT = {"IntervalSeconds": 60, "MaxAttempts": 20}


def _example(name: str) -> dict[str, object]:
    made = training()
    made["States"]["Train"]["Retry"] = [{"ErrorEquals": [name], **_WAIT}]
    return made


@rule(
    "CML309",
    title="Errors of SageMaker have the names that Step Functions uses",
    reason="A name that no error has never matches, so the retrier or the catcher never applies. Throttling is "
    "SageMaker.AmazonSageMakerException in the optimized integration and SageMaker.SageMakerException in the AWS SDK "
    "integration; names end in Exception. Source: error names as they appear in execution histories.",
    bad=_example("SageMaker.ResourceLimitExceeded"),
    good=_example(QUOTA),
)
def sagemaker_error(machine: Machine) -> Iterator[Violation]:
    """Names that no error of SageMaker has."""
    for state in machine.states:
        integrations = _integrations(state)
        if integrations:
            throttled = {THROTTLED_BY_SDK[by_sdk] for by_sdk in integrations}
            for handlers in (retriers(state), catchers(state)):
                yield from _of_handlers(state, handlers, throttled)


def _of_handlers(state: State, handlers: tuple[Handler, ...], throttled: set[str]) -> Iterator[Violation]:
    right = {*SAGEMAKER, *throttled}
    named = {name for handler in handlers for name in handler.errors}
    for handler in handlers:
        for name in dict.fromkeys(handler.errors):
            meant = _meant(name, right, throttled)
            # Next to the right name, another is a precaution; CML306 reports a retry of an error that recurs.
            lasts = handler.member.startswith("Retry") and name in lasting(state)
            if meant and meant not in named and not lasts:
                problem = f"is {shown(name)}, which is not the name of any error of this call; did you mean {meant}?"
                severity = Severity.WARNING if name in _VAGUE else Severity.ERROR
                yield Violation(state.name, handler.path(name), problem, "", severity)


def _meant(name: str, right: set[str], throttled: set[str]) -> str:
    """Return the error that a name probably means; empty if it is not a name of SageMaker's."""
    if not name.lower().startswith(_PREFIX.lower()) or name in right:
        return ""
    own = name[len(_PREFIX) :]
    if name in _VAGUE or f"{_PREFIX}{own}" in THROTTLED_BY_SDK.values():
        return min(throttled)
    by_stem = {_stem(other): other for other in sorted(right)}
    near = get_close_matches(_stem(name), by_stem, 1, _ENOUGH)
    return by_stem[near[0]] if near else ""


def _stem(name: str) -> str:
    return name[len(_PREFIX) :].lower().removesuffix("exception")


def _integrations(state: State) -> set[bool]:
    """Return whether a state and those inside it call SageMaker by the AWS SDK integration, by another, or by both."""
    inside = (inner for scope in state.inner for inner in scope.walk())
    calls = (integration_of(other) for other in (state, *inside))
    return {call.service.startswith(SDK) for call in calls if call and call.is_sagemaker}
