"""Spark applications are processing jobs with the request that the Spark container expects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from aws_cdk import App, Stack
from preset_parts import assets, inputs
from support.each import each
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.usefixtures("code")
def test_the_least_pyspark_job(stack: Stack, asl: Callable[..., Any]) -> None:
    state = asl(stack, ml.PySparkJob(stack, "Features", app="features.py"))["Features"]
    application = state["Parameters"]["AppSpecification"]
    assert application["ContainerEntrypoint"] == ["smspark-submit", "/opt/ml/processing/input/app/features.py"]
    assert application["ImageUri"].endswith("/sagemaker-spark-processing:3.5-cpu")
    assert list(inputs(state)) == ["app"]
    assert "ProcessingOutputConfig" not in state["Parameters"]


@pytest.mark.usefixtures("code")
def test_all_of_a_pyspark_job(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    """Dependencies come from S3 under their own names; the configuration lies where the container looks for it."""
    job = ml.PySparkJob(
        stack,
        "Features",
        app="features.py",
        arguments=["--day", ml.execution_input("day")],
        py_files=["common", "helpers.py"],
        jars=["a.jar", "s3://jars/b.jar"],
        files=["conf.ini"],
        configuration={"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}},
        event_logs=data("events/"),
        reads=[data("raw/")],
        writes=[data("features/")],
        instance_count=3,
    )
    state = asl(stack, job)["Features"]
    command = state["Parameters"]["AppSpecification"]["ContainerEntrypoint"]
    options = dict(zip(command[1:-1:2], command[2:-1:2], strict=True))
    assert {name: [place.rpartition("/")[2] for place in value.split(",")] for name, value in options.items()} == {
        "--py-files": ["common.zip", "helpers.py"],
        "--jars": ["a.jar", "b.jar"],
        "--files": ["conf.ini"],
        "--local-spark-event-logs-dir": [""],
    }
    assert all(place.startswith("s3://") for name in ("--jars", "--files") for place in options[name].split(","))
    assert command[-1] == "/opt/ml/processing/input/app/features.py"
    conf, place = inputs(state)["conf"]
    assert place == "/opt/ml/processing/input/conf"
    assert conf.endswith("/configuration.json")
    (output,) = state["Parameters"]["ProcessingOutputConfig"]["Outputs"]
    assert output["OutputName"] == "spark-event-logs"
    assert output["S3Output"] == {
        "S3Uri": "s3://data/events/",
        "LocalPath": "/opt/ml/processing/spark-events/",
        "S3UploadMode": "Continuous",
    }
    assert job.event_logs.uri == "s3://data/events/"
    shipped = {key.rpartition("/")[2]: file for key, file in assets(stack).items()}
    assert json.loads(shipped["configuration.json"].read_text()) == [
        {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}
    ]
    assert ZipFile(shipped["common.zip"]).namelist() == ["__init__.py", "text.py"]
    granted = statements(synth(stack))
    read = next(found["Resource"] for found in granted if "s3:GetObject" in found["Action"])
    assert {item.rpartition("/")[2] for item in read} >= {"*.jar", "b.jar*", "*.zip", "*.ini", "*.py"}
    assert "arn:aws:s3:::data/raw/*" in read
    assert not [item for item in each(read) if item.endswith("data/*")]
    write = next(found["Resource"] for found in granted if "s3:PutObject" in found["Action"])
    assert write == ["arn:aws:s3:::data/events/*", "arn:aws:s3:::data/features/*"]


@pytest.mark.usefixtures("code")
def test_a_jar_job(stack: Stack, asl: Callable[..., Any]) -> None:
    job = ml.processing.SparkJarJob(stack, "Jar", app="app.jar", main_class="com.example.Main", jars=["a.jar"])
    command = asl(stack, job)["Jar"]["Parameters"]["AppSpecification"]["ContainerEntrypoint"]
    assert command[:3] == ["smspark-submit", "--class", "com.example.Main"]
    assert command[3] == "--jars"
    assert command[-1] == "/opt/ml/processing/input/app/app.jar"


@pytest.mark.usefixtures("code")
def test_an_application_in_s3(stack: Stack, asl: Callable[..., Any]) -> None:
    state = asl(stack, ml.PySparkJob(stack, "Features", app="s3://code/jobs/features.py"))["Features"]
    assert inputs(state)["app"] == ("s3://code/jobs/features.py", "/opt/ml/processing/input/app")
    assert state["Parameters"]["AppSpecification"]["ContainerEntrypoint"][-1].endswith("/app/features.py")


def test_files_are_shipped_under_the_same_names_on_every_machine(code: Path, tmp_path: Path) -> None:
    """The keys depend on names and contents, not on paths and times."""

    def keys(at: str) -> set[str]:
        stack = Stack(App(outdir=str(tmp_path / at), analytics_reporting=False), "Same")
        ml.PySparkJob(stack, "Job", app="features.py", py_files=["common"], configuration={"Classification": "core"})
        return {key for key in assets(stack) if "template" not in key and "/" in key}

    first = keys("one")
    (code / "common" / "text.py").touch()
    (code / "common" / "__pycache__").mkdir()
    (code / "common" / "__pycache__" / "text.pyc").write_bytes(b"cache")
    assert keys("two") == first
    assert len(first) == 3


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"app": "missing.py"}, "app must exist, got 'missing.py', which does not in code/"),
        ({"app": "app.jar"}, "app must be a .py file, got 'app.jar'"),
        ({"py_files": ["gone"]}, "py_files must exist, got 'gone'"),
        ({"jars": "a.jar"}, "jars must be a list, got the string 'a.jar'; pass ['a.jar']"),
        ({"arguments": ["two words"]}, "arguments[0] must hold no blanks"),
        ({"configuration": {"spark.executor.memory": "2g"}}, "configuration[0] must have Classification"),
        (
            {"configuration": {"Classification": "x", "Properties": {"a": "{% $states.input.x %}"}}},
            "configuration[0].Properties.a is known only later",
        ),
        (
            {"inputs": {"app": ml.S3Data.from_uri("s3://b/x/")}},
            "inputs must not be named 'app' together with app=; rename the input",
        ),
        ({"instance_count": 0}, "instance_count"),
    ],
)
def test_bad_input_of_a_pyspark_job(stack: Stack, props: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Job: ") as raised:
        ml.PySparkJob(stack, "Job", **{"app": "features.py", **props})
    assert said in str(raised.value)


@pytest.mark.usefixtures("code")
def test_all_faults_of_a_jar_job_come_in_one_error(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError) as raised:
        ml.processing.SparkJarJob(
            stack, "Job", app="features.py", main_class="not a class", volume_size="x" * 3, instance_count=0
        )
    text = str(raised.value)
    assert "main_class must be the name of a class, got 'not a class'" in text
    assert "app must be a .jar file" in text
    assert "instance_count" in text


@pytest.mark.usefixtures("code")
def test_event_logs_must_be_asked_for(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="event_logs are not written; pass event_logs="):
        _ = ml.PySparkJob(stack, "Job", app="features.py").event_logs
