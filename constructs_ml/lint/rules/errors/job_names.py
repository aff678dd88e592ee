"""The variation of job names: how often an expression yields a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.values import is_later
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

Json = Any
_JOBS = {kind.integration: kind.name_member for kind in JobKind.ALL} | {
    "createAutoMLJob": "AutoMLJobName",
    "createAutoMLJobV2": "AutoMLJobName",
    "createCompilationJob": "CompilationJobName",
    "createInferenceRecommendationsJob": "JobName",
    "createOptimizationJob": "OptimizationJobName",
}
"""Actions that start a job, with the member for its name, which can be used only once."""
_RESOURCES = {
    "createEndpointConfig": "EndpointConfigName",
    "createInferenceComponent": "InferenceComponentName",
    "createModel": "ModelName",
    "createPipeline": "PipelineName",
}
"""Actions that create other resources, whose names can be used again after deletion."""
REFERENCE = re.compile(r"\$[\w$.\[\]'\"]*")
_DRAWN = re.compile(r"States\.(UUID|MathRandom)|\$(uuid|random|millis|now)\s*\(")
_OF_EXECUTION = re.compile(r"(\$\$|\$states\.context)\.(Execution|StateMachine|State\.Name)\b")
_OF_ATTEMPT = re.compile(r"(\$\$|\$states\.context)(\.(State|Task)\b|(?![.\w]))")
_EXECUTION_NAME = re.compile(r"(\$\$|\$states\.context)\.Execution\.Name\b")
_CHANGED = re.compile(
    r"(?:States\.(?:Hash|StringSplit|ArrayGetItem|Base64Encode)|\$(?:replace|substring\w*|hash|split|match|pad|base64encode|map|join))"
    r"\s*\(.*",
    re.DOTALL,
)
_HASH = re.compile(r"(?:States\.Hash|\$hash)\(\s*(?:\$\$|\$states\.context)\.Execution\.(?:Name|Id)\s*,")
_FUNCTION = re.compile(r"\$\w+\s*\(")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")


class Varies(IntEnum):
    """The scopes within which a name stays the same; the later, the smaller."""

    NEVER = 0
    EXECUTION = 1
    INPUT = 2
    ATTEMPT = 3


def name_of(state: State) -> tuple[str, Json] | None:
    """Return the member that names the job or resource that a state creates, and its value; None if there is none."""
    call = integration_of(state)
    named = (_JOBS | _RESOURCES).get(call.action) if call and call.is_sagemaker else None
    payload = state.payload
    if named and isinstance(payload, Mapping):
        for member in (named, f"{named}.$"):
            if isinstance(payload.get(member), str):
                return member, payload[member]
    return None


def is_resource(state: State) -> bool:
    """Return whether a state creates a resource whose name can be reused, rather than a job."""
    call = integration_of(state)
    return call is not None and call.action in _RESOURCES


def of_execution_name(value: str) -> bool:
    """Return whether a name contains the execution's name unchanged; the result of a function is unknown."""
    return _EXECUTION_NAME.search(_CHANGED.sub("", value)) is not None


def of_its_hash(value: str) -> bool:
    """Return whether a name is a hash of the execution's name, which a redriven execution keeps."""
    return _HASH.search(value) is not None and not is_drawn(value)


def is_drawn(value: str) -> bool:
    """Return whether an expression yields a new value at each evaluation."""
    return _DRAWN.search(value) is not None


def varies(member: str, value: str) -> Varies:
    """Return how a job's name varies; an unknown expression counts as new at each attempt."""
    if not member.endswith(".$") and not is_jsonata(value):
        return Varies.ATTEMPT if is_later(value) else Varies.NEVER
    if is_drawn(value):
        return Varies.ATTEMPT
    if is_later(_plain(value)):
        return Varies.ATTEMPT
    return max(map(_of_reference, references_in(value)), default=Varies.NEVER)


def references_in(value: str) -> list[str]:
    """Return the paths and variables in an expression, without its string literals and function names."""
    return REFERENCE.findall(_plain(value))


def _plain(value: str) -> str:
    return _FUNCTION.sub("(", _TEXT.sub("''", value))


def _of_reference(text: str) -> Varies:
    if _OF_EXECUTION.match(text):
        return Varies.EXECUTION
    return Varies.ATTEMPT if _OF_ATTEMPT.match(text) else Varies.INPUT
