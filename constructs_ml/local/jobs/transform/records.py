"""What DataProcessing does to an object: filters what is sent, joins what comes back, filters that.

Source: SageMaker API Reference, DataProcessing; Developer Guide, "Associate Prediction Results with Input Records".
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.jobs.transform.paths import select

_JSON_LINES = ("application/jsonlines", "application/x-jsonlines", "application/x-json-lines")
_OUTPUT, _INPUT = "SageMakerOutput", "SageMakerInput"


def media_type(content_type: str) -> str:
    """A content type without its parameters, one name for JSON Lines."""
    plain = content_type.split(";", 1)[0].strip().lower()
    return _JSON_LINES[0] if plain in _JSON_LINES else plain


@dataclass(frozen=True)
class DataProcessing:
    """The filters and the join of a transform job.

    Attributes:
        content_type: What the input is.
        accept: What the output is.
        input_filter: What of a record is sent.
        join: Whether the output is joined with the input.
        output_filter: What of the joined record is kept.
    """

    content_type: str
    accept: str
    input_filter: str = "$"
    join: bool = False
    output_filter: str = "$"

    @staticmethod
    def of(request: dict[str, Any]) -> DataProcessing:
        """Of a CreateTransformJob request."""
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
        """What of a payload is sent to the model."""
        if self.input_filter == "$":
            return payload
        records = [select(self.input_filter, record) for record in _parsed(payload, self.content_type)]
        return _written(records, self.content_type)

    def kept(self, payload: bytes, answer: bytes) -> bytes:
        """What is written of an answer.

        Args:
            payload: What was read, before the input filter.
            answer: What the model gave.
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
    """A row of CSV, which is joined as columns are."""


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
