"""Callers that a run answers: the SDKs, the AWS CLI, s3fs, presigned URLs, functions, jobs and custom resources, each as itself."""

from __future__ import annotations

import http.client
import io
import json
import os
import shutil
import subprocess
import textwrap
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from local_bench import Workflow, job_statements, machine, processing, statement, task

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_bench import Bench

pytestmark = pytest.mark.local
_CLI = next((found for found in ("/usr/bin/aws", "/usr/local/bin/aws", shutil.which("aws")) if found), None)


def _is_second(cli: str | None) -> bool:
    if cli is None or not Path(cli).exists():
        return False
    said = subprocess.run([cli, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.startswith("aws-cli/2.")


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - of the run
        content: bytes = answer.read()
        return content


@pytest.fixture(scope="module", params=[True, False], ids=["iam", "no-iam"])
def aws(request: pytest.FixtureRequest) -> Iterator[LocalAws]:
    with LocalAws(enforce_iam=request.param) as found:
        found.client("s3").create_bucket(Bucket="bucket")
        yield found


def test_boto3_signs_whatever_form_a_body_has(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    for key, body in {"text": b"text", "stream": io.BytesIO(b"s" * 200_000), "none": b""}.items():
        s3.put_object(Bucket="bucket", Key=key, Body=body)
    s3.put_object(Bucket="bucket", Key="checked", Body=io.BytesIO(b"c" * 100_000), ChecksumAlgorithm="SHA256")
    s3.upload_fileobj(io.BytesIO(b"m" * 9_000_000), "bucket", "multipart")
    assert s3.head_object(Bucket="bucket", Key="multipart")["ContentLength"] == 9_000_000
    assert s3.get_object(Bucket="bucket", Key="stream")["Body"].read() == b"s" * 200_000
    assert s3.get_object(Bucket="bucket", Key="checked")["Body"].read() == b"c" * 100_000
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="bucket", Prefix="none")["Contents"]] == ["none"]


@pytest.mark.parametrize("key", ["a b+c", "dir/ü#?&=%.csv", "x" * 200, "semi;colon,comma", "p%20q"])
def test_keys_of_every_kind_are_signed(aws: LocalAws, key: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key})
    assert _fetched(url) == key.encode()


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_presigned_urls_get_and_put(aws: LocalAws, version: str | None) -> None:
    """boto3 presigns in the oldest form where it may (``us-east-1``), else with SigV4."""
    s3 = aws.client("s3", config=Config(signature_version=version))
    put = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "given"}, ExpiresIn=60)
    assert ("X-Amz-Signature" in put) is (version is not None)
    parts = urlsplit(put)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("PUT", f"{parts.path}?{parts.query}", b"given by a URL")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "given"}, ExpiresIn=60)
    assert _fetched(get) == b"given by a URL"
    unsigned = get.partition("?")[0]
    for changed in (get.replace("given", "other"), get.replace("ignature=", "ignature=00"), unsigned):
        with pytest.raises(urllib.error.HTTPError) as caught:
            _fetched(changed)
        assert caught.value.code in {400, 403}
        caught.value.close()


@pytest.mark.skipif(not _is_second(_CLI), reason="the AWS CLI v2 is not installed (Debian: awscli)")
@pytest.mark.parametrize("aws", [True], indirect=True, ids=["iam"])
def test_the_aws_cli_uploads_in_chunks_and_asks_who_it_is(aws: LocalAws, tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.bin"
    small.write_text("a,b\n1,2\n")
    large.write_bytes(os.urandom(20_000_000))

    def run(*arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **aws.environment}
        # Older versions do not read AWS_ENDPOINT_URL.
        command = [str(_CLI), *arguments, "--endpoint-url", aws.endpoint_url]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert json.loads(run("sts", "get-caller-identity", "--output", "json"))["Account"] == aws.account
    run("s3", "cp", str(small), "s3://bucket/cli/small.csv")
    run("s3", "cp", str(large), "s3://bucket/cli/large.bin")
    run("s3", "sync", "s3://bucket/cli/", str(tmp_path / "back"))
    assert (tmp_path / "back" / "large.bin").read_bytes() == large.read_bytes()
    run(
        "s3api",
        "put-object",
        "--bucket",
        "bucket",
        "--key",
        "checked",
        "--body",
        str(small),
        "--checksum-algorithm",
        "SHA256",
    )
    assert "cli/small.csv" in run("s3api", "list-objects-v2", "--bucket", "bucket", "--output", "text")


def test_s3fs_reads_and_writes(aws: LocalAws) -> None:
    import s3fs

    found = aws.environment
    files = s3fs.S3FileSystem(
        key=found["AWS_ACCESS_KEY_ID"],
        secret=found["AWS_SECRET_ACCESS_KEY"],
        token=found["AWS_SESSION_TOKEN"],
        client_kwargs={"endpoint_url": aws.endpoint_url, "region_name": aws.region},
        skip_instance_cache=True,
    )
    with files.open("bucket/fs/rows.csv", "wb") as file:
        file.write(b"row\n" * 2_000_000)
    assert files.size("bucket/fs/rows.csv") == 8_000_000
    assert files.cat("bucket/fs/rows.csv")[:8] == b"row\nrow\n"
    assert [name.rpartition("/")[2] for name in files.ls("bucket/fs")] == ["rows.csv"]


_FUNCTION = """
    import json, os, urllib.request
    import boto3

    def handler(event, context):
        if "ResponseURL" in event:
            data = {"Who": boto3.client("sts").get_caller_identity()["Arn"]}
            body = {"Status": "SUCCESS", "PhysicalResourceId": "made", "Data": data}
            body |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
            request = urllib.request.Request(event["ResponseURL"], data=json.dumps(body).encode(), method="PUT")
            urllib.request.urlopen(request)
            return None
        s3 = boto3.client("s3")
        found = {"read": s3.get_object(Bucket=event["bucket"], Key="in/allowed")["Body"].read().decode()}
        try:
            s3.put_object(Bucket=event["bucket"], Key="in/x", Body=b"x")
        except s3.exceptions.ClientError as error:
            found["written"] = error.response["Error"]["Code"]
        return found
"""


def _function_resources() -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = [statement("s3:GetObject", resource={"Fn::Sub": "${Data.Arn}/in/*"})]
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": allowed}}],
    }
    return {
        "FunctionRole": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": textwrap.dedent(_FUNCTION)},
                "Handler": "index.handler",
                "Runtime": "python3.12",
                "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
                "Timeout": 30,
            },
        },
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
    }


def test_a_function_and_a_custom_resource_call_under_their_role(bench: Bench) -> None:
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${Function}", "Payload": {"bucket": "${Bucket}"}},
        "ResultSelector": {"found.$": "$.Payload"},
        "End": True,
    }
    workflow = Workflow(machine(Invoke=invoke), resources=_function_resources())
    template = workflow.template("Functions")
    substitutions = template["Resources"]["Machine"]["Properties"]["DefinitionSubstitutions"]
    substitutions["Function"] = {"Ref": "Function"}
    template["Outputs"]["Who"] = {"Value": {"Fn::GetAtt": ["Custom", "Who"]}}
    policies = template["Resources"]["MachineRole"]["Properties"]["Policies"]
    policies[0]["PolicyDocument"]["Statement"].append(statement("lambda:InvokeFunction"))
    deployment = bench.deploy_template("Functions", template)
    assert ":assumed-role/" in deployment.outputs["Who"]
    bucket = deployment.resolve("${RawData}")
    bench.aws.client("s3").put_object(Bucket=bucket, Key="in/allowed", Body=b"allowed")
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["found"] == {"read": "allowed", "written": "AccessDenied"}


_BOOTSTRAP = """\
#!/usr/bin/env python3
import os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        name = event.headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(urllib.request.Request(api + name + "/response", data=b'"answered"', method="POST"))
"""


def test_a_function_of_its_own_runtime_answers(aws: LocalAws) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.client("iam").create_role(RoleName="provided", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, _BOOTSTRAP)
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName="provided",
        Role=role,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Code={"ZipFile": code.getvalue()},
    )
    assert json.loads(functions.invoke(FunctionName="provided")["Payload"].read()) == "answered"


_JOB = """
    import json, pathlib
    import boto3

    out = pathlib.Path("/opt/ml/processing/output/result/report.json")
    s3 = boto3.client("s3")
    bucket = pathlib.Path("/opt/ml/processing/input/code/bucket").read_text()
    found = {"who": boto3.client("sts").get_caller_identity()["Arn"]}
    found["read"] = s3.get_object(Bucket=bucket, Key="in/code/bucket")["Body"].read().decode() == bucket
    for name, call in {
        "write": lambda: s3.put_object(Bucket=bucket, Key="in/x", Body=b"x"),
        "jobs": lambda: boto3.client("sagemaker").list_tags(ResourceArn="arn:aws:sagemaker:us-east-1:111122223333:x/y"),
        "roles": lambda: boto3.client("iam").list_roles(),
    }.items():
        try:
            call()
            found[name] = "done"
        except Exception as error:
            found[name] = error.response["Error"]["Code"]
    out.write_text(json.dumps(found))
"""


def test_a_job_calls_under_its_role(bench: Bench) -> None:
    workflow = Workflow(machine(Run=task("Processing", processing("job.py"))), job=job_statements())
    deployment = bench.deploy(workflow, code__job_py=_JOB)
    bucket = deployment.resolve("${RawData}")
    s3 = bench.aws.client("s3")
    s3.put_object(Bucket=bucket, Key="in/code/bucket", Body=bucket.encode())
    execution = deployment.start().wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    report = json.loads(s3.get_object(Bucket=bucket, Key="out/result/report.json")["Body"].read())
    assert ":assumed-role/" in report.pop("who")
    denied = "AccessDenied"
    assert report == {"read": True, "write": denied, "jobs": f"{denied}Exception", "roles": denied}
