"""CML307."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.checks.examples import training
from constructs_ml.checks.reading.handlers import ALL, TASK_FAILED, TIMEOUT, retrier_of, retriers
from constructs_ml.checks.reading.integration import integration_of
from constructs_ml.checks.reading.joints import loops
from constructs_ml.checks.reading.maps import is_distributed
from constructs_ml.checks.reading.values import is_open, shown
from constructs_ml.checks.rule import rule
from constructs_ml.checks.rules.errors.job_names import Varies, name_of, varies
from constructs_ml.checks.violation import Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import State
    from constructs_ml.checks.reading.handlers import Handler


@rule(
    "CML307",
    title="Every job that is started has a name of its own",
    reason="The name of a job can be used once in an account and region, for ever: the second job of a name fails with "
    "ResourceInUse, in a Map, in a loop, at a retry of a job that failed, or in the next execution. Source: "
    "CreateTrainingJob and its likes in the SageMaker API.",
    bad=training(**{"TrainingJobName.$": None, "TrainingJobName": "churn"}),
    good=training(),
)
def name_used_again(machine: Machine) -> Iterator[Violation]:
    """Names of jobs that a second job will have."""
    for state in machine.states:
        named = name_of(state)
        if named is None:
            continue
        member, value = named
        again = _again(state, varies(member, value))
        if again:
            when, severity = again
            problem = f"is {shown(value)}, the same {when}, but a name can be used once"
            path = f"{'Arguments' if state.payload is state.body.get('Arguments') else 'Parameters'}.{member}"
            yield Violation(state.name, path, problem, "draw a new one: States.UUID() or $uuid()", severity)


def _again(state: State, varying: Varies) -> tuple[str, Severity] | None:
    """When the next job of the same name starts."""
    if varying is Varies.ATTEMPT:
        return None
    retried = _retried(state, varying)
    if varying is Varies.INPUT:
        return (retried, Severity.WARNING) if retried else None
    for outer in _within_execution(state, varying):
        if outer.type == "Map":
            return f"in every iteration of {outer.name}", Severity.ERROR
    if retried:
        return retried, Severity.ERROR
    for place in (state, *_within_execution(state, varying)):
        if loops(place):
            return f"each time that the loop comes back to {place.name}", Severity.ERROR
    return ("in every execution", Severity.WARNING) if varying is Varies.NEVER else None


def _within_execution(state: State, varying: Varies) -> list[State]:
    """The states around it in which a name stays the same: an iteration of a Distributed Map is its own execution."""
    found: list[State] = []
    for outer in reversed(state.around):
        if varying is Varies.EXECUTION and is_distributed(outer):
            break
        found.append(outer)
    return found


def _retried(state: State, varying: Varies) -> str:
    """Which Retry starts a job again that was started before."""
    call = integration_of(state)
    if call and call.waits:
        handler = retrier_of(state, TASK_FAILED, ALL) or retrier_of(state, TIMEOUT, ALL)
        if handler:
            return f"at each attempt of {handler.member}"
    # What the input says may be new when a state around this one is tried again.
    around = _within_execution(state, varying) if varying is not Varies.INPUT else []
    for outer in around:
        handler = retrier_of(outer, TASK_FAILED, ALL) or _retrier_of_fails(outer)
        if handler:
            return f"at each attempt of {handler.member} of {outer.name}"
    return ""


def _retrier_of_fails(outer: State) -> Handler | None:
    """The retrier for an error that a Fail state inside gives a name, as a job by cause has them."""
    fails = [state for scope in outer.inner for state in scope.walk() if state.type == "Fail"]
    named = {state.body.get("Error") for state in fails}
    worked_out = any("ErrorPath" in state.body or is_open(state.body.get("Error")) for state in fails)
    for handler in retriers(outer):
        plain = {error for error in handler.errors if not error.startswith("States.")}
        if handler.retries and (plain & named or (plain and worked_out)):
            return handler
    return None
