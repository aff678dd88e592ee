"""Training jobs, from the template to the model."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, Workflow, job_statements, machine, statement, task, training

from constructs_ml.local.host.part import JobsPart

if TYPE_CHECKING:
    from pathlib import Path

    from local_bench import Bench

pytestmark = pytest.mark.local


def _archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name.replace("_py", ".py"))
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}  # type: ignore[union-attr]


_TRAIN = """
import argparse, json, os, pathlib, helper
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--criterion")
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
args = parser.parse_args()
rows = pathlib.Path(args.train, "rows.csv").read_text()
print("epoch=1 loss=0.9;"); print("epoch=2 loss=0.25;")
model = {"rows": rows, "depth": args.depth, "criterion": args.criterion, "hps": json.loads(os.environ["SM_HPS"])}
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps(model))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "notes.txt").write_text("notes")
checkpoints = pathlib.Path("/opt/ml/checkpoints")
(checkpoints / "last.txt").write_text((checkpoints / "first.txt").read_text() + "+1")
"""


def test_a_model_without_compression_is_a_folder(bench: Bench) -> None:
    """Its files are below ``output/model/``, where the description of the job says."""
    request = training(OutputDataConfig={"S3OutputPath": "s3://${Bucket}/out/models", "CompressionType": "NONE"})
    deployment = bench.deploy(Workflow(machine(Train=task("Training", request))), train__rows_csv="1,2")
    bucket = deployment.physical_ids["Data"]
    code = _archive(train_py="import os, pathlib\n(pathlib.Path(os.environ['SM_MODEL_DIR']) / 'a.txt').write_text('a')")
    bench.aws.client("s3").put_object(Bucket=bucket, Key="in/code/sourcedir.tar.gz", Body=code)

    execution = deployment.start().wait(60)

    assert execution.status == "SUCCEEDED", execution.cause
    prefix = f"out/models/{execution.output['TrainingJobName']}/output"
    assert execution.output["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{bucket}/{prefix}/model/"}
    assert bench.objects(deployment) == {f"{prefix}/model/a.txt": b"a"}


def test_script_mode_trains_a_model_with_metrics_and_checkpoints(bench: Bench) -> None:
    request = training(CheckpointConfig={"S3Uri": "s3://${Bucket}/in/checkpoints"})
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=(.*?);"}]
    statements = [*job_statements(), statement("s3:PutObject", resource={"Fn::Sub": "${Data.Arn}/in/checkpoints/*"})]
    workflow = Workflow(machine(Train=task("Training", request)), job=statements)
    deployment = bench.deploy(workflow, train__rows_csv="1,2", checkpoints__first_txt="first")
    bucket = deployment.physical_ids["Data"]
    code = _archive(train_py=_TRAIN, helper_py="")
    bench.aws.client("s3").put_object(Bucket=bucket, Key="in/code/sourcedir.tar.gz", Body=code)
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    result = execution.output
    prefix = f"out/models/{result['TrainingJobName']}/output"
    assert result["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{bucket}/{prefix}/model.tar.gz"}
    assert [(m["MetricName"], m["Value"]) for m in result["FinalMetricDataList"]] == [("loss", 0.25)]
    assert [step["Status"] for step in result["SecondaryStatusTransitions"]] == [
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    found = bench.objects(deployment)
    model = json.loads(_members(found[f"{prefix}/model.tar.gz"])["model.json"])
    assert model == {"rows": "1,2", "depth": 6, "criterion": "gini", "hps": {"depth": 6, "criterion": "gini"}}
    assert _members(found[f"{prefix}/output.tar.gz"]) == {"notes.txt": b"notes"}
    assert bench.objects(deployment, "in/checkpoints/")["in/checkpoints/last.txt"] == b"first+1"
    (job,) = execution.jobs
    assert job.metrics == {"loss": 0.25}
    assert job.model_artifacts == result["ModelArtifacts"]["S3ModelArtifacts"]


def _entry_point(request: dict[str, Any], script: str) -> dict[str, Any]:
    specification = request["AlgorithmSpecification"]
    specification["ContainerEntrypoint"] = ["python3", f"/opt/ml/input/data/code/{script}"]
    code = {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/code/"}
    request["InputDataConfig"].append({"ChannelName": "code", "DataSource": {"S3DataSource": code}})
    del request["HyperParameters"]
    return request


def test_a_channel_in_pipe_mode_is_a_fifo_for_each_epoch(bench: Bench) -> None:
    request = _entry_point(training(), "pipe.py")
    request["InputDataConfig"][0]["InputMode"] = "Pipe"
    script = """
        import pathlib
        data = pathlib.Path("/opt/ml/input/data")
        epochs = [(data / f"train_{epoch}").read_text() for epoch in range(2)]
        pathlib.Path("/opt/ml/model/epochs").write_text("|".join(epochs))
    """
    deployment, execution = bench.run(
        Workflow(machine(Train=task("Training", request))), code__pipe_py=script, train__a_csv="1", train__b_csv="2"
    )
    assert execution.status == "SUCCEEDED", execution.cause
    (archive,) = bench.objects(deployment).values()
    assert _members(archive) == {"epochs": b"12|12"}


def test_a_failure_file_is_the_reason(bench: Bench) -> None:
    script = """
        import pathlib, sys
        pathlib.Path("/opt/ml/output/failure").write_text("the loss is NaN")
        sys.exit(7)
    """
    request = _entry_point(training(), "fail.py")
    _, execution = bench.run(Workflow(machine(Train=task("Training", request))), code__fail_py=script, train__a_csv="1")
    assert execution.error == "States.TaskFailed"
    described = json.loads(execution.cause or "")
    assert described["FailureReason"] == "AlgorithmError: the loss is NaN, exit code: 7"
    assert described["SecondaryStatus"] == "Failed"


def test_an_image_with_its_own_entry_point_names_the_way_out(bench: Bench) -> None:
    request = training()
    del request["HyperParameters"]
    _, execution = bench.run(Workflow(machine(Train=task("Training", request))), train__a_csv="1")
    reason = json.loads(execution.cause or "")["FailureReason"]
    assert IMAGE in reason
    assert 'LocalAws(images={"my-repo":' in reason


def test_metric_definitions_need_permission_to_put_metrics(bench: Bench) -> None:
    request = _entry_point(training(), "x.py")
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=(.*?);"}]
    workflow = Workflow(machine(Train=task("Training", request)), job=job_statements()[:-1])
    _, execution = bench.run(workflow, code__x_py="", train__a_csv="1")
    assert "cloudwatch:PutMetricData" in json.loads(execution.cause or "")["FailureReason"]


def test_keys_and_network_need_permission(bench: Bench) -> None:
    request = _entry_point(training(VpcConfig={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}), "x.py")
    request["ResourceConfig"]["VolumeKmsKeyId"] = "arn:aws:kms:us-east-1:111122223333:key/k"
    request["OutputDataConfig"]["KmsKeyId"] = "arn:aws:kms:us-east-1:111122223333:key/k"
    _, execution = bench.run(Workflow(machine(Train=task("Training", request))), code__x_py="", train__a_csv="1")
    reason = json.loads(execution.cause or "")["FailureReason"]
    assert "kms:CreateGrant on resource: arn:aws:kms:us-east-1:111122223333:key/k" in reason
    assert "kms:GenerateDataKey" in reason
    assert "ec2:CreateNetworkInterface on resource" in reason


def test_a_metric_that_is_no_regular_expression_is_refused(bench: Bench) -> None:
    request = training()
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=(.*"}]
    _, execution = bench.run(Workflow(machine(Train=task("Training", request))))
    assert execution.error == "SageMaker.AmazonSageMakerException"
    assert "Regex must be a regular expression, got 'loss=(.*'" in (execution.cause or "")


@pytest.mark.parametrize(
    ("metrics", "reason"), [('{"loss": 0.5}', ""), ('{"loss": "low"}', "must be an object of numbers")]
)
def test_a_given_training_job_takes_its_model_and_metrics_from_a_folder(
    bench: Bench, tmp_path: Path, metrics: str, reason: str
) -> None:
    """The files of the model are archived as usual; what is no metric is told."""
    (tmp_path / "model.txt").write_text("6")
    (tmp_path / "metrics.json").write_text(metrics)
    deployment = bench.deploy(Workflow(machine(Given=task("Training", training()))))
    JobsPart({"Given": str(tmp_path)}).write(bench.aws.workdir)
    try:
        execution = deployment.start({}).wait(60)
    finally:
        JobsPart().write(bench.aws.workdir)
    (job,) = execution.jobs
    assert reason in (job.failure_reason or "")
    assert (job.status == "Failed") is bool(reason)
    if reason:
        return
    assert job.metrics == {"loss": 0.5}
    (content,) = bench.objects(deployment).values()
    with tarfile.open(fileobj=io.BytesIO(content)) as found:
        assert found.getnames() == ["model.txt"]
