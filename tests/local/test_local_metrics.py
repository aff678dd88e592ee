"""Files of metrics in local runs: what a job wrote is read by the state machine's own role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.runner.deployment import Deployment

pytestmark = pytest.mark.local

SCRIPT = """
import json, pathlib
folder = pathlib.Path("/opt/ml/processing/output/report")
(folder / "metrics.json").write_text(json.dumps({"accuracy": 0.93, "rows": 4, "by": {"de": 0.5}}))
"""
ERRORS = ["States.QueryEvaluationError", "S3.S3Exception"]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A workflow that evaluates and reads, or reads what a test has put there."""
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "evaluate.py").write_text(SCRIPT)
    paths = {"aws:cdk:enable-path-metadata": True}
    app = App(outdir=str(folder / "cdk.out"), analytics_reporting=False, context=paths)
    stack = Stack(app, "Evaluated")
    bucket = s3.Bucket(stack, "Reports")
    code = ml.Code.from_asset(folder / "evaluate.py")
    evaluate = ml.ProcessingJob(
        stack, "Evaluate", image=ml.ContainerImage.sklearn("1.2-1"), code=code, outputs=["report"]
    )
    shape = {"accuracy": float, "rows": int, "by": {"de": float}}
    made = ml.metrics.ReadMetrics(stack, "Made", source=evaluate.output("report"), file="metrics.json", shape=shape)
    key = ml.execution_input("key")
    put = ml.metrics.ReadMetrics(
        stack,
        "Put",
        source=ml.S3Data.from_bucket(bucket, f"in/{key}/"),
        file="metrics.json",
        shape={"accuracy": float},
        retry=ml.RetryPolicy.none(),
    )
    caught = sfn.Pass(stack, "Caught")
    put.add_catch(caught, errors=ERRORS)
    good = sfn.Choice(stack, "Good?").when(made.metric("by.de").at_least(0.5), sfn.Pass(stack, "Yes"))
    first = sfn.Choice(stack, "Which?").when(sfn.Condition.is_present("$.key"), put)
    first.otherwise(evaluate.next(made).next(good.otherwise(sfn.Fail(stack, "No"))))
    ml.Workflow(stack, "Workflow", definition=first)
    assembly = app.synth()
    with LocalAws() as aws:
        yield aws.deploy(Path(assembly.directory), "Evaluated")


def test_what_a_job_wrote_decides(deployment: Deployment) -> None:
    """With IAM enforced: the role may read that object."""
    execution = deployment.start({}).wait(120)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.states_passed == ["Which?", "Evaluate", "Made", "Good?", "Yes"]
    assert execution.output["Made"] == {"accuracy": 0.93, "rows": 4, "by": {"de": 0.5}}


@pytest.mark.parametrize(
    ("key", "content", "said"),
    [
        ("none", None, "S3.S3Exception: Access Denied"),
        ("empty", "", ""),
        ("nan", '{"accuracy": NaN}', "accuracy must be a number, got NaN"),
        ("large", json.dumps({"accuracy": 1, "x": "y" * 300_000}), "has 300024 bytes, and a state reads at most 32768"),
        ("text", "accuracy=1", "must be a JSON object, got accuracy=1"),
    ],
)
def test_what_is_no_file_of_metrics_is_caught(
    deployment: Deployment, tmp_path: Path, key: str, content: str | None, said: str
) -> None:
    """A missing one as S3 refuses those who may not list, and a large one without ending the execution."""
    execution = read(deployment, tmp_path, key, content)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.states_passed == ["Which?", "Put", "Caught"]
    assert said in f"{execution.output['Error']}: {execution.output['Cause']}"


def test_what_somebody_put_there_is_read(deployment: Deployment, tmp_path: Path) -> None:
    """By the part of the key that the execution's input decides."""
    execution = read(deployment, tmp_path, "good", '{"accuracy": 0.5, "more": [1]}')
    assert execution.output == {"key": "good", "Put": {"accuracy": 0.5}}


def read(deployment: Deployment, folder: Path, key: str, content: str | None) -> Any:
    """An execution that reads an object, which is not there without content."""
    if content is not None:
        (folder / "metrics.json").write_text(content)
        deployment.upload(folder / "metrics.json", f"s3://${{Reports}}/in/{key}/metrics.json")
    return deployment.start({"key": key}).wait(60)
