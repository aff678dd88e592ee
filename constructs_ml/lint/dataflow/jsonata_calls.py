"""Calls of JSONata functions with arguments of the wrong type, which fail or yield nothing for every input.

Only the literal source of an argument counts: a literal, a constructor, an operator or a call that always has the same
type. AWS's own functions are left out: AWS does not document which wrong calls of theirs fail.

Source: the JSONata documentation, "Function library" and "Function signatures" under "Embedding and extending JSONata".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.jsonata_signatures import SIGNATURES, parameters_of, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.lint.dataflow.jsonata import Node

_ALWAYS = {"count": "n", "exists": "b", "millis": "n", "now": "s", "random": "n", "uuid": "s"}
"""Functions whose result has the same type for all arguments."""
_LITERALS = {"string": "s", "number": "n", "regex": "f", "lambda": "f", "partial": "f", "transform": "f"}
_OPERATORS = {"&": "s", "=": "b", "!=": "b", "in": "b", "and": "b", "or": "b"}
_KINDS = {
    "a": "a list",
    "b": "true or false",
    "f": "a function",
    "l": "null",
    "n": "a number",
    "o": "an object",
    "s": "a string",
}
_SINGLE = ("procedure", "lhs", "rhs", "expression", "condition", "body", "pattern", "update", "delete")
_MANY = ("arguments", "expressions")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A call that fails or yields nothing.

    Attributes:
        problem: The problem, for messages.
        certain: Whether it is evaluated whenever the expression is, rather than in a branch or for items of a list.
    """

    problem: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Argument:
    """The known facts about an argument.

    Attributes:
        kind: The letter of its type in signatures; empty if it is unknown.
        items: The letters of its items' types, as far as they are known.
    """

    kind: str = ""
    items: frozenset[str] = frozenset()


class _Fit(Enum):
    """The fit of a function's arguments to its signature."""

    YES = "yes"
    WITHOUT_FIRST = "without first"
    """They fit after an implicit first one, the context value; outside of a path, that and the result are nothing."""
    NO = "no"


_UNKNOWN = _Argument()


def wrong_calls(tree: Node, shadowed: Iterable[str] = ()) -> Iterator[Wrong]:
    """Yield the calls of an expression that fail or yield nothing.

    Args:
        tree: The syntax tree of the expression.
        shadowed: Names that do not denote functions here: variables of the workflow.
    """
    nodes = list(_walked(tree))
    own = {*shadowed, *(name for node, _ in nodes for name in _bound(node))}
    for node, certain in nodes:
        name, arguments = _called(node)
        if name not in SIGNATURES or name in own:
            continue
        fit = _fit(name, tuple(arguments))
        # Only a step or a filter of a path has a context value.
        if fit is _Fit.NO or (fit is _Fit.WITHOUT_FIRST and certain):
            got = ", ".join(_KINDS.get(each.kind, "a value") for each in arguments) or "nothing"
            gives = "" if fit is _Fit.NO else ", which yields nothing"
            yield Wrong(f"calls ${name} with {got}{gives}; its signature is {usage(name)}", certain)


def _walked(tree: Node) -> Iterator[tuple[Node, bool]]:
    """Yield a node and its descendants, each with whether it is evaluated whenever the whole is."""
    # Long concatenations nest more deeply than Python's recursion limit allows.
    waiting = [(tree, True)]
    while waiting:
        node, certain = waiting.pop()
        yield node, certain
        parts = [(part, certain and sure) for part, sure in _parts(node) if hasattr(part, "type")]
        waiting += reversed(parts)


def _parts(node: Node) -> Iterator[tuple[Node, bool]]:
    always = node.type not in {"lambda", "transform"}
    for name in _SINGLE:
        either = name == "rhs" and node.type == "binary" and node.value in {"and", "or"}
        # The chain operator ~> adds an argument to the call on its right, which is checked with the whole.
        if not (node.type == "apply" and name == "rhs" and node.rhs.type == "function"):
            yield getattr(node, name), always and not either
    if node.type == "apply" and node.rhs.type == "function":
        yield from ((part, True) for part in node.rhs.arguments)
    for name in _MANY:
        yield from ((part, always) for part in getattr(node, name) or ())
    yield from ((part, not at) for at, part in enumerate(node.steps or ()))
    yield from ((part, False) for part in (node.then, node._else))  # noqa: SLF001 - its name in the tree
    yield from ((stage.expr, False) for stage in (*(node.predicate or ()), *(node.stages or ())))
    yield from ((term.expression, False) for term in node.terms or ())
    yield from ((part, True) for pair in node.lhs_object or () for part in pair)
    if node.group is not None:
        yield from ((part, False) for pair in node.group.lhs_object for part in pair)


def _bound(node: Node) -> Iterator[str]:
    """Yield the variables that a node binds."""
    if node.type == "bind":
        yield str(node.lhs.value)
    if node.type == "lambda":
        yield from (str(argument.value) for argument in node.arguments or ())
    yield from (str(name) for name in (node.focus, node.index) if name)
    yield from (str(stage.value) for stage in node.stages or () if stage.type == "index")


def _called(node: Node) -> tuple[str, list[_Argument]]:
    """Return the function that a node calls, and its arguments; an empty name if it calls none."""
    handed: list[_Argument] = []
    call = node
    if node.type == "apply":
        call, handed = node.rhs, [_argument(node.lhs)]
        if call.type == "variable":
            # Between functions, ~> composes.
            return (str(call.value), handed) if handed[0].kind not in {"", "f"} else ("", [])
    if call.type != "function" or call.procedure.type != "variable":
        return "", []
    return str(call.procedure.value), [*handed, *(_argument(part) for part in call.arguments or ())]


def _argument(node: Node) -> _Argument:
    if node.predicate or node.stages or node.group is not None or node.keep_array:
        return _UNKNOWN
    if node.type == "unary" and node.value == "[":
        return _Argument("a", frozenset(_argument(part).kind for part in node.expressions) - {""})
    kind = _LITERALS.get(node.type, "")
    if node.type == "value":
        kind = "b" if isinstance(node.value, bool) else "l"
    elif node.type == "binary":
        kind = _OPERATORS.get(str(node.value), "")
    elif node.type == "unary" and node.value == "{":
        kind = "o"
    elif node.type == "function" and node.procedure.type == "variable":
        kind = _ALWAYS.get(str(node.procedure.value), "")
    return _Argument(kind)


@lru_cache(maxsize=1024)
def _fit(name: str, arguments: tuple[_Argument, ...]) -> _Fit:
    """Return how arguments fit a function. An unknown one may be nothing, which all accept, or a function."""
    parameters = parameters_of(SIGNATURES[name])
    pattern = re.compile("".join(f"({parameter.pattern})" for parameter in parameters))
    for kinds in product(*(each.kind or "mf" for each in arguments)):
        found = pattern.fullmatch("".join(kinds))
        if found is None:
            continue
        at, fits = 0, True
        for parameter, matched in zip(parameters, found.groups(), strict=True):
            if matched and parameter.items:
                fits = fits and _holds(parameter.items, arguments[at])
            at += len(matched)
        if fits:
            left_out = parameters and parameters[0].mark == "-" and not found[1]
            return _Fit.WITHOUT_FIRST if left_out else _Fit.YES
    return _Fit.NO


def _holds(wanted: str, argument: _Argument) -> bool:
    """Return whether a list, or a value standing for a list of one, may have only items of this type."""
    return argument.items <= {wanted} if argument.kind == "a" else argument.kind in {"", wanted}
