"""CML116."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.checks.flow.telling import assignments
from constructs_ml.checks.reading.maps import is_distributed
from constructs_ml.checks.reading.values import is_later
from constructs_ml.checks.rule import rule
from constructs_ml.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import Scope

_LONGEST = 80
_COUNT = {"Type": "Pass", "Assign": {"parts": 3}, "Next": "Each"}


def _each(name: str) -> Mapping[str, object]:
    inner = {"StartAt": "Draw", "States": {"Draw": {"Type": "Pass", "Assign": {name: 1}, "End": True}}}
    return {"Type": "Parallel", "Branches": [inner], "End": True}


@rule(
    "CML116",
    title="A variable has a name of its own",
    reason="Step Functions refuses a name that is no identifier or longer than 80 characters, $states, which is its own, and in a "
    "Parallel or a Map a name that is assigned around it too. A part of a variable cannot be assigned. "
    'Source: "Passing data between states with variables".',
    bad={"StartAt": "Count", "States": {"Count": _COUNT, "Each": _each("parts")}},
    good={"StartAt": "Count", "States": {"Count": _COUNT, "Each": _each("part")}},
)
def variable_name(machine: Machine) -> Iterator[Violation]:
    """Names in ``Assign`` that cannot be assigned."""
    for scope in machine.definition.scopes():
        around = _around(scope)
        for state in scope.states.values():
            for member, name in assignments(state):
                problem = None if is_later(name) else _problem(name, around)
                if problem:
                    yield Violation(state.name, member, *problem)


def _around(scope: Scope) -> dict[str, str]:
    """The states that assign variables around a scope, by the names of these; a distributed Map does not see them."""
    if scope.parent is None or is_distributed(scope.parent):
        return {}
    outer = scope.parent.scope
    own = {name: state.name for state in outer.states.values() for _, name in assignments(state)}
    return own | _around(outer)


def _problem(name: str, around: Mapping[str, str]) -> tuple[str, str] | None:
    if name == "states":
        return "assigns $states, which is Step Functions' own", "give the variable another name"
    if not name.isidentifier():
        return f"assigns {name!r}, which is no name of a variable", _meant(name.removeprefix("$"))
    if len(name) > _LONGEST:
        return f"assigns a variable whose name has {len(name)} characters; it may have {_LONGEST}", ""
    if name in around:
        return f"assigns ${name}, which {around[name]} assigns around it", "give one of them another name"
    return None


def _meant(name: str) -> str:
    if name.isidentifier():
        return f"write {name}"
    whole = re.split(r"[.\[]", name)[0]
    return (
        f"assign {whole} as a whole" if whole != name and whole.isidentifier() else "write letters, digits and _ only"
    )
