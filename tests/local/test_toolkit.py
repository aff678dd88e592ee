"""What scripts of training jobs get, against answers of SageMaker's own toolkit that tools/write_toolkit_answers.py wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import toolkit_cases as cases

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host import packages, toolkit

if TYPE_CHECKING:
    from constructs_ml.local.host.contract import Host

ANSWERS = json.loads(Path(__file__).with_name("toolkit_answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["request"]["TrainingJobName"])
def test_the_script_gets_what_the_toolkit_gives(row: dict[str, Any]) -> None:
    job = cases.local(row["request"])
    assert cases.portable(cases.answer(job, job.hosts[-1])) == row["answer"]


def test_the_answers_are_of_what_the_construct_writes() -> None:
    """The requests in the file are those that our construct writes today."""
    written = list(cases.jobs(3, seed=7))
    assert written == [row["request"] for row in ANSWERS[:3]]


@pytest.mark.parametrize(
    ("program", "files", "command"),
    [
        ("train.py", (), ["python3", "train.py", "--x", "a b"]),
        ("train.sh", (), ["/bin/sh", "-c", "./train.sh --x 'a b'"]),
        ("train", (), ["/bin/sh", "-c", "./train --x 'a b'"]),
        ("train.py", ("setup.py",), ["python3", "-m", "train", "--x", "a b"]),
        ("train.sh", ("setup.py",), ["/bin/sh", "-c", "./train.sh --x 'a b'"]),
    ],
)
def test_the_command_by_the_kind_of_script(
    tmp_path: Path, program: str, files: tuple[str, ...], command: list[str]
) -> None:
    for name in files:
        (tmp_path / name).write_text("")
    assert toolkit.script_command(program, tmp_path, ["--x", "a b"]) == command


def isolated(tmp_path: Path, submitted: str) -> Host:
    (request,) = cases.jobs(1)
    request["EnableNetworkIsolation"] = True
    request["HyperParameters"]["sagemaker_submit_directory"] = json.dumps(submitted)
    job = cases.local(request, tmp_path)
    job.hosts[0].ml.mkdir(parents=True)
    job._unpack_code(job.hosts[0])
    return job.hosts[0]


def test_without_a_network_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="a container without a network cannot fetch"):
        isolated(tmp_path, "s3://churn/code.tar.gz")


@pytest.mark.parametrize("submitted", ["/opt/ml/input/data/code/none.gz", "/etc", "code.tar.gz", ""])
def test_code_that_is_not_there_is_told(tmp_path: Path, submitted: str) -> None:
    with pytest.raises(JobError, match=r"must be the S3 URI of a \.tar\.gz or a path below /opt/ml"):
        isolated(tmp_path, submitted)


def test_code_without_requirements_runs_as_it_is(tmp_path: Path) -> None:
    assert packages.python_with(tmp_path, {}, print, print) is None


def test_pip_gets_the_users_index_and_no_token() -> None:
    given = {"PIP_INDEX_URL": "x", "https_proxy": "y", "AWS_SECRET_ACCESS_KEY": "z", "GITHUB_TOKEN": "t"}
    assert packages.of_installers(given) == {"PIP_INDEX_URL": "x", "https_proxy": "y"}
