"""The search of a tuning job, as CreateHyperParameterTuningJob takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.tasks.tuning.options import TuningStrategy
from constructs_ml.tasks.tuning.ranges import CategoricalRange, ranges_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.tasks.tuning.options import Objective
    from constructs_ml.tasks.tuning.ranges import Range
    from constructs_ml.tasks.tuning.training_definition import TrainingDefinition

DEFAULT_MAX_JOBS = 10
CONFIG = "HyperParameterTuningJobConfig"
MEMBERS = {
    "Autotune.Mode": "autotune",
    f"{CONFIG}.HyperParameterTuningJobObjective.MetricName": "objective.metric",
    f"{CONFIG}.HyperParameterTuningJobObjective.Type": "objective.goal",
    f"{CONFIG}.ParameterRanges": "ranges",
    f"{CONFIG}.RandomSeed": "random_seed",
    f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs": "max_jobs",
    f"{CONFIG}.ResourceLimits.MaxParallelTrainingJobs": "max_parallel_jobs",
    f"{CONFIG}.ResourceLimits.MaxRuntimeInSeconds": "max_tuning_time",
    f"{CONFIG}.Strategy": "strategy",
    f"{CONFIG}.StrategyConfig": "hyperband",
    f"{CONFIG}.StrategyConfig.HyperbandStrategyConfig.MaxResource": "hyperband.max_resource",
    f"{CONFIG}.StrategyConfig.HyperbandStrategyConfig.MinResource": "hyperband.min_resource",
    f"{CONFIG}.TrainingJobEarlyStoppingType": "early_stopping",
    f"{CONFIG}.TuningJobCompletionCriteria.BestObjectiveNotImproving.MaxNumberOfTrainingJobsNotImproving": (
        "max_jobs_not_improving"
    ),
    f"{CONFIG}.TuningJobCompletionCriteria.ConvergenceDetected.CompleteOnConvergence": "stop_on_convergence",
    f"{CONFIG}.TuningJobCompletionCriteria.TargetObjectiveMetricValue": "target_objective_value",
    "HyperParameterTuningJobName": "job_name",
    "TrainingJobDefinitions": "training",
    "WarmStartConfig": "warm_start",
}


def search_request(
    spec: JobSpec,
    definitions: Sequence[TrainingDefinition],
    *,
    strategy: str | None,
    objective: Objective | None,
    ranges: Mapping[str, Range] | None,
    max_jobs: int | str | None,
    max_parallel_jobs: int | str,
) -> dict[str, Any]:
    """The ``HyperParameterTuningJobConfig``. With several definitions objective and ranges are a part of each.

    Args:
        spec: The tuning job.
        definitions: The definitions of its trials.
        strategy: How the next values are chosen.
        objective: The objective, unless each definition has its own.
        ranges: The ranges, unless each definition has its own.
        max_jobs: The maximum number of training jobs.
        max_parallel_jobs: The maximum number that run at the same time.
    """
    _check(spec, definitions, ranges, strategy)
    props = spec.props
    quoted = any(definition.code is not None for definition in definitions)
    return {
        "Strategy": strategy,
        "StrategyConfig": props["hyperband"].to_request() if props.get("hyperband") is not None else None,
        "HyperParameterTuningJobObjective": objective and objective.to_request(),
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": _default_max_jobs(spec, strategy) if max_jobs is None else max_jobs,
            "MaxParallelTrainingJobs": max_parallel_jobs,
            "MaxRuntimeInSeconds": spec.seconds("max_tuning_time"),
        },
        "ParameterRanges": ranges_request(ranges, "ranges", spec.faults, quoted=quoted),
        "TrainingJobEarlyStoppingType": _named(props.get("early_stopping"), "Auto", "Off"),
        "TuningJobCompletionCriteria": _criteria(props),
        "RandomSeed": props.get("random_seed"),
    }


def _criteria(props: Mapping[str, Any]) -> dict[str, Any] | None:
    worse, converged = (
        props.get("max_jobs_not_improving"),
        _named(props.get("stop_on_convergence"), "Enabled", "Disabled"),
    )
    criteria = {
        "TargetObjectiveMetricValue": props.get("target_objective_value"),
        "BestObjectiveNotImproving": None if worse is None else {"MaxNumberOfTrainingJobsNotImproving": worse},
        "ConvergenceDetected": None if converged is None else {"CompleteOnConvergence": converged},
    }
    return criteria if any(value is not None for value in criteria.values()) else None


def _named(value: Any, true: str, false: str) -> Any:  # noqa: ANN401 - a boolean or a runtime value
    return (true if value else false) if isinstance(value, bool) else value


def _default_max_jobs(spec: JobSpec, strategy: str | None) -> int | None:
    left_open = strategy == TuningStrategy.GRID.value or spec.props.get("autotune")
    return None if left_open or spec.props.get("max_tuning_time") is not None else DEFAULT_MAX_JOBS


def _check(
    spec: JobSpec, definitions: Sequence[TrainingDefinition], ranges: Mapping[str, Range] | None, strategy: str | None
) -> None:
    """Check constraints that botocore's model lacks. Source: "How Hyperparameter Tuning Works" of the SageMaker developer guide."""
    props, faults = spec.props, spec.faults
    if strategy == TuningStrategy.GRID.value:
        for definition in definitions:
            for name, given in (definition.ranges or ranges or {}).items():
                if not isinstance(given, CategoricalRange):
                    problem = f"must be categorical for the strategy Grid, got {given!r}"
                    faults.add(
                        f"ranges[{name!r}]", problem, "pass ml.tuning.CategoricalRange([...]), or another strategy"
                    )
    known = not is_dynamic(strategy)
    if props.get("hyperband") is not None and known and strategy != TuningStrategy.HYPERBAND.value:
        faults.add("hyperband", f"is for the strategy Hyperband only, got {strategy}", "pass strategy= or leave it out")
    if props.get("early_stopping") is True and strategy == TuningStrategy.HYPERBAND.value:
        faults.add(
            "early_stopping", "must be off for the strategy Hyperband, which stops trials itself", "leave it out"
        )
