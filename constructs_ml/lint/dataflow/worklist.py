"""The worklist of the fixed point: the states of a scope that are still to be visited."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.lint.dataflow.abstract_state import AbstractState
    from constructs_ml.lint.dataflow.shape import Shape

MOST_VISITS = 12
"""Widening: the input of a state that still changes after so many visits becomes anything."""


class Worklist:
    """The states of a scope that are still to be visited, in an order that revisits few of them.

    Args:
        scope: The scope.
        frame: The facts known on entry to it.

    Attributes:
        scope: The scope.
        frames: The facts known on entry to each state.
        output: The outputs of the scope, by the state that ends it.
    """

    def __init__(self, scope: Scope, frame: AbstractState) -> None:
        self.scope = scope
        self.frames: dict[str, AbstractState] = {}
        self.output: dict[str, Shape] = {}
        self._visits: Counter[str] = Counter()
        self._ahead: list[tuple[int, str]] = []
        self._order = visiting_order(scope)
        self.arrive(scope.start, frame)

    def arrive(self, target: str, frame: AbstractState) -> None:
        """Join the facts on a path into a state, which is visited again if they change.

        Args:
            target: The state.
            frame: The facts known on that path.
        """
        known = self.frames.get(target)
        if known is not None and _reads_nothing(self.scope.states[target]):
            # Many paths lead to a final Fail; joining all of them would be wasted work.
            self.frames[target] = known.unknown()
            return
        met = frame if known is None else known.joined(frame)
        if met != known and self._visits[target] <= MOST_VISITS:
            self.frames[target] = met
            if (self._order[target], target) not in self._ahead:
                heapq.heappush(self._ahead, (self._order[target], target))

    def following(self) -> State | None:
        """Return the state to visit next; None if nothing is new in any."""
        if not self._ahead:
            return None
        _, name = heapq.heappop(self._ahead)
        self._visits[name] += 1
        if self._visits[name] > MOST_VISITS:
            self.frames[name] = self.frames[name].unknown()
        return self.scope.states[name]


def _reads_nothing(state: State) -> bool:
    """Return whether the input of a state is irrelevant to it."""
    fixed = all(isinstance(value, str) and value[:1] not in {"{", "$"} for value in state.body.values())
    return state.type == "Fail" and fixed


def visiting_order(scope: Scope) -> dict[str, int]:
    """Return the visiting order of the reachable states: each after its predecessors, except in loops."""
    ahead: list[tuple[str, bool]] = [(scope.start, False)]
    seen: set[str] = set()
    ended: list[str] = []
    while ahead:
        name, left = ahead.pop()
        if left:
            ended.append(name)
        elif name not in seen and name in scope.states:
            seen.add(name)
            ahead.append((name, True))
            ahead += [(way.target, False) for way in scope.states[name].transitions]
    return {name: at for at, name in enumerate(reversed(ended))}
