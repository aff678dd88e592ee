"""DataProcessing of an object: filter the input, join the responses, filter the output.

Source: SageMaker API Reference, DataProcessing; Developer Guide, "Associate Prediction Results with Input Records".
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from constructs_ml.local.aws.faults import JobError

# The JSONPath that DataProcessing knows, on JSON and on rows of CSV. It is not that of states, which asl.jsonpath reads: lists of
# names and of places, and slices, select records here.
#
# Source: SageMaker Developer Guide, "Associate Prediction Results with Input Records", supported JSONPath operators.

_NAME = re.compile(r"\.([A-Za-z_][\w-]*)|\.(\*)")
_NAMES = re.compile(r"\.?\[\s*((?:'[^']*'|\"[^\"]*\")(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"))*)\s*\]")
_INDICES = re.compile(r"\.?\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
_SLICE = re.compile(r"\.?\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]")
_ALL = re.compile(r"\.?\[\s*\*\s*\]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def select(path: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the part of a value that a path selects.

    Args:
        path: As ``$.features``, ``$['id','SageMakerOutput']``, ``$[1:]`` or ``$[0,-1]``.
        value: JSON; a row of CSV is a list.

    Raises:
        JobError: If it is no such path, or the value lacks what it names.
    """
    if not path.startswith("$"):
        message = f"{path!r} is not a path: it must begin with $"
        raise JobError(message)
    at = 1
    try:
        while at < len(path):
            value, at = _step(path, at, value)
    except (KeyError, IndexError, TypeError) as error:
        message = f"{path} selects nothing from a record: {type(error).__name__}: {error}"
        raise JobError(message) from error
    return value


def _step(path: str, at: int, value: Any) -> tuple[Any, int]:  # noqa: ANN401 - any JSON
    if found := _NAME.match(path, at):
        return (value[found[1]] if found[1] else _everything(value)), found.end()
    if found := _NAMES.match(path, at):
        names = [single or double for single, double in _QUOTED.findall(found[1])]
        return (value[names[0]] if len(names) == 1 else {name: value[name] for name in names}), found.end()
    if found := _INDICES.match(path, at):
        indices = [int(index) for index in found[1].split(",")]
        return (value[indices[0]] if len(indices) == 1 else [value[index] for index in indices]), found.end()
    if found := _SLICE.match(path, at):
        first, last = (int(bound) if bound else None for bound in found.groups())
        return value[first:last], found.end()
    if found := _ALL.match(path, at):
        return _everything(value), found.end()
    message = (
        f"{path!r} is not a path of DataProcessing, from {path[at:]!r} on; write $.name, $['a','b'], $[0,-1] or $[1:]"
    )
    raise JobError(message)


def _everything(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return list(value.values()) if isinstance(value, dict) else list(value)


_JSON_LINES = ("application/jsonlines", "application/x-jsonlines", "application/x-json-lines")
_OUTPUT, _INPUT = "SageMakerOutput", "SageMakerInput"


def media_type(content_type: str) -> str:
    """Return a content type without parameters, with one name for JSON Lines."""
    plain = content_type.split(";", 1)[0].strip().lower()
    return _JSON_LINES[0] if plain in _JSON_LINES else plain


@dataclass(frozen=True)
class DataProcessing:
    """The filters and the join of a transform job.

    Attributes:
        content_type: The content type of the input.
        accept: The content type of the output.
        input_filter: The path to the part of a record that is sent.
        join: Whether the output is joined with the input.
        output_filter: The path to the part of the joined record that is kept.
    """

    content_type: str
    accept: str
    input_filter: str = "$"
    join: bool = False
    output_filter: str = "$"

    @staticmethod
    def of(request: dict[str, Any]) -> DataProcessing:
        """Read a CreateTransformJob request."""
        given = request.get("DataProcessing") or {}
        content_type = media_type(request["TransformInput"].get("ContentType") or "")
        made = DataProcessing(
            content_type,
            media_type(request["TransformOutput"].get("Accept") or content_type),
            given.get("InputFilter") or "$",
            given.get("JoinSource") == "Input",
            given.get("OutputFilter") or "$",
        )
        if made.join and made.content_type != made.accept:
            message = f"JoinSource Input needs one type for both, got {made.content_type} and {made.accept}"
            raise JobError(message)
        return made

    def sent(self, payload: bytes) -> bytes:
        """Return the part of a payload that is sent to the model."""
        if self.input_filter == "$":
            return payload
        records = [select(self.input_filter, record) for record in _parsed(payload, self.content_type)]
        return _written(records, self.content_type)

    def kept(self, payload: bytes, answer: bytes) -> bytes:
        """Return the part of a response that is written.

        Args:
            payload: The input, before the input filter.
            answer: The model's response.
        """
        if not self.join and self.output_filter == "$":
            return answer
        records = _parsed(answer, self.accept)
        if self.join:
            inputs = _parsed(payload, self.content_type)
            if len(inputs) != len(records):
                message = f"the model gave {len(records)} records for {len(inputs)}: they cannot be joined"
                raise JobError(message)
            records = [_joined(before, after) for before, after in zip(inputs, records, strict=True)]
        return _written([select(self.output_filter, record) for record in records], self.accept)


def _joined(before: Any, after: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(before, _Row) and isinstance(after, _Row):
        return _Row([*before, *after])
    return {**before, _OUTPUT: after} if isinstance(before, dict) else {_INPUT: before, _OUTPUT: after}


class _Row(list[str]):
    """A row of CSV, which is joined column by column."""


def _parsed(content: bytes, kind: str) -> list[Any]:
    text = content.decode("utf-8")
    try:
        if kind == "text/csv":
            return [_Row(row) for row in csv.reader(io.StringIO(text)) if row]
        if kind == _JSON_LINES[0]:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        if kind == "application/json":
            return [json.loads(text)]
    except ValueError as error:
        message = f"a record is not {kind}: {error}"
        raise JobError(message) from error
    message = f"DataProcessing filters and joins text/csv, application/json and application/jsonlines, got {kind!r}"
    raise JobError(message)


def _written(records: list[Any], kind: str) -> bytes:
    if kind == "text/csv":
        lines = io.StringIO()
        rows = [record if isinstance(record, list) else [record] for record in records]
        csv.writer(lines, lineterminator="\n").writerows(rows)
        return lines.getvalue().encode()
    return "\n".join(json.dumps(record, separators=(",", ":")) for record in records).encode()
