"""Works out what each state's input can be: forward along the transitions, until nothing changes any more."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.checks.flow.frame import Frame
from constructs_ml.checks.flow.jsonata_states import JsonataState
from constructs_ml.checks.flow.jsonpath_states import JsonPathState
from constructs_ml.checks.flow.reads import Notes
from constructs_ml.checks.flow.shape import ANYTHING, GIVEN, OPEN, join
from constructs_ml.checks.reading.fields import STATES
from constructs_ml.checks.reading.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.checks.flow.reads import Call, Comparison, Misfit, Read
    from constructs_ml.checks.flow.shape import Shape
    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import Scope, State

MOST_VISITS = 12
"""A state whose input still changes after so many looks is not followed: its input is anything."""


@dataclass(slots=True)
class Flow:
    """The data flow of a state machine.

    Attributes:
        frames: What is known where each state begins. States that are never reached are not in it.
        notes: What each state reads.
        outputs: What the scopes end with.
    """

    frames: dict[State, Frame] = field(default_factory=dict)
    notes: dict[State, Notes] = field(default_factory=dict)
    outputs: list[Shape] = field(default_factory=list)

    @property
    def reads(self) -> Iterator[Read]:
        """What the states read."""
        for notes in self.notes.values():
            yield from notes.reads

    @property
    def comparisons(self) -> Iterator[Comparison]:
        """What the states compare."""
        for notes in self.notes.values():
            yield from notes.comparisons

    @property
    def no_objects(self) -> Iterator[Misfit]:
        """What states put results into that is no object."""
        for notes in self.notes.values():
            yield from notes.no_objects

    @property
    def no_lists(self) -> Iterator[Misfit]:
        """What Maps go through that is no list."""
        for notes in self.notes.values():
            yield from notes.no_lists

    @property
    def unknown_functions(self) -> Iterator[Call]:
        """The functions of JSONata that states call and that there are not."""
        for notes in self.notes.values():
            yield from notes.unknown


@once
def flow_of(machine: Machine) -> Flow:
    """The data flow of a state machine."""
    flow = Flow()
    _Walk(flow).run(machine.definition, Frame(replace(OPEN, source=GIVEN)))
    return flow


class _Walk:
    """Walks through the states of a machine."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def run(self, scope: Scope, frame: Frame) -> Shape | None:
        """What the states of a scope give; None if they never end well."""
        if scope.start not in scope.states:
            return ANYTHING
        order = _order(scope)
        frames = {scope.start: frame}
        visits: dict[str, int] = {}
        ahead = [(order[scope.start], scope.start)]
        output: dict[str, Shape] = {}
        leading: dict[str, set[str]] = {}
        while ahead:
            _, name = heapq.heappop(ahead)
            visits[name] = visits.get(name, 0) + 1
            given = frames[name]
            if visits[name] > MOST_VISITS:
                given = frames[name] = replace(given, input=ANYTHING, variables=OPEN)
            for target, out in self._leave(scope.states[name], given, output):
                leading.setdefault(target, set()).add(name)
                known = frames.get(target)
                if known is not None and _reads_nothing(scope.states[target]):
                    continue
                met = out if known is None else known.joined(out)
                if met != known and visits.get(target, 0) <= MOST_VISITS:
                    frames[target] = met
                    if (order[target], target) not in ahead:
                        heapq.heappush(ahead, (order[target], target))
        self._flow.outputs += output.values()
        self._forget(scope, frames.keys() - _leaving(scope, frames, leading))
        return _joined(output)

    def _forget(self, scope: Scope, names: set[str]) -> None:
        """Forgets what states read that lead to no end: that they do is what is wrong with them."""
        for name in names:
            for state in (scope.states[name], *(inner for part in scope.states[name].inner for inner in part.walk())):
                self._flow.notes.pop(state, None)

    def _leave(self, state: State, frame: Frame, output: dict[str, Shape]) -> Iterator[tuple[str, Frame]]:
        """The states that a state leads to; what it ends with goes to the output."""
        notes = Notes(state)
        kind = JsonataState if state.language is Language.JSONATA else JsonPathState
        ended: list[Shape] = []
        plain = _is_plain(state)
        for way in kind(state, frame, notes, self.run).exits():
            if not plain:
                way = replace(way, frame=replace(way.frame, input=ANYTHING, variables=OPEN))  # noqa: PLW2901
            if way.target in state.scope.states:
                yield way.target, way.frame
            elif not way.target:
                ended.append(way.frame.input)
        self._flow.frames[state], self._flow.notes[state] = frame, notes
        for shape in ended:
            output[state.name] = join(output[state.name], shape) if state.name in output else shape


def _leaving(scope: Scope, frames: Mapping[str, Frame], leading: Mapping[str, set[str]]) -> set[str]:
    """The states from which an end can be reached, or a state that there is not."""
    ahead = [name for name in frames if _ends(scope.states[name])]
    found = set(ahead)
    while ahead:
        more = leading.get(ahead.pop(), set()) - found
        found |= more
        ahead += more
    return found


def _ends(state: State) -> bool:
    targets = [way.target for way in state.transitions]
    return state.type in {"Succeed", "Fail"} or not targets or any(name not in state.scope.states for name in targets)


def _is_plain(state: State) -> bool:
    """Whether a state has no fields but those of its type and its language: else nobody can tell what it does."""
    fields = STATES.get(state.type, {})
    return all(name in fields and fields[name].language in {None, state.language} for name in state.body)


def _reads_nothing(state: State) -> bool:
    """Whether it does not matter to a state what its input is."""
    fixed = all(isinstance(value, str) and value[:1] not in {"{", "$"} for value in state.body.values())
    return state.type == "Fail" and fixed


def _joined(output: dict[str, Shape]) -> Shape | None:
    joined: Shape | None = None
    for shape in output.values():
        joined = shape if joined is None else join(joined, shape)
    return joined


def _order(scope: Scope) -> dict[str, int]:
    """The states by when they are to be looked at: each after those that lead to it, but for loops."""
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
