"""The states of two definitions that are the same: by what they do, then by their names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.insight.changes.canonical import canonical, fields_in, leaves, without_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.asl.definition import Scope, State

Json = Any
_ALIKE, _SAME_NAME, _CERTAIN = 0.6, 0.35, 0.8
_NEAR = 0.1
_UNTELLING = {("Comment",), ("QueryLanguage",)}
"""Fields that do not distinguish states."""
_LITTLE = 2
"""The most values of a state that says too little to be known by them, such as Succeed."""


@dataclass(frozen=True)
class Known:
    """A state with what it does.

    Attributes:
        state: The state.
        around: The names of the states that lead to it or that it leads to.
    """

    state: State
    around: frozenset[str]

    @cached_property
    def does(self) -> Counter[Json]:
        """Its values by their paths, without its name, which names of jobs have in them."""
        name = self.state.name
        values = leaves(without_hashes(fields_in(self.state.body, self.state.language)))
        found: Counter[Json] = Counter(
            (path, str(value).replace(name, "\0")) for path, value in values.items() if path[:1] not in _UNTELLING
        )
        for rule in self.state.body.get("Choices") or ():
            told = {key: item for key, item in rule.items() if key != "Next"} if isinstance(rule, dict) else rule
            found[("Choices", str(canonical(told)))] += 1
        for inner in self.state.inner:
            found.update(("inside", each.type, each.resource) for each in inner.walk())
        return found

    def likeness(self, other: Known) -> float:
        """Return how much of it is the same, from 0 to 1."""
        if self.state.resource != other.state.resource:
            return 0
        return 2 * (self.does & other.does).total() / ((self.does.total() + other.does.total()) or 1)


def known_states(definition: Scope) -> list[Known]:
    """Return all states of a definition."""
    around: dict[int, set[str]] = {}
    for scope in definition.scopes():
        for state in scope.states.values():
            for way in state.transitions:
                around.setdefault(id(state), set()).add(way.target)
                if way.target in scope.states:
                    around.setdefault(id(scope.states[way.target]), set()).add(state.name)
    return [Known(state, frozenset(around.get(id(state), ()))) for state in definition.walk()]


@dataclass
class Pairs:
    """The states that two definitions have in common.

    Attributes:
        old: The old definition.
        new: The new one.
        of_old: The new state of each old one that is still there.
        of_new: The old state of each new one that was there.
    """

    old: Scope
    new: Scope
    of_old: dict[State, State] = field(default_factory=dict)
    of_new: dict[State, State] = field(default_factory=dict)

    def add(self, old: State, new: State) -> None:
        """Add a pair."""
        self.of_old[old] = new
        self.of_new[new] = old

    def __iter__(self) -> Iterator[tuple[State, State]]:
        """Yield the pairs, in the order of the new definition."""
        return ((self.of_new[new], new) for new in self.new.walk() if new in self.of_new)

    @cached_property
    def scopes(self) -> dict[Scope, Scope]:
        """The new scope of each old one: the definition, and those in the same state with most states in common."""
        found = {self.old: self.new}
        for old, new in self:
            votes = Counter(
                (at, other.scope)
                for at, scope in enumerate(old.inner)
                for state in scope.states.values()
                if (other := self.of_old.get(state)) and other.scope.parent is new
            )
            for (at, scope), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0][0])):
                if old.inner[at] not in found and scope not in found.values():
                    found[old.inner[at]] = scope
            left = [scope for scope in old.inner if scope not in found]
            found |= dict(zip(left, [scope for scope in new.inner if scope not in found.values()], strict=False))
        return found

    def moved(self, old: State, new: State) -> bool:
        """Return whether a state is in another scope."""
        return self.scopes.get(old.scope) is not new.scope


def pair_states(old: Scope, new: Scope) -> Pairs:
    """Pair the states of two definitions."""
    pairs = Pairs(old, new)
    mine, theirs = known_states(old), known_states(new)
    in_place = {_place(each.state): each for each in theirs}
    for one in mine:
        other = in_place.get(_place(one.state))
        if other and other.state.type == one.state.type and one.likeness(other) >= _CERTAIN:
            pairs.add(one.state, other.state)
    for _, one, other in sorted(_candidates(pairs, mine, theirs), key=lambda found: found[0]):
        if one.state not in pairs.of_old and other.state not in pairs.of_new:
            pairs.add(one.state, other.state)
    left = {each.state.name: each for each in theirs if each.state not in pairs.of_new}
    for one in mine:
        other = left.get(one.state.name)
        if other and one.state not in pairs.of_old and other.state not in pairs.of_new:
            pairs.add(one.state, other.state)
    return pairs


def _place(state: State) -> tuple[str, ...]:
    """Return the names of the states that a state is in, and its own; those of different scopes may be called the same."""
    return (*(outer.name for outer in state.around), state.scope.member, state.name)


def _candidates(
    pairs: Pairs, mine: Iterable[Known], theirs: Iterable[Known]
) -> Iterator[tuple[tuple[float, list[str]], Known, Known]]:
    """Yield the pairs that may be one state, with keys that sort the likeliest first."""
    left = [each for each in theirs if each.state not in pairs.of_new]
    for one in mine:
        for other in left if one.state not in pairs.of_old else ():
            if one.state.type != other.state.type:
                continue
            likeness = one.likeness(other)
            is_named = one.state.name == other.state.name
            is_near = bool(one.around & other.around)
            says_little = min(one.does.total(), other.does.total()) <= _LITTLE
            if is_named or (likeness >= _ALIKE and (is_near or not says_little)):
                score = likeness + _SAME_NAME * is_named + _NEAR * is_near
                yield (-score, sorted([one.state.name, other.state.name])), one, other
