"""What a Task gives: the shape of its integration's result.

Source: the Step Functions developer guide, "Integrating optimized services", and botocore's model of SageMaker.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.checks.flow.shape import (
    ANYTHING,
    BOOLEAN,
    DEEPEST,
    NUMBER,
    OPEN,
    STRING,
    Member,
    Presence,
    Scalar,
    array_of,
    object_of,
)
from constructs_ml.sagemaker.model import ModelError, output_shape, shape
from constructs_ml.sagemaker.result import UnknownMemberError, result_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.checks.flow.shape import Shape
    from constructs_ml.sagemaker import model

_MAYBE = Member(ANYTHING, Presence.UNSURE)
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
"""Results of other services that are documented in full, without what all have."""
_SHARED = ("InstanceType",)
"""Enumerations that grow with each release: what is not in them may be right."""
_LEADING_ACRONYM = re.compile(r"[A-Z]{2}")


@cache
def result_of(resource: str) -> Shape:
    """What a Task with this integration gives.

    Args:
        resource: Such as ``sagemaker:createProcessingJob.sync``; see :attr:`State.resource`.
    """
    api, _, pattern = resource.partition(".")
    service, _, action = api.rpartition(":")
    if pattern not in {"", "sync"}:
        return ANYTHING
    if service in {"sagemaker", "aws-sdk:sagemaker"}:
        return _sagemaker(action, sync=pattern == "sync", sdk=service != "sagemaker")
    if api in _ENVELOPES and not pattern:
        return object_of({**_ENVELOPES[api], **_METADATA}, source=f"the response of {api}")
    return ANYTHING


def _sagemaker(action: str, *, sync: bool, sdk: bool) -> Shape:
    try:
        found = output_shape(action[:1].upper() + action[1:]) if sdk else result_shape(action, sync=sync)
    except (ModelError, UnknownMemberError):
        return ANYTHING
    metadata = {} if sdk else _METADATA
    return _structure(found.name, DEEPEST // 2, metadata, f"the response of {_label(found)}")


def _label(found: model.Shape) -> str:
    return found.name.removesuffix("Response").removesuffix("Output") or found.name


@cache
def _of(name: str, depth: int) -> Shape:
    """The shape of a type of the API, so deep."""
    found = shape(name)
    if depth == 0 or found.type == "map":
        return OPEN if depth else ANYTHING
    if found.type == "structure":
        return _structure(name, depth, {}, "")
    if found.type == "list":
        return array_of(_of(found.member.name, depth - 1))
    if found.type == "string":
        return Scalar("string", () if found.name.endswith(_SHARED) else found.enum)
    # A time is a text or a number, as the integration has it.
    return _SCALARS.get(found.type, Scalar())


_SCALARS = {"boolean": BOOLEAN, "integer": NUMBER, "long": NUMBER, "float": NUMBER, "double": NUMBER}


def _structure(name: str, depth: int, more: Mapping[str, Member], source: str) -> Shape:
    found = shape(name)
    members: dict[str, Shape | Member] = dict(more)
    # Of a shape without any required member the model does not say which are optional.
    optional = Presence.OPTIONAL if found.required else Presence.UNSURE
    for member, part in found.members.items():
        presence = Presence.ALWAYS if member in found.required else optional
        members[member] = Member(_of(part.name, depth - 1), presence)
    # Step Functions writes names that begin with an acronym in another way: DBInstance is DbInstance.
    renamed = any(_LEADING_ACRONYM.match(member) for member in found.members)
    return object_of(members, open=renamed, source=source)
