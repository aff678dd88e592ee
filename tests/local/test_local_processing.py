"""Processing jobs, from the template to the outputs."""

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING

import pytest
from local_bench import Bench, Workflow, alive, chain, job_statements, machine, processing, s3_input, s3_output, task

from constructs_ml.local import LocalAws
from constructs_ml.local.host.part import JobsPart

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.local

_COUNT = """
    import json, os, pathlib, sys
    ml = pathlib.Path("/opt/ml")
    print("hello from the job")
    out = ml / "processing/output/result"
    config = json.loads((ml / "config/processingjobconfig.json").read_text())
    (out / "report.json").write_text(json.dumps({
        "job": config["ProcessingJobName"],
        "hosts": json.loads((ml / "config/resourceconfig.json").read_text())["hosts"],
        "environment": dict(os.environ),
        "arguments": sys.argv[1:],
    }))
    (ml / "output").mkdir(exist_ok=True)
    (ml / "output/message").write_text("counted")
"""


def test_outputs_result_and_exit_message(bench: Bench) -> None:
    request = processing("count.py", Environment={"COLOUR": "green"})
    request["AppSpecification"]["ContainerArguments"] = ["--ratio", "0.2"]
    deployment, execution = bench.run(Workflow(machine(Count=task("Processing", request))), code__count_py=_COUNT)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.states_passed == ["Count"]
    output = execution.output
    assert output["ProcessingJobStatus"] == "Completed"
    assert output["ExitMessage"] == "counted"
    assert isinstance(output["ProcessingEndTime"], int)
    report = json.loads(bench.objects(deployment)["out/result/report.json"])
    assert report["job"] == output["ProcessingJobName"]
    assert report["hosts"] == ["algo-1"]
    assert report["arguments"] == ["--ratio", "0.2"]
    assert report["environment"]["COLOUR"] == "green"
    assert report["environment"]["AWS_ENDPOINT_URL"] == bench.aws.endpoint_url
    assert "hello from the job" in bench.logs
    streams = bench.aws.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/ProcessingJobs")
    assert any(s["logStreamName"].startswith(f"{report['job']}/algo-1-") for s in streams["logStreams"])


def test_a_failed_script_fails_the_task_and_uploads_only_continuous_outputs(bench: Bench) -> None:
    request = processing("fail.py")
    request["ProcessingOutputConfig"] = {"Outputs": [s3_output("end"), s3_output("live", "Continuous")]}
    script = """
        import pathlib
        for name in ("end", "live"):
            pathlib.Path(f"/opt/ml/processing/output/{name}/x.txt").write_text(name)
        raise ValueError("no rows left")
    """
    deployment, execution = bench.run(Workflow(machine(Fail=task("Processing", request))), code__fail_py=script)
    assert execution.status == "FAILED"
    assert execution.error == "States.TaskFailed"
    described = json.loads(execution.cause or "")
    assert described["FailureReason"] == "AlgorithmError: ValueError: no rows left, exit code: 1"
    assert bench.objects(deployment) == {"out/live/x.txt": b"live"}


def test_a_continuous_output_is_there_while_the_job_runs(bench: Bench) -> None:
    request = processing("slow.py")
    request["ProcessingOutputConfig"] = {"Outputs": [s3_output("live", "Continuous")]}
    script = """
        import pathlib, time
        pathlib.Path("/opt/ml/processing/output/live/x.txt").write_text("early")
        time.sleep(60)
    """
    deployment = bench.deploy(Workflow(machine(Slow=task("Processing", request))), code__slow_py=script)
    execution = deployment.start()
    deadline = time.monotonic() + 20
    while not bench.objects(deployment) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert execution.status == "RUNNING"
    assert bench.objects(deployment) == {"out/live/x.txt": b"early"}
    execution.stop()


def test_two_hosts_share_the_objects(bench: Bench) -> None:
    request = processing("share.py")
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    request["ProcessingInputs"].append(s3_input("rows", S3DataDistributionType="ShardedByS3Key"))
    script = """
        import json, pathlib
        ml = pathlib.Path("/opt/ml")
        host = json.loads((ml / "config/resourceconfig.json").read_text())["current_host"]
        names = sorted(p.name for p in (ml / "processing/input/rows").iterdir())
        (ml / f"processing/output/result/{host}.json").write_text(json.dumps(names))
    """
    deployment, execution = bench.run(
        Workflow(machine(Share=task("Processing", request))),
        code__share_py=script,
        rows__a_csv="a",
        rows__b_csv="b",
        rows__c_csv="c",
    )
    assert execution.status == "SUCCEEDED", execution.cause
    shares = {key: json.loads(body) for key, body in bench.objects(deployment).items()}
    assert shares == {"out/result/algo-1.json": ["a.csv", "c.csv"], "out/result/algo-2.json": ["b.csv"]}


def test_a_pipe_input_and_gzip_and_a_manifest(bench: Bench) -> None:
    request = processing("read.py")
    request["ProcessingInputs"] += [
        s3_input("piped", S3InputMode="Pipe"),
        s3_input("packed", S3InputMode="Pipe", S3CompressionType="Gzip"),
        s3_input("listed", S3DataType="ManifestFile", S3Uri="s3://${Bucket}/in/list.manifest"),
    ]
    script = """
        import pathlib
        inputs, out = pathlib.Path("/opt/ml/processing/input"), pathlib.Path("/opt/ml/processing/output/result")
        assert (inputs / "piped").is_fifo()
        (out / "piped").write_text((inputs / "piped").read_text())
        (out / "packed").write_text((inputs / "packed").read_text())
        (out / "listed").write_text((inputs / "listed/z.txt").read_text())
    """
    workflow = Workflow(machine(Read=task("Processing", request)))
    deployment = bench.deploy(
        workflow, code__read_py=script, piped__a_csv="1\n", piped__b_csv="2\n", other__z_txt="zed"
    )
    s3, bucket = bench.aws.client("s3"), deployment.physical_ids["Data"]
    s3.put_object(Bucket=bucket, Key="in/packed/x.csv.gz", Body=gzip.compress(b"packed"))
    manifest = [{"prefix": f"s3://{bucket}/in/other/"}, "z.txt"]
    s3.put_object(Bucket=bucket, Key="in/list.manifest", Body=json.dumps(manifest))
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment) == {
        "out/result/listed": b"zed",
        "out/result/packed": b"packed",
        "out/result/piped": b"1\n2\n",
    }


def test_a_shell_finds_the_interpreter_of_this_environment(bench: Bench) -> None:
    request = processing("which.py")
    request["AppSpecification"]["ContainerEntrypoint"] = [
        "sh",
        "-c",
        "python3 /opt/ml/processing/input/code/which.py && python -c 'import ministack'",
    ]
    _, execution = bench.run(Workflow(machine(Which=task("Processing", request))), code__which_py="import boto3")
    assert execution.status == "SUCCEEDED", execution.cause


def test_an_input_that_is_not_there_is_named(bench: Bench) -> None:
    _, execution = bench.run(Workflow(machine(Run=task("Processing", processing("x.py")))))
    assert "no S3 objects found under s3://" in json.loads(execution.cause or "")["FailureReason"]


def test_a_dataset_definition_is_refused_with_its_reason(bench: Bench) -> None:
    request = processing("x.py")
    athena = {
        "Catalog": "c",
        "Database": "d",
        "QueryString": "select 1",
        "OutputS3Uri": "s3://bucket/x",
        "OutputFormat": "TEXTFILE",
    }
    dataset = {"AthenaDatasetDefinition": athena, "LocalPath": "/opt/ml/processing/rows"}
    request["ProcessingInputs"].append({"InputName": "rows", "DatasetDefinition": dataset})
    _, execution = bench.run(Workflow(machine(Run=task("Processing", request))), code__x_py="")
    assert "no Athena and no Redshift" in json.loads(execution.cause or "")["FailureReason"]


@pytest.mark.parametrize(
    ("number", "named"),
    [
        (0, "s3:GetObject"),
        (1, "s3:PutObject"),
        (2, "s3:ListBucket"),
        (3, "ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:111122223333:repository/my-repo"),
        (4, "ecr:GetAuthorizationToken on resource: *"),
        (5, "logs:"),
    ],
)
def test_a_permission_that_the_job_lacks_is_named(bench: Bench, number: int, named: str) -> None:
    statements = job_statements()
    del statements[number]
    workflow = Workflow(machine(Count=task("Processing", processing("count.py"))), job=statements)
    _, execution = bench.run(workflow, code__count_py=_COUNT)
    reason = json.loads(execution.cause or "")["FailureReason"]
    assert reason.startswith("ClientError: AccessDenied: ")
    assert named in reason
    assert "JobRole" in reason


def test_a_bucket_that_demands_tls_and_a_role_with_conditions_work(bench: Bench) -> None:
    workflow = Workflow(machine(Count=task("Processing", processing("count.py"))))
    deployment = bench.deploy(workflow, code__count_py=_COUNT)
    bucket = deployment.physical_ids["Data"]
    refusal = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [refusal]})
    bench.aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = deployment.physical_ids["JobRole"]
    bench.aws.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause


def test_the_parents_secrets_do_not_reach_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a-secret-of-the-parent")
    monkeypatch.setenv("AWS_PROFILE", "work")
    with LocalAws() as aws:
        bench = Bench(aws, tmp_path, [])
        workflow = Workflow(machine(Count=task("Processing", processing("count.py"))))
        deployment, execution = bench.run(workflow, code__count_py=_COUNT)
        assert execution.status == "SUCCEEDED", execution.cause
        report = json.loads(bench.objects(deployment)["out/result/report.json"])
    assert "a-secret-of-the-parent" not in report["environment"].values()
    assert "AWS_PROFILE" not in report["environment"]
    assert report["environment"]["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_what_a_job_leaves_running_ends_with_it(bench: Bench) -> None:
    script = """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(305.5)"], start_new_session=True)
    """
    request = processing("daemon.py")
    _, execution = bench.run(Workflow(machine(Run=task("Processing", request))), code__daemon_py=script)
    assert execution.status == "SUCCEEDED", execution.cause
    assert alive("305.5") == []


def test_a_given_job_takes_its_outputs_from_s3_and_says_what_is_missing(bench: Bench) -> None:
    """Its script is not run: there is none. Both jobs are the same but for their outputs."""
    outputs = {name: {"Outputs": [s3_output(name)]} for name in ("rows", "names")}
    states = {
        "Rows": task("Processing", processing("none.py", ProcessingOutputConfig=outputs["rows"])),
        "Names": task("Processing", processing("none.py", ProcessingOutputConfig=outputs["names"])),
    }
    deployment = bench.deploy(Workflow(chain(**states)), given__rows__deep__a_csv="1,2\n")
    place = deployment.resolve("s3://${RawData}/in/given")
    JobsPart({"Rows": place, "Names": place}).write(bench.aws.workdir)
    try:
        execution = deployment.start({}).wait(60)
    finally:
        JobsPart().write(bench.aws.workdir)
    rows, names = execution.jobs
    assert rows.status == "Completed"
    assert bench.objects(deployment) == {"out/rows/deep/a.csv": b"1,2\n"}
    assert "output names: there is no folder names in what is given for it" in (names.failure_reason or "")
    assert f"{rows.name}: not run: outputs from {place}" in bench.notes
