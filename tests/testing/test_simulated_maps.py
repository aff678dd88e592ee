"""Maps in simulations: what is inline, what is batched by a path or an expression, and where a result is put in a list."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.testing import returns, simulate

PASS: dict[str, Any] = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}
CONFIG = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def a_map(language: str = "JSONPath", processor: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    each = {"Type": "Map", "ItemProcessor": processor or {**CONFIG, **PASS}, "End": True, **fields}
    return {"QueryLanguage": language, "StartAt": "Each", "States": {"Each": each}}


@pytest.mark.parametrize("field", ["ItemReader", "ItemBatcher", "ResultWriter"])
def test_an_inline_map_that_reads_batches_or_writes_fails(field: str) -> None:
    """With AWS's own cause."""
    value = {"MaxItemsPerBatch": 2} if field == "ItemBatcher" else {"Resource": "arn:aws:states:::s3:getObject"}
    execution = simulate(a_map(processor=PASS, ItemsPath="$.x", **{field: value}), input={"x": [1]})

    assert execution.error == "States.Runtime"
    assert execution.cause == "The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps"


def test_batches_are_as_large_as_a_path_says() -> None:
    definition = a_map(ItemsPath="$.x", ItemBatcher={"MaxItemsPerBatchPath": "$.n"})

    assert simulate(definition, input={"x": [1, 2, 3], "n": 2}).output == [{"Items": [1, 2]}, {"Items": [3]}]


def test_batches_have_as_many_bytes_as_a_path_says() -> None:
    definition = a_map(ItemsPath="$.x", ItemBatcher={"MaxInputBytesPerBatchPath": "$.n"})
    output = simulate(definition, input={"x": ["a" * 20, "b" * 20, "c"], "n": 40}).output

    assert [len(batch["Items"]) for batch in output] == [1, 2]


def test_batches_are_as_large_as_an_expression_says() -> None:
    batcher = {"MaxItemsPerBatch": "{% 1 + 1 %}"}
    definition = a_map("JSONata", Items="{% $states.input.x %}", ItemBatcher=batcher)

    assert simulate(definition, input={"x": [1, 2, 3]}).output == [{"Items": [1, 2]}, {"Items": [3]}]


def test_as_many_items_are_read_as_an_expression_says() -> None:
    config = {"InputType": "JSON", "MaxItems": "{% $states.input.most %}"}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Arguments": {"Bucket": "b", "Key": "k"},
    }

    assert simulate(a_map("JSONata", ItemReader=reader), {"Each": returns([1, 2, 3])}, input={"most": 2}).output == [
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("$.a[1]", {"a": [1, 2]}, {"a": [1, 9]}),
        ("$[0]", [1, 2], [9, 2]),
        ("$.a[0].b['c d']", {"a": [{"b": {}}]}, {"a": [{"b": {"c d": 9}}]}),
        ("$.a.b", {"a": None}, {"a": {"b": 9}}),
        ("$.a[2]", {"a": [1, 2]}, None),
        ("$.a[0]", {}, None),
        ("$.a[0]", {"a": {}}, None),
        ("$.a.b", {"a": [1]}, None),
    ],
)
def test_a_result_is_put_in_the_place_of_an_item(path: str, given: Any, expected: Any) -> None:
    """If there is such an item; else the state fails."""
    put = {"Type": "Pass", "Result": 9, "ResultPath": path, "End": True}
    execution = simulate({"StartAt": "Put", "States": {"Put": put}}, input=given)

    assert execution.output == expected
    assert execution.error == (None if expected is not None else "States.ResultPathMatchFailure")
