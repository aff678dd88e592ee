"""Analyses of Clarify are processing jobs with the request that its container expects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from preset_parts import BIAS, assets, inputs
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def test_a_bias_analysis(stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]) -> None:
    """The names and places are the container's; it takes no entry point."""
    job = ml.ClarifyJob(stack, "Bias", dataset=data("train/"), analysis=BIAS)
    after = ml.ProcessingJob(stack, "Read", image=ml.ContainerImage.sklearn("1.2-1"), inputs={"found": job.analysis})
    states = asl(stack, job.next(after))
    state = states["Bias"]
    assert list(state["Parameters"]["AppSpecification"]) == ["ImageUri"]
    assert "/sagemaker-clarify-processing:1.0" in state["Parameters"]["AppSpecification"]["ImageUri"]
    assert inputs(state)["dataset"] == ("s3://data/train/", "/opt/ml/processing/input/data")
    config, place = inputs(state)["analysis_config"]
    assert place == "/opt/ml/processing/input/config"
    assert config.endswith("/analysis_config.json")
    (output,) = state["Parameters"]["ProcessingOutputConfig"]["Outputs"]
    assert output["OutputName"] == "analysis_result"
    assert output["S3Output"]["LocalPath"] == "/opt/ml/processing/output"
    (file,) = (file for key, file in assets(stack).items() if key.endswith("/analysis_config.json"))
    assert json.loads(file.read_text()) == BIAS
    found, _ = inputs(states["Read"])["found"]
    assert found.endswith("/Bias/analysis_result/{}/analysis.json', $$.Execution.Name)")


def test_a_model_is_served_under_a_name_of_the_jobs_own(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    predictor = {"model_name": "Churn", "instance_type": "ml.m5.large", "initial_instance_count": 1}
    analysis = {**BIAS, "methods": {"shap": {}}, "predictor": predictor}
    asl(stack, ml.ClarifyJob(stack, "Explain", dataset=data("train/"), analysis=analysis))
    (file,) = (file for key, file in assets(stack).items() if key.endswith("/analysis_config.json"))
    prefix = json.loads(file.read_text())["predictor"]["endpoint_name_prefix"]
    assert prefix.startswith("Census-")
    granted = statements(synth(stack))
    made = next(found for found in granted if "sagemaker:CreateEndpoint" in found["Action"])
    arn = "arn:aws:sagemaker:us-east-1:111122223333"
    assert made["Resource"] == [f"{arn}:endpoint/{prefix}*", f"{arn}:endpoint/{prefix.lower()}*"]
    model = next(found for found in granted if "sagemaker:DescribeModel" in found["Action"])
    assert model["Resource"] == [f"{arn}:model/Churn", f"{arn}:model/churn"]


def test_an_endpoint_is_only_asked(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    analysis = {**BIAS, "predictor": {"endpoint_name": "live"}}
    asl(stack, ml.ClarifyJob(stack, "Explain", dataset=data("train/"), analysis=analysis))
    granted = [action for found in statements(synth(stack)) for action in found["Action"]]
    assert "sagemaker:InvokeEndpoint" in granted
    assert "sagemaker:CreateEndpoint" not in granted


def test_an_analysis_that_a_run_writes(stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]) -> None:
    state = asl(stack, ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=data("conf/a.json")))["Bias"]
    assert inputs(state)["analysis_config"][0] == "s3://data/conf/a.json"


@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        ({"dataset_type": "text/csv"}, "analysis.methods must name at least one method, got None"),
        ({**BIAS, "methods": {"magic": {}}}, "analysis.methods.magic is not a method of Clarify's; methods: "),
        ({**BIAS, "predictor": {}}, "analysis.predictor must have model_name or endpoint_name"),
        ({**BIAS, "label": "{% $states.input.label %}"}, "analysis.label is known only later"),
    ],
)
def test_bad_analyses(stack: Stack, data: Callable[[str], ml.S3Data], analysis: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Bias: ") as raised:
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=analysis)
    assert said in str(raised.value)


def test_the_names_of_clarifys_inputs_are_taken(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="inputs must not be named 'dataset'"):
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=BIAS, inputs={"dataset": data("x/")})
