"""Jobs from objects of version 2 of the SageMaker SDK."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import constructs_ml as ml
from constructs_ml.sdk import DERIVED_ROLE, offline_session

with warnings.catch_warnings():
    # Importing it says that there is a newer version.
    warnings.simplefilter("ignore")
    pytest.importorskip("sagemaker.sklearn.estimator", exc_type=ImportError)

pytestmark = pytest.mark.filterwarnings("ignore:.*SageMaker Python SDK v2")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack

CLUSTER = {"role": DERIVED_ROLE, "instance_type": "ml.m5.large", "instance_count": 1}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "main.py").write_text("print('accuracy=1')\n", encoding="utf-8")
    return folder


def estimator(source: Path) -> Any:
    from sagemaker.sklearn import SKLearn

    return SKLearn(
        "main.py",
        source_dir=str(source),
        framework_version="1.2-1",
        hyperparameters={"depth": 6},
        sagemaker_session=offline_session(),
        **CLUSTER,
    )


def test_a_processor_of_a_framework_becomes_a_processing_job(
    stack: Stack, asl: Callable[..., dict[str, Any]], source: Path
) -> None:
    from sagemaker.processing import ProcessingInput, ProcessingOutput
    from sagemaker.sklearn import SKLearnProcessor

    raw = ml.S3Data.from_uri("s3://census/raw")
    job = ml.ProcessingJob.from_processor(
        stack,
        "Preprocess",
        SKLearnProcessor("1.2-1", sagemaker_session=offline_session(), **CLUSTER),
        run={
            "code": str(source / "main.py"),
            "inputs": [ProcessingInput(raw, "/opt/ml/processing/input/raw", "raw")],
            "outputs": [ProcessingOutput("/opt/ml/processing/train", output_name="train")],
        },
    )
    request = asl(stack, job)["Preprocess"]["Parameters"]
    assert [item["InputName"] for item in request["ProcessingInputs"]] == ["raw", "code"]
    assert request["ProcessingInputs"][0]["S3Input"]["S3Uri"] == "s3://census/raw"
    assert request["AppSpecification"]["ContainerEntrypoint"][0] == "python3"
    assert "$$.Execution.Name" in json.dumps(request["ProcessingOutputConfig"])


def test_a_directory_is_unpacked_where_the_sdk_would_have_put_it(stack: Stack, source: Path) -> None:
    from sagemaker.processing import FrameworkProcessor
    from sagemaker.sklearn import SKLearn

    processor = FrameworkProcessor(SKLearn, "1.2-1", sagemaker_session=offline_session(), **CLUSTER)
    job = ml.ProcessingJob.from_processor(
        stack, "Preprocess", processor, run={"code": "main.py", "source_dir": str(source)}
    )
    # The SDK's own archive is one file, which its script unpacks.
    shell, script = job.request["AppSpecification"]["ContainerEntrypoint"]
    assert (shell, script) == ("/bin/bash", "/opt/ml/processing/input/entrypoint/runproc.sh")
    shipped = {item["InputName"]: item["S3Input"]["S3Uri"] for item in job.request["ProcessingInputs"]}
    assert str(shipped["code"]).endswith("/sourcedir.tar.gz")
    assert str(shipped["entrypoint"]).endswith("/runproc.sh")


def test_an_estimator_becomes_a_training_job(
    stack: Stack, asl: Callable[..., dict[str, Any]], synth: Callable[[Stack], dict[str, Any]], source: Path
) -> None:
    job = ml.TrainingJob.from_estimator(stack, "Train", estimator(source), run={"inputs": {"train": "s3://census/t"}})
    request = asl(stack, job)["Train"]["Parameters"]
    parameters = request["HyperParameters"]
    assert parameters["depth"] == "6"
    assert parameters["sagemaker_program"] == '"main.py"'
    assert parameters["sagemaker_submit_directory"].endswith('.gz"')
    assert "sagemaker_job_name" not in parameters
    template = json.dumps(synth(stack))
    assert "constructs-ml-offline" not in template
    assert "s3:::census/t*" in template


def test_a_tuner_becomes_a_tuning_job(stack: Stack, asl: Callable[..., dict[str, Any]], source: Path) -> None:
    from sagemaker.tuner import HyperparameterTuner, IntegerParameter

    tuner = HyperparameterTuner(
        estimator(source),
        "accuracy",
        {"depth": IntegerParameter(1, 3)},
        metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=(.*)"}],
    )
    job = ml.TuningJob.from_tuner(stack, "Tune", tuner, run={"inputs": {"train": "s3://census/t"}})
    request = asl(stack, job)["Tune"]["Parameters"]
    assert request["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_submit_directory"].endswith('.gz"')
    assert "constructs-ml-offline" not in json.dumps(request)


def test_a_transformer_becomes_a_transform_job(stack: Stack) -> None:
    from sagemaker.transformer import Transformer

    given = Transformer("churn", 1, "ml.m5.large", sagemaker_session=offline_session())
    job = ml.TransformJob.from_transformer(stack, "Score", given, run={"data": ml.S3Data.from_uri("s3://census/in")})
    assert job.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://census/in"
