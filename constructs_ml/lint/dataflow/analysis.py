"""The fixed point: possible inputs are propagated along transitions until nothing changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.schema import STATES
from constructs_ml.asl.transitions import trapped
from constructs_ml.lint.dataflow.abstract_state import AbstractState
from constructs_ml.lint.dataflow.jsonata_states import JsonataState
from constructs_ml.lint.dataflow.jsonpath_states import JsonPathState
from constructs_ml.lint.dataflow.reads import Facts
from constructs_ml.lint.dataflow.shape import ANYTHING, GIVEN, OPEN, join
from constructs_ml.lint.dataflow.worklist import Worklist

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Call, Comparison, Read, TypeMismatch
    from constructs_ml.lint.dataflow.shape import Shape

MOST_RUNS = 30
"""Widening: a scope that is run more often, as in nested loops, is run once more with nothing known."""


@dataclass(slots=True)
class Flow:
    """The data flow of a state machine.

    Attributes:
        frames: The facts known on entry to each state; without states that are never reached.
        facts: The facts about each state, such as the paths that it reads.
        outputs: The outputs of the scopes.
    """

    frames: dict[State, AbstractState] = field(default_factory=dict)
    facts: dict[State, Facts] = field(default_factory=dict)
    outputs: list[Shape] = field(default_factory=list)

    @property
    def reads(self) -> Iterator[Read]:
        """The reads of all states."""
        for facts in self.facts.values():
            yield from facts.reads

    @property
    def comparisons(self) -> Iterator[Comparison]:
        """The comparisons of all states."""
        for facts in self.facts.values():
            yield from facts.comparisons

    @property
    def no_objects(self) -> Iterator[TypeMismatch]:
        """The values other than objects that states write results into."""
        for facts in self.facts.values():
            yield from facts.no_objects

    @property
    def no_items(self) -> Iterator[TypeMismatch]:
        """The values without items that Maps iterate over."""
        for facts in self.facts.values():
            yield from facts.no_items

    @property
    def unknown_functions(self) -> Iterator[Call]:
        """The calls of JSONata functions that do not exist."""
        for facts in self.facts.values():
            yield from facts.unknown


@per_machine_cache
def flow_of(machine: Machine) -> Flow:
    """Return the data flow of a state machine."""
    flow = Flow()
    walk = _Walk(flow)
    walk.run(machine.definition, AbstractState(replace(OPEN, source=GIVEN)))
    walk.finish()
    return flow


class _Walk:
    """A walk through the states of a machine."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._runs: Counter[Scope] = Counter()
        self._last: dict[Scope, tuple[AbstractState, Shape | None]] = {}
        self._worklists: dict[Scope, Worklist] = {}

    def run(self, scope: Scope, frame: AbstractState) -> Shape | None:
        """Return the output of a scope; None if it never ends successfully."""
        if scope.start not in scope.states:
            return ANYTHING
        self._runs[scope] += 1
        if self._runs[scope] > MOST_RUNS:
            frame = frame.unknown()
        known, made = self._last.get(scope, (None, None))
        if frame != known:
            made = self._walked(scope, frame)
            self._last[scope] = frame, made
        return made

    def finish(self) -> None:
        """Collect the outputs of the scopes; drop facts of states that can reach no end, the fault to report."""
        for scope, worklist in self._worklists.items():
            self._flow.outputs += worklist.output.values()
            for state in map(scope.states.__getitem__, trapped(scope)):
                for lost in (state, *(inner for part in state.inner for inner in part.walk())):
                    self._flow.facts.pop(lost, None)

    def _walked(self, scope: Scope, frame: AbstractState) -> Shape | None:
        worklist = self._worklists[scope] = Worklist(scope, frame)
        while state := worklist.following():
            for target, out in self._leave(state, worklist):
                worklist.arrive(target, out)
        return _joined(worklist.output.values())

    def _leave(self, state: State, worklist: Worklist) -> Iterator[tuple[str, AbstractState]]:
        """Yield the states that a state leads to, with their abstract states; its output goes to the worklist."""
        frame, facts = worklist.frames[state.name], Facts(state)
        kind = JsonataState if state.language is Language.JSONATA else JsonPathState
        ended: list[Shape] = []
        plain = _is_plain(state)
        for leaving in kind(state, frame, facts, self.run).exits():
            if not plain:
                leaving = replace(leaving, frame=replace(leaving.frame, input=ANYTHING, variables=OPEN))  # noqa: PLW2901
            # An unnamed target leads to no state, even if a state has an empty name.
            if not leaving.target:
                ended.append(leaving.frame.input)
            elif leaving.target in state.scope.states:
                yield leaving.target, leaving.frame
        self._flow.frames[state], self._flow.facts[state] = frame, facts
        for shape in ended:
            worklist.output[state.name] = (
                join(worklist.output[state.name], shape) if state.name in worklist.output else shape
            )


def _is_plain(state: State) -> bool:
    """Return whether a state has only known fields of its type and language; with others, its effect is unknown."""
    fields = STATES.get(state.type, {})
    return all(name in fields and fields[name].language in {None, state.language} for name in state.body)


def _joined(shapes: Iterable[Shape]) -> Shape | None:
    """Return the join of shapes; None if there are none."""
    joined: Shape | None = None
    for shape in shapes:
        joined = shape if joined is None else join(joined, shape)
    return joined
