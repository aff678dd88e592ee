"""Regular expressions of metrics: those that are none are refused, those of another dialect pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import constructs_ml as ml
from constructs_ml.lint import check_definition
from constructs_ml.lint.examples import TRAINING, training

if TYPE_CHECKING:
    from aws_cdk import Stack

NONE = ["auc=([0-9.]+", "auc=[0-9.+", "auc=(.*))", "*loss=(.*)", "(?:a"]
SOME = [
    "auc=([0-9.]+)",
    r"\(auc\)=(.*)",
    "[(]auc=(.*)",
    r"(?<name>\d+)",
    "a++(b)",
    r"\p{Digit}+",
    r"\Qa(b\E(.*)",
    "[a-z&&[^b]](.*)",
]


def request(expression: str) -> dict[str, object]:
    metrics = [{"Name": "auc", "Regex": expression}]
    return {"AlgorithmSpecification": {**TRAINING["AlgorithmSpecification"], "MetricDefinitions": metrics}}


@pytest.mark.parametrize("expression", NONE)
def test_what_is_no_expression(stack: Stack, expression: str) -> None:
    """The construct and the rule say so."""
    image = ml.ContainerImage.sklearn("1.2-1")
    with pytest.raises(ml.InvalidPropsError, match=r"metric_definitions.*must be a regular expression, got"):
        ml.TrainingJob(stack, "Job", image=image, metric_definitions={"auc": expression})

    found = [item for item in check_definition(training(**request(expression))) if "regular expression" in item.message]
    assert [item.rule for item in found] == ["CML205"]


@pytest.mark.parametrize("expression", SOME)
def test_what_may_be_one(expression: str) -> None:
    """Silence."""
    assert check_definition(training(**request(expression))) == []
