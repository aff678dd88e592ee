"""Variable names that Step Functions refuses when a definition is created.

Source: the Step Functions developer guide, "Passing data between states with variables".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import catchers_of, is_distributed, rules_of
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.values import is_later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Refused:
    """A name that cannot be assigned.

    Attributes:
        state: The state that assigns it.
        member: The member that does: ``Catch[0].Assign.x``.
        problem: The problem.
        fix: The fix.
    """

    state: State
    member: str
    problem: str
    fix: str


def refused_names(definition: Scope) -> Iterator[Refused]:
    """Yield the names in ``Assign`` that cannot be assigned.

    Args:
        definition: The whole definition.
    """
    for scope in definition.scopes():
        around = _around(scope)
        for state in scope.states.values():
            for member, name in assignments(state):
                problem = None if is_later(name) else _problem(name, around)
                if problem:
                    yield Refused(state, member, *problem)


def _around(scope: Scope) -> dict[str, str]:
    """Return the variables that outer states assign, with the states' names; a distributed Map cannot see them."""
    if scope.parent is None or is_distributed(scope.parent):
        return {}
    outer = scope.parent.scope
    own = {name: state.name for state in outer.states.values() for _, name in assignments(state)}
    return own | _around(outer)


def _problem(name: str, around: Mapping[str, str]) -> tuple[str, str] | None:
    if name == "states":
        return "assigns $states, which is reserved for Step Functions", "give the variable another name"
    if not name.isidentifier():
        return f"assigns {name!r}, which is not a valid variable name", _meant(name.removeprefix("$"))
    if len(name) > _LONGEST:
        return f"assigns a variable whose name has {len(name)} characters; it may have {_LONGEST}", ""
    if name in around:
        return f"assigns ${name}, which the outer state {around[name]} assigns too", "give one of them another name"
    return None


def _meant(name: str) -> str:
    if name.isidentifier():
        return f"write {name}"
    whole = re.split(r"[.\[]", name)[0]
    return (
        f"assign {whole} as a whole" if whole != name and whole.isidentifier() else "write letters, digits and _ only"
    )


def assignments(state: State) -> Iterator[tuple[str, str]]:
    """Yield the variables that a state assigns, each with its member: ``Catch[0].Assign.x.$``."""
    parts = [("", state.body)]
    parts += [(f"Choices[{at}].", body) for at, body in enumerate(rules_of(state.body))]
    parts += [(f"Catch[{at}].", body) for at, body in catchers_of(state.body)]
    for prefix, body in parts:
        made = body.get("Assign")
        for name in made if isinstance(made, Mapping) else ():
            jsonpath = state.language is Language.JSONPATH
            yield f"{prefix}Assign.{name}", str(name).removesuffix(".$") if jsonpath else str(name)
