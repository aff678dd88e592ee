"""Members of the data between states: the states before one, and the members that they may put there.

The states are plain ASL, such as a library renders it or a template has it. In doubt, a state writes everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    State = Mapping[str, Any]
    """A state of ASL."""

_ROOT = re.compile(r"\$(?:\.(?P<name>[^.\[\s]+)|\[['\"](?P<quoted>[^'\"]*)['\"]\])(?:[.\[].*)?$")
_QUOTED_IN_JSONATA = re.compile(r"\.`([^`]*)`")
_MERGED = re.compile(r"\{% \$merge\(\[\$states\.input, \{\"(?P<name>[^\"]*)\": ")
_ITEM_AS_OBJECT = re.compile(r"\{% \$type\(\$states\.input(\.item)?\) = 'object' \? ")
_WITH_RESULT = ("Task", "Parallel", "Map")


def states_before(states: Mapping[str, State], name: str) -> list[str]:
    """Return the states from which a state can be reached."""
    leads_to = {
        each: {
            target
            for part in (state, *_rules(state, "Choices"), *_rules(state, "Catch"))
            for target in (part.get("Next"), part.get("Default"))
        }
        for each, state in states.items()
    }
    found: list[str] = []
    pending = [name]
    while pending:
        target = pending.pop()
        new = [each for each in states if target in leads_to[each] and each not in found]
        found += new
        pending += new
    return found


def _rules(state: State, name: str) -> list[Mapping[str, Any]]:
    """The rules of a Choice or a Catch; none if there is no list of them."""
    return [rule for rule in state.get(name) or () if isinstance(rule, dict)]


def may_write(state: State, root: str, language: Language) -> bool:
    """Return whether later states may find a member of a name because of a state.

    Args:
        state: The state.
        root: The member's name.
        language: The query language of the state machine.
    """
    if any("Output" in each for each in _rules(state, "Catch")):
        return True
    if is_jsonata_state(state, language):
        return _may_write_in_jsonata(state, root)
    if {state.get("InputPath", "$"), state.get("OutputPath", "$")} != {"$"}:
        return True
    if state.get("Type") not in _WITH_RESULT and not {"Result", "Parameters"} & set(state):
        return False
    place = state.get("ResultPath", "$")
    return place is not None and root_of(str(place)) in {root, None}


def _may_write_in_jsonata(state: State, root: str) -> bool:
    output = state.get("Output")
    if output is None:
        return state.get("Type") in _WITH_RESULT or any("Output" in rule for rule in _rules(state, "Choices"))
    if not isinstance(output, str):
        return True
    if _ITEM_AS_OBJECT.match(output):
        return False
    merged = _MERGED.match(output)
    return merged is None or merged["name"] == root


def is_jsonata_state(state: State, language: Language) -> bool:
    """Return whether a state is in JSONata; the language is that of the state machine."""
    return bool(state.get("QueryLanguage", language.value) == Language.JSONATA.value)


def root_of(path: str) -> str | None:
    """Return the first name of a path into the state's input; None if it has none."""
    found = _ROOT.match(as_jsonpath(path))
    return None if found is None else found["name"] or found["quoted"]


def as_jsonpath(text: str) -> str:
    """Return a text in which paths into the state's input are as in JSONPath."""
    return _QUOTED_IN_JSONATA.sub(r"['\1']", text.replace("$states.input", "$"))
