"""The paths of JSONata: their starts, and the steps that can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root, Step, Steps, Wild

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.lint.dataflow.jsonata import Node

_STATES = {root.value: root for root in (Root.INPUT, Root.RESULT, Root.ERROR, Root.CONTEXT)}


@dataclass(frozen=True, slots=True)
class Reach:
    """A path.

    Attributes:
        start: The node that it starts with.
        steps: The following steps, up to the first that cannot be followed.
        whole: Whether these are all its steps.
        inner: The expressions inside it: filters, and steps that cannot be followed.
    """

    start: Node
    steps: Steps
    whole: bool
    inner: tuple[Node, ...]


def reach_of(node: Node, taken: Mapping[str, str]) -> Reach:
    """Return the path of a node: of a path, or of any node with filters.

    Args:
        node: The node.
        taken: The names that placeholders in the tree stand for.
    """
    nodes: Sequence[Node] = node.steps if node.type == "path" else [node]
    steps: list[Step] = []
    inner: list[Node] = []
    whole = True
    for at, part in enumerate(nodes):
        if at and part.type == "name":
            found: list[Step] = [taken.get(part.value, str(part.value))]
        elif at and part.type == "wildcard":
            found = [Wild.EACH]
        else:
            found = []
            whole = whole and not at
            inner += [part] if at else []
        filters, filtered = _filters(part)
        inner += filtered
        whole = whole and not part.tuple
        if whole:
            steps += [*found, *filters]
    return Reach(nodes[0], tuple(steps), whole, tuple(inner))


def bound_by(node: Node) -> frozenset[str]:
    """Return the variables that the steps of a path bind: ``@$item`` to each item, ``#$at`` to its position."""
    names: set[str | None] = set()
    for part in node.steps if node.type == "path" else [node]:
        names |= {part.focus, part.index, *(stage.value for stage in part.stages or () if stage.type == "index")}
    return frozenset(filter(None, names))


def _filters(node: Node) -> tuple[list[Step], list[Node]]:
    """Return the steps that the filters of a node amount to, and the expressions in them."""
    steps: list[Step] = []
    inner: list[Node] = []
    for stage in [*(node.predicate or ()), *(node.stages or ())]:
        if stage.type == "filter" and stage.expr.type == "number":
            steps.append(int(stage.expr.value))
        else:
            steps.append(Wild.EACH)
            inner += [stage.expr] if stage.type == "filter" else []
    return steps, inner


def place_of(reach: Reach) -> tuple[Root, Steps] | None:
    """Return the root and the steps of a path that starts in ``$states`` or a variable; None for other paths."""
    if reach.start.type != "variable" or reach.start.value in {"", "$"}:
        return None
    if reach.start.value != "states":
        return Root.VARIABLE, (reach.start.value, *reach.steps)
    if not reach.steps:
        return None
    first = reach.steps[0]
    root = _STATES.get(first, Root.STATES) if isinstance(first, str) else Root.STATES
    return root, reach.steps if root is Root.STATES else reach.steps[1:]
