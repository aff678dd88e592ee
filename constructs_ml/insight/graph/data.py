"""The members, variables and places in S3 that each state reads, with the states that they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.data_use import key_of_result, use_of
from constructs_ml.asl.jsonpath import PathError, Root
from constructs_ml.asl.transitions import leads_to
from constructs_ml.asl.values import fields_of
from constructs_ml.lint.dataflow.analysis import flow_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.data_use import DataUse
    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.jsonpath import Steps
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.analysis import Flow

INPUT = "the execution's input"
_PASSES_BRANCHES = ("Parameters", "Arguments")


@dataclass(frozen=True, slots=True)
class DataSource:
    """Data that a state reads.

    Attributes:
        origin: The name of the state that it comes from; for the input of the execution :data:`INPUT`.
        what: A member of the input, a variable, or a place in S3.
        state: True if the origin is a state.
    """

    origin: str
    what: str
    state: bool = True


def sources_of(machine: Machine, closed: set[State]) -> dict[State, list[DataSource]]:
    """Return the data that each state reads.

    Args:
        machine: The state machine.
        closed: The states that stand for one call though they consist of several.
    """
    states = [state for state in machine.states if not closed & set(state.around)]
    uses = {state: _use(state, closed) for state in states}
    makers = [state for state in states if uses[state].places or uses[state].made]
    assigners = [(state, names) for state in states if (names := _assigned(state))]
    flow = flow_of(machine)
    found: dict[State, list[DataSource]] = {}
    for state in states:
        members, variables = set(uses[state].members), set()
        for root, steps in _paths(flow, state):
            first = steps[0] if steps else None
            if isinstance(first, str) and root is Root.INPUT:
                members.add(first)
            elif isinstance(first, str) and root is Root.VARIABLE:
                variables.add(first)
        sources = [source for member in sorted(members) for source in _writers(state, member)]
        sources += [source for name in sorted(variables) for source in _assigners(state, name, assigners)]
        sources += [source for other in makers for source in _places(state, uses[state], other, uses[other])]
        found[state] = list(dict.fromkeys(sources))
    return found


def _paths(flow: Flow, state: State) -> Iterator[tuple[Root, Steps]]:
    """Yield the paths that a state reads, and those whose presence it tests."""
    facts = flow.facts.get(state)
    if facts is not None:
        yield from ((read.root, read.steps) for read in facts.reads)
        yield from sorted(facts.tested, key=repr)


def _use(state: State, closed: set[State]) -> DataUse:
    """Return the data that a state uses; what the states inside it use is theirs, unless it stands for one call."""
    body = state.body if state in closed else {name: value for name, value in state.body.items() if name not in _INSIDE}
    return use_of(state.name, body, state.language)


_INSIDE = ("Branches", "ItemProcessor", "Iterator")


def _writers(state: State, member: str) -> Iterator[DataSource]:
    """Yield the states that may have written a member of a state's input: those met first on each way back from it."""
    scope = state.scope
    before = _before(scope)
    seen: set[str] = set()
    ahead = [state.name]
    while ahead:
        here = ahead.pop(0)
        if here == scope.start:
            yield from _from_outside(scope, member)
        for name, body in before.get(here, ()):
            if name in seen:
                continue
            seen.add(name)
            key = _key(scope.states[name], body)
            if key is None or key == member:
                yield DataSource(name, member)
            else:
                ahead.append(name)


def _before(scope: Scope) -> dict[str, list[tuple[str, Mapping[str, Any] | None]]]:
    """Return the states directly before each, with the catcher that leads to it, if one does."""
    found: dict[str, list[tuple[str, Mapping[str, Any] | None]]] = {}
    for state in scope.states.values():
        for way in state.transitions:
            catcher = way.rule if way.member.startswith("Catch") else None
            found.setdefault(way.target, []).append((state.name, catcher))
    return found


def _key(state: State, catcher: Mapping[str, Any] | None) -> str | None:
    """Return the member that a state adds to its input on a way out of it; empty for none, None if it replaces all of it."""
    if state.type in {"Choice", "Succeed"} and catcher is None:
        return "" if not {"Output", "OutputPath"} & set(state.body) else None
    body = {**fields_of(catcher), "Type": "Task"} if catcher is not None else state.body
    try:
        return key_of_result(body, state.language)
    except (PathError, IndexError):
        return None


def _from_outside(scope: Scope, member: str) -> Iterator[DataSource]:
    outer = scope.parent
    if outer is None:
        yield DataSource(INPUT, member, state=False)
    elif outer.type == "Parallel" and not set(_PASSES_BRANCHES) & set(outer.body):
        yield from _writers(outer, member)
    else:
        yield DataSource(outer.name, member)


def _assigners(state: State, name: str, assigners: list[tuple[State, set[str]]]) -> Iterator[DataSource]:
    """Yield the states that assign a variable before a state."""
    for other, names in assigners:
        if other is not state and name in names and _comes_before(other, state):
            yield DataSource(other.name, f"${name}")


def _assigned(state: State) -> set[str]:
    """Return the variables that a state assigns, its Choice rules and catchers too."""
    assigns = [state.body.get("Assign"), *(way.rule.get("Assign") for way in state.transitions)]
    return {str(name).removesuffix(".$") for assign in assigns for name in fields_of(assign)}


def _comes_before(other: State, state: State) -> bool:
    """Return whether a state, or one that contains it, can follow another in that one's scope."""
    inside = next((each for each in (*state.around, state) if each.scope is other.scope), None)
    return inside is not None and leads_to(other, inside.name)


def _places(state: State, use: DataUse, other: State, written: DataUse) -> Iterator[DataSource]:
    """Yield the places in S3 and the resources that another state makes and a state uses."""
    if other is state or other in state.around or state in other.around:
        return
    for place in sorted(written.places):
        if use.reads_place(place):
            yield DataSource(other.name, f"{_last(place)} in S3")
    for member, _ in sorted(use.named & written.made - use.made):
        yield DataSource(other.name, member.removesuffix("Name").lower())


def _last(place: str) -> str:
    """Return the part of a place that tells it from others: its last name that is known."""
    parts = [part for part in place.removeprefix("s3://").split("/")[1:] if part and "⟨" not in part]
    return parts[-1] if parts else "data"
