"""States that are added, removed, renamed or moved, and the order of the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.transitions import ends
from constructs_ml.insight.changes.kinds import Kind
from constructs_ml.insight.changes.model import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.insight.changes.pairs import Pairs

Json = Any
FIRST = ""
"""The name of what is before the first state of a scope."""


@dataclass(frozen=True)
class Ways:
    """The order of one version, with the names of the states in the new one.

    Attributes:
        pairs: The states of both versions.
        is_old: True for the old version.
    """

    pairs: Pairs
    is_old: bool

    @cached_property
    def shared(self) -> dict[State, State]:
        """The states that the other version has too."""
        return self.pairs.of_old if self.is_old else self.pairs.of_new

    def name(self, state: State) -> str:
        """Return the name of a state in the new version, or its own if it is not there."""
        return self.pairs.of_old[state].name if self.is_old and state in self.pairs.of_old else state.name

    def shown(self, scope: Scope, name: str) -> str:
        """Return the name of a state as messages show it."""
        return self.name(scope.states[name]) if name in scope.states else name

    def target(self, scope: Scope, name: str) -> str | None:
        """Return the next state that both versions have, or that decides what is next; None for the end.

        States of one version only, and those that moved, are told by themselves: what leads to one leads to what is behind it.
        """
        seen: set[str] = set()
        while name in scope.states and name not in seen:
            seen.add(name)
            state = scope.states[name]
            following = state.body.get("Next")
            if not self._is_passed_through(state) or not (following or ends(state)):
                return self.name(state)
            if not isinstance(following, str):
                return None if state.body.get("End") is True else self.name(state)
            name = following
        return name

    def before(self, scope: Scope) -> dict[str | None, set[str]]:
        """Return the states from which each state is entered next, and None, the end."""
        found: dict[str | None, set[str]] = {}
        found.setdefault(self.target(scope, scope.start), set()).add(FIRST)
        for state in scope.states.values():
            if self._is_passed_through(state) or self._has_rules(state):
                continue
            ways = [way.target for way in state.transitions if not way.member.startswith("Catch")]
            for to in {self.target(scope, way) for way in ways}:
                found.setdefault(to, set()).add(self.name(state))
            if state.body.get("End") is True:
                found.setdefault(None, set()).add(self.name(state))
        return found

    def _is_passed_through(self, state: State) -> bool:
        if state in self.shared:
            return self.pairs.moved(*((state, self.shared[state]) if self.is_old else (self.shared[state], state)))
        return state.type != "Choice"

    def _has_rules(self, state: State) -> bool:
        """Return whether a state is a Choice in both versions, whose rules are compared by themselves."""
        other = self.shared.get(state)
        return state.type == "Choice" and other is not None and other.type == "Choice"


def changes_of_places(pairs: Pairs, machine: str) -> Iterator[Change]:
    """Yield the differences of which states there are, and where."""
    for state in pairs.old.walk():
        if state not in pairs.of_old and not _is_inside(state, pairs.of_old):
            yield Change(Kind.STATE, machine, state.name, old=_described(state, pairs.of_old))
    for state in pairs.new.walk():
        if state not in pairs.of_new and not _is_inside(state, pairs.of_new):
            yield Change(Kind.STATE, machine, state.name, new=_described(state, pairs.of_new))
    for old, new in pairs:
        was = old.name if old.name != new.name else ""
        if old.name != new.name:
            yield Change(Kind.NAME, machine, new.name, was, old=old.name, new=new.name)
        if old.type != new.type:
            yield Change(Kind.TYPE, machine, new.name, was, old=old.type, new=new.type)
        if pairs.moved(old, new):
            yield Change(Kind.PLACE, machine, new.name, was, old=_place(old), new=_place(new))
        yield from _branches(pairs, old, new, machine)
    yield from _order(pairs, machine)


def _is_inside(state: State, shared: Collection[State]) -> bool:
    """Return whether a state is in one that is told itself."""
    return state.scope.parent is not None and state.scope.parent not in shared


def _described(state: State, shared: Collection[State]) -> dict[str, Json]:
    scope = state.scope
    inside = [inner.name for each in state.inner for inner in each.walk() if inner not in shared]
    found: dict[str, Json] = {"type": state.type}
    found |= {"resource": state.resource or str(state.body.get("Resource", ""))} if state.type == "Task" else {}
    found |= {"in": scope.parent.name} if scope.parent else {}
    found |= {"first": True} if scope.start == state.name else {}
    return found | _neighbours(state) | ({"with": inside} if inside else {})


def _place(state: State) -> dict[str, Json]:
    """Return the state that another one is in, and those before and after it."""
    parent = state.scope.parent
    return {**({"in": parent.name, "type": parent.type} if parent else {}), **_neighbours(state)}


def _neighbours(state: State) -> dict[str, list[str]]:
    scope = state.scope
    before = [other.name for other in scope.states.values() if state.name in {way.target for way in other.transitions}]
    found = {"after": before, "before": list(dict.fromkeys(way.target for way in state.transitions))}
    told = {word: [name for name in names if name != state.name] for word, names in found.items()}
    return {word: names for word, names in told.items() if names}


def _branches(pairs: Pairs, old: State, new: State, machine: str) -> Iterator[Change]:
    if old.type == new.type == "Parallel":
        order = [new.inner.index(pairs.scopes[scope]) for scope in old.inner if pairs.scopes.get(scope) in new.inner]
        if order != sorted(order):
            yield Change(
                Kind.BRANCHES,
                machine,
                new.name,
                old.name if old.name != new.name else "",
                old=[scope.start for scope in old.inner],
                new=[scope.start for scope in new.inner],
            )


def _order(pairs: Pairs, machine: str) -> Iterator[Change]:
    for old, new in pairs.scopes.items():
        was, now = Ways(pairs, is_old=True).before(old), Ways(pairs, is_old=False).before(new)
        for state in new.states.values():
            one = pairs.of_new.get(state)
            if one is None or pairs.moved(one, state):
                continue
            lost, gained = _difference(was.get(state.name, set()), now.get(state.name, set()))
            if lost or gained:
                before = one.name if one.name != state.name else ""
                yield Change(Kind.ORDER, machine, state.name, before, old=lost, new=gained)
        both = {state.name for state in new.states.values() if state in pairs.of_new}
        lost, gained = _difference(was.get(None, set()) & both, now.get(None, set()) & both)
        if lost or gained:
            place = new.parent.name if new.parent else ""
            before = old.parent.name if old.parent and old.parent.name != place else ""
            yield Change(Kind.END, machine, place, before, old=lost, new=gained)


def _difference(old: set[str], new: set[str]) -> tuple[list[str], list[str]]:
    return sorted(old - new), sorted(new - old)
