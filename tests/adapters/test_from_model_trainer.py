"""Training and tuning jobs from model trainers and tuners of version 3 of the SageMaker SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import constructs_ml as ml
from constructs_ml.adapters import DERIVED_ROLE, offline_session

pytest.importorskip("sagemaker.train.model_trainer")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "train.py").write_text("print('accuracy=1')\n", encoding="utf-8")
    return folder


def trainer(source: Path, **more: Any) -> Any:
    from sagemaker.train import ModelTrainer
    from sagemaker.train.configs import Compute, SourceCode

    given = {
        "training_image": IMAGE,
        "role": DERIVED_ROLE,
        "sagemaker_session": offline_session(),
        "source_code": SourceCode(source_dir=str(source), entry_script="train.py"),
        "compute": Compute(instance_type="ml.m5.large", instance_count=1),
        "base_job_name": "census",
        "hyperparameters": {"depth": 6},
    }
    return ModelTrainer(**given | more)


def channel() -> list[Any]:
    from sagemaker.train.configs import InputData

    return [InputData(channel_name="train", data_source="s3://census/train")]


def test_a_model_trainer_becomes_a_training_job(
    stack: Stack, asl: Callable[..., dict[str, Any]], synth: Callable[[Stack], dict[str, Any]], source: Path
) -> None:
    job = ml.TrainingJob.from_model_trainer(
        stack,
        "Train",
        trainer(source, hyperparameters={"depth": 6, "day": ml.execution_input("Day")}),
        run={"input_data_config": channel()},
    )
    request = asl(stack, job)["Train"]["Parameters"]
    assert request["HyperParameters"] == {"depth": "6", "day.$": "$$.Execution.Input['Day']"}
    assert [item["ChannelName"] for item in request["InputDataConfig"]] == ["train", "code", "sm_drivers"]
    shell, flag, unpack, *command = request["AlgorithmSpecification"]["ContainerEntrypoint"]
    assert (shell, flag, command) == ("sh", "-c", ["/bin/bash"])
    assert unpack.startswith("for f in /opt/ml/input/data/code/")
    assert " /opt/ml/input/data/sm_drivers/" in unpack
    assert "$$.Execution.Name" in request["OutputDataConfig"]["S3OutputPath.$"]
    template = json.dumps(synth(stack))
    assert "s3:::census/train*" in template
    assert "constructs-ml-offline" not in template


def test_its_assets_are_the_same_on_every_machine(stack: Stack, source: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "src"
    other.parent.mkdir()
    other.mkdir()
    (other / "train.py").write_bytes((source / "train.py").read_bytes())
    jobs = [
        ml.TrainingJob.from_model_trainer(stack, f"Train{at}", trainer(folder))
        for at, folder in enumerate([source, other])
    ]
    first, second = (job.request["InputDataConfig"] for job in jobs)
    assert first == second


def test_a_tuner_becomes_a_tuning_job(stack: Stack, asl: Callable[..., dict[str, Any]], source: Path) -> None:
    from sagemaker.core.parameter import IntegerParameter
    from sagemaker.train.tuner import HyperparameterTuner

    tuner = HyperparameterTuner(
        trainer(source),
        "accuracy",
        {"depth": IntegerParameter(1, 3)},
        metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=(.*)"}],
    )
    job = ml.TuningJob.from_tuner(stack, "Tune", tuner, run={"inputs": channel()})
    request = asl(stack, job)["Tune"]["Parameters"]
    config = request["HyperParameterTuningJobConfig"]
    assert config["ParameterRanges"]["IntegerParameterRanges"][0]["Name"] == "depth"
    definition = request["TrainingJobDefinition"]
    assert [item["ChannelName"] for item in definition["InputDataConfig"]] == ["train"]
    assert ".gz" in definition["StaticHyperParameters"]["sagemaker_submit_directory"]
    assert "constructs-ml-offline" not in json.dumps(request)
    assert "RoleArn" in definition
