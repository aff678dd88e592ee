"""A run's secrets: its key is nowhere where a job could read it, and its files are its user's only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from local_bench import IMAGE, Bench, Workflow, call, machine, open_machine, processing, task, until
from raw_requests import Raw, query, target

from constructs_ml.local import LocalAws
from constructs_ml.local.aws.credentials import Credentials
from constructs_ml.local.host import runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.local
_NOBODY = 65534
_IS_ROOT = os.getuid() == 0

_SPY = """
    import json, os, pathlib, subprocess, time

    def read(path):
        try:
            return path.read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def names(path):
        try:
            return sorted(os.listdir(path))
        except OSError:
            return []

    processes = [path for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]
    found = {
        "environment": dict(os.environ),
        "processes": [read(path / "environ") + read(path / "cmdline") for path in processes],
        "descriptors": names("/proc/self/fd"),
        "hidden": {name: names(name) for name in json.loads(os.environ["HIDDEN"])},
        "undone": [subprocess.run(["umount", name]).returncode == 0 for name in json.loads(os.environ["HIDDEN"])],
    }
    pathlib.Path("/opt/ml/processing/output/result/found.json").write_text(json.dumps(found))
    time.sleep(float(os.environ.get("PAUSE", 0)))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, as a workdir of a careless user's."""
    folder = Path(tempfile.mkdtemp(prefix="open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _key(aws: LocalAws) -> Credentials:
    found = aws.environment
    return Credentials(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"])


def _spying(aws: LocalAws, **environment: str) -> Workflow:
    hidden = [str(runtime.directory()), str(aws.workdir / "state"), str(aws.workdir / "jobs")]
    request = processing("spy.py", Environment={"HIDDEN": json.dumps(hidden), **environment})
    return Workflow(machine(Spy=task("Processing", request)))


def test_a_job_finds_no_secret_of_the_run(tmp_path: Path) -> None:
    with LocalAws() as aws:
        secret = _key(aws).secret_access_key
        approver = next(run for run in runtime.running() if run.endpoint_url == aws.endpoint_url)
        bench = Bench(aws, tmp_path, [])
        deployment, execution = bench.run(_spying(aws), code__spy_py=_SPY)
        assert execution.status == "SUCCEEDED", execution.cause
        text = bench.objects(deployment)["out/result/found.json"].decode()
        found = json.loads(text)
        assert found["environment"]["AWS_ACCESS_KEY_ID"].startswith("ASIA")
        assert not [word for word in (secret, approver.secret_access_key) if word in text]
        # Standard streams and the folder that is listed.
        assert len(found["descriptors"]) <= 4
        assert set(map(tuple, found["hidden"].values())) == {()}
        assert found["undone"] == [False] * 3


def test_the_key_of_an_approval_does_nothing_else() -> None:
    with LocalAws() as aws:
        aws.client("s3").create_bucket(Bucket="known-bucket")
        run = next(run for run in runtime.running() if run.endpoint_url == aws.endpoint_url)
        for raw in (
            query("sts", "GetSessionToken", "2011-06-15"),
            query("sts", "GetFederationToken", "2011-06-15", Name="xx"),
            query("iam", "CreateUser", "2010-05-08", UserName="evil"),
            Raw("s3", "GET"),
            Raw("s3", "GET", "/known-bucket"),
            target("states", "AWSStepFunctions.ListStateMachines"),
            target(
                "sagemaker", "SageMaker.ListTags", "1.1", ResourceArn="arn:aws:sagemaker:us-east-1:111122223333:x/y"
            ),
            target("sagemaker", "SageMaker.DescribeModelPackageGroup", "1.1", ModelPackageGroupName="g"),
        ):
            status, _, body = raw.to(aws.endpoint_url).signed(run.credentials).send()
            assert status in {400, 403}, raw.name
            assert b"not authorized" in body or b"AccessDenied" in body or b"Access Denied" in body, (raw.name, body)


def test_the_key_of_an_approval_does_nothing_else_where_permissions_are_not_enforced() -> None:
    with LocalAws(enforce_iam=False) as aws:
        run = next(run for run in runtime.running() if run.endpoint_url == aws.endpoint_url)
        raw = query("iam", "CreateUser", "2010-05-08", UserName="evil")
        assert raw.to(aws.endpoint_url).signed(run.credentials).send()[0] == 403


def _readable_by_others(folder: Path) -> list[Path]:
    """The files and folders that somebody else can read, each path walked from ``folder`` down."""
    found: list[Path] = []
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & 0o007:
            continue
        found.append(path)
        if stat.S_ISDIR(mode) and mode & 0o001:
            found += _readable_by_others(path)
    return found


def test_the_files_of_a_run_are_its_users_only(open_folder: Path, tmp_path: Path) -> None:
    with LocalAws(workdir=open_folder) as aws:
        bench = Bench(aws, tmp_path, [])
        execution = bench.deploy(_spying(aws, PAUSE="1.5"), code__spy_py=_SPY).start()
        assert until(lambda: list(open_folder.rglob("found.json")))
        assert (open_folder / "emulator.log").is_file()
        assert aws._folders is not None
        sockets = aws._folders.sockets
        assert list(sockets.iterdir())
        assert _readable_by_others(open_folder) == []
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE(runtime.directory().stat().st_mode) == 0o700
        if _IS_ROOT:
            assert _seen_by_nobody(open_folder) == []
            assert _seen_by_nobody(sockets) == []
            assert _seen_by_nobody(runtime.directory()) == []
        assert execution.wait(60).status == "SUCCEEDED", execution.cause
    assert _readable_by_others(open_folder) == []


def _seen_by_nobody(folder: Path) -> list[str]:
    """What a user without rights finds that it can read, or whose content it can list, below a folder."""
    done = subprocess.run(
        ["/usr/bin/find", str(folder), "-mindepth", "1", "-readable"],
        user=_NOBODY,
        group=_NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


_READS_THE_EMULATOR = """
    import pathlib, subprocess, time
    from constructs_ml.local import LocalAws

    def readable(pid):
        try:
            return bool(pathlib.Path(f"/proc/{pid}/environ").read_bytes())
        except PermissionError:
            return False

    with LocalAws() as aws, subprocess.Popen(["sleep", "60"]) as control:
        time.sleep(0.5)
        print(readable(control.pid), readable(aws._process.pid))
        control.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux keeps memory apart by prctl")
def test_another_process_of_the_user_cannot_read_the_emulators_memory() -> None:
    command = [sys.executable, "-c", textwrap.dedent(_READS_THE_EMULATOR)]
    if _IS_ROOT:  # root may read everything: as another user, who is let into root's folders for the interpreter only
        capability = "+dac_read_search"
        ids = ["--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"]
        command = ["setpriv", *ids, "--inh-caps", capability, "--ambient-caps", capability, *command]
    environment = {**os.environ, "TMPDIR": "/tmp", "HOME": "/tmp", "XDG_RUNTIME_DIR": ""}  # noqa: S108
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd="/")
    assert done.stdout.split() == ["True", "False"], done.stderr


_SLOW_MODEL = """
    import os, time

    def model_fn(directory):
        print("port=" + os.environ["SAGEMAKER_BIND_TO_PORT"], flush=True)
        return None

    def transform_fn(model, body, content_type, accept):
        time.sleep(1)
        return "done", "text/plain"
"""
_SLOW_SERVER = """
    import http.server, os, time

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"")

        def do_POST(self):
            import boto3
            who = boto3.client("sts").get_caller_identity()["Arn"]
            time.sleep(1)
            self.answer(who.encode())

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def _transform(image: str, environment: dict[str, str]) -> Workflow:
    model = {
        "ModelName.$": "$.name",
        "ExecutionRoleArn": "${JobRole}",
        "PrimaryContainer": {
            "Image": image,
            "ModelDataUrl": "s3://${Bucket}/in/model.tar.gz",
            "Environment": environment,
        },
    }
    request = {
        "TransformJobName.$": "$.name",
        "ModelName.$": "$.name",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/data/"}},
            "ContentType": "text/csv",
        },
        "TransformOutput": {"S3OutputPath": "s3://${Bucket}/out/"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    created = call("createModel", model, sdk=False, ResultPath="$.Model")
    return open_machine(Model=created, Score=task("Transform", request))


def _listening(aws: LocalAws) -> set[int]:
    """The ports that the emulator and all that it started listen on, in this network."""
    assert aws._process is not None
    emulator = psutil.Process(aws._process.pid)
    pids = {emulator.pid, *(child.pid for child in emulator.children(recursive=True))}
    listening = [found for found in psutil.net_connections() if found.status == psutil.CONN_LISTEN]
    return {found.laddr.port for found in listening if found.pid in pids}


@pytest.mark.parametrize("own_command", [False, True], ids=["script", "image"])
def test_the_server_of_a_transform_job_has_no_port_for_strangers(tmp_path: Path, *, own_command: bool) -> None:
    from local_bench import archive

    server = tmp_path / "server.py"
    server.write_text(textwrap.dedent(_SLOW_SERVER))
    image = IMAGE.replace("my-repo", "my-server") if own_command else IMAGE
    with LocalAws(images={"my-server": ["python3", str(server)]}) as aws:
        bench = Bench(aws, tmp_path, [])
        before = _listening(aws)
        workflow = _transform(image, {} if own_command else {"SAGEMAKER_PROGRAM": "inference.py"})
        for found in workflow.job:
            if "ecr:BatchGetImage" in found["Action"]:
                found["Resource"] = "*"
        model = archive(code__inference_py=_SLOW_MODEL)
        deployment = bench.deploy(workflow, model_tar_gz=model, data__x_csv="1,2\n")
        s3, bucket = aws.client("s3"), deployment.physical_ids["Data"]
        s3.put_object(Bucket=bucket, Key="in/model.tar.gz", Body=model)
        execution = deployment.start({"name": f"serving-{own_command}"})
        deadline = time.monotonic() + 20
        opened: set[int] = set()
        while execution.status == "RUNNING" and time.monotonic() < deadline:
            opened |= _listening(aws) - before
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", 8080)) != 0
            time.sleep(0.1)
        assert execution.wait(30).status == "SUCCEEDED", execution.cause
        assert opened == set()
        result = bench.objects(deployment)["out/x.csv.out"]
        assert (b":assumed-role/" in result) is own_command  # it calls the run from its own network
