"""Works out what each state's input can be: forward along the transitions, until nothing changes any more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.machine import once
from constructs_ml.asl.schema import STATES
from constructs_ml.lint.dataflow.frame import Frame
from constructs_ml.lint.dataflow.jsonata_states import JsonataState
from constructs_ml.lint.dataflow.jsonpath_states import JsonPathState
from constructs_ml.lint.dataflow.look import Look
from constructs_ml.lint.dataflow.reads import Notes
from constructs_ml.lint.dataflow.shape import ANYTHING, GIVEN, OPEN, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Call, Comparison, Misfit, Read
    from constructs_ml.lint.dataflow.shape import Shape

MOST_RUNS = 30
"""A scope that is run more often, as loops around it multiply its runs, is run with nothing known: once, as it changes no more."""


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
    def no_items(self) -> Iterator[Misfit]:
        """What Maps go through that has no items."""
        for notes in self.notes.values():
            yield from notes.no_items

    @property
    def unknown_functions(self) -> Iterator[Call]:
        """The functions of JSONata that states call and that there are not."""
        for notes in self.notes.values():
            yield from notes.unknown


@once
def flow_of(machine: Machine) -> Flow:
    """The data flow of a state machine."""
    flow = Flow()
    walk = _Walk(flow)
    walk.run(machine.definition, Frame(replace(OPEN, source=GIVEN)))
    walk.finish()
    return flow


class _Walk:
    """Walks through the states of a machine."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._runs: Counter[Scope] = Counter()
        self._last: dict[Scope, tuple[Frame, Shape | None]] = {}
        self._looks: dict[Scope, Look] = {}

    def run(self, scope: Scope, frame: Frame) -> Shape | None:
        """What the states of a scope give; None if they never end well."""
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
        """Sums up what the scopes give, and forgets what states read that lead to no end: that they do is what is wrong."""
        for scope, look in self._looks.items():
            self._flow.outputs += look.output.values()
            for state in map(scope.states.__getitem__, look.lost()):
                for lost in (state, *(inner for part in state.inner for inner in part.walk())):
                    self._flow.notes.pop(lost, None)

    def _walked(self, scope: Scope, frame: Frame) -> Shape | None:
        look = self._looks[scope] = Look(scope, frame)
        while state := look.following():
            for target, out in self._leave(state, look):
                look.arrive(target, state.name, out)
        return _joined(look.output.values())

    def _leave(self, state: State, look: Look) -> Iterator[tuple[str, Frame]]:
        """The states that a state leads to; what it ends with goes to the output."""
        frame, notes = look.frames[state.name], Notes(state)
        kind = JsonataState if state.language is Language.JSONATA else JsonPathState
        ended: list[Shape] = []
        plain = _is_plain(state)
        for way in kind(state, frame, notes, self.run).exits():
            if not plain:
                way = replace(way, frame=replace(way.frame, input=ANYTHING, variables=OPEN))  # noqa: PLW2901
            # A rule that names no target leads to no state, even if one has no name.
            if not way.target:
                ended.append(way.frame.input)
            elif way.target in state.scope.states:
                yield way.target, way.frame
        self._flow.frames[state], self._flow.notes[state] = frame, notes
        for shape in ended:
            look.output[state.name] = join(look.output[state.name], shape) if state.name in look.output else shape


def _is_plain(state: State) -> bool:
    """Whether a state has no fields but those of its type and its language: else nobody can tell what it does."""
    fields = STATES.get(state.type, {})
    return all(name in fields and fields[name].language in {None, state.language} for name in state.body)


def _joined(shapes: Iterable[Shape]) -> Shape | None:
    """What any of these is; None if there are none."""
    joined: Shape | None = None
    for shape in shapes:
        joined = shape if joined is None else join(joined, shape)
    return joined
