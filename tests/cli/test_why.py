"""The command ``constructs-ml why``, with the markers of a folder and with those of a bucket on AWS."""

from __future__ import annotations

import io
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from constructs_ml import cli
from constructs_ml.cli import recorded
from constructs_ml.local.runner.warm_folder import KeptObject, Result, WarmFolder

if TYPE_CHECKING:
    from pathlib import Path

ARN = "arn:aws:states:eu-central-1:111122223333:execution:Census"
KEYS = {name: f"{at}" * 64 for at, name in enumerate(("prepare1", "prepare2", "train1", "train2"))}


def marker(job: str, execution: str, key: str, second: int, **parts: str) -> str:
    """A marker; ``hyperparameters_depth`` is the part hyperparameters.depth."""
    body = {
        "version": 1,
        "job": job,
        "key": KEYS[key],
        "created": 1_790_000_000_000 + second * 1000,
        "execution": execution,
        "executionId": f"{ARN}:{execution}",
        "place": "",
        "parts": {name.replace("_", ".", 1): part for name, part in parts.items()},
        "result": {},
    }
    return json.dumps(body)


PREPARED = (
    marker("Prepare", "one", "prepare1", 1, inputs_raw="v1"),
    marker("Prepare", "two", "prepare2", 3, inputs_raw="v2"),
)
TRAINED = (
    marker("Train", "one", "train1", 2, channels_train=f"{KEYS['prepare1']}/rows/"),
    marker("Train", "two", "train2", 4, channels_train=f"{KEYS['prepare2']}/rows/"),
)
ANSWER = """\
Train ran in two (2026-09-21 14:13:24 UTC)
  compared with one (2026-09-21 14:13:22 UTC):
  input train: the job Prepare ran with another key
    Prepare ran in two (2026-09-21 14:13:23 UTC)
      compared with one (2026-09-21 14:13:21 UTC):
      input raw v1 -> v2
"""


def warm(path: Path, *texts: str, stack: str = "Census") -> Path:
    """A folder of local runs with markers."""
    with WarmFolder(path) as folder:
        for text in texts:
            digest = folder.add([text.encode()])
            found = json.loads(text) if text.startswith("{") else {"job": "Train", "key": "broken"}
            key = f"cache/{stack}/{found['job']}/{found['key']}.json"
            folder.put(Result(KeptObject("artifacts", key, "application/json", digest), ()))
    return path


def why(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(["why", *arguments])
    return int(caught.value.code or 0)


def test_a_difference_is_followed_to_the_job_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(warm(tmp_path / "warm", *PREPARED, *TRAINED))
    assert why("--warm", folder, "Train") == 0
    assert capsys.readouterr().out == ANSWER
    assert why("--warm", folder, f"{ARN}:two", "Train") == 0
    assert capsys.readouterr().out == ANSWER


def test_a_result_that_was_taken_says_from_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The execution itself recorded only the job after it."""
    again = marker("Train", "three", "train2", 9, channels_train=f"{KEYS['prepare1']}/rows/", hyperparameters_depth="8")
    folder = str(warm(tmp_path / "warm", PREPARED[0], TRAINED[0], again))
    assert why("--warm", folder, "three", "Prepare") == 0
    assert capsys.readouterr().out.startswith("Prepare was taken from the cache: it ran in one (")


def test_an_execution_that_recorded_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(warm(tmp_path / "warm", *PREPARED))
    assert why("--warm", folder, "nine", "Prepare") == 1
    assert capsys.readouterr().out.startswith(
        "Prepare: nine recorded no result of it: it took that of an earlier execution"
    )


def test_json_has_the_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(warm(tmp_path / "warm", *PREPARED, *TRAINED))
    assert why("--warm", folder, "Train", "--json") == 0
    (reason,) = json.loads(capsys.readouterr().out)["reasons"]
    (difference,) = reason["differences"]
    assert difference["part"] == "channels.train"
    assert difference["because"]["differences"][0]["text"] == "input raw v1 -> v2"


def test_the_stacks_of_a_folder_are_not_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A job of the same name in another app is another job."""
    warm(tmp_path / "warm", PREPARED[0], stack="Other")
    folder = str(warm(tmp_path / "warm", PREPARED[1]))
    assert why("--warm", folder, "Prepare") == 0
    assert "first run: no earlier marker" in capsys.readouterr().out
    assert why("--warm", folder, "one", "Prepare") == 0
    assert capsys.readouterr().out.startswith("Prepare ran in one")


def test_a_marker_that_cannot_be_read_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(warm(tmp_path / "warm", *PREPARED, "no JSON"))
    assert why("--warm", folder, "Prepare") == 0
    assert "\nnot read: s3://artifacts/cache/Census/Train/broken.json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Prepare"], "name an execution on AWS by its ARN, or the folder of local runs (--warm)"),
        (["one", "Prepare"], "one is not the ARN of an execution"),
        (["a", "b", "c"], "takes an execution and a state, got 3 words"),
        (["--warm", "none", "Prepare"], "there is no folder none"),
        (["--warm", "other", "Prepare"], "other has files that are not the results of cached jobs"),
        (["--warm", "warm", "Prepar"], "Prepar is not a cached job; did you mean Prepare?; there are: Prepare"),
    ],
)
def test_what_cannot_be_answered_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    warm(tmp_path / "warm", *PREPARED)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    assert why(*arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


# On AWS.


def cached(name: str) -> dict[str, Any]:
    """The state of a cached job, as far as it is recognized by."""
    steps = {
        "look up": {
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Arguments": {"Bucket": "artifacts", "Key": f"{{% 'cache/Census/{name}/' & $key & '.json' %}}"},
            "Catch": [{"ErrorEquals": ["S3.NoSuchKeyException"], "Next": f"{name}: run"}],
            "End": True,
        },
        "run": {"Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "Next": f"{name}: record"},
        "record": {"Resource": "arn:aws:states:::aws-sdk:s3:putObject", "End": True},
    }
    states = {f"{name}: {step}": {"Type": "Task", **body} for step, body in steps.items()}
    branch = {"StartAt": f"{name}: look up", "States": states}
    return {"Type": "Parallel", "Branches": [branch], "End": True}


class Aws:
    """Step Functions and S3, as they are expected to be asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-central-1"}
        made = {name: boto3.client(name, **keys) for name in ("stepfunctions", "s3")}  # type: ignore[call-overload]
        self.stubs = {name: Stubber(client) for name, client in made.items()}
        for stub in self.stubs.values():
            stub.activate()
        monkeypatch.setattr(boto3.Session, "client", lambda _self, name: made[name])

    def describes(self, *names: str) -> None:
        """The state machine has these cached jobs."""
        definition = {"QueryLanguage": "JSONata", "StartAt": names[0], "States": {name: cached(name) for name in names}}
        answer = {
            "stateMachineArn": "arn:aws:states:eu-central-1:111122223333:stateMachine:Census",
            "name": "Census",
            "definition": json.dumps(definition),
            "roleArn": "arn:aws:iam::111122223333:role/r",
            "updateDate": datetime.now(timezone.utc),
        }
        self.stubs["stepfunctions"].add_response(
            "describe_state_machine_for_execution", answer, {"executionArn": f"{ARN}:two"}
        )

    def lists(self, job: str, *texts: str) -> None:
        """The folder of a job has these markers, the oldest first."""
        found = [
            {
                "Key": f"cache/Census/{job}/{json.loads(text)['key']}.json",
                "Size": len(text),
                "LastModified": datetime.fromtimestamp(json.loads(text)["created"] / 1000, timezone.utc),
            }
            for text in texts
        ]
        self.stubs["s3"].add_response(
            "list_objects_v2", {"Contents": found}, {"Bucket": "artifacts", "Prefix": f"cache/Census/{job}/"}
        )

    def gets(self, text: str, *, at: str = "") -> None:
        """A marker is read."""
        found = json.loads(text)
        expected = {"Bucket": "artifacts", "Key": f"cache/Census/{at or found['job']}/{found['key']}.json"}
        if at:
            self.stubs["s3"].add_client_error("get_object", "NoSuchKey", http_status_code=404, expected_params=expected)
            return
        body = StreamingBody(io.BytesIO(text.encode()), len(text.encode()))
        self.stubs["s3"].add_response("get_object", {"Body": body}, expected)

    def refuses(self, service: str, operation: str) -> None:
        """The credentials may not do something."""
        self.stubs[service].add_client_error(operation, "AccessDenied", "not authorized")

    def asked_as_expected(self) -> None:
        """Nothing that was expected is left."""
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    return Aws(monkeypatch)


def test_of_an_execution_on_aws_no_more_is_read_than_needed(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    """The markers of the state from the newest on until there is an earlier one, and those of the keys that differ."""
    oldest = marker("Train", "zero", "train1", 0)
    aws.describes("Prepare", "Train")
    aws.lists("Train", oldest.replace(KEYS["train1"], "9" * 64), *TRAINED)
    for text in (TRAINED[1], TRAINED[0]):
        aws.gets(text)
    aws.gets(oldest.replace(KEYS["train1"], "9" * 64))
    for text in reversed(PREPARED):
        aws.gets(text)
    assert why(f"{ARN}:two", "Train") == 0
    assert capsys.readouterr().out == ANSWER
    aws.asked_as_expected()


def test_credentials_that_may_not_read_are_told_what_they_need(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.describes("Train")
    aws.refuses("s3", "list_objects_v2")
    assert why(f"{ARN}:two", "Train") == 1
    assert capsys.readouterr().err == (
        "constructs-ml: s3://artifacts/cache/Census/Train/ cannot be read: AccessDenied: not authorized; "
        "your credentials need states:DescribeStateMachineForExecution, s3:ListBucket and s3:GetObject\n"
    )


def test_without_boto3_its_package_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert why(f"{ARN}:two", "Train") == 1
    assert "needs boto3: pip install 'constructs-ml[local]'" in capsys.readouterr().err


def test_only_keys_are_looked_up(aws: Aws) -> None:
    """A part of a forged marker is no path in a bucket."""
    source = recorded.Bucketed({"StartAt": "Train", "States": {"Train": cached("Train")}}, aws.stubs["s3"].client)
    assert source.with_key("../../secrets") is None
    aws.asked_as_expected()
