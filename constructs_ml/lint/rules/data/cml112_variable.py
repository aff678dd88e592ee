"""CML112."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.jsonpath import Root
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import unassigned
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_DRAW = {"Type": "Pass", "Assign": {"run.$": "States.UUID()"}, "Next": "Name"}


@rule(
    "CML112",
    title="A variable is assigned before JSONPath reads it",
    reason="Reading a variable that no preceding state assigns ends the execution with States.Runtime. A variable "
    "assigned in a Parallel or a Map is visible in its own branch only, and a distributed Map does not see the "
    'variables outside it. Source: "Passing data between states with variables".',
    bad={
        "StartAt": "Draw",
        "States": {"Draw": _DRAW, "Name": {"Type": "Pass", "Parameters": {"run.$": "$rnu"}, "End": True}},
    },
    good={
        "StartAt": "Draw",
        "States": {"Draw": _DRAW, "Name": {"Type": "Pass", "Parameters": {"run.$": "$run"}, "End": True}},
    },
)
def variable(machine: Machine) -> Iterator[Violation]:
    """Variables that no preceding state assigns."""
    seen: set[tuple[object, object]] = set()
    for read in flow_of(machine).reads:
        never = read.root is Root.VARIABLE and read.found.outcome is Outcome.NEVER and read.found.at == 0
        if never and read.state.language is Language.JSONPATH and (read.state, read.steps[0]) not in seen:
            seen.add((read.state, read.steps[0]))
            yield Violation(read.state.name, read.member, *unassigned(read, machine.definition))
