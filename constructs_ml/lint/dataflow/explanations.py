"""Explanations of paths that lead nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import catchers_of
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.jsonpath import Root, to_jsonata
from constructs_ml.asl.literals import member_path
from constructs_ml.asl.variable_names import assignments
from constructs_ml.lint.dataflow.shape import Array, Object, Scalar
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope
    from constructs_ml.asl.jsonpath import Steps
    from constructs_ml.lint.dataflow.reads import Read
    from constructs_ml.lint.dataflow.shape import Shape

_MOST_NAMED = 8
_CATCH = re.compile(r"Catch\[(\d+)\] of (.*)")


def shown(read: Read, steps: Steps) -> str:
    """Return a path with the same root as a read, in the query language of the state."""
    if read.state.language is Language.JSONATA:
        return to_jsonata(read.root, steps)
    if read.root is Root.VARIABLE:
        return f"${steps[0]}" + _jsonpath(steps[1:], "")
    return _jsonpath(steps, "$$" if read.root is Root.CONTEXT else "$")


def _jsonpath(steps: Steps, root: str) -> str:
    text = root
    for step in steps:
        text += member_path(step, root="") if isinstance(step, str) else f"[{step}]" if isinstance(step, int) else "[*]"
    return text


def why_never(read: Read) -> tuple[str, str]:
    """Return the reason why a path leads nowhere, and a fix."""
    found = read.found
    at, step, around = found.at, read.steps[found.at], found.around
    here = shown(read, read.steps[:at]) if at or read.root is not Root.VARIABLE else "the variables"
    if isinstance(around, Scalar):
        return f"{here} is {kind_of(around)}", ""
    if isinstance(around, Array):
        if isinstance(step, int):
            return f"{here} has {len(around.items or ())} items", ""
        fix = f"write {shown(read, (*read.steps[:at], 0, *read.steps[at:]))}"
        return f"{here} is a list", fix if at else f"{fix}, or give the preceding state a ResultPath"
    if not isinstance(around, Object):
        return "it is never there", ""
    return f"{here} has {_named(around)}{_from(around)}", _meant(read, around)


def kind_of(shape: Shape) -> str:
    """Return the kind of a value in a word, with its article."""
    if isinstance(shape, Scalar):
        return f"a {shape.type}" if shape.type else "a single value"
    return "a list" if isinstance(shape, Array) else "an object"


def _named(around: Object) -> str:
    names = sorted(around.members)
    if not names:
        return "no members"
    if len(names) > _MOST_NAMED:
        return f"no such member among its {len(names)}"
    return f"only {', '.join(names)}"


def _from(around: Object) -> str:
    return f" ({around.source})" if around.source else ""


def _meant(read: Read, around: Object) -> str:
    """Return a hint at the path that was probably meant."""
    at = read.found.at
    step = read.steps[at]
    near = nearest(step, around.members) if isinstance(step, str) else []
    return f"did you mean {shown(read, (*read.steps[:at], near[0], *read.steps[at + 1 :]))}?" if near else ""


def catch_fix(way: str, scope: Scope) -> str:
    """Return the fix if a catcher replaces the input by the error; empty if none does.

    Args:
        way: The branch on which a member is missing, or the source of the object that lacks it.
        scope: The whole definition.
    """
    found = _CATCH.search(way)
    for state in scope.walk() if found else ():
        if found and state.name == found[2]:
            catcher = dict(catchers_of(state.body)).get(int(found[1]), {})
            jsonata = state.language is Language.JSONATA
            if "Output" in catcher if jsonata else catcher.get("ResultPath", "$") != "$":
                return ""
            fix = "an Output that keeps $states.input" if jsonata else "a ResultPath, such as $.error"
            return f"{found[0]} replaces the input by the error: give it {fix}"
    return ""


def unassigned(read: Read, scope: Scope) -> tuple[str, str]:
    """Return the problem of a variable that no preceding state assigns, and a fix."""
    name = str(read.steps[0])
    known = set(read.found.around.members) if isinstance(read.found.around, Object) else set()
    if read.state.language is Language.JSONATA:
        known.add("states")
    assigned = {variable: state.name for state in scope.walk() for _, variable in assignments(state)}
    if name in assigned:
        return f"is {read.text}, but ${name} is assigned by {assigned[name]}, from which no path leads here", ""
    near = nearest(name, known)
    if near:
        return f"is {read.text}, but no state assigns ${name}", f"did you mean ${near[0]}?"
    path = "" if read.state.language is Language.JSONATA else f"write $.{read.text[1:]} for a member of the input"
    return f"is {read.text}, but no state assigns ${name}", path
