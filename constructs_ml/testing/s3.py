"""Responses of a simulated S3, from the objects of a store.

Sources: the API reference of Amazon S3; the developer guide of Step Functions, "Learning to use AWS service SDK integrations":
errors as ``S3.NoSuchKeyException``, times as ISO 8601. ``putObject`` writes its Body as JSON, a string in quotes, as executions on
AWS show. That ``headObject`` names a missing object as ``getObject`` does depends on the version of its SDK.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.integration import NO_OBJECT, S3
from constructs_ml.errors import SimulationError
from constructs_ml.local.api.requests import whole_numbers
from constructs_ml.local.aws.describe import as_text_times
from constructs_ml.local.emulator.integrations import TaskError

if TYPE_CHECKING:
    from constructs_ml.testing.objects import SimulatedObjects, Stored

# Payloads are any JSON.
_Json = dict[str, Any]
PAGE = 1000
"""The greatest number of entries on a page of a listing."""
_NO_EFFECT = {"ChecksumAlgorithm", "ChecksumMode", "ExpectedBucketOwner", "RequestPayer"}
_READS = {"Bucket", "Key", "Range", "IfMatch", "IfNoneMatch"}
_STORES = {"Acl", "BucketKeyEnabled", "ServerSideEncryption", "SsekmsKeyId", "StorageClass", "Tagging"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_FAILED_CONDITION = "At least one of the pre-conditions you specified did not hold"
_NO_SUCH_KEY = "The specified key does not exist."


class SimulatedS3:
    """S3 over a store.

    Args:
        objects: The store.
    """

    def __init__(self, objects: SimulatedObjects) -> None:
        self._objects = objects
        self._calls = {
            "getObject": (self._get, _READS),
            "headObject": (self._head, _READS),
            "putObject": (self._put, {"Body", "Bucket", "ContentType", "IfMatch", "IfNoneMatch", "Key", *_STORES}),
            "listObjectsV2": (
                self._list,
                {"Bucket", "ContinuationToken", "Delimiter", "MaxKeys", "Prefix", "StartAfter"},
            ),
        }

    def answers(self, resource: str) -> bool:
        """Return whether it responds to the calls of a task.

        Args:
            resource: The task's resource.
        """
        return _action(resource) in self._calls

    def call(self, name: str, resource: str, request: _Json) -> _Json:
        """Execute a call, and return its response.

        Args:
            name: The state that calls.
            resource: The task's resource.
            request: The request.

        Raises:
            TaskError: If S3 refuses.
            SimulationError: If the request lacks a member, or has one that is not simulated.
        """
        action = _action(resource)
        execute, members = self._calls[action]
        lacking = [member for member in ("Bucket", "Key") if member in members and not request.get(member)]
        if lacking:
            raise SimulationError(f"{name}: {action} needs {lacking[0]}, got a request without it")
        unknown = [member for member in request if member not in members | _NO_EFFECT]
        if unknown:
            fix = f"script the state: {{{name!r}: returns({{...}})}}"
            raise SimulationError(f"{name}: {unknown[0]} of {action} is not simulated; {fix}")
        response: _Json = as_text_times(execute(request))
        return response

    def _get(self, request: _Json) -> _Json:
        found = self._found(request)
        size = len(found.content)
        first, last = _part(request.get("Range"), size)
        body = found.content[first : last + 1]
        whole = len(body) == size
        return {
            **_described(found),
            "Body": body.decode("utf-8", "replace"),
            "ContentLength": len(body),
            **({} if whole and "Range" not in request else {"ContentRange": f"bytes {first}-{last}/{size}"}),
        }

    def _head(self, request: _Json) -> _Json:
        found = self._found(request)
        return {**_described(found), "ContentLength": len(found.content)}

    def _put(self, request: _Json) -> _Json:
        uri = _uri(request)
        found = self._objects.find(uri)
        none_match, match = request.get("IfNoneMatch"), request.get("IfMatch")
        if none_match not in (None, "*"):
            raise _refused(501, "A header you provided implies functionality that is not implemented")
        if match is not None and found is None:
            raise _refused(404, _NO_SUCH_KEY, NO_OBJECT)
        if (none_match and found) or (match is not None and found and not _same(match, found)):
            raise _refused(412, _FAILED_CONDITION)
        body = whole_numbers(request.get("Body"))
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) if "Body" in request else ""
        self._objects.write(uri, text, request.get("ContentType", "application/octet-stream"))
        written = self._objects.find(uri)
        return {"ETag": written.etag} if written else {}

    def _list(self, request: _Json) -> _Json:
        bucket, prefix = f"s3://{request['Bucket']}/", request.get("Prefix", "")
        limit = min(int(request.get("MaxKeys", PAGE)), PAGE)
        entries = self._entries(request)
        page = entries[:limit]
        response: _Json = {
            "IsTruncated": bool(page) and len(entries) > len(page),
            "KeyCount": len(page),
            "MaxKeys": limit,
            "Name": request["Bucket"],
            "Prefix": prefix,
            **{name: request[name] for name in ("ContinuationToken", "Delimiter", "StartAfter") if name in request},
        }
        if response["IsTruncated"]:
            response["NextContinuationToken"] = base64.b64encode(page[-1][0].encode()).decode()
        contents = [
            _listed(key, found)
            for key, is_prefix in page
            if not is_prefix and (found := self._objects.find(bucket + key))
        ]
        prefixes = [{"Prefix": key} for key, is_prefix in page if is_prefix]
        return (
            response | ({"Contents": contents} if contents else {}) | ({"CommonPrefixes": prefixes} if prefixes else {})
        )

    def _entries(self, request: _Json) -> list[tuple[str, bool]]:
        """Return the keys and common prefixes that remain to be listed, and whether each is a common prefix."""
        bucket, prefix = f"s3://{request['Bucket']}/", request.get("Prefix", "")
        delimiter, after = request.get("Delimiter", ""), request.get("StartAfter", "").encode()
        last = _last_of(request["ContinuationToken"]) if "ContinuationToken" in request else b""
        entries: dict[tuple[str, bool], None] = {}
        for uri in self._objects.under(bucket + prefix):
            key = uri.removeprefix(bucket)
            below, found, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
            entry = f"{prefix}{below}{delimiter}" if found else key
            if key.encode() > after and entry.encode() > last:
                entries[entry, bool(found)] = None
        return list(entries)

    def _found(self, request: _Json) -> Stored:
        """Return an object that is to be read, under the conditions of the request."""
        found = self._objects.find(_uri(request))
        if found is None:
            raise _refused(404, _NO_SUCH_KEY, NO_OBJECT)
        if "IfMatch" in request and not _same(request["IfMatch"], found):
            raise _refused(412, _FAILED_CONDITION)
        if "IfNoneMatch" in request and _same(request["IfNoneMatch"], found):
            raise _refused(304, "Not Modified")
        return found


def _action(resource: str) -> str:
    _, found, action = resource.partition(f":states:::{S3}")
    return action if found else ""


def _uri(request: _Json) -> str:
    return f"s3://{request['Bucket']}/{request['Key']}"


def _same(etag: str, found: Stored) -> bool:
    return etag == "*" or etag.strip('"') == found.etag.strip('"')


def _described(found: Stored) -> _Json:
    return {
        "AcceptRanges": "bytes",
        "ContentType": found.content_type,
        "ETag": found.etag,
        "LastModified": found.modified,
        "Metadata": {},
    }


def _listed(key: str, found: Stored) -> _Json:
    size = len(found.content)
    return {"ETag": found.etag, "Key": key, "LastModified": found.modified, "Size": size, "StorageClass": "STANDARD"}


def _part(wanted: str | None, size: int) -> tuple[int, int]:
    """Return the first and the last byte of a range; all of the object without one, or with one that S3 cannot read."""
    found = _RANGE.fullmatch(wanted or "")
    if found is None or found.groups() == ("", ""):
        return 0, size - 1
    first = int(found[1]) if found[1] else max(size - int(found[2]), 0)
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if first >= size:
        raise _refused(416, "The requested range is not satisfiable")
    return first, last


def _last_of(token: str) -> bytes:
    try:
        return base64.b64decode(token, validate=True)
    except binascii.Error as error:
        raise _refused(400, "The continuation token provided is incorrect") from error


def _refused(status: int, message: str, name: str = "S3.S3Exception") -> TaskError:
    identifier = uuid.uuid4().hex[:16].upper()
    return TaskError(name, f"{message} (Service: S3, Status Code: {status}, Request ID: {identifier})")
