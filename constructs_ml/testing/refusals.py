"""Requests that SageMaker would refuse in every execution: faults of the definition, or of the simulation itself.

A request that is wrong for what the execution was given fails its state, as on AWS. One that is wrong as it stands in the
definition can never succeed: retries and catches would only hide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.jsonpath import member_steps
from constructs_ml.asl.values import shown
from constructs_ml.errors import Severity
from constructs_ml.sagemaker.request import check_request

if TYPE_CHECKING:
    from constructs_ml.errors import Finding

# Requests are any JSON.
_Json = Any
_ABSENT = object()
# A shorter text that was made up may stand in others by chance.
_TELLING = 12


def certain_refusals(
    state: Mapping[str, _Json], operation: str, request: Mapping[str, _Json], made: Mapping[str, str]
) -> list[str]:
    """Return the faults of a request that occur in every execution.

    Args:
        state: The state that sends it.
        operation: As ``CreateProcessingJob``.
        request: The request.
        made: The origins of the definition's generated values.

    Returns:
        A message for each: the member, the value, and where it comes from if it was made up.
    """
    written = state.get("Parameters", state.get("Arguments"))
    messages = []
    for finding in check_request(operation, request):
        if finding.severity is not Severity.ERROR:
            continue
        value = _at(request, finding.member)
        origin = _origin(value, made)
        if origin or _stands(written, finding, value):
            messages.append(_message(finding, value, origin))
    return messages


def _message(finding: Finding, value: _Json, origin: str) -> str:
    known = "" if value is _ABSENT or shown(value) in str(finding) else f" ({shown(value)})"
    if not origin:
        return f"{finding}{known}"
    fix = "give it a value that fits: a Default, a physical name or a context value"
    return f"{finding.member} {finding.problem}{known}, made up for {origin}; {fix}"


def _stands(written: _Json, finding: Finding, value: _Json) -> bool:
    """Return whether a fault is in the definition itself."""
    if value is not _ABSENT:
        return not is_dynamic(written) and _at(written, finding.member) == value
    outer, _, name = finding.member.rpartition(".")
    around = _at(written, outer) if outer else written
    return isinstance(around, Mapping) and not is_dynamic(around) and f"{name}.$" not in around and name not in around


def _at(value: _Json, member: str) -> _Json:
    for step in member_steps(member):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return value


def _origin(value: _Json, made: Mapping[str, str]) -> str:
    """Return the origin of a generated value, or of a part of it."""
    if not isinstance(value, str):
        return ""
    parts = (origin for text, origin in made.items() if len(text) >= _TELLING and text in value)
    return made.get(value) or next(parts, "")
