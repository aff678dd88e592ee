"""CML110."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.jsonpath import Root, to_jsonata
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import unassigned
from constructs_ml.lint.dataflow.jsonata_functions import GIVES
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.dataflow.path_reader import NOWHERE
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Read

_STATES = {
    "result": "only Output and Assign of a Task, a Parallel or a Map have a result",
    "errorOutput": "only a Catch has an error",
}
_CONTEXT = {"Execution", "Map", "State", "StateMachine", "Task"}


@rule(
    "CML110",
    title="The functions and variables of a JSONata expression exist",
    reason="An unknown function, a variable that no preceding state assigns, and a member of $states that the field "
    "does not have end the execution with States.QueryEvaluationError. $eval is not allowed, nor is a path without a "
    "variable to start in: $, $$ or a bare name, outside of a path's steps and filters. Source: \"Transforming data "
    'with JSONata" and "Passing data between states with variables".',
    bad={
        "QueryLanguage": "JSONata",
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Output": {"run": "{% $upercase($states.input.run) %}"}, "End": True}},
    },
    good={
        "QueryLanguage": "JSONata",
        "StartAt": "Name",
        "States": {"Name": {"Type": "Pass", "Output": {"run": "{% $uppercase($states.input.run) %}"}, "End": True}},
    },
)
def unknown_name(machine: Machine) -> Iterator[Violation]:
    """Functions and variables that do not exist."""
    flow = flow_of(machine)
    seen: set[tuple[object, str, str]] = set()
    for call in flow.unknown_functions:
        if (call.state, call.member, call.name) not in seen:
            seen.add((call.state, call.member, call.name))
            near = did_you_mean(call.name, GIVES).replace("mean ", "mean $")
            allowed = "Step Functions does not allow" if call.name == "eval" else "does not exist in JSONata"
            yield Violation(call.state.name, call.member, f"calls ${call.name}, which {allowed}{near}")
    for read in flow.reads:
        problem = _problem(read, machine)
        if problem and (read.state, read.member, read.text) not in seen:
            seen.add((read.state, read.member, read.text))
            yield Violation(read.state.name, read.member, *problem)


def _problem(read: Read, machine: Machine) -> tuple[str, str] | None:
    if read.root is Root.STATES:
        first = read.steps[0] if read.steps else ""
        if first == NOWHERE:
            return f"is {read.text}, which refers to nothing", f"write {_meant(read)}"
        if first in _STATES:
            return f"is {read.text}, but {_STATES[str(first)]}", ""
        near = did_you_mean(str(first), ["input", "result", "errorOutput", "context"]).replace("mean ", "mean $states.")
        return f"is {read.text}, but $states has only input, result, errorOutput and context{near}", ""
    never = read.found.outcome is Outcome.NEVER and read.found.at == 0
    if read.state.language is Language.JSONATA and read.root is Root.VARIABLE and never:
        return unassigned(read, machine.definition)
    return None


def _meant(read: Read) -> str:
    """Return the path that one without a variable was most likely meant to be."""
    begin, *steps = read.steps[1:]
    if begin == "states":
        return f"${read.text}"
    if begin == "States":
        return "a function of JSONata: intrinsic functions belong to JSONPath"
    if begin == "$$" and steps[:1] and steps[0] in _CONTEXT:
        return to_jsonata(Root.CONTEXT, tuple(steps))
    return to_jsonata(Root.INPUT, tuple(steps) if str(begin).startswith("$") else (begin, *steps))
