"""What a Map reads, batches and writes: what Step Functions refuses or fails by is found."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import check_definition

READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "items.json"}}
LISTED = {"Resource": "arn:aws-cn:states:::s3:listObjectsV2", "Parameters": {"Bucket.$": "$.bucket", "Prefix": "in/"}}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out/"}}
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def found(config: dict[str, Any] | None = DISTRIBUTED, **fields: Any) -> list[str]:
    part = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}
    processor = {"ProcessorConfig": config, **part} if config else part
    each = {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}
    return [str(violation) for violation in check_definition({"StartAt": "Each", "States": {"Each": each}})]


@pytest.mark.parametrize("config", [None, {"Mode": "INLINE"}])
@pytest.mark.parametrize(
    ("name", "value"), [("ItemReader", READER), ("ItemBatcher", {"MaxItemsPerBatch": 5}), ("ResultWriter", WRITER)]
)
def test_an_inline_map_neither_reads_nor_batches_nor_writes(
    config: dict[str, Any] | None, name: str, value: dict[str, Any]
) -> None:
    [problem] = found(config, **{name: value})

    assert problem.startswith(f'CML008 Each: {name} is not a field of an inline Map; write "ProcessorConfig"')


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"ItemBatcher": {"BatchInput": {"a": 1}}}, "ItemBatcher has none of MaxItemsPerBatch, MaxInputBytesPerBatch"),
        ({"ItemReader": {**READER, "Parameters": {"Bucket": "b"}}}, "ItemReader.Parameters.Key is required"),
        ({"ItemReader": {**LISTED, "Parameters": {"Prefix": "b"}}}, "ItemReader.Parameters.Bucket is required"),
        ({"ItemReader": {**READER, "Parameters": {"Bucket": "b", "key": "k"}}}, "ItemReader.Parameters.key must be"),
        ({"ResultWriter": {**WRITER, "Parameters": {"Prefix": "b"}}}, "ResultWriter.Parameters.Bucket is required"),
        (
            {"ItemReader": {**READER, "Resource": "arn:aws:states:::s3:listObjects"}},
            "ItemReader.Resource is 'arn:aws:states:::s3:listObjects', but a Map supports only s3:getObject and s3:listObjectsV2",
        ),
        (
            {"ResultWriter": {**WRITER, "Resource": "arn:aws:states:::aws-sdk:s3:putObject"}},
            "but a Map supports only s3:putObject there; write arn:aws:states:::s3:putObject",
        ),
    ],
)
def test_what_a_distributed_map_cannot_do_is_told(fields: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in found(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"ItemReader": READER, "ResultWriter": WRITER, "ItemBatcher": {"MaxInputBytesPerBatchPath": "$.bytes"}},
        {"ItemReader": LISTED, "ItemBatcher": {"MaxItemsPerBatch": 5, "BatchInput": {"a": 1}}},
        {"ItemReader": {**READER, "Parameters": {"Bucket": "b", "Key": "k", "VersionId": "v"}}},
        {"ResultWriter": {"WriterConfig": {"OutputType": "JSONL"}}},
        {"ItemReader": {**READER, "Resource": "${Reader}"}},
    ],
)
def test_what_it_can_do_passes(fields: dict[str, Any]) -> None:
    assert found(**fields) == []


def test_a_map_whose_mode_is_known_only_later_is_not_judged() -> None:
    assert not any("inline" in problem for problem in found({"Mode": "${Mode}"}, ItemReader=READER))
