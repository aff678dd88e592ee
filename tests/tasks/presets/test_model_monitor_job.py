"""Analyses of Model Monitor are processing jobs with the request that its container expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from preset_parts import BIAS, inputs

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack


def test_a_baseline_and_a_check_against_it(
    stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data], code: Path
) -> None:
    """The container is told by its environment."""
    baseline = ml.ModelMonitorJob(stack, "Baseline", dataset=data("train/"), environment={"MINE": "1"})
    check = ml.ModelMonitorJob(
        stack,
        "Check",
        dataset=data("new/"),
        baseline=baseline,
        preprocessor=code / "helpers.py",
        postprocessor="features.py",
    )
    states = asl(stack, baseline.next(check))
    parameters = states["Baseline"]["Parameters"]
    assert parameters["AppSpecification"]["ImageUri"].endswith("/sagemaker-model-monitor-analyzer")
    assert parameters["Environment"] == {
        "MINE": "1",
        "dataset_format": '{"csv":{"header":true,"output_columns_position":"START"}}',
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Disabled",
    }
    given = inputs(states["Check"])
    written = parameters["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri.$"]
    assert given["constraints"] == (
        written.replace("{}/'", "{}/constraints.json'"),
        "/opt/ml/processing/baseline/constraints",
    )
    environment = states["Check"]["Parameters"]["Environment"]
    assert environment["baseline_statistics"] == "/opt/ml/processing/baseline/statistics/statistics.json"
    assert environment["record_preprocessor_script"].endswith("/helpers.py")
    assert environment["post_analytics_processor_script"].endswith("/features.py")
    for script in ("record_preprocessor_script", "post_analytics_processor_script"):
        assert environment[script].startswith(given[f"{script}_input"][1])


def test_the_image_of_model_monitor_has_no_tag_in_any_region(
    stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    """A colon without a tag would be no URI."""
    state = asl(stack, ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")))["Baseline"]
    assert not state["Parameters"]["AppSpecification"]["ImageUri"].endswith(":")


@pytest.mark.parametrize("wanted", [{}, {"xml": {}}, {"csv": {}, "json": {}}])
def test_bad_formats(stack: Stack, data: Callable[[str], ml.S3Data], wanted: dict[str, Any]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Baseline: dataset_format must have one of csv, json"):
        ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/"), dataset_format=wanted)


def test_only_a_check_has_violations(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="violations needs a baseline, got none; pass baseline="):
        _ = ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")).violations


@pytest.mark.usefixtures("code")
def test_presets_are_processing_jobs(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    """What works with a processing job works with them: rules, conditions, outputs."""
    jobs: list[ml.ProcessingJob] = [
        ml.PySparkJob(stack, "Features", app="features.py", outputs=["made"]),
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=BIAS),
        ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")),
    ]
    assert jobs[0].output("made").objects
    ml.JobStateChangeRule(stack, "Rule", jobs=jobs, statuses=["Failed"])
