"""Jobs with the same name in other states or iterations of one execution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import is_distributed
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.values import fields_of, is_text
from constructs_ml.lint.rules.errors.job_names import Varies, name_of, references_in, varies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.machine import Machine

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_OF_EXECUTION = re.compile(r"(\$\$|\$states\.context)\.(Execution|StateMachine)\b")
_ONE_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)|\{%\s*\$([A-Za-z_]\w*)\s*%\}")
_DEFINES = re.compile(r":=|\bfunction\b|λ")


def earlier_of_its_name(state: State, machine: Machine) -> State | None:
    """Return a state that creates the same thing under the same name before this one or in parallel; None if none does.

    Args:
        state: A state that names a job or a resource.
        machine: The state machine.
    """
    named, call = name_of(state), integration_of(state)
    if named is None or call is None or varies(*named) not in {Varies.NEVER, Varies.EXECUTION}:
        return None
    for other in machine.states:
        its = integration_of(other)
        if other is state or its is None or its.action != call.action or name_of(other) != named:
            continue
        if _runs_before(other, state):
            return other
    return None


def _runs_before(other: State, state: State) -> bool:
    """Return whether one state has run before another in the same execution, or is an earlier branch of a Parallel."""
    one, two = [*other.around, other], [*state.around, state]
    at = next((at for at, (left, right) in enumerate(zip(one, two, strict=False)) if left is not right), None)
    # Iterations of a Distributed Map are executions of their own, with their own names.
    if at is None or any(map(is_distributed, (*one[:at], *one[at:-1], *two[at:-1]))):
        return False
    left, right = one[at], two[at]
    if left.scope is right.scope:
        return _goes_on_to(left, right.name)
    around = one[at - 1]
    return around.type == "Parallel" and around.inner.index(left.scope) < around.inner.index(right.scope)


def _goes_on_to(state: State, name: str) -> bool:
    """Return whether a path leads from a state's success to another state; a state that failed may not have used the name."""
    scope, found = state.scope, set[str]()
    ahead = [way.target for way in state.transitions if not way.member.startswith("Catch")]
    while ahead:
        target = ahead.pop()
        if target in scope.states and target not in found:
            found.add(target)
            ahead += [way.target for way in scope.states[target].transitions]
    return name in found


def is_constant(machine: Machine, value: str) -> bool:
    """Return whether a name is a single variable to which only one literal is ever assigned."""
    found = _ONE_VARIABLE.fullmatch(value)
    if found is None:
        return False
    name = found[1] or found[2]
    given = [item for state in machine.states for item in _given(state.body, name)]
    return bool(given) and all(is_text(item) and item == given[0] for item in given)


def _given(value: object, name: str) -> Iterator[object]:
    """Yield the values that a state's Assign fields give to a variable; None for a computed one."""
    if not isinstance(value, Mapping):
        return
    assigned = value.get("Assign")
    fields = fields_of(assigned)
    if name in fields:
        yield fields[name]
    if f"{name}.$" in fields or not isinstance(assigned, (Mapping, type(None))):
        yield None
    for field in ("Choices", "Catch"):
        for item in value[field] if isinstance(value.get(field), list) else ():
            yield from _given(item, name)


def map_of_variable(state: State, member: str, value: str) -> State | None:
    """Return the Map in whose iterations a name is the same, being made of variables that are assigned outside of it.

    Args:
        state: The state that starts a job.
        member: The member that holds the name.
        value: The expression of the name.
    """
    if varies(member, value) is not Varies.INPUT:
        return None
    references = references_in(value)
    names = {found[1] for found in map(_VARIABLE.fullmatch, references) if found}
    others = [text for text in references if not _VARIABLE.fullmatch(text) and not _OF_EXECUTION.match(text)]
    if not names or others or _DEFINES.search(value):
        return None
    for outer in reversed(state.around):
        if is_distributed(outer):
            return None
        if outer.type == "Map":
            return None if names & _assigned(outer.inner) else outer
    return None


def _assigned(scopes: tuple[Scope, ...]) -> set[str]:
    """Return the variables that are assigned anywhere inside."""
    found: set[str] = set()
    for state in (state for scope in scopes for state in scope.walk()):
        places = [state.body, *(state.body.get("Choices") or []), *(state.body.get("Catch") or [])]
        for place in places:
            assigned = place.get("Assign") if isinstance(place, dict) else None
            found |= {str(name).removesuffix(".$") for name in assigned} if isinstance(assigned, dict) else set()
    return found
