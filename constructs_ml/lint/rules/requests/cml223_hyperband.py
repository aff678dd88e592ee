"""CML223."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import TRAINING, call
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _tuning(strategy: str) -> dict[str, Any]:
    config = {
        "Strategy": strategy,
        "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 10}},
        "ResourceLimits": {"MaxParallelTrainingJobs": 2},
    }
    trial = {name: value for name, value in TRAINING.items() if not name.startswith("TrainingJobName")}
    request = {
        "HyperParameterTuningJobName.$": "$.name",
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": trial,
    }
    return call("sagemaker:createHyperParameterTuningJob.sync", request)


@rule(
    "CML223",
    title="Only the strategy Hyperband has HyperbandStrategyConfig",
    reason="SageMaker refuses the request. Source: HyperParameterTuningJobStrategyConfig of the API: HyperbandStrategyConfig "
    "'is only supported for the Hyperband selection for Strategy'.",
    bad=_tuning("Bayesian"),
    good=_tuning("Hyperband"),
)
def hyperband(machine: Machine) -> Iterator[Violation]:
    """Settings of a strategy other than the chosen one."""
    yield from relation_violations(machine, "hyperband")
