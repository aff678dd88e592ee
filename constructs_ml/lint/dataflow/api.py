"""The result of a Task: the shape of its integration's response.

Source: the Step Functions developer guide, "Integrating optimized services", and botocore's model of SageMaker.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.lint.dataflow.shape import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    OPEN,
    STRING,
    Member,
    Presence,
    Scalar,
    array_of,
    object_of,
)
from constructs_ml.sagemaker.model import ModelError, input_shape, output_shape, shape
from constructs_ml.sagemaker.result import UnknownMemberError, result_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.lint.dataflow.shape import Shape
    from constructs_ml.sagemaker import model

_MAYBE = Member(ANYTHING, Presence.UNKNOWN)
_METADATA: Mapping[str, Member] = MappingProxyType({"SdkHttpMetadata": _MAYBE, "SdkResponseMetadata": _MAYBE})
_ENVELOPES: Mapping[str, Mapping[str, Shape | Member]] = MappingProxyType(
    {
        "lambda:invoke": {
            "ExecutedVersion": STRING,
            "LogResult": _MAYBE,
            "Payload": ANYTHING,
            "StatusCode": NUMBER,
        },
        "sns:publish": {"MessageId": STRING, "SequenceNumber": _MAYBE},
        "sqs:sendMessage": {
            "MD5OfMessageAttributes": _MAYBE,
            "MD5OfMessageBody": STRING,
            "MD5OfMessageSystemAttributes": _MAYBE,
            "MessageId": STRING,
            "SequenceNumber": _MAYBE,
        },
        "events:putEvents": {"Entries": ANYTHING, "FailedEntryCount": NUMBER},
        "states:startExecution": {"ExecutionArn": STRING, "StartDate": Scalar()},
    }
)
"""The documented results of other services, without the members that all results have."""
_SHARED = ("InstanceType",)
"""Enumerations that grow with each release: a value that is missing from them may be valid."""
_LEADING_ACRONYM = re.compile(r"[A-Z]{2}")


_NOT_OF_SUCCESS = {
    "AutoMLJobArn",
    "ExitMessage",
    "FailureReason",
    "LabelingJobArn",
    "MonitoringScheduleArn",
    "TuningJobArn",
}
"""The members that the description of a completed job lacks, unless its script or another job caused them."""


@cache
def result_of(resource: str, request: frozenset[str] | None = None, *, decided: bool = False) -> Shape:
    """Return the shape of the result of a Task with this integration.

    Args:
        resource: Such as ``sagemaker:createProcessingJob.sync``; see :attr:`State.resource`.
        request: The members of its request, which a description repeats; None if they are not known.
        decided: Whether a Choice or a Catch precedes the Task, which may then know that the described job has failed.
    """
    api, _, pattern = resource.partition(".")
    if pattern not in {"", "sync"}:
        return ANYTHING
    service, _, action = api.rpartition(":")
    if service in {"sagemaker", "aws-sdk:sagemaker"}:
        return _sagemaker(action, service, request if pattern else None, waits=bool(pattern), decided=decided)
    if api in _ENVELOPES and not pattern:
        return object_of({**_ENVELOPES[api], **_METADATA}, source=f"the response of {api}")
    return ANYTHING


def _sagemaker(action: str, service: str, request: frozenset[str] | None, *, waits: bool, decided: bool) -> Shape:
    sdk = service != "sagemaker"
    operation = action[:1].upper() + action[1:]
    try:
        found = output_shape(operation) if sdk else result_shape(action, sync=waits)
        taken = input_shape(operation).members
    except (ModelError, UnknownMemberError):
        return ANYTHING
    members: dict[str, Shape | Member] = {} if sdk else dict(_METADATA)
    for name, part in found.members.items():
        presence = Presence.ALWAYS
        if name not in found.required:
            known = None if request is None else name in request
            presence = _when_waited(name, part, known, repeated=name in taken) if waits else _when_asked(name, decided)
        members[name] = Member(_of(part.name, _DEPTH), presence)
    return _opened(found, members, f"the response of {_label(found)}")


def _when_waited(name: str, part: model.Shape, known: bool | None, *, repeated: bool) -> Presence:
    """Return the presence of an optional member in the description of a completed job."""
    if repeated:
        given_up = known is False and part.type in {"structure", "list", "map"}
        return Presence.OPTIONAL if given_up else Presence.UNKNOWN
    rarely = name in _NOT_OF_SUCCESS or (name == "TrainingJobArn")
    return Presence.OPTIONAL if rarely else Presence.USUALLY


def _when_asked(name: str, decided: bool) -> Presence:
    """Return the presence of an optional member in a response that was not waited for."""
    rarely = name == "ExitMessage" or (name == "FailureReason" and not decided)
    return Presence.OPTIONAL if rarely else Presence.UNKNOWN


def _label(found: model.Shape) -> str:
    return found.name.removesuffix("Response").removesuffix("Output") or found.name


def _opened(found: model.Shape, members: dict[str, Shape | Member], source: str = "") -> Shape:
    # Step Functions spells names that begin with an acronym differently: DBInstance becomes DbInstance.
    renamed = any(_LEADING_ACRONYM.match(member) for member in found.members)
    return object_of(members, open=renamed, source=source)


_DEPTH = 6
"""The depth to which responses are followed."""


@cache
def _of(name: str, depth: int) -> Shape:
    """Return the shape of a type of the API, to this depth."""
    found = shape(name)
    if depth == 0 or found.type == "map":
        return OPEN if depth else ANYTHING
    if found.type == "structure":
        # An optional member is there if the request that the response repeats has it.
        sure = {member: member in found.required for member in found.members}
        presences = {member: Presence.ALWAYS if sure[member] else Presence.UNKNOWN for member in sure}
        parts = found.members.items()
        return _opened(found, {member: Member(_of(part.name, depth - 1), presences[member]) for member, part in parts})
    if found.type == "list":
        return array_of(_of(found.member.name, depth - 1))
    if found.type == "string":
        return Scalar("string", () if found.name.endswith(_SHARED) else found.enum)
    # The integration decides whether a time is a string or a number.
    return _SCALARS.get(found.type, Scalar())


_SCALARS = {"boolean": BOOLEAN, "integer": NUMBER, "long": NUMBER, "float": NUMBER, "double": NUMBER}
