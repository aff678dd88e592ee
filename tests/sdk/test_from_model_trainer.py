"""Training and tuning jobs from model trainers and tuners of version 3 of the SageMaker SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import constructs_ml as ml
from constructs_ml.sdk import DERIVED_ROLE, offline_session

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
    # The code is one file, and so not packed.
    shell, flag, _, *command = request["AlgorithmSpecification"]["ContainerEntrypoint"]
    assert (shell, flag, command) == ("sh", "-c", ["sh", "/opt/ml/input/data/sm_drivers", "--", "/bin/bash"])
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


def state_of(value: Any, seen: set[int] | None = None) -> Any:
    """All that an object of the SDK holds, its private attributes too."""
    seen = set() if seen is None else seen
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if id(value) in seen:
        return "again"
    seen.add(id(value))
    if isinstance(value, dict):
        return {key: state_of(item, seen) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [state_of(item, seen) for item in value]
    parts = {**getattr(value, "__dict__", {}), **(getattr(value, "__pydantic_private__", None) or {})}
    of_sdk = type(value).__module__.startswith("sagemaker") and "Session" not in type(value).__name__
    return (type(value).__name__, state_of(parts, seen)) if of_sdk and parts else type(value).__name__


def test_the_trainer_is_left_as_it_was(stack: Stack, source: Path) -> None:
    """Its configuration of TensorBoard too, which it keeps in a private attribute."""
    from sagemaker.core.shapes import TensorBoardOutputConfig

    given = trainer(source).with_tensorboard_output_config(
        TensorBoardOutputConfig(s3_output_path="", local_path="/opt/ml/board")
    )
    before = state_of(given)
    job = ml.TrainingJob.from_model_trainer(stack, "Train", given, run={"input_data_config": channel()})
    assert state_of(given) == before
    assert "$$.Execution.Name" in str(job.request["TensorBoardOutputConfig"]["S3OutputPath"].jsonpath)


def test_as_many_local_channels_as_there_are(stack: Stack, source: Path, tmp_path: Path) -> None:
    """An item of an entry point has at most 256 characters."""
    from sagemaker.train.configs import InputData

    inputs = []
    for name in ("train-of-this-year", "validation-of-this-year", "test-of-this-year", "lookup-of-this-year"):
        (tmp_path / name).mkdir()
        for part in "ab":
            (tmp_path / name / f"{part}.csv").write_text(name)
        inputs.append(InputData(channel_name=name, data_source=str(tmp_path / name)))
    job = ml.TrainingJob.from_model_trainer(stack, "Train", trainer(source), run={"input_data_config": inputs})
    entrypoint = job.request["AlgorithmSpecification"]["ContainerEntrypoint"]
    assert max(map(len, entrypoint)) <= 256
    assert sum(item.startswith("/opt/ml/input/data/") for item in entrypoint) == 5


def test_the_output_of_a_job_of_the_stack_is_a_channel(stack: Stack, source: Path) -> None:
    """By its URI, as InputData takes it; it may be read."""
    from sagemaker.train.configs import InputData

    prepare = ml.ProcessingJob(stack, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"), outputs=["train"])
    train = prepare.output("train")
    inputs = [InputData(channel_name="train", data_source=train.uri)]
    job = ml.TrainingJob.from_model_trainer(stack, "Train", trainer(source), run={"input_data_config": inputs})
    assert job.request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == train.location


def test_the_sdks_own_defaults_hold_for_training(
    stack: Stack, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were lost."""
    config = tmp_path / "config.yaml"
    config.write_text(
        "SchemaVersion: '1.0'\nSageMaker:\n  TrainingJob:\n    Environment: {LEVEL: debug}\n"
        "    EnableNetworkIsolation: true\n"
    )
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(config))
    job = ml.TrainingJob.from_model_trainer(stack, "Train", trainer(source))
    assert job.request["Environment"] == {"LEVEL": "debug"}
    assert job.request["EnableNetworkIsolation"] is True


def test_a_value_in_the_command_is_named(stack: Stack, source: Path) -> None:
    """The SDK writes it into a script that is shipped."""
    from sagemaker.train.configs import SourceCode

    code = SourceCode(source_dir=str(source), command=f"python train.py --day {ml.execution_input('Day')}")
    with pytest.raises(ml.InvalidPropsError, match=r"Execution.Input\['Day'\].*is written by the SDK into"):
        ml.TrainingJob.from_model_trainer(stack, "Train", trainer(source, source_code=code))


def test_modes_that_make_no_job_are_named(stack: Stack, source: Path) -> None:
    """Before the SDK does anything."""
    from sagemaker.train.model_trainer import Mode

    with pytest.raises(ml.InvalidPropsError, match=r"run\['dry_run'\] makes no job; leave it out"):
        ml.TrainingJob.from_model_trainer(stack, "Train", trainer(source), run={"dry_run": True})
    local = trainer(source, training_mode=Mode.LOCAL_CONTAINER)
    with pytest.raises(ml.InvalidPropsError, match="training_mode must be SAGEMAKER_TRAINING_JOB, got LOCAL_CONTAINER"):
        ml.TrainingJob.from_model_trainer(stack, "Local", local)
    with pytest.raises(ml.InvalidPropsError, match=r"got ModelTrainer; call TrainingJob\.from_model_trainer"):
        ml.TuningJob.from_tuner(stack, "Tune", trainer(source))
