"""The evaluation of JSONata expressions on shapes instead of values: their results and their reads.

Paths, constructors, conditions, ``$merge`` and ``$exists`` are evaluated. Any other expression yields anything, but its
reads are recorded.

Source: the JSONata documentation; the syntax tree is that of ``jsonata-python``.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import to_jsonata
from constructs_ml.lint.dataflow.change import merged
from constructs_ml.lint.dataflow.guards import refine_by_guard
from constructs_ml.lint.dataflow.jsonata_functions import GIVES, STRICT, TESTING
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.path_reader import UNKNOWN, PathReader, Value, Want
from constructs_ml.lint.dataflow.reaches import bound_by, place_of, reach_of
from constructs_ml.lint.dataflow.reads import Call, Comparison
from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    EMPTY,
    NUMBER,
    STRING,
    Array,
    Object,
    Scalar,
    array_of,
    array_with,
    join,
    literal,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_ml.lint.dataflow.jsonata import Node, Parsed
    from constructs_ml.lint.dataflow.reads import Environment, Places
    from constructs_ml.lint.dataflow.shape import Member, Shape

_COMPARING = {"=", "!=", "<", ">", "<=", ">=", "in"}
_COUNTING = {"+", "-", "*", "/", "%"}
_COMPUTING = {"binary", "function", "unary"}
_LITERALS = {"string", "number", "value"}


class Expression(PathReader):
    """An expression in a field of a state.

    Args:
        parsed: The expression.
        environment: The values that its paths can start in.
        member: The field that holds it.
    """

    def __init__(self, parsed: Parsed, environment: Environment, member: str) -> None:
        super().__init__(parsed, environment, member)
        self._kinds: dict[str, Callable[[Node, Want], Value]] = {
            "path": self._path,
            "variable": self._path,
            "unary": self._unary,
            "function": self._function,
            "partial": self._function,
            "binary": self._binary,
            "condition": self._condition,
            "block": self._block,
            "bind": self._bind,
            "apply": self._apply,
            "lambda": self._lambda,
        }

    def value(self) -> Shape:
        """Return the result of the whole expression, which must exist."""
        if self._parsed.tree is None:
            return ANYTHING
        try:
            value = self._value(self._parsed.tree, Want.NEEDED)
        except RecursionError:
            return ANYTHING
        # An operator or a function yields its type even where nothing is known of its operands.
        if value.outcome is Outcome.THERE or self._parsed.tree.type in _COMPUTING:
            self._environment.facts.gives[self._member] = value.shape
        return value.shape

    def _value(self, node: Node, want: Want) -> Value:
        if node.type in _LITERALS:
            shapes = {"string": STRING, "number": NUMBER}
            return Value(shapes.get(node.type) or literal(node.value), Outcome.THERE)
        bound = bound_by(node)
        if bound:
            # The binding is in scope to the end of the path, including a group-by.
            before, self._locals = self._locals, self._locals | dict.fromkeys(bound, UNKNOWN)
            value = self._grouped(node, want)
            self._locals = before
            return value
        return self._grouped(node, want)

    def _grouped(self, node: Node, want: Want) -> Value:
        value = self._kinds.get(node.type, self._unfollowed)(node, want)
        if node.group is not None:
            self._all((part for pair in node.group.lhs_object for part in pair), relative=True)
            return UNKNOWN
        if node.predicate and node.type != "variable":
            return self._walked(value, reach_of(node, self._parsed.taken))
        return value

    def _unfollowed(self, node: Node, _want: Want) -> Value:
        parts = [node.expression, node.pattern, node.update, node.delete, node.lhs, node.rhs, node.body]
        lists = [*(node.arguments or ()), *(node.expressions or ()), *(term.expression for term in node.terms or ())]
        self._all([*parts, *lists], relative=True)
        return UNKNOWN

    def _unary(self, node: Node, want: Want) -> Value:
        if node.value == "{":
            return self._object(node)
        if node.value == "[":
            values = [self._value(part, Want.USED) for part in node.expressions]
            plain = all(part.type in _LITERALS or part.value in {"{", "&"} for part in node.expressions)
            # A path flattens a list that is an item of a list.
            shape = array_with(tuple(value.shape for value in values)) if plain else array_of(ANYTHING)
            return Value(shape, Outcome.THERE)
        return Value(NUMBER, self._value(node.expression, want).outcome)

    def _object(self, node: Node) -> Value:
        members: dict[str, Shape | Member] = {}
        others = False
        for key, part in node.lhs_object:
            value = self._value(part, Want.USED)
            if key.type == "string":
                members[self._name(key.value)] = value.as_member()
            else:
                self._value(key, Want.USED)
                others = True
        return Value(object_of(members, open=others), Outcome.THERE)

    def _function(self, node: Node, want: Want) -> Value:
        procedure, arguments = node.procedure, node.arguments
        if procedure.type != "variable" or procedure.value in self._locals:
            self._all([procedure, *arguments])
            return UNKNOWN
        name = str(procedure.value)
        if name not in GIVES:
            self._environment.facts.unknown.append(Call(self._environment.facts.state, self._member, name))
        if name == "merge" and len(arguments) == 1:
            return self._merged(arguments[0])
        rest = Want.TESTED if name in TESTING else Want.USED
        values = [self._value(part, want if name in STRICT and not at else rest) for at, part in enumerate(arguments)]
        shape = GIVES.get(name, ANYTHING)
        if shape is ANYTHING or not values:
            return Value(shape, Outcome.UNKNOWN if shape is ANYTHING else Outcome.THERE)
        return Value(shape, values[0].outcome if name in STRICT else Outcome.THERE)

    def _merged(self, argument: Node) -> Value:
        """Return the result of ``$merge`` on a list of objects."""
        if argument.type == "unary" and argument.value == "[":
            values = [self._value(part, Want.USED) for part in argument.expressions]
            parts = [value.shape if value.outcome is Outcome.THERE else ANYTHING for value in values]
        else:
            value = self._value(argument, Want.USED)
            if isinstance(value.shape, Array) and value.shape.items is not None and value.outcome is Outcome.THERE:
                parts = list(value.shape.items)
            else:
                return Value(value.shape if isinstance(value.shape, Object) else ANYTHING, value.outcome)
        return Value(reduce(merged, parts) if parts else EMPTY, Outcome.THERE)

    def _binary(self, node: Node, want: Want) -> Value:
        operator = str(node.value)
        if operator in {"and", "or"}:
            refinement = refine_by_guard(node.lhs, self._parsed.taken)
            self._tested(node.lhs)
            self._where(refinement.true if operator == "and" else refinement.false, node.rhs, tested=True)
            return Value(BOOLEAN, Outcome.THERE)
        if operator in _COMPARING:
            return self._compared(node, operator)
        part = want if operator in _COUNTING else Want.USED
        values = [self._value(node.lhs, part), self._value(node.rhs, part)]
        if operator == "&":
            return Value(STRING, Outcome.THERE)
        there = operator in _COUNTING and all(value.outcome is Outcome.THERE for value in values)
        return Value(NUMBER, Outcome.THERE) if there else Value(NUMBER if operator in _COUNTING else ANYTHING)

    def _tested(self, node: Node) -> None:
        self._value(node, Want.TESTED if node.type in {"path", "variable"} else Want.USED)

    def _where(self, places: Places, node: Node, want: Want = Want.USED, *, tested: bool = False) -> Value:
        """Evaluate an expression under the assumption that these paths lead to something."""
        before, self._environment = self._environment, self._environment.where(places)
        value = self._value(node, Want.TESTED if tested and node.type in {"path", "variable"} else want)
        self._environment = before
        return value

    def _compared(self, node: Node, operator: str) -> Value:
        sides = [node.lhs, node.rhs]
        nothing = any(side.type == "value" and side.value is None for side in sides)
        values = [self._value(side, Want.TESTED if nothing else Want.USED) for side in sides]
        for side, other, value in zip(sides, reversed(sides), values, strict=True):
            place = place_of(reach_of(side, self._parsed.taken)) if side.type == "path" else None
            if place is not None and isinstance(value.shape, Scalar):
                for literal_ in self._literals(other):
                    state, text = self._environment.facts.state, to_jsonata(*place)
                    note = Comparison(state, self._member, text, value.shape, operator, literal_)
                    self._environment.facts.comparisons.append(note)
        return Value(BOOLEAN, Outcome.THERE)

    def _literals(self, node: Node) -> Sequence[object]:
        """Return the literals of an operand: itself, or the items of a list."""
        if node.type == "string":
            return [self._name(node.value)]
        if node.type in {"number", "value"} and node.value is not None:
            return [node.value]
        if node.type == "unary" and node.value == "[":
            return [value for part in node.expressions for value in self._literals(part)]
        return []

    def _condition(self, node: Node, want: Want) -> Value:
        refinement = refine_by_guard(node.condition, self._parsed.taken)
        self._tested(node.condition)
        one = self._where(refinement.true, node.then, want)
        if node._else is None:  # noqa: SLF001 - its name in the tree
            return Value(one.shape)
        other = self._where(refinement.false, node._else, want)  # noqa: SLF001
        tested = _tested_type(node.condition)
        if tested is not None:
            # One branch is taken. The value's type decides which; if it is unknown, either may be.
            kind = _type_of(self._value(tested[0], Want.TESTED).shape)
            return Value(ANYTHING) if not kind else one if kind == self._name(tested[1]) else other
        sure = one.outcome is other.outcome is Outcome.THERE
        return Value(join(one.shape, other.shape), Outcome.THERE if sure else Outcome.UNKNOWN)

    def _block(self, node: Node, want: Want) -> Value:
        before = dict(self._locals)
        # A function may call one that is bound later.
        binds = (each for each in node.expressions if each.type == "bind" and each.rhs.type == "lambda")
        self._locals |= {each.lhs.value: UNKNOWN for each in binds}
        self._all(node.expressions[:-1])
        value = self._value(node.expressions[-1], want) if node.expressions else UNKNOWN
        self._locals = before
        return value

    def _bind(self, node: Node, _want: Want) -> Value:
        if node.rhs.type == "lambda":
            # The function may call itself.
            self._locals[node.lhs.value] = UNKNOWN
        self._locals[node.lhs.value] = value = self._value(node.rhs, Want.USED)
        return value

    def _apply(self, node: Node, _want: Want) -> Value:
        called = node.rhs.procedure if node.rhs.type == "function" else node.rhs
        name = called.value if called is not None and called.type == "variable" else ""
        self._value(node.lhs, Want.TESTED if name in TESTING else Want.USED)
        if node.rhs.type != "variable":
            self._all([node.rhs])
        elif name not in GIVES and name not in self._locals:
            self._environment.facts.unknown.append(Call(self._environment.facts.state, self._member, str(name)))
        return Value(GIVES.get(name, ANYTHING))

    def _lambda(self, node: Node, _want: Want) -> Value:
        before = dict(self._locals)
        self._locals |= {argument.value: UNKNOWN for argument in node.arguments}
        # Its caller determines $.
        self._all([node.body], relative=True)
        self._locals = before
        return UNKNOWN


def _tested_type(condition: Node) -> tuple[Node, str] | None:
    """Return the value whose type a condition tests, and the type: as in ``$type($states.input) = 'object'``."""
    if condition.type != "binary" or condition.value != "=" or condition.rhs.type != "string":
        return None
    call = condition.lhs
    if call.type != "function" or str(call.procedure.value) != "type" or len(call.arguments) != 1:
        return None
    return call.arguments[0], str(condition.rhs.value)


def _type_of(shape: Shape) -> str:
    """Return the result of ``$type`` for a value; empty if it is not known."""
    if isinstance(shape, Object):
        return "object"
    return "array" if isinstance(shape, Array) else shape.type if isinstance(shape, Scalar) else ""
