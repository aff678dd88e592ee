"""Tuning jobs, whose trials are training jobs."""

from __future__ import annotations

import json
import re
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from local_bench import IMAGE, archive, call, complete, open_machine, task, until

from constructs_ml.local.jobs.tuning.job import TuningJob

if TYPE_CHECKING:
    from local_bench import Bench, Workflow

    from constructs_ml.local.runner.execution import Execution

pytestmark = pytest.mark.local

_TRAIN = """
    import argparse, os, pathlib, sys, time
    parser = argparse.ArgumentParser()
    for name in ("rate", "depth"):
        parser.add_argument(f"--{name}", type=float, default=0)
    parser.add_argument("--kind", default="good")
    parser.add_argument("--wait", type=float, default=0)
    args = parser.parse_args()
    time.sleep(args.wait)
    if args.kind == "bad":
        sys.exit("bad kind")
    pathlib.Path(os.environ["SM_MODEL_DIR"], "m.txt").write_text("m")
    if args.kind != "silent":
        print(f"score={args.depth + args.rate};")
"""


def _tuning(ranges: dict[str, Any], **changes: Any) -> dict[str, Any]:
    static = changes.pop("static", {})
    definition: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=(.*?);"}],
        },
        "RoleArn": "${JobRole}",
        "OutputDataConfig": {"S3OutputPath": "s3://${Bucket}/out/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "StaticHyperParameters": {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://${Bucket}/in/code/sourcedir.tar.gz"',
            **static,
        },
    }
    config: dict[str, Any] = {
        "Strategy": "Random",
        "RandomSeed": 7,
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
        "ParameterRanges": ranges,
    }
    config |= changes
    return {
        "HyperParameterTuningJobName.$": "States.Format('t-{}', States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0))",
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": definition,
    }


def _numeric() -> dict[str, Any]:
    return {
        "ContinuousParameterRanges": [
            {"Name": "rate", "MinValue": "0.001", "MaxValue": "0.1", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}],
    }


def _kinds(*values: str) -> dict[str, Any]:
    return {"CategoricalParameterRanges": [{"Name": "kind", "Values": list(values)}]}


def _workflow(request: dict[str, Any]) -> Workflow:
    return open_machine(Tune=task("HyperParameterTuning", request))


def _run(bench: Bench, request: dict[str, Any]) -> Execution:
    _, execution = bench.run(_workflow(request), **{"code__sourcedir.tar_gz": archive(train_py=_TRAIN)})
    return execution


def _best(execution: Execution) -> dict[str, Any]:
    assert execution.status == "SUCCEEDED", execution.cause
    return complete("DescribeHyperParameterTuningJob", execution.output["Tune"])


def test_a_random_search_finds_its_best_trial_the_same_each_time(bench: Bench) -> None:
    first, second = (_run(bench, _tuning(_numeric())) for _ in range(2))
    found = _best(first)
    assert found["TrainingJobStatusCounters"]["Completed"] == 3
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    name = found["HyperParameterTuningJobName"]
    trials = [job for job in first.jobs if job.kind == "Training"]
    assert sorted(job.name[: len(name) + 4] for job in trials) == [f"{name}-00{number}" for number in (1, 2, 3)]
    best = found["BestTrainingJob"]
    values = {job.name: job.metrics["score"] for job in trials}
    metric = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert metric == {"Type": "Maximize", "MetricName": "score", "Value": max(values.values())}
    assert values[best["TrainingJobName"]] == max(values.values())
    assert best["TunedHyperParameters"] == _best(second)["BestTrainingJob"]["TunedHyperParameters"]
    assert first.simulated == []
    assert all(job.request["HyperParameters"]["_tuning_objective_metric"] == "score" for job in trials)


def test_a_grid_tries_all_and_survives_failed_trials(bench: Bench) -> None:
    request = _tuning(_kinds("bad", "good", "silent"), Strategy="Grid", static={"depth": "4"})
    request["HyperParameterTuningJobConfig"]["ResourceLimits"] = {"MaxParallelTrainingJobs": 3}
    describe = call("describeTrainingJob", {"TrainingJobName.$": "$.Tune.BestTrainingJob.TrainingJobName"})
    trials = call(
        "listTrainingJobsForHyperParameterTuningJob",
        {"HyperParameterTuningJobName.$": "$.Tune.HyperParameterTuningJobName"},
    )
    workflow = open_machine(Tune=task("HyperParameterTuning", request), Best=describe, Trials=trials)
    _, execution = bench.run(workflow, **{"code__sourcedir.tar_gz": archive(train_py=_TRAIN)})
    found = _best(execution)
    assert found["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 2}
    assert found["BestTrainingJob"]["TunedHyperParameters"] == {"kind": "good"}
    assert execution.output["Best"]["TuningJobArn"] == found["HyperParameterTuningJobArn"]
    assert len(execution.output["Trials"]["TrainingJobSummaries"]) == 3


def test_several_definitions_and_a_target_and_what_is_not_real(bench: Bench) -> None:
    request = _tuning(
        {},
        Strategy="Bayesian",
        TrainingJobEarlyStoppingType="Auto",
        TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0.5},
        ResourceLimits={"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 1},
    )
    config = request["HyperParameterTuningJobConfig"]
    objective = config.pop("HyperParameterTuningJobObjective")
    definition = {**request.pop("TrainingJobDefinition"), "TuningObjective": objective}
    request["TrainingJobDefinitions"] = [
        {**definition, "DefinitionName": name, "HyperParameterRanges": _numeric()} for name in ("a", "b")
    ]
    execution = _run(bench, request)
    found = _best(execution)
    assert found["BestTrainingJob"]["TrainingJobDefinitionName"] == "a"
    assert found["TrainingJobStatusCounters"]["Completed"] == 1
    assert any("Bayesian chooses at random" in text for text in execution.simulated)
    assert any("not stopped early" in text for text in execution.simulated)
    assert any("Bayesian" in note for note in bench.notes)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("bad", "All training jobs failed"), ("silent", "No objective metrics found after running 1")],
)
def test_it_fails_when_no_trial_is_of_use(bench: Bench, kind: str, said: str) -> None:
    execution = _run(bench, _tuning(_kinds(kind), Strategy="Grid"))
    assert execution.error == "States.TaskFailed"
    assert said in json.loads(execution.cause or "")["FailureReason"]


@pytest.mark.parametrize(
    ("ranges", "changes", "said"),
    [
        (_numeric(), {"Strategy": "Grid"}, "IntegerParameterRanges cannot be combined with Strategy 'Grid'"),
        (_kinds("a"), {"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, "needs MaxNumberOfTrainingJobs"),
    ],
)
def test_wrong_requests_are_refused(bench: Bench, ranges: Any, changes: dict[str, Any], said: str) -> None:
    execution = _run(bench, _tuning(ranges, **changes))
    assert execution.error == "SageMaker.AmazonSageMakerException"
    assert said in (execution.cause or "")


def test_stopping_the_execution_stops_the_trials(bench: Bench) -> None:
    request = _tuning(_kinds("good"), static={"wait": "60"})
    deployment = bench.deploy(_workflow(request), **{"code__sourcedir.tar_gz": archive(train_py=_TRAIN)})
    execution = deployment.start()
    assert until(lambda: any(job.kind == "Training" for job in execution.jobs))
    execution.stop()
    assert until(lambda: all(job.status == "Stopped" for job in execution.jobs))


def test_a_trial_that_could_not_start_fails_the_search(bench: Bench) -> None:
    """The best of the others would be the best of another search than the one that was asked for."""
    request = _tuning({}, ResourceLimits={"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 1})
    config = request["HyperParameterTuningJobConfig"]
    objective = config.pop("HyperParameterTuningJobObjective")
    definition = {**request.pop("TrainingJobDefinition"), "TuningObjective": objective}
    missing = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/nothing/"}}
    channels = {"whole": {}, "broken": {"InputDataConfig": [{"ChannelName": "train", "DataSource": missing}]}}
    request["TrainingJobDefinitions"] = [
        {**definition, "DefinitionName": name, "HyperParameterRanges": _numeric(), **data}
        for name, data in channels.items()
    ]
    execution = _run(bench, request)
    assert execution.status == "FAILED"
    found = json.loads(execution.cause or "")
    assert re.match(
        r"ClientError: Training job t-\w+-002-\w+ could not start: Data download failed", found["FailureReason"]
    )
    counters = found["TrainingJobStatusCounters"]
    assert (counters["Completed"], counters["NonRetryableError"], counters["InProgress"]) == (1, 1, 0)


class _Trial:
    """A training job that runs until it is stopped."""

    def __init__(self, name: str) -> None:
        self.name = self.arn = name
        self.status, self.ended, self.groups = "InProgress", threading.Event(), [1]
        self.completed, self.response = False, dict[str, Any]()

    def start(self) -> None:
        """Does nothing."""

    def stop(self) -> None:
        self.status = "Stopped"
        self.ended.set()


def test_a_trial_that_cannot_be_made_ends_the_others() -> None:
    made: list[_Trial] = []

    def trial(request: dict[str, Any], _call: object, _tuning: str) -> Any:
        if made:
            raise OSError(24, "Too many open files")
        made.append(_Trial(request["TrainingJobName"]))
        return made[0]

    services: Any = SimpleNamespace(region="us-east-1", account="1", publish=lambda _event: None, channel=Mock())
    request = _tuning(_numeric(), ResourceLimits={"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2})
    request["HyperParameterTuningJobName"] = request.pop("HyperParameterTuningJobName.$")
    job = TuningJob(request, services, Mock(execution="", state=""), trial)
    job.start()
    assert job.ended.wait(10)
    assert (job.status, job.response["FailureReason"]) == (
        "Failed",
        "InternalServerError: OSError: [Errno 24] Too many open files",
    )
    assert made[0].status == "Stopped"
