"""Refinement by JSONata conditions: the paths that lead to something where a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Wild
from constructs_ml.lint.dataflow.choices import Refinement
from constructs_ml.lint.dataflow.reaches import place_of, reach_of
from constructs_ml.lint.dataflow.reads import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.lint.dataflow.jsonata import Node
    from constructs_ml.lint.dataflow.reads import Places

_ORDERING = {"<", ">", "<=", ">=", "in"}


def refine_by_guard(node: Node, taken: Mapping[str, str]) -> Refinement:
    """Return the facts that a condition proves.

    Args:
        node: The condition.
        taken: The names that placeholders in the tree stand for.
    """
    if node.type in {"path", "variable"}:
        return Refinement(_there(node, taken))
    if node.type == "block" and len(node.expressions) == 1:
        return refine_by_guard(node.expressions[0], taken)
    if node.type == "function" and len(node.arguments) == 1:
        return _by_function(str(node.procedure.value), node.arguments[0], taken)
    if node.type == "binary":
        return _by_operator(node, taken)
    return Refinement()


def _by_function(name: str, argument: Node, taken: Mapping[str, str]) -> Refinement:
    if name == "exists":
        return Refinement(_there(argument, taken))
    found = refine_by_guard(argument, taken) if name in {"boolean", "not"} else Refinement()
    return Refinement(found.false, found.true) if name == "not" else found


def _by_operator(node: Node, taken: Mapping[str, str]) -> Refinement:
    operator = str(node.value)
    if operator in {"and", "or"}:
        one, other = refine_by_guard(node.lhs, taken), refine_by_guard(node.rhs, taken)
        if operator == "and":
            return Refinement(one.true | other.true, one.false & other.false)
        return Refinement(one.true & other.true, one.false | other.false)
    both = _there(node.lhs, taken) | _there(node.rhs, taken)
    if operator in _ORDERING:
        return Refinement(both)
    if operator in {"=", "!="}:
        # A missing value equals nothing, so a path that equals a literal leads to something.
        present = (
            both
            if "string" in {node.lhs.type, node.rhs.type} or "number" in {node.lhs.type, node.rhs.type}
            else NOWHERE
        )
        return Refinement(present) if operator == "=" else Refinement(NOWHERE, present)
    return Refinement()


def _there(node: Node, taken: Mapping[str, str]) -> Places:
    if node.type not in {"path", "variable"}:
        return NOWHERE
    reach = reach_of(node, taken)
    place = place_of(reach)
    if place is None or not reach.whole or Wild.EACH in place[1]:
        return NOWHERE
    return frozenset({place})
