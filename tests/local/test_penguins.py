"""The example's script under the serve contract, on real data: trained, tuned and used for scoring in one workflow."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, archive, call, job_name, open_machine, task, training

from constructs_ml.local.runner.given import source

if TYPE_CHECKING:
    from local_bench import Bench

pytestmark = pytest.mark.local

_SCRIPTS = Path(__file__).parents[2] / "example" / "scripts"
_FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "island", "sex"]
_CODE = {"SAGEMAKER_PROGRAM": "train.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://${Bucket}/in/code/sourcedir.tar.gz"}


def _csv(rows: list[dict[str, str]], columns: list[str], *, header: bool = True) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _model(uri: str) -> dict[str, Any]:
    container = {"Image": IMAGE, "ModelDataUrl.$": uri, "Environment": _CODE}
    request = {"ModelName.$": job_name("m"), "ExecutionRoleArn": "${JobRole}", "PrimaryContainer": container}
    return call("createModel", request, sdk=False)


def _score() -> dict[str, Any]:
    place = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/unseen/"}}
    request = {
        "TransformJobName.$": job_name(),
        "ModelName.$": "States.ArrayGetItem(States.StringSplit($.Model.ModelArn, '/'), 1)",
        "BatchStrategy": "MultiRecord",
        "TransformInput": {"DataSource": place, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": "s3://${Bucket}/out/scored", "Accept": "text/csv", "AssembleWith": "Line"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    }
    return task("Transform", request)


def test_tune_on_penguins_and_score_the_unseen_ones(bench: Bench) -> None:
    with source("package:palmerpenguins/data/penguins.csv", Path()).open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if "NA" not in row.values()]
    known, unseen = [row for i, row in enumerate(rows) if i % 5], rows[::5]
    trial = training()
    channels = [trial["InputDataConfig"][0], {**trial["InputDataConfig"][0], "ChannelName": "test"}]
    channels[1] = {
        "ChannelName": "test",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/test/"}},
    }
    metrics = [{"Name": "accuracy", "Regex": "test_accuracy=([0-9.]+)"}]
    code = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": f'"{_CODE["SAGEMAKER_SUBMIT_DIRECTORY"]}"'}
    definition = {
        "AlgorithmSpecification": {**trial["AlgorithmSpecification"], "MetricDefinitions": metrics},
        "InputDataConfig": channels,
        "StaticHyperParameters": {**code, "n_estimators": "20"},
        **{member: trial[member] for member in ("RoleArn", "OutputDataConfig", "ResourceConfig", "StoppingCondition")},
    }
    tuning = {
        "HyperParameterTuningJobName": "t-penguins",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "RandomSeed": 1,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "accuracy"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "8"}]},
        },
        "TrainingJobDefinition": definition,
    }
    described = call("describeTrainingJob", {"TrainingJobName.$": "$.Tune.BestTrainingJob.TrainingJobName"})
    workflow = open_machine(
        Tune=task("HyperParameterTuning", tuning),
        Best=described,
        Model=_model("$.Best.ModelArtifacts.S3ModelArtifacts"),
        Score=_score(),
    )
    # The model that was just trained lies among the outputs.
    workflow.job[0]["Resource"] = [{"Fn::Sub": "${Data.Arn}/in/*"}, {"Fn::Sub": "${Data.Arn}/out/*"}]
    files = {
        "code__sourcedir.tar_gz": archive(train_py=(_SCRIPTS / "train.py").read_bytes()),
        "train__known_csv": _csv(known, ["species", *_FEATURES]),
        "test__unseen_csv": _csv(unseen, ["species", *_FEATURES]),
        "unseen__unseen_csv": _csv(unseen, ["species", *_FEATURES], header=False),
    }
    deployment, execution = bench.run(workflow, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    (scored,) = [body for key, body in bench.objects(deployment).items() if key.endswith(".out")]
    answers = list(csv.reader(io.StringIO(scored.decode())))
    assert len(answers) == len(unseen)
    assert [row[0] for row in answers] == [row["species"] for row in unseen]
    right = sum(row[0] == row[1] for row in answers) / len(answers)
    best = execution.output["Tune"]["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    assert right == pytest.approx(best, abs=1e-4)
    assert right > 0.95
