"""The parts of tuning jobs that need no AWS."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.local.jobs.tuning.ranges import grid, problem, sampled
from constructs_ml.local.jobs.tuning.trials import training_request


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secrets are made of it


def _range(low: object, high: object, scaling: str = "Auto") -> dict[str, str]:
    return {"Name": "x", "MinValue": str(low), "MaxValue": str(high), "ScalingType": scaling}


@given(
    low=st.integers(1, 50),
    width=st.integers(0, 1000),
    scaling=st.sampled_from(["Auto", "Linear", "Logarithmic"]),
    kind=st.sampled_from(["IntegerParameterRanges", "ContinuousParameterRanges"]),
    seed=st.integers(),
)
def test_values_lie_in_their_range(low: int, width: int, scaling: str, kind: str, seed: int) -> None:
    value = sampled({kind: [_range(low, low + width, scaling)]}, _chance(seed))["x"]
    assert low <= float(value) <= low + width
    assert kind.startswith("Continuous") or value == str(int(value))


@given(st.integers())
def test_reverse_logarithmic_values_lie_in_their_range(seed: int) -> None:
    given_range = _range(0.5, 0.999, "ReverseLogarithmic")
    assert 0.5 <= float(sampled({"ContinuousParameterRanges": [given_range]}, _chance(seed))["x"]) <= 0.999


def test_a_logarithmic_scale_gives_each_magnitude_its_share() -> None:
    chance = _chance(1)
    ranges = {"ContinuousParameterRanges": [_range(0.001, 1, "Logarithmic")]}
    values = [float(sampled(ranges, chance)["x"]) for _ in range(600)]
    shares = [sum(low <= value < low * 10 for value in values) for low in (0.001, 0.01, 0.1)]
    assert all(150 < share < 250 for share in shares)


def test_a_grid_is_every_combination() -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y"]}]}
    assert [tuple(found.values()) for found in grid(ranges)] == [("1", "x"), ("1", "y"), ("2", "x"), ("2", "y")]


@pytest.mark.parametrize(
    ("found", "strategy", "said"),
    [
        (_range(1, 2), "Grid", "categorical ranges only"),
        (_range(2, 1), "Random", "must be at most its MaxValue"),
        (_range(0, 1, "Logarithmic"), "Random", "needs values above 0"),
        (_range(0, 1, "ReverseLogarithmic"), "Random", "needs 0 <= x < 1"),
        (_range("low", 1), "Random", "must be numbers"),
    ],
)
def test_ranges_that_cannot_be(found: dict[str, str], strategy: str, said: str) -> None:
    assert said in str(problem({"ContinuousParameterRanges": [found]}, strategy))
    assert problem({"ContinuousParameterRanges": [_range(0.1, 0.2)]}, "Random") is None


def test_the_request_of_a_trial() -> None:
    definition: dict[str, Any] = {
        "DefinitionName": "d",
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "RoleArn": "r",
        "StaticHyperParameters": {"a": "1", "b": "2"},
        "TuningObjective": {"Type": "Minimize", "MetricName": "loss"},
        "HyperParameterTuningResourceConfig": {
            "VolumeSizeInGB": 5,
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 9}],
        },
        "Environment": {"X": "1"},
    }
    found = training_request("tune", 7, definition, {"b": "3"})
    assert found["TrainingJobName"].startswith("tune-007-")
    assert len(found["TrainingJobName"]) == len("tune-007-") + 8
    assert found["HyperParameters"] == {"a": "1", "b": "3", "_tuning_objective_metric": "loss"}
    assert found["ResourceConfig"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
    assert found["Environment"] == {"X": "1"}
    assert "DefinitionName" not in found
