"""Presets are processing jobs with the request that their containers expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_s3 as s3
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BIAS: dict[str, Any] = {
    "dataset_type": "text/csv",
    "label": "income",
    "facet": [{"name_or_index": "age"}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "code"
    (folder / "common").mkdir(parents=True)
    for name in ("features.py", "helpers.py", "common/__init__.py", "common/text.py", "a.jar", "app.jar", "conf.ini"):
        (folder / name).write_text(f"# {name}\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def data(stack: Stack) -> Callable[[str], ml.S3Data]:
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    return lambda prefix: ml.S3Data.from_bucket(bucket, prefix)


def assets(stack: Stack) -> dict[str, Path]:
    """The files that the stack ships, by their keys."""
    stage = Stage.of(stack)
    assert stage is not None
    folder = Path(stage.synth().directory)
    files: dict[str, Any] = json.loads((folder / f"{stack.artifact_id}.assets.json").read_text())["files"]
    return {
        place["objectKey"]: folder / file["source"]["path"]
        for file in files.values()
        for place in file["destinations"].values()
    }


def inputs(state: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Where the inputs come from and go to, by name."""
    found = {item["InputName"]: item["S3Input"] for item in state["Parameters"]["ProcessingInputs"]}
    return {name: (item.get("S3Uri", item.get("S3Uri.$")), item["LocalPath"]) for name, item in found.items()}


# Spark ------------------------------------------------------------------------------------------------------------


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
    assert {item.rpartition("/")[2] for item in read} >= {"a.jar", "b.jar*", "common.zip", "conf.ini", "features.py"}
    assert "arn:aws:s3:::data/raw/*" in read
    assert not [item for item in read if item.endswith("data/*")]
    write = next(found["Resource"] for found in granted if "s3:PutObject" in found["Action"])
    assert write == ["arn:aws:s3:::data/events/*", "arn:aws:s3:::data/features/*"]


@pytest.mark.usefixtures("code")
def test_a_jar_job(stack: Stack, asl: Callable[..., Any]) -> None:
    job = ml.SparkJarJob(stack, "Jar", app="app.jar", main_class="com.example.Main", jars=["a.jar"])
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
        ({"jars": "a.jar"}, "jars must be a list, got 'a.jar'; pass ['a.jar']"),
        ({"arguments": ["two words"]}, "arguments[0] must hold no blanks"),
        ({"configuration": {"spark.executor.memory": "2g"}}, "configuration[0] must have Classification"),
        (
            {"configuration": {"Classification": "x", "Properties": {"a": "{% $states.input.x %}"}}},
            "configuration[0].Properties.a is known only later",
        ),
        (
            {"inputs": {"app": ml.S3Data.from_uri("s3://b/x/")}},
            "inputs must not be named 'app' beside app=; rename the input",
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
        ml.SparkJarJob(stack, "Job", app="features.py", main_class="not a class", volume_size="x" * 3, instance_count=0)
    text = str(raised.value)
    assert "main_class must be the name of a class, got 'not a class'" in text
    assert "app must be a .jar file" in text
    assert "instance_count" in text


@pytest.mark.usefixtures("code")
def test_event_logs_must_be_asked_for(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="event_logs are not written; pass event_logs="):
        _ = ml.PySparkJob(stack, "Job", app="features.py").event_logs


# Clarify ----------------------------------------------------------------------------------------------------------


def test_a_bias_analysis(stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]) -> None:
    """The names and places are the container's; it takes no entry point."""
    job = ml.ClarifyJob(stack, "Bias", dataset=data("train/"), analysis=BIAS)
    state = asl(stack, job)["Bias"]
    assert list(state["Parameters"]["AppSpecification"]) == ["ImageUri"]
    assert "/sagemaker-clarify-processing:1.0" in state["Parameters"]["AppSpecification"]["ImageUri"]
    assert inputs(state)["dataset"] == ("s3://data/train/", "/opt/ml/processing/input/data")
    config, place = inputs(state)["analysis_config"]
    assert place == "/opt/ml/processing/input/config"
    assert config.endswith("/analysis_config.json")
    (output,) = state["Parameters"]["ProcessingOutputConfig"]["Outputs"]
    assert output["OutputName"] == "analysis_result"
    assert output["S3Output"]["LocalPath"] == "/opt/ml/processing/output"
    (file,) = (file for key, file in assets(stack).items() if key.endswith("/analysis_config.json"))
    assert json.loads(file.read_text()) == BIAS
    assert "analysis.json" in job.analysis.uri or job.analysis.uri.startswith("${Token")


def test_a_model_is_served_under_a_name_of_the_jobs_own(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    predictor = {"model_name": "Churn", "instance_type": "ml.m5.large", "initial_instance_count": 1}
    analysis = {**BIAS, "methods": {"shap": {}}, "predictor": predictor}
    asl(stack, ml.ClarifyJob(stack, "Explain", dataset=data("train/"), analysis=analysis))
    (file,) = (file for key, file in assets(stack).items() if key.endswith("/analysis_config.json"))
    prefix = json.loads(file.read_text())["predictor"]["endpoint_name_prefix"]
    assert prefix.startswith("Census-")
    granted = statements(synth(stack))
    made = next(found for found in granted if "sagemaker:CreateEndpoint" in found["Action"])
    arn = "arn:aws:sagemaker:us-east-1:111122223333"
    assert made["Resource"] == [f"{arn}:endpoint/{prefix}*", f"{arn}:endpoint/{prefix.lower()}*"]
    model = next(found for found in granted if "sagemaker:DescribeModel" in found["Action"])
    assert model["Resource"] == [f"{arn}:model/Churn", f"{arn}:model/churn"]


def test_an_endpoint_is_only_asked(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    analysis = {**BIAS, "predictor": {"endpoint_name": "live"}}
    asl(stack, ml.ClarifyJob(stack, "Explain", dataset=data("train/"), analysis=analysis))
    granted = [action for found in statements(synth(stack)) for action in found["Action"]]
    assert "sagemaker:InvokeEndpoint" in granted
    assert "sagemaker:CreateEndpoint" not in granted


def test_an_analysis_that_a_run_writes(stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]) -> None:
    state = asl(stack, ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=data("conf/a.json")))["Bias"]
    assert inputs(state)["analysis_config"][0] == "s3://data/conf/a.json"


@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        ({"dataset_type": "text/csv"}, "analysis.methods must name what is computed, got None"),
        ({**BIAS, "methods": {"magic": {}}}, "analysis.methods.magic is no method of Clarify's; methods: "),
        ({**BIAS, "predictor": {}}, "analysis.predictor must have model_name or endpoint_name"),
        ({**BIAS, "label": "{% $states.input.label %}"}, "analysis.label is known only later"),
    ],
)
def test_bad_analyses(stack: Stack, data: Callable[[str], ml.S3Data], analysis: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Bias: ") as raised:
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=analysis)
    assert said in str(raised.value)


def test_the_names_of_clarifys_inputs_are_taken(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="inputs must not be named 'dataset'"):
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=BIAS, inputs={"dataset": data("x/")})


# Model Monitor ----------------------------------------------------------------------------------------------------


def test_a_baseline_and_a_check_against_it(
    stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data], code: Path
) -> None:
    """The container is told by its environment."""
    baseline = ml.ModelMonitorJob(stack, "Baseline", dataset=data("train/"), environment={"MINE": "1"})
    check = ml.ModelMonitorJob(
        stack,
        "Check",
        dataset=data("new/"),
        baseline=baseline,
        preprocessor=code / "helpers.py",
        postprocessor="features.py",
    )
    states = asl(stack, baseline.next(check))
    parameters = states["Baseline"]["Parameters"]
    assert parameters["AppSpecification"]["ImageUri"].endswith("/sagemaker-model-monitor-analyzer")
    assert parameters["Environment"] == {
        "MINE": "1",
        "dataset_format": '{"csv":{"header":true,"output_columns_position":"START"}}',
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Disabled",
    }
    given = inputs(states["Check"])
    written = parameters["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri.$"]
    assert given["constraints"] == (
        written.replace("{}/'", "{}/constraints.json'"),
        "/opt/ml/processing/baseline/constraints",
    )
    environment = states["Check"]["Parameters"]["Environment"]
    assert environment["baseline_statistics"] == "/opt/ml/processing/baseline/statistics/statistics.json"
    assert environment["record_preprocessor_script"].endswith("/helpers.py")
    assert environment["post_analytics_processor_script"].endswith("/features.py")
    for script in ("record_preprocessor_script", "post_analytics_processor_script"):
        assert environment[script].startswith(given[f"{script}_input"][1])


def test_the_image_of_model_monitor_has_no_tag_in_any_region(
    stack: Stack, asl: Callable[..., Any], data: Callable[[str], ml.S3Data]
) -> None:
    """A colon without a tag would be no URI."""
    state = asl(stack, ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")))["Baseline"]
    assert not state["Parameters"]["AppSpecification"]["ImageUri"].endswith(":")


@pytest.mark.parametrize("wanted", [{}, {"xml": {}}, {"csv": {}, "json": {}}])
def test_bad_formats(stack: Stack, data: Callable[[str], ml.S3Data], wanted: dict[str, Any]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census/Baseline: dataset_format must have one of csv, json"):
        ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/"), dataset_format=wanted)


def test_only_a_check_has_violations(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    with pytest.raises(ml.InvalidPropsError, match="violations needs a baseline, got none; pass baseline="):
        _ = ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")).violations


@pytest.mark.usefixtures("code")
def test_presets_are_processing_jobs(stack: Stack, data: Callable[[str], ml.S3Data]) -> None:
    """What works with a processing job works with them: rules, conditions, outputs."""
    jobs: list[ml.ProcessingJob] = [
        ml.PySparkJob(stack, "Features", app="features.py", outputs=["made"]),
        ml.ClarifyJob(stack, "Bias", dataset=data("d/"), analysis=BIAS),
        ml.ModelMonitorJob(stack, "Baseline", dataset=data("d/")),
    ]
    assert jobs[0].output("made").objects
    ml.JobStateChangeRule(stack, "Rule", jobs=jobs, statuses=["Failed"])
