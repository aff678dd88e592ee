"""The phases of a run, each held for as long as a test needs it: a project, and what tells that it is reached."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_bench import (
    IMAGE,
    Workflow,
    archive,
    call,
    chain,
    job_name,
    job_statements,
    machine,
    machine_statements,
    open_machine,
    processing,
    statement,
    task,
    until,
)
from run_process import write_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from run_process import RunProcess

# A job with a child in its group and one in a session of its own, all deaf to SIGTERM.
HOLDS = """
    import signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleeps = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"]
    subprocess.Popen(sleeps)
    subprocess.Popen(sleeps, start_new_session=True)
    print("holds", flush=True)
    time.sleep(300)
"""
_APP_HOLDS = """
    import pathlib, subprocess, sys, tempfile, time
    sleeps = [sys.executable, "-c", "import time; time.sleep(300)"]
    subprocess.Popen(sleeps)
    subprocess.Popen(sleeps, start_new_session=True)
    tempfile.NamedTemporaryFile(delete=False).write(b"left")
    pathlib.Path("reached").touch()
    time.sleep(300)
"""
_APP_ENDS = """
    import os, pathlib, shutil
    shutil.copytree("made", os.environ["CDK_OUTDIR"])
    pathlib.Path("reached").touch()
"""
_WRITES_MUCH = """
    import pathlib
    out = pathlib.Path("/opt/ml/processing/output/result")
    for index in range(3000):
        (out / f"{index}.txt").write_text("x")
    print("written", flush=True)
"""
_SERVES = """
    import pathlib, time

    def model_fn(model_dir):
        return None

    def transform_fn(model, body, content_type, accept):
        print("holds", flush=True)
        time.sleep(300)
"""
_TRAINS = HOLDS


@dataclass(frozen=True)
class Phase:
    """A phase.

    Attributes:
        workflow: What is run.
        reached: Waits until it is reached.
        files: What lies in s3://${RawData}/in/.
        app: The app, if it is not to copy an assembly.
    """

    workflow: Workflow
    reached: Callable[[RunProcess], Any]
    files: dict[str, str | bytes] = field(default_factory=dict)
    app: str = ""

    def write(self, folder: Path) -> Path:
        """Writes its project."""
        return write_project(folder, self.workflow, self.files, **({"app": self.app} if self.app else {}))


def _file(name: str) -> Callable[[RunProcess], Any]:
    return lambda run: until((run.project / name).exists, 30)


def _says(text: str, times: int = 1) -> Callable[[RunProcess], Any]:
    return lambda run: run.await_line(text, times)


def _glob(pattern: str) -> Callable[[RunProcess], Any]:
    return lambda run: until(lambda: any((run.directory / "tmp").glob(pattern)), 60)


def _later(reached: Callable[[RunProcess], Any], seconds: float) -> Callable[[RunProcess], Any]:
    def wait(run: RunProcess) -> None:
        reached(run)
        time.sleep(seconds)

    return wait


def _job(script: str = HOLDS) -> tuple[Workflow, dict[str, str | bytes]]:
    return Workflow(machine(Work=task("Processing", processing("work.py")))), {"code/work.py": script}


def _map() -> Workflow:
    inner = machine(Work=task("Processing", processing("work.py")))
    many = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **inner}}
    first = {"Type": "Pass", "Result": {"items": [0, 1, 2, 3]}, "Next": "Many"}
    return Workflow(machine(First=first, Many={**many, "End": True}))


def _tuning() -> Workflow:
    definition = {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=(.*?);"}],
        },
        "RoleArn": "${JobRole}",
        "OutputDataConfig": {"S3OutputPath": "s3://${Bucket}/out/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "StaticHyperParameters": {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://${Bucket}/in/code/sourcedir.tar.gz"',
        },
    }
    config = {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        "ParameterRanges": {
            "ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0.1", "MaxValue": "0.2", "ScalingType": "Auto"}]
        },
    }
    name = "States.Format('t-{}', States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0))"
    request = {
        "HyperParameterTuningJobName.$": name,
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": definition,
    }
    return open_machine(Tune=task("HyperParameterTuning", request))


def _model() -> dict[str, Any]:
    container = {
        "Image": IMAGE,
        "ModelDataUrl": "s3://${Bucket}/in/model/model.tar.gz",
        "Environment": {"SAGEMAKER_PROGRAM": "serve.py"},
    }
    request = {"ModelName.$": job_name("m"), "ExecutionRoleArn": "${JobRole}", "PrimaryContainer": container}
    return call("createModel", request, sdk=False)


def _transform() -> Workflow:
    request = {
        "TransformJobName.$": job_name(),
        "ModelName.$": "States.ArrayGetItem(States.StringSplit($.Model.ModelArn, '/'), 1)",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/rows/"}},
            "ContentType": "text/csv",
        },
        "TransformOutput": {"S3OutputPath": "s3://${Bucket}/out/scored"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }
    return open_machine(Model=_model(), Score=task("Transform", request))


def _approval() -> Workflow:
    specification = {"Containers": [{"Image": IMAGE}], "SupportedContentTypes": ["text/csv"]}
    request = {"ModelPackageGroupName": "census", "InferenceSpecification": specification}
    waits = {"Variable": "$.Asked.ModelApprovalStatus", "StringEquals": "PendingManualApproval", "Next": "Pause"}
    return open_machine(
        Group=call("createModelPackageGroup", {"ModelPackageGroupName": "census"}),
        Package=call("createModelPackage", request),
        Pause={"Type": "Wait", "Seconds": 100},
        Asked=call("describeModelPackage", {"ModelPackageName.$": "$.Package.ModelPackageArn"}),
        Decided={"Type": "Choice", "Choices": [waits], "Default": "Go"},
        Go={"Type": "Pass", "End": True},
    )


def _endpoint() -> Workflow:
    variant = {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    model = {"ModelName": "m", "ExecutionRoleArn": "${JobRole}", "PrimaryContainer": {"Image": IMAGE}}
    states = chain(
        Model=call("createModel", model),
        Config=call("createEndpointConfig", {"EndpointConfigName": "m", "ProductionVariants": [variant]}),
        Endpoint=call("createEndpoint", {"EndpointName": "m", "EndpointConfigName": "m"}),
        Work=task("Processing", processing("work.py")),
    )
    passing = [found for found in machine_statements() if "iam:PassRole" in found["Action"]]
    return Workflow(states, job_statements(), [statement("sagemaker:*", "events:*"), *passing])


def phases() -> dict[str, Phase]:
    """The phases by their names, in their order."""
    work, code = _job()
    quick, done = _job("print('done')")
    writes, much = _job(_WRITES_MUCH)
    many = {f"code/{index}.txt": "x" for index in range(2000)}
    model = {"model/model.tar.gz": archive(code__serve_py=_SERVES), "rows/a.csv": "1,2\n"}
    return {
        "synthesis": Phase(work, _file("reached"), code, _APP_HOLDS),
        "checks": Phase(work, _file("reached"), code, _APP_ENDS),
        "start": Phase(work, _says("start the embedded AWS"), code),
        "starting": Phase(work, _later(_says("start the embedded AWS"), 0.7), code),
        "deployment": Phase(work, _says("deploy Project"), code),
        "download": Phase(work, _glob("*/jobs/processing/*/*/ml/processing/input/code/*.txt"), {**code, **many}),
        "job": Phase(work, _says("| holds"), code),
        "map": Phase(_map(), _says("| holds", 4), code),
        "tuning": Phase(_tuning(), _says("| holds", 2), {"code/sourcedir.tar.gz": archive(train_py=_TRAINS)}),
        "transform": Phase(_transform(), _says("| holds"), model),
        "approval": Phase(_approval(), _says("constructs-ml approve")),
        "endpoint": Phase(_endpoint(), _says("| holds"), code),
        "upload": Phase(writes, _says("| written"), much),
        "end": Phase(quick, _says("Work: succeeded"), done),
        "cleaning": Phase(quick, _later(_says("Work: succeeded"), 0.15), done),
    }
