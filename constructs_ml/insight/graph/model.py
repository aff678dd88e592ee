"""A definition as a graph: regions with nodes and edges, nested as Parallel and Map are.

Nothing here knows about drawing. Reading never fails: what is wrong in a definition is told in ``Graph.problems``, and what is
there is drawn; a missing target is a node of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.handlers import catchers
from constructs_ml.asl.integration import standing_for_one
from constructs_ml.asl.transitions import LAST, ends, reached
from constructs_ml.asl.values import fields_of, is_later
from constructs_ml.insight.graph.captions import call_of, captions_of, title_of
from constructs_ml.insight.graph.data import sources_of
from constructs_ml.insight.graph.words import caught_by, condition_of, duration_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State, Transition
    from constructs_ml.asl.machine import Machine
    from constructs_ml.insight.graph.data import DataSource

Json = Any
_START, _END = "start", "end"
_OTHERWISE = "otherwise"


class NodeKind(Enum):
    """The kinds of nodes; a state's own is its type."""

    START = "start"
    END = "end"
    MISSING = "missing"
    CALL = "call"
    CHOICE = "choice"
    WAIT = "wait"
    PASS = "pass"  # noqa: S105 - a type of states
    SUCCEED = "succeed"
    FAIL = "fail"
    PARALLEL = "parallel"
    MAP = "map"
    UNKNOWN = "unknown"


_KINDS = {
    "Task": NodeKind.CALL,
    "Choice": NodeKind.CHOICE,
    "Wait": NodeKind.WAIT,
    "Pass": NodeKind.PASS,
    "Succeed": NodeKind.SUCCEED,
    "Fail": NodeKind.FAIL,
    "Parallel": NodeKind.PARALLEL,
    "Map": NodeKind.MAP,
}


class EdgeKind(Enum):
    """The kinds of edges."""

    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"


@dataclass(frozen=True, slots=True)
class Node:
    """A node.

    Attributes:
        id: Its id in the graph.
        kind: Its kind.
        name: The name of the state; empty for a start and an end.
        title: The kind of the state in words: ``SageMaker training job``.
        captions: Facts about it, a line each.
        regions: The regions inside it.
        body: The fields of the state, without the states inside it.
        path: The names of the states around it and its own.
        reads: The data that it reads, by origin; empty unless the graph is to have it.
        problems: The mistakes in it.
        reached: False for a state that no path leads to.
    """

    id: str
    kind: NodeKind
    name: str = ""
    title: str = ""
    captions: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    body: Json = None
    path: tuple[str, ...] = ()
    reads: tuple[DataSource, ...] = ()
    problems: tuple[str, ...] = ()
    reached: bool = True

    @property
    def is_mark(self) -> bool:
        """True for the start and the end of a region."""
        return self.kind in {NodeKind.START, NodeKind.END}


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge.

    Attributes:
        source: The id of the node that it leaves.
        target: The id of the node that it leads to.
        kind: Its kind.
        label: The condition or the errors, in words.
    """

    source: str
    target: str
    kind: EdgeKind = EdgeKind.NEXT
    label: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """States that can lead to each other: a definition, a branch, the iterations of a Map.

    Attributes:
        nodes: Its nodes.
        edges: Its edges.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, each before those inside it."""
        for node in self.nodes:
            yield node
            for region in node.regions:
                yield from region.walk()

    def regions(self) -> Iterator[Region]:
        """Yield this region and all regions inside it."""
        yield self
        for node in self.nodes:
            for region in node.regions:
                yield from region.regions()


@dataclass(frozen=True, slots=True)
class Graph:
    """A state machine as a graph.

    Attributes:
        name: Its name; empty if it is not known.
        comment: The comment of the definition.
        region: The region of the definition itself.
        problems: The mistakes in it, each with the path of its state.
        notes: Facts about the whole of it.
    """

    name: str
    comment: str
    region: Region
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nodes(self) -> list[Node]:
        """All nodes of states, those inside Parallel and Map too."""
        return [node for node in self.region.walk() if not node.is_mark]


def graph_of(machine: Machine, *, inner: bool = False, data: bool = False, name: str = "") -> Graph:
    """Return the graph of a state machine.

    Args:
        machine: The state machine.
        inner: Whether to show the inside of states that stand for one call though they consist of several.
        data: Whether to tell the data that each state reads, and where it comes from.
        name: Its name, if it is not its logical id.
    """
    return _Reader(machine, inner=inner, data=data).graph(name or machine.name)


@dataclass(slots=True)
class _Reader:
    """Makes the graph of a machine."""

    machine: Machine
    inner: bool
    data: bool
    problems: list[str] = field(default_factory=list)
    closed: set[State] = field(default_factory=set)
    sources: dict[State, list[DataSource]] = field(default_factory=dict)
    count: int = 0

    def graph(self, name: str) -> Graph:
        definition = self.machine.definition
        if not self.inner:
            self.closed = set(standing_for_one(definition))
        if self.data:
            self.sources = sources_of(self.machine, self.closed)
        region = self._region(definition)
        body = self.machine.body
        comment = body.get("Comment")
        notes = [f"times out after {duration_of(body['TimeoutSeconds'])}"] if "TimeoutSeconds" in body else []
        return Graph(name, comment if isinstance(comment, str) else "", region, tuple(self.problems), tuple(notes))

    def _id(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def _region(self, scope: Scope) -> Region:
        ids = {name: self._id() for name in scope.states}
        known = reached(scope)
        missing: dict[str, str] = {}
        nodes, edges = [], []
        for name, state in scope.states.items():
            found = [self._edge(ids[name], way, ids, missing) for way in state.transitions]
            nodes.append(self._node(ids[name], state, is_reached=name in known))
            edges += _merged(found)
        nodes += [Node(own, NodeKind.MISSING, name, "no such state") for name, own in missing.items()]
        self._check(scope)
        return self._with_marks(scope, ids, nodes, edges)

    def _with_marks(self, scope: Scope, ids: dict[str, str], nodes: list[Node], edges: list[Edge]) -> Region:
        """Add the start and the end; a branch of one state needs none."""
        if scope.parent is not None and len(nodes) == 1 and not edges:
            return Region(tuple(nodes))
        if scope.start in ids:
            start = Node(self._id(), NodeKind.START, title=_START)
            nodes = [start, *nodes]
            edges = [Edge(start.id, ids[scope.start]), *edges]
        last = [ids[name] for name, state in scope.states.items() if ends(state) and state.type not in LAST]
        if last:
            end = Node(self._id(), NodeKind.END, title=_END)
            nodes = [*nodes, end]
            edges = [*edges, *(Edge(each, end.id) for each in last)]
        return Region(tuple(nodes), tuple(edges))

    def _edge(self, source: str, way: Transition, ids: dict[str, str], missing: dict[str, str]) -> Edge:
        if way.target in ids:
            target = ids[way.target]
        else:
            target = missing.setdefault(way.target, missing.get(way.target) or self._id())
        if way.member.startswith("Catch"):
            return Edge(source, target, EdgeKind.CATCH, caught_by(way.rule))
        if way.member == "Default":
            return Edge(source, target, EdgeKind.DEFAULT, _OTHERWISE)
        if way.member.startswith("Choices"):
            return Edge(source, target, EdgeKind.CHOICE, condition_of(way.rule))
        return Edge(source, target)

    def _node(self, own: str, state: State, *, is_reached: bool) -> Node:
        closed = state in self.closed
        called = call_of(state) if closed else None
        kind = NodeKind.CALL if closed else _KINDS.get(state.type, NodeKind.UNKNOWN)
        regions = () if closed else tuple(self._region(scope) for scope in state.inner)
        problems = list(_problems_of(state))
        if not is_reached:
            problems.append("no state leads to it")
        path = tuple(each.name for each in (*state.around, state))
        self.problems += [f"{' / '.join(path)}: {problem}" for problem in problems]
        return Node(
            own,
            kind,
            state.name,
            title_of(state, called),
            tuple(captions_of(state, called)),
            tuple(region for region in regions if region.nodes),
            _own_fields(state),
            path,
            tuple(self.sources.get(state, ())),
            tuple(problems),
            is_reached,
        )

    def _check(self, scope: Scope) -> None:
        """Note the mistakes of a scope, which no state of it has."""
        around = " / ".join((*(each.name for each in scope.parent.around), scope.parent.name)) if scope.parent else ""
        where = f"{around}: {scope.member}: " if scope.parent else ""
        if not scope.states:
            self.problems.append(f"{where}there are no states")
        if not scope.start:
            self.problems.append(f"{where}StartAt is missing")
        elif scope.start not in scope.states and not is_later(scope.start):
            self.problems.append(f"{where}StartAt names {scope.start}, which is not one of the states")
        for name in fields_of(scope.body.get("States")):
            if str(name) not in scope.states:
                self.problems.append(f"{where}{name} is not an object")


def _problems_of(state: State) -> Iterator[str]:
    """Yield the mistakes in a state that a picture makes visible."""
    if state.type not in _KINDS:
        yield f"its type is {state.type}, which does not exist" if state.type else "it has no type"
    for way in state.transitions:
        if way.target not in state.scope.states and not is_later(way.target):
            yield f"{way.member} names {way.target}, which is not one of the states beside it"
    leads = state.transitions or ends(state)
    if not leads and state.type != "Choice":
        yield "it has neither Next nor End"
    if state.type == "Choice" and not any(way.member != "Default" for way in state.transitions):
        yield "it has no choices"
    if state.type in {"Parallel", "Map"} and not state.inner:
        yield "there are no states in it"
    for catcher in catchers(state):
        if not isinstance(catcher.body.get("Next"), str):
            yield f"{catcher.member} has no Next"


def _merged(edges: list[Edge]) -> list[Edge]:
    """Return edges, with those of one kind between the same nodes as one."""
    found: dict[tuple[str, EdgeKind], Edge] = {}
    for edge in edges:
        key = edge.target, EdgeKind.CHOICE if edge.kind is EdgeKind.DEFAULT else edge.kind
        if key not in found:
            found[key] = edge
        elif edge.label not in found[key].label.split(", or "):
            before = found[key]
            found[key] = Edge(before.source, before.target, before.kind, f"{before.label}, or {edge.label}")
    return list(found.values())


def _own_fields(state: State) -> Json:
    """Return the fields of a state, with the states inside it left out."""
    inside = ("Branches", "ItemProcessor", "Iterator")
    return {name: "…" if name in inside and state.inner else value for name, value in state.body.items()}
