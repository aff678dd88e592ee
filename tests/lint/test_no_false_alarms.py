"""The checks find nothing in workflows that are right: this library's own, the goldens, and those of aws-cdk-lib."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.cdk_workflows import JsonataShapesStack, ModelsStack, ServicesStack, ShapesStack

import constructs_ml as ml
from constructs_ml.cfn.template import machines_of
from constructs_ml.lint import Severity, check_definition, check_machine, check_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App, Stack

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "synth"))

from synth_stacks import JsonataStack, PenguinsStack, RichStack, template_of  # noqa: E402 - found by the line above
from test_steps_lint import JsonataStepsStack, StepsStack  # noqa: E402 - likewise

IMAGE = ml.ContainerImage.sklearn("1.2-1")
CHANNELS = {"train": "s3://churn/train/"}
GOLDENS = sorted((TESTS / "goldens").glob("*.json"))
# A model's whole description is kept; a job has one name for ever, and a heartbeat that nobody can send.
TRUE_WARNINGS = {"pipeline_training": {"CML401"}, "processing_full": {"CML305", "CML307"}}


def training_pipeline(scope: App, name: str, **props: Any) -> Stack:
    code = ml.Code.from_asset(TESTS.parent / "example" / "scripts" / "train.py")
    return ml.patterns.TrainingPipelineStack(scope, name, image=IMAGE, code=code, channels=CHANNELS, **props)


def inference_pipeline(scope: App, name: str, **props: Any) -> Stack:
    code = ml.Code.from_asset(TESTS.parent / "example" / "scripts" / "train.py")
    return ml.patterns.InferencePipelineStack(
        scope,
        name,
        preprocessor_image=IMAGE,
        preprocessor_code=code,
        image=ml.ContainerImage.xgboost("1.7-1"),
        data="s3://abalone/raw/",
        **props,
    )


OURS: list[Callable[..., Stack]] = [
    PenguinsStack,
    JsonataStack,
    RichStack,
    StepsStack,
    JsonataStepsStack,
    training_pipeline,
    inference_pipeline,
]


@pytest.mark.parametrize("stack", OURS, ids=lambda stack: stack.__name__)
@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_nothing_is_found_in_our_stacks(stack: Callable[..., Stack], region: str | None) -> None:
    """The example, the stacks of the tests of synthesis, and the ready pipelines have no faults, whatever the region."""
    assert [str(found) for found in check_template(template_of(stack, region))] == []


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_what_the_data_science_sdk_wrote(golden: Path) -> None:
    """The workflows of others that this library reproduces are right; they are warned of what is true of them."""
    found = check_definition(json.loads(golden.read_text()))
    assert [str(error) for error in found if error.severity is Severity.ERROR] == []
    assert {warning.rule for warning in found} == TRUE_WARNINGS.get(golden.stem, set())


@pytest.mark.parametrize(
    "stack", [ServicesStack, ModelsStack, ShapesStack, JsonataShapesStack], ids=lambda stack: stack.__name__
)
def test_nothing_is_found_in_what_aws_cdk_lib_writes(stack: type[Stack]) -> None:
    """Its own task states are defined rightly; what it grants is another matter."""
    machines = [replace(machine, granted=None) for machine in machines_of(template_of(stack))]
    assert machines
    assert [str(found) for machine in machines for found in check_machine(machine)] == []
