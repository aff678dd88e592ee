"""The transfer function of states in JSONPath.

Source: the Amazon States Language, section "Input and Output Processing"; the Step Functions developer guide, "Passing data
between states with variables", for the meaning of ``$`` in ``Assign``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import catchers_of, is_distributed, rules_of
from constructs_ml.asl.jsonpath import PathError, Root, read_path
from constructs_ml.lint.dataflow.abstract_state import AbstractState, LastBranch, context_of
from constructs_ml.lint.dataflow.change import write_at
from constructs_ml.lint.dataflow.choices import refine_by_rule
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
from constructs_ml.lint.dataflow.functions import item_of
from constructs_ml.lint.dataflow.reads import NOWHERE, Environment, TypeMismatch
from constructs_ml.lint.dataflow.shape import ANYTHING, EMPTY, Array, Scalar, literal
from constructs_ml.lint.dataflow.templates import expressed, made_of, noted, path_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.definition import State
    from constructs_ml.lint.dataflow.exits import Inner
    from constructs_ml.lint.dataflow.reads import Facts, Places
    from constructs_ml.lint.dataflow.shape import Shape

_OTHER_PATHS = (
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "ErrorPath",
    "CausePath",
)


class JsonPathState:
    """A state in JSONPath, with the facts known on entry."""

    def __init__(self, state: State, frame: AbstractState, facts: Facts, inner: Inner) -> None:
        self._state, self._body, self._frame, self._facts, self._inner = state, state.body, frame, facts, inner
        roots = {Root.CONTEXT: context_of(state, frame.item), Root.VARIABLE: frame.variables}
        raw = Environment({**roots, Root.INPUT: frame.input}, facts)
        self._environment = raw.starting_in(Root.INPUT, self._filtered("InputPath", raw))

    def exits(self) -> Iterator[Exit]:
        """Yield the exits of the state."""
        for member in _OTHER_PATHS:
            expressed(self._body.get(member), self._environment, member)
        if self._state.type == "Choice":
            yield from self._choice()
        elif self._state.type != "Fail":
            result = self._result()
            known = self._known()
            yield self._done(result, known)
            yield from self._caught(known)

    def _known(self) -> AbstractState:
        """Return the abstract state refined by the state's required reads."""
        given = self._frame.input
        if self._body.get("InputPath", "$") == "$":
            given = proven(given, self._facts, Root.INPUT)
        return replace(self._frame, input=given, variables=proven(self._frame.variables, self._facts, Root.VARIABLE))

    def _filtered(self, member: str, environment: Environment) -> Shape:
        """Return the part of a value that ``InputPath`` or ``OutputPath`` selects."""
        path = self._body.get(member, "$")
        if path is None:
            return EMPTY
        if path == "$":
            return environment.roots[environment.start]
        return path_read(path, environment, member) if isinstance(path, str) else ANYTHING

    def _result(self) -> Shape:
        """Return the result of the state, before ``ResultSelector`` and ``ResultPath``."""
        kind, given = self._state.type, self._environment.roots[Root.INPUT]
        source = f"the Parameters of {self._state.name}"
        if kind == "Task":
            noted(self._body.get("Parameters"), self._environment, "Parameters")
            noted(self._body.get("Credentials"), self._environment, "Credentials")
            return task_result(self._state, self._frame, self._facts)
        if "Parameters" in self._body and kind != "Map":
            given = made_of(self._body["Parameters"], self._environment, "Parameters", source)
        if kind == "Pass":
            return literal(self._body["Result"]) if "Result" in self._body else given
        if kind == "Parallel":
            return self._branches(given)
        return self._iterations() if kind == "Map" else given

    def _branches(self, given: Shape) -> Shape:
        known = self._known()
        frame = AbstractState(given, known.variables, item=self._frame.item)
        return of_branches([self._inner(scope, frame) for scope in self._state.inner])

    def _iterations(self) -> Shape:
        path = str(self._body.get("ItemsPath", "$"))
        items = path_read(path, self._environment, "ItemsPath") if "ItemReader" not in self._body else ANYTHING
        if isinstance(items, Scalar):
            self._facts.no_items.append(TypeMismatch(self._state, "ItemsPath", path, items))
        item = item_of(items)
        for member in ("ItemReader", "ItemBatcher", "ResultWriter"):
            noted(self._body.get(member), self._environment, member)
        selector = "ItemSelector" if "ItemSelector" in self._body else "Parameters"
        given = item
        if selector in self._body:
            environment = self._environment.seeing(Root.CONTEXT, context_of(self._state, item))
            given = made_of(self._body[selector], environment, selector, f"the {selector} of {self._state.name}")
        if "ItemBatcher" in self._body:
            given = ANYTHING
        variables = EMPTY if is_distributed(self._state) else self._known().variables
        made = [self._inner(scope, AbstractState(given, variables, item=item)) for scope in self._state.inner]
        return of_iterations(made, self._body)

    def _done(self, result: Shape, known: AbstractState) -> Exit:
        """Return the exit after success."""
        of_result = self._environment.starting_in(Root.RESULT, result)
        if "ResultSelector" in self._body:
            source = f"the ResultSelector of {self._state.name}"
            result = made_of(self._body["ResultSelector"], of_result, "ResultSelector", source)
            # The developer guide does not say whether $ is then the selection or still the result.
            of_result = self._environment.starting_in(Root.RESULT, ANYTHING)
        made = made_of(self._body.get("Assign", {}), of_result, "Assign")
        merged = (
            self._put(known.input, self._body, result, "ResultPath") if self._state.type in _WITH_RESULT else result
        )
        output = self._filtered("OutputPath", self._environment.starting_in(Root.OUTPUT, merged))
        frame = replace(known, input=output, variables=assigned(known.variables, made))
        return Exit(target_of(self._body), frame)

    def _put(self, given: Shape, body: Mapping[str, Any], value: Shape, member: str) -> Shape:
        """Return the input with a value written by ``ResultPath``."""
        path = body.get("ResultPath", "$")
        if path is None:
            return given
        try:
            found = read_path(path) if isinstance(path, str) else None
        except PathError:
            return ANYTHING
        if found is None or found.root is not Root.INPUT or not found.definite:
            return ANYTHING
        if found.steps and isinstance(given, (Array, Scalar)):
            self._facts.no_objects.append(TypeMismatch(self._state, member, path, given))
        return write_at(given, found.steps, value)

    def _caught(self, known: AbstractState) -> Iterator[Exit]:
        for at, catcher in catchers_of(self._body):
            error = error_of(self._state, at)
            made = made_of(
                catcher.get("Assign", {}), self._environment.starting_in(Root.ERROR, error), f"Catch[{at}].Assign"
            )
            output = self._put(known.input, catcher, error, f"Catch[{at}].ResultPath")
            if self._body.get("OutputPath", "$") != "$":
                # No documentation says whether OutputPath applies to caught errors.
                output = ANYTHING
            branch = LastBranch(caught=True, label=f"Catch[{at}] of {self._state.name}")
            yield Exit(target_of(catcher), AbstractState(output, assigned(known.variables, made), branch, known.item))

    def _choice(self) -> Iterator[Exit]:
        environment, tested, there = self._environment, NOWHERE, NOWHERE
        exits: list[tuple[Mapping[str, Any], str, Places]] = []
        for at, rule in enumerate(rules_of(self._body)):
            found = refine_by_rule(rule, environment.where(there), f"Choices[{at}]")
            exits.append((rule, f"Choices[{at}]", there | found.true))
            there, tested = there | found.false, tested | found.tested
        if isinstance(self._body.get("Default"), str):
            exits.append(({**self._body, "Next": self._body["Default"]}, "", there))
        given = environment.roots[Root.INPUT]
        output = self._filtered("OutputPath", environment.starting_in(Root.OUTPUT, given))
        for rule, member, places in exits:
            made = made_of(rule.get("Assign", {}), environment, f"{member}.Assign".lstrip("."))
            branch = LastBranch(label=f"{member or 'Default'} of {self._state.name}")
            frame = AbstractState(output, self._frame.variables, branch, self._frame.item)
            # The tested paths are valid for the output only if OutputPath selects all of it.
            frame = decided(frame, tested, places) if output is given else decided(frame, NOWHERE, NOWHERE)
            yield Exit(target_of(rule), replace(frame, variables=assigned(frame.variables, made)))


_WITH_RESULT = {"Pass", "Task", "Parallel", "Map"}
