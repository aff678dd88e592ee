"""Transform jobs from transformers of version 3 of the SageMaker SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import constructs_ml as ml
from constructs_ml.sdk import offline_session

pytest.importorskip("sagemaker.core.transformer")

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def transformer(**more: Any) -> Any:
    from sagemaker.core.transformer import Transformer

    given = {
        "model_name": "churn",
        "instance_count": 1,
        "instance_type": "ml.m5.large",
        "sagemaker_session": offline_session(),
    }
    return Transformer(**given | more)


def test_a_transformer_becomes_the_request_that_it_would_make(stack: Stack, asl: Callable[..., dict[str, Any]]) -> None:
    job = ml.TransformJob.from_transformer(
        stack,
        "Score",
        transformer(assemble_with="Line", accept="text/csv", max_payload=1),
        run={"data": "s3://census/in", "content_type": "text/csv", "split_type": "Line", "input_filter": "$[1:]"},
    )
    request = asl(stack, job)["Score"]["Parameters"]
    assert request["ModelName"] == "churn"
    assert request["TransformInput"] == {
        "ContentType": "text/csv",
        "SplitType": "Line",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://census/in"}},
    }
    assert request["TransformOutput"]["AssembleWith"] == "Line"
    assert "$$.Execution.Name" in request["TransformOutput"]["S3OutputPath.$"]
    assert request["MaxPayloadInMB"] == 1
    assert request["DataProcessing"]["InputFilter"] == "$[1:]"
    assert job.output_location.location == job.request["TransformOutput"]["S3OutputPath"]


def test_the_models_role_is_granted_to_read_and_write(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    ml.TransformJob.from_transformer(
        stack, "Score", transformer(output_path="s3://census/out"), run={"data": "s3://census/in"}
    )
    template = json.dumps(synth(stack))
    assert "s3:::census/in*" in template
    assert "s3:::census/out*" in template


def test_a_model_that_is_known_at_run_time_passes_through(stack: Stack, asl: Callable[..., dict[str, Any]]) -> None:
    job = ml.TransformJob.from_transformer(
        stack, "Score", transformer(model_name=ml.execution_input("Model")), run={"data": "s3://census/in"}
    )
    assert asl(stack, job)["Score"]["Parameters"]["ModelName.$"] == "$$.Execution.Input['Model']"
