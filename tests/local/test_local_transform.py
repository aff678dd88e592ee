"""Transform jobs, from the model's archive to the .out files."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, archive, call, complete, events, job_name, open_machine, task

from constructs_ml.local.host.part import JobsPart

if TYPE_CHECKING:
    from pathlib import Path

    from local_bench import Bench

    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.execution import Execution

pytestmark = pytest.mark.local

# A model that adds a number to the sum of each row; whatever a script lacks has a default.
_SCRIPT = """
    import json, pathlib
    import numpy as np

    class Model:
        def __init__(self, plus):
            self.plus = plus
        def predict(self, rows):
            # One row of CSV is read as a row, and not as a table.
            return [float(row.sum()) + self.plus for row in np.atleast_2d(rows)]

    def model_fn(model_dir):
        return Model(json.loads(pathlib.Path(model_dir, "plus.json").read_text()))
"""


def _model(**changes: Any) -> dict[str, Any]:
    container = {
        "Image": IMAGE,
        "ModelDataUrl": "s3://${Bucket}/in/model/model.tar.gz",
        "Environment": {"SAGEMAKER_PROGRAM": "serve.py"},
    }
    container |= changes
    name = {"ModelName.$": job_name("m"), "ExecutionRoleArn": "${JobRole}"}
    return call("createModel", {**name, "PrimaryContainer": container}, sdk=False, ResultPath="$.Model")


def _transform(model: str = "$.Model.ModelArn", **changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TransformJobName.$": job_name(),
        "ModelName.$": f"States.ArrayGetItem(States.StringSplit({model}, '/'), 1)",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/rows/"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
            **changes.pop("TransformInput", {}),
        },
        "TransformOutput": {
            "S3OutputPath": "s3://${Bucket}/out/scored",
            "Accept": "text/csv",
            "AssembleWith": "Line",
            **changes.pop("TransformOutput", {}),
        },
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }
    return task("Transform", {**request, **changes})


def _run(
    bench: Bench, model: dict[str, Any], transform: dict[str, Any], **files: str | bytes
) -> tuple[Deployment, Execution]:
    workflow = open_machine(Make=model, Score=transform)
    return bench.run(workflow, **files)


def _plain(script: str = _SCRIPT) -> bytes:
    return archive(plus_json="10", code__serve_py=script)


def _reason(execution: Execution) -> str:
    assert execution.error == "States.TaskFailed", (execution.error, execution.cause)
    return str(json.loads(execution.cause or "")["FailureReason"])


def test_each_object_is_scored_and_the_job_described(bench: Bench) -> None:
    files = {"rows__a_csv": "1,2\n3,4\n", "rows__deep__b_csv": "5,5\n"}
    deployment, execution = _run(bench, _model(), _transform(), model__model_tar__gz=b"", **files)
    assert execution.status == "FAILED"  # the archive's key is wrong on purpose: the model is not there
    assert "Could not find model data at s3://" in (execution.cause or "")
    assert execution.error == "SageMaker.AmazonSageMakerException"
    bucket = deployment.physical_ids["Data"]
    bench.aws.client("s3").put_object(Bucket=bucket, Key="in/model/model.tar.gz", Body=_plain())
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {
        "out/scored/a.csv.out": b"13.0\n17.0\n",
        "out/scored/deep/b.csv.out": b"20.0\n",
    }
    score = complete("DescribeTransformJob", execution.output["Score"])
    assert score["TransformJobStatus"] == "Completed"
    assert isinstance(score["TransformEndTime"], int)
    (job,) = execution.jobs
    assert (job.kind, job.status) == ("Transform", "Completed")
    found = events(
        bench, deployment, lambda found: any(e["detail"].get("TransformJobStatus") == "Completed" for e in found)
    )
    assert {"SageMaker Transform Job State Change", "SageMaker Model State Change"} <= {e["detail-type"] for e in found}


def _with_model(content: bytes, **files: str | bytes) -> dict[str, Any]:
    return {"model__model.tar_gz": content, **files}


def test_rows_are_filtered_joined_and_filtered_again(bench: Bench) -> None:
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    transform = _transform(DataProcessing=processing, BatchStrategy="SingleRecord")
    files = _with_model(_plain(), rows__a_csv="id1,1,2\nid2,3,4\n")
    deployment, execution = _run(bench, _model(), transform, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {"out/scored/a.csv.out": b"id1,13.0\nid2,17.0\n"}


def test_json_lines_are_joined_under_sagemaker_output(bench: Bench) -> None:
    script = (
        _SCRIPT
        + """
    def input_fn(lines, content_type):
        return [np.array(json.loads(line)) for line in lines.splitlines()]
    def output_fn(prediction, accept):
        return "\\n".join(json.dumps({"score": value}) for value in prediction), accept
    """
    )
    lines = "application/jsonlines"
    transform = _transform(
        TransformInput={"ContentType": lines, "CompressionType": "Gzip"},
        TransformOutput={"Accept": lines},
        DataProcessing={
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    )
    content = b'{"id": 1, "features": [1, 2]}\n{"id": 2, "features": [3, 4]}\n'
    files = _with_model(_plain(script), rows__a_jsonl=gzip.compress(content))
    deployment, execution = _run(bench, _model(), transform, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    (written,) = bench.objects(deployment).values()
    assert [json.loads(line) for line in written.splitlines()] == [
        {"id": 1, "SageMakerOutput": {"score": 13.0}},
        {"id": 2, "SageMakerOutput": {"score": 17.0}},
    ]


def test_code_comes_from_an_archive_of_its_own_too(bench: Bench) -> None:
    environment = {
        "SAGEMAKER_PROGRAM": "serve.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "s3://${Bucket}/in/code/sourcedir.tar.gz",
    }
    files = _with_model(archive(plus_json="1"), **{"code__sourcedir.tar_gz": archive(serve_py=_SCRIPT)})
    deployment, execution = _run(bench, _model(Environment=environment), _transform(), **files, rows__a_csv="1,1\n")
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {"out/scored/a.csv.out": b"3.0\n"}


def test_a_container_with_a_serve_contract_of_its_own(bench: Bench) -> None:
    image = IMAGE.replace("my-repo", "my-server")
    model = _model(Image=image, Environment={})
    workflow = open_machine(Make=model, Score=_transform(MaxPayloadInMB=1))
    workflow.job.append({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})
    files = _with_model(archive(suffix_txt="!"), rows__a_csv="ab\ncd\n")
    deployment, execution = bench.run(workflow, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {"out/scored/a.csv.out": b"ba!\ndc!\n"}


def test_containers_of_a_pipeline_pass_the_data_on(bench: Bench) -> None:
    container = _model()["Parameters"]["PrimaryContainer"]
    model = _model()
    del model["Parameters"]["PrimaryContainer"]
    model["Parameters"]["Containers"] = [container, container]
    # The answer of the first has JSON's default type, and a list in it: one row for the second.
    script = (
        _SCRIPT
        + """
    def output_fn(prediction, accept):
        return json.dumps([prediction]), "application/json"
    """
    )
    transform = _transform(TransformOutput={"Accept": "application/json"})
    files = _with_model(_plain(script), rows__a_csv="1,2\n")
    deployment, execution = _run(bench, model, transform, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {"out/scored/a.csv.out": b"[[23.0]]\n"}


@pytest.mark.parametrize(
    ("script", "changes", "said"),
    [
        ("raise ImportError('no such thing')", {}, "AlgorithmError: ImportError: no such thing, exit code: 1"),
        ("x = 1", {}, "has no model_fn(model_dir)"),
        (_SCRIPT + "\n    def predict_fn(data, model):\n        raise ValueError('odd')", {}, "ValueError: odd"),
        (_SCRIPT, {"TransformInput": {"SplitType": "RecordIO"}}, "SplitType RecordIO is not split"),
        (_SCRIPT, {"TransformInput": {"CompressionType": "Gzip"}}, "is not a gzip file"),
        (_SCRIPT, {"DataProcessing": {"InputFilter": "$.a"}}, "selects nothing"),
        (None, {}, "there is no serve.py (SAGEMAKER_PROGRAM)"),
    ],
)
def test_what_goes_wrong_is_the_reason(bench: Bench, script: str | None, changes: dict[str, Any], said: str) -> None:
    content = archive(plus_json="10") if script is None else _plain(script)
    _, execution = _run(bench, _model(), _transform(**changes), **_with_model(content, rows__a_csv="1,2\n"))
    assert said in _reason(execution)


def test_an_image_that_nothing_stands_for_names_the_ways_out(bench: Bench) -> None:
    _, execution = _run(
        bench, _model(Environment={}), _transform(), **_with_model(archive(a_txt="")), rows__a_csv="1\n"
    )
    assert 'LocalAws(images={"my-repo":' in _reason(execution)


def test_the_models_role_must_be_allowed_to_read_its_data(bench: Bench) -> None:
    workflow = open_machine(Make=_model(ModelDataUrl="s3://${Bucket}/secret/model.tar.gz"), Score=_transform())
    deployment = bench.deploy(workflow)
    bucket = deployment.physical_ids["Data"]
    bench.aws.client("s3").put_object(Bucket=bucket, Key="secret/model.tar.gz", Body=_plain())
    execution = deployment.start().wait(60)
    assert "Could not access model data at s3://" in (execution.cause or "")


def test_an_unknown_model_is_refused(bench: Bench) -> None:
    transform = _transform()
    del transform["Parameters"]["ModelName.$"]
    transform["Parameters"]["ModelName"] = "nobody"
    _, execution = bench.run(open_machine(Score=transform))
    assert 'Could not find model "arn:aws:sagemaker:us-east-1:111122223333:model/nobody"' in (execution.cause or "")


def test_a_given_transform_job_takes_its_results_from_a_folder(bench: Bench, tmp_path: Path) -> None:
    """The model must be there all the same: its role writes them."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.csv.out").write_text("3.0\n")
    deployment = bench.deploy(open_machine(Make=_model(), Score=_transform()), model__model_tar_gz=_plain())
    s3, bucket = bench.aws.client("s3"), deployment.physical_ids["Data"]
    s3.put_object(Bucket=bucket, Key="in/model/model.tar.gz", Body=_plain())
    JobsPart({"Score": str(tmp_path)}).write(bench.aws.workdir)
    try:
        execution = deployment.start({}).wait(60)
    finally:
        JobsPart().write(bench.aws.workdir)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {"out/scored/deep/a.csv.out": b"3.0\n"}
