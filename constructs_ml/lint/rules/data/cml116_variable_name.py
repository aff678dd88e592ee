"""CML116."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.variable_names import refused_names
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine

_COUNT = {"Type": "Pass", "Assign": {"parts": 3}, "Next": "Each"}


def _each(name: str) -> Mapping[str, object]:
    inner = {"StartAt": "Draw", "States": {"Draw": {"Type": "Pass", "Assign": {name: 1}, "End": True}}}
    return {"Type": "Parallel", "Branches": [inner], "End": True}


@rule(
    "CML116",
    title="A variable has a valid and unique name",
    reason="Step Functions refuses a name that is not an identifier or is longer than 80 characters, the reserved "
    "$states, and, in a Parallel or a Map, a name that is also assigned outside it. A part of a variable cannot be "
    'assigned. Source: "Passing data between states with variables".',
    bad={"StartAt": "Count", "States": {"Count": _COUNT, "Each": _each("parts")}},
    good={"StartAt": "Count", "States": {"Count": _COUNT, "Each": _each("part")}},
)
def variable_name(machine: Machine) -> Iterator[Violation]:
    """Names in ``Assign`` that cannot be assigned."""
    for name in refused_names(machine.definition):
        yield Violation(name.state.name, name.member, name.problem, name.fix)
