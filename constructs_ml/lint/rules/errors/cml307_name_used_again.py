"""CML307."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import is_distributed
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.handlers import ALL, TASK_FAILED, TIMEOUT, catchers, retrier_of, retriers
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.transitions import leads_to, loops
from constructs_ml.asl.values import is_open, shown
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.job_names import (
    REFERENCE,
    Varies,
    is_drawn,
    is_resource,
    name_of,
    of_execution_name,
    of_its_hash,
    varies,
)
from constructs_ml.lint.rules.errors.same_name import earlier_of_its_name, is_constant, map_of_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.handlers import Handler
    from constructs_ml.asl.machine import Machine


_MEMBER = re.compile(r"(?:\$|\$states\.input)(?:\.([A-Za-z_]\w*)|\[['\"]([^'\"]+)['\"]\])")
_OF_ITEM = re.compile(r"(?:\$\$|\$states\.context)\.Map\.Item\b")
_HANDS_ON = re.compile(r"\{%\s*(?:[^?]*\?\s*)?\$states\.input\s*(?::.*)?%\}")
"""The input itself, or that of an object: other values have no members that a name could contain."""
_KEEPS = ("Choice", "Fail", "Succeed", "Wait")
_SELECTORS = ("InputPath", "ItemSelector", "Parameters", "ItemReader", "ItemBatcher")


def is_same_again(state: State, value: str, outer: State) -> bool:
    """Return whether a name depends on the input of an enclosing state, with nothing in between generating it anew.

    Args:
        state: The state that starts a job.
        value: The expression of the name.
        outer: The enclosing state, which is retried with the same input.
    """
    members = set()
    for reference in REFERENCE.findall(value):
        found = _MEMBER.fullmatch(reference) or _MEMBER.match(reference)
        if found is not None and not reference.startswith("$$"):
            members.add(found[1] or found[2])
        elif not _OF_ITEM.match(reference):
            return False
    inside = [*state.around[state.around.index(outer) + 1 :], state]
    if any(field in place.body for place in inside for field in ("InputPath",)):
        return False
    scopes = [place.scope for place in inside]
    if any(is_drawn(json.dumps(place.body.get(field, ""))) for place in [outer, *inside[:-1]] for field in _SELECTORS):
        return False
    # No state changes what the context object says about an item.
    return not members or all(_keeps(scope, place, members) for scope, place in zip(scopes, inside, strict=True))


def _keeps(scope: Scope, place: State, members: set[str]) -> bool:
    """Return whether no state before a place writes any of these members."""
    return all(_is_kept(other, members) for other in _before(scope, place))


def _before(scope: Scope, place: State) -> Iterator[State]:
    return (other for other in scope.states.values() if other.name != place.name and leads_to(other, place.name))


def _is_kept(state: State, members: set[str]) -> bool:
    if state.type in _KEEPS:
        return True
    if state.language is Language.JSONATA:
        output = state.body.get("Output", "{% $states.input %}")
        return state.type == "Pass" and isinstance(output, str) and _HANDS_ON.fullmatch(output) is not None
    if any(field in state.body for field in ("InputPath", "OutputPath")):
        return False
    path = state.body.get("ResultPath", "$")
    if path is None:
        return True
    if state.type == "Pass" and path == "$" and not {"Result", "Parameters"} & set(state.body):
        return True
    found = _MEMBER.match(path) if isinstance(path, str) else None
    return found is not None and (found[1] or found[2]) not in members


@dataclass(frozen=True, slots=True)
class _Again:
    """The event at which another job of the same name starts.

    Attributes:
        when: The event, for messages.
        severity: An error if it is certain.
        cause: The state that restarts the job, if not its own.
        more: A further problem of the name.
    """

    when: str
    severity: Severity
    cause: str = ""
    more: str = ""


@rule(
    "CML307",
    title="Every job has a unique name",
    reason="The name of a job can be used only once in an account and region; that of a model, an endpoint "
    "configuration or a pipeline only once until it is deleted. A second use of the name fails: in a Map, in a loop, "
    "at a retry, in another state, in the next execution, or in a redriven execution, which keeps its name. The name "
    "of an execution may also have 80 characters and underscores, which a job's must not have. Source: "
    "CreateTrainingJob, CreateModel and the like in the SageMaker API; StartExecution in the Step Functions API; "
    "'Restarting state machine executions with redrive' of the Step Functions developer guide.",
    bad=training(**{"TrainingJobName.$": None, "TrainingJobName": "churn"}),
    good=training(),
)
def name_used_again(machine: Machine) -> Iterator[Violation]:
    """Names of jobs and resources that a second one would have."""
    for state in machine.states:
        named = name_of(state)
        if named is None or (is_resource(state) and _is_handled(state, machine)):
            continue
        member, value = named
        varying = Varies.NEVER if is_constant(machine, value) else varies(member, value)
        again = _again(state, varying, value)
        if again is None or again.severity is Severity.WARNING:
            again = _beside(state, machine) or again
        if again:
            problem = f"is {shown(value)}, which is the same {again.when}, but a name can be used only once{again.more}"
            path = f"{'Arguments' if state.payload is state.body.get('Arguments') else 'Parameters'}.{member}"
            fix = "generate a new one: States.UUID() or $uuid()"
            yield Violation(state.name, path, problem, fix, again.severity, cause=again.cause)


def _is_handled(state: State, machine: Machine) -> bool:
    """Return whether the state machine deletes a resource, or catches the error that it already exists."""
    errors = {error for handler in catchers(state) for error in handler.errors}
    if errors & {ALL, TASK_FAILED} or any(error.startswith(("SageMaker.", "Sagemaker.")) for error in errors):
        return True
    call = integration_of(state)
    delete = "" if call is None else call.action.replace("create", "delete", 1)
    calls = (integration_of(other) for other in machine.states)
    return any(other is not None and other.action == delete for other in calls)


def _beside(state: State, machine: Machine) -> _Again | None:
    """Return the state that certainly uses the same name in one execution, even without a retry."""
    named = name_of(state)
    outer = map_of_variable(state, *named) if named else None
    if outer is not None:
        return _Again(f"in every iteration of {outer.name}", Severity.ERROR, outer.name)
    other = earlier_of_its_name(state, machine)
    return None if other is None else _Again(f"as in {other.name}", Severity.ERROR)


def _again(state: State, varying: Varies, value: str) -> _Again | None:  # noqa: PLR0911 - an answer each
    if varying is Varies.ATTEMPT:
        return None
    retried = _retried(state, varying, value)
    if varying is Varies.INPUT:
        return retried and replace(retried, severity=Severity.WARNING)
    for outer in _within_execution(state, varying):
        if outer.type == "Map":
            return _Again(f"in every iteration of {outer.name}", Severity.ERROR, outer.name)
    if retried:
        return retried
    for place in (state, *_within_execution(state, varying)):
        if loops(place):
            return _Again(f"each time that the loop returns to {place.name}", Severity.ERROR)
    if varying is Varies.NEVER:
        return _Again("in every execution", Severity.WARNING)
    # Step Functions names the executions that a Distributed Map starts.
    named = of_execution_name(value)
    if not (named or of_its_hash(value)) or any(map(is_distributed, state.around)):
        return None
    return _Again("when the execution is redriven", Severity.WARNING, more=_OF_EXECUTION if named else "")


_OF_EXECUTION = ", and an execution's name may have 80 characters and underscores"


def _within_execution(state: State, varying: Varies) -> list[State]:
    """Return the enclosing states in which a name stays the same; an iteration of a Distributed Map is an execution."""
    found: list[State] = []
    for outer in reversed(state.around):
        if varying is Varies.EXECUTION and is_distributed(outer):
            break
        found.append(outer)
    return found


def _retried(state: State, varying: Varies, value: str) -> _Again | None:
    """Return the Retry that starts a job again."""
    call = integration_of(state)
    if call and call.waits:
        handler = retrier_of(state, TASK_FAILED, ALL) or retrier_of(state, TIMEOUT, ALL)
        if handler:
            return _Again(f"at each attempt of {handler.member}", Severity.ERROR)
    for outer in _within_execution(state, varying):
        handler = retrier_of(outer, TASK_FAILED, ALL) or _retrier_of_fails(outer)
        # The input may differ when an enclosing state is retried.
        if handler and (varying is not Varies.INPUT or is_same_again(state, value, outer)):
            return _Again(f"at each attempt of {handler.member} of {outer.name}", Severity.ERROR, outer.name)
    return None


def _retrier_of_fails(outer: State) -> Handler | None:
    """Return the retrier for an error that a Fail state inside raises, as for errors classified by their cause."""
    fails = [state for scope in outer.inner for state in scope.walk() if state.type == "Fail"]
    named = {state.body.get("Error") for state in fails}
    worked_out = any("ErrorPath" in state.body or is_open(state.body.get("Error")) for state in fails)
    for handler in retriers(outer):
        plain = {error for error in handler.errors if not error.startswith("States.")}
        if handler.retries and (plain & named or (plain and worked_out)):
            return handler
    return None
