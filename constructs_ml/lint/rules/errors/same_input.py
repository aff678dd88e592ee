"""Whether what a name is read from is the same when a state around it is tried again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.transitions import leads_to
from constructs_ml.lint.rules.errors.job_names import is_drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State

_MEMBER = re.compile(r"(?:\$|\$states\.input)(?:\.([A-Za-z_]\w*)|\[['\"]([^'\"]+)['\"]\])")
_OF_ITEM = re.compile(r"(?:\$\$|\$states\.context)\.Map\.Item\b")
_REFERENCE = re.compile(r"\$[\w$.\[\]'\"]*")
_HANDS_ON = re.compile(r"\{%\s*(?:[^?]*\?\s*)?\$states\.input\s*(?::.*)?%\}")
"""Its input, or that of an object: what is no object has no members that a name could come of."""
_KEEPS = ("Choice", "Fail", "Succeed", "Wait")
_SELECTORS = ("InputPath", "ItemSelector", "Parameters", "ItemReader", "ItemBatcher")


def is_same_again(state: State, value: str, outer: State) -> bool:
    """Whether a name comes of the input of a state around this one, and nothing between draws it anew.

    Args:
        state: The state that starts a job.
        value: The expression of its name.
        outer: The state around it that is tried again, with the same input.
    """
    members = set()
    for reference in _REFERENCE.findall(value):
        found = _MEMBER.fullmatch(reference) or _MEMBER.match(reference)
        if found is not None and not reference.startswith("$$"):
            members.add(found[1] or found[2])
        elif not _OF_ITEM.match(reference):
            return False
    inside = [*state.around[state.around.index(outer) + 1 :], state]
    if any(field in place.body for place in inside for field in ("InputPath",)):
        return False
    scopes = [place.scope for place in inside]
    if any(is_drawn(json.dumps(place.body.get(field, ""))) for place in [outer, *inside[:-1]] for field in _SELECTORS):
        return False
    # What the context says of an item is not changed by any state.
    return not members or all(_keeps(scope, place, members) for scope, place in zip(scopes, inside, strict=True))


def _keeps(scope: Scope, place: State, members: set[str]) -> bool:
    """Whether no state on the way to a place writes any of some members."""
    return all(_is_kept(other, members) for other in _before(scope, place))


def _before(scope: Scope, place: State) -> Iterator[State]:
    return (other for other in scope.states.values() if other.name != place.name and leads_to(other, place.name))


def _is_kept(state: State, members: set[str]) -> bool:
    if state.type in _KEEPS:
        return True
    if state.language is Language.JSONATA:
        output = state.body.get("Output", "{% $states.input %}")
        return state.type == "Pass" and isinstance(output, str) and _HANDS_ON.fullmatch(output) is not None
    if any(field in state.body for field in ("InputPath", "OutputPath")):
        return False
    path = state.body.get("ResultPath", "$")
    if path is None:
        return True
    if state.type == "Pass" and path == "$" and not {"Result", "Parameters"} & set(state.body):
        return True
    found = _MEMBER.match(path) if isinstance(path, str) else None
    return found is not None and (found[1] or found[2]) not in members
