"""The transfer function of states in JSONata.

Source: the Amazon States Language, section "Using JSONata"; the Step Functions developer guide, "Passing data between states
with variables", for the fields in which the members of ``$states`` are available.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import catchers_of, is_distributed, rules_of
from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.jsonpath import Root
from constructs_ml.lint.dataflow.abstract_state import AbstractState, LastBranch, context_of
from constructs_ml.lint.dataflow.choices import Refinement
from constructs_ml.lint.dataflow.exits import (
    Exit,
    assigned,
    decided,
    error_of,
    of_branches,
    of_iterations,
    proven,
    target_of,
    task_result,
)
from constructs_ml.lint.dataflow.expressions import Expression
from constructs_ml.lint.dataflow.functions import item_of
from constructs_ml.lint.dataflow.guards import refine_by_guard
from constructs_ml.lint.dataflow.jsonata import Parsed, inside, parse
from constructs_ml.lint.dataflow.reads import NOWHERE, Environment, TypeMismatch
from constructs_ml.lint.dataflow.shape import ANYTHING, EMPTY, Scalar, array_with, literal, object_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State
    from constructs_ml.lint.dataflow.exits import Inner
    from constructs_ml.lint.dataflow.reads import Facts, Places
    from constructs_ml.lint.dataflow.shape import Shape

_ELSEWHERE = {
    "Arguments",
    "Assign",
    "Branches",
    "Catch",
    "Choices",
    "Comment",
    "ItemProcessor",
    "ItemSelector",
    "Items",
    "Iterator",
    "Output",
    "Retry",
}
_WITH_RESULT = {"Task", "Parallel", "Map"}


def given_by(template: Any, environment: Environment, member: str, source: str = "") -> Shape:  # noqa: ANN401 - JSON
    """Return the shape of a value that contains expressions.

    Args:
        template: The value.
        environment: The values that the paths of its expressions can start in.
        member: The field that holds it.
        source: The origin of the result, for messages.
    """
    if isinstance(template, Mapping):
        made = {str(key): given_by(item, environment, f"{member}.{key}") for key, item in template.items()}
        return object_of(made, source=source)
    if isinstance(template, (list, tuple)):
        return array_with(tuple(given_by(item, environment, f"{member}[{at}]") for at, item in enumerate(template)))
    if is_jsonata(template):
        return Expression(parse(inside(template)), environment, member).value()
    return literal(template)


def noted(template: Any, environment: Environment, member: str) -> None:  # noqa: ANN401 - JSON
    """Record the reads in a value whose result does not matter."""
    if isinstance(template, Mapping):
        for key, item in template.items():
            noted(item, environment, f"{member}.{key}")
    elif isinstance(template, (list, tuple)):
        for at, item in enumerate(template):
            noted(item, environment, f"{member}[{at}]")
    elif is_jsonata(template):
        given_by(template, environment, member)


class JsonataState:
    """A state in JSONata, with the facts known on entry."""

    def __init__(self, state: State, frame: AbstractState, facts: Facts, inner: Inner) -> None:
        self._state, self._body, self._frame, self._facts, self._inner = state, state.body, frame, facts, inner
        roots = {
            Root.CONTEXT: context_of(state, frame.item),
            Root.VARIABLE: frame.variables,
            Root.INPUT: frame.input,
        }
        self._environment = Environment(roots, facts, mapping=True)

    def exits(self) -> Iterator[Exit]:
        """Yield the exits of the state."""
        for member, value in self._body.items():
            if member not in _ELSEWHERE:
                noted(value, self._environment, member)
        if self._state.type == "Choice":
            yield from self._choice()
        elif self._state.type != "Fail":
            result = self._result()
            given = proven(self._frame.input, self._facts, Root.INPUT)
            environment = self._environment = self._environment.seeing(Root.INPUT, given)
            if self._state.type in _WITH_RESULT:
                environment = environment.seeing(Root.RESULT, result)
            made = given_by(self._body.get("Assign", {}), environment, "Assign")
            output = result
            if "Output" in self._body:
                output = given_by(self._body["Output"], environment, "Output", f"the Output of {self._state.name}")
            variables = proven(self._frame.variables, self._facts, Root.VARIABLE)
            frame = replace(self._frame, input=output, variables=assigned(variables, made))
            yield Exit(target_of(self._body), frame)
            yield from self._caught()

    def _result(self) -> Shape:
        """Return the result of the state, before ``Output``."""
        if self._state.type == "Task":
            noted(self._body.get("Arguments"), self._environment, "Arguments")
            return task_result(self._state, self._frame, self._facts)
        if self._state.type == "Parallel":
            return self._branches()
        return self._iterations() if self._state.type == "Map" else self._environment.roots[Root.INPUT]

    def _branches(self) -> Shape:
        given = self._environment.roots[Root.INPUT]
        if "Arguments" in self._body:
            source = f"the Arguments of {self._state.name}"
            given = given_by(self._body["Arguments"], self._environment, "Arguments", source)
        frame = AbstractState(given, self._frame.variables, item=self._frame.item)
        return of_branches([self._inner(scope, frame) for scope in self._state.inner])

    def _iterations(self) -> Shape:
        items = self._environment.roots[Root.INPUT]
        if "Items" in self._body:
            items = given_by(self._body["Items"], self._environment, "Items")
            if isinstance(items, Scalar):
                self._facts.no_items.append(TypeMismatch(self._state, "Items", str(self._body["Items"]), items))
        item = item_of(items) if "ItemReader" not in self._body else ANYTHING
        given = item
        if "ItemSelector" in self._body:
            context = context_of(self._state, item)
            environment = self._environment.seeing(Root.CONTEXT, context)
            source = f"the ItemSelector of {self._state.name}"
            given = given_by(self._body["ItemSelector"], environment, "ItemSelector", source)
        if "ItemBatcher" in self._body:
            given = ANYTHING
        variables = EMPTY if is_distributed(self._state) else self._frame.variables
        made = [self._inner(scope, AbstractState(given, variables, item=item)) for scope in self._state.inner]
        return of_iterations(made, self._body)

    def _caught(self) -> Iterator[Exit]:
        for at, catcher in catchers_of(self._body):
            error = error_of(self._state, at)
            environment = self._environment.seeing(Root.ERROR, error)
            made = given_by(catcher.get("Assign", {}), environment, f"Catch[{at}].Assign")
            output = error
            if "Output" in catcher:
                source = f"the Output of Catch[{at}] of {self._state.name}"
                output = given_by(catcher["Output"], environment, f"Catch[{at}].Output", source)
            branch = LastBranch(caught=True, label=f"Catch[{at}] of {self._state.name}")
            frame = AbstractState(output, assigned(self._frame.variables, made), branch, self._frame.item)
            yield Exit(target_of(catcher), frame)

    def _choice(self) -> Iterator[Exit]:
        tested = there = NOWHERE
        exits: list[tuple[Mapping[str, Any], str, Places]] = []
        for at, rule in enumerate(rules_of(self._body)):
            condition, member = rule.get("Condition"), f"Choices[{at}]"
            given_by(condition, self._environment.where(there), f"{member}.Condition")
            parsed = parse(inside(str(condition))) if is_jsonata(condition) else Parsed(None)
            refinement = Refinement() if parsed.tree is None else refine_by_guard(parsed.tree, parsed.taken)
            exits.append((rule, member, there | refinement.true))
            there, tested = there | refinement.false, tested | refinement.true | refinement.false
        tested |= {(read.root, read.steps) for read in self._facts.reads}
        if isinstance(self._body.get("Default"), str):
            exits.append(({**self._body, "Next": self._body["Default"]}, "", there))
        for rule, member, places in exits:
            yield self._chosen(rule, member, tested, places)

    def _chosen(self, rule: Mapping[str, Any], member: str, tested: Places, places: Places) -> Exit:
        environment = self._environment.where(places)
        made = given_by(rule.get("Assign", {}), environment, f"{member}.Assign".lstrip("."))
        branch = LastBranch(label=f"{member or 'Default'} of {self._state.name}")
        frame = decided(replace(self._frame, branch=branch), tested, places)
        if "Output" in rule:
            source = f"the Output of {self._state.name}"
            output = given_by(rule["Output"], environment, f"{member}.Output".lstrip("."), source)
            frame = replace(frame, input=output)
        return Exit(target_of(rule), replace(frame, variables=assigned(frame.variables, made)))
