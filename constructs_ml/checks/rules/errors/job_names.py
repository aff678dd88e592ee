"""How the name of a job varies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.checks.reading.integration import SDK, integration_of
from constructs_ml.checks.reading.values import is_later
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from constructs_ml.checks.reading.definition import State

Json = Any
_KINDS = {kind.integration: kind for kind in JobKind}
_REFERENCE = re.compile(r"\$[\w$.\[\]'\"]*")
_DRAWN = re.compile(r"States\.(UUID|MathRandom)|\$(uuid|random|millis|now)\s*\(")
_OF_EXECUTION = re.compile(r"(\$\$|\$states\.context)\.(Execution|StateMachine|State\.Name)\b")
_OF_ATTEMPT = re.compile(r"(\$\$|\$states\.context)(\.(State|Task)\b|(?![.\w]))")
_FUNCTION = re.compile(r"\$\w+\s*\(")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")


class Varies(IntEnum):
    """With what a name varies; the later, the more often."""

    NEVER = 0
    EXECUTION = 1
    INPUT = 2
    ATTEMPT = 3


def name_of(state: State) -> tuple[str, Json] | None:
    """The member that names the job which a state starts, and what it holds; None if it starts none."""
    call = integration_of(state)
    kind = _KINDS.get(call.action) if call and call.service.removeprefix(SDK) == "sagemaker" else None
    payload = state.payload
    if kind and isinstance(payload, Mapping):
        for member in (kind.name_member, f"{kind.name_member}.$"):
            if isinstance(payload.get(member), str):
                return member, payload[member]
    return None


def varies(member: str, value: str) -> Varies:
    """With what the name of a job varies; what cannot be told counts as new at each attempt."""
    if not member.endswith(".$") and not is_jsonata(value):
        return Varies.ATTEMPT if is_later(value) else Varies.NEVER
    if _DRAWN.search(value):
        return Varies.ATTEMPT
    plain = _FUNCTION.sub("(", _TEXT.sub("''", value))
    if is_later(plain):
        return Varies.ATTEMPT
    return max((_of_reference(found) for found in _REFERENCE.findall(plain)), default=Varies.NEVER)


def _of_reference(text: str) -> Varies:
    if _OF_EXECUTION.match(text):
        return Varies.EXECUTION
    return Varies.ATTEMPT if _OF_ATTEMPT.match(text) else Varies.INPUT
