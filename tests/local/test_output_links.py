"""Links among what a job leaves: followed as the job saw them, or refused by name; nothing vanishes."""

from __future__ import annotations

import io
import json
import os
import socket
import tarfile
from typing import TYPE_CHECKING

import pytest
from local_bench import Bench, Workflow, archive, machine, processing, task, training

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.output_files import OutputFiles

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ml(tmp_path: Path) -> Path:
    """A job's /opt/ml, with an output folder and a file in it."""
    root = tmp_path.resolve() / "jobs" / "mine" / "ml"
    (root / "output").mkdir(parents=True)
    (root / "output" / "a.txt").write_text("a")
    return root


def _found(ml: Path, *, settled: bool = True, hidden: bool = False) -> dict[str, str]:
    run = ml.parents[1]
    files = OutputFiles(ml, (run,) if hidden else ()).below(ml / "output", settled=settled)
    return {name: file.read_text() for name, file in files.items()}


@pytest.mark.parametrize(
    ("at", "target", "name", "content"),
    [
        ("output/link", "a.txt", "link", "a"),
        ("output/link", "/opt/ml/output/a.txt", "link", "a"),
        ("output/link", "/opt/ml/./output/../output/a.txt", "link", "a"),
        ("output/link", "../model/m.txt", "link", "m"),
        ("output/link", "/opt/ml/model", "link/m.txt", "m"),
        ("output/link", "../model/", "link/m.txt", "m"),
        ("output/link", "/opt/ml/chain", "link", "a"),
        ("output/link", "../../../opt/ml/output/a.txt", "link", "a"),
    ],
)
def test_links_are_followed_as_the_job_saw_them(ml: Path, at: str, target: str, name: str, content: str) -> None:
    (ml / "model").mkdir()
    (ml / "model" / "m.txt").write_text("m")
    (ml / "chain").symlink_to("/opt/ml/output/a.txt")
    (ml / at).symlink_to(target)
    assert _found(ml, hidden=True) == {"a.txt": "a", name: content}


def test_a_link_to_a_file_elsewhere_on_the_machine_is_followed(ml: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("cached")
    (ml / "output" / "link").symlink_to(tmp_path / "cache")
    assert _found(ml) == {"a.txt": "a", "link": "cached"}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/opt/ml/nothing", "a link to a file that is not there"),
        ("link", "a link in a circle"),
        ("/opt/ml/output", "a link to a folder that it lies in"),
        ("..", "a link to a folder that it lies in"),
        ("a.txt/nothing", "a link to a file that is not there"),
    ],
)
def test_links_that_cannot_be_followed_are_refused_by_name(ml: Path, target: str, said: str) -> None:
    (ml / "output" / "link").symlink_to(target)
    with pytest.raises(JobError, match=rf"'(link|link/output)' among the job's outputs is {said}"):
        _found(ml)
    assert _found(ml, settled=False)["a.txt"] == "a"  # while the job runs it may still change


def test_a_link_into_another_job_is_refused(ml: Path) -> None:
    other = ml.parents[1] / "other" / "secret.txt"
    other.parent.mkdir()
    other.write_text("secret")
    (ml / "output" / "link").symlink_to(other)
    with pytest.raises(JobError, match="'link' among the job's outputs is a link to a folder of the run"):
        _found(ml, hidden=True)


def test_what_is_no_file_is_refused(ml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(ml / "output" / "pipe")
    with pytest.raises(JobError, match="'pipe' among the job's outputs is a pipe, a socket or a device"):
        _found(ml)
    (ml / "output" / "pipe").unlink()
    monkeypatch.chdir(ml / "output")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(JobError, match="'socket' among the job's outputs"):
            _found(ml)


def test_the_folder_itself_may_be_a_link(ml: Path) -> None:
    (ml / "output").rename(ml / "elsewhere")
    assert _found(ml) == {}
    (ml / "output").symlink_to("/opt/ml/elsewhere")
    assert _found(ml) == {"a.txt": "a"}


_LINKS = """
    import os, pathlib
    ml = pathlib.Path("/opt/ml")
    (ml / "data").mkdir()
    (ml / "data/part.txt").write_text("part")
    out = ml / "processing/output/result"
    (out / "a.txt").write_text("a")
    (out / "latest.txt").symlink_to(out / "a.txt")
    (out / "folder").symlink_to(ml / "data")
"""


@pytest.mark.local
def test_linked_outputs_are_uploaded(bench: Bench) -> None:
    workflow = Workflow(machine(Link=task("Processing", processing("links.py"))))
    deployment, execution = bench.run(workflow, code__links_py=_LINKS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert bench.objects(deployment, "out/result/") == {
        "out/result/a.txt": b"a",
        "out/result/latest.txt": b"a",
        "out/result/folder/part.txt": b"part",
    }


@pytest.mark.local
def test_a_broken_link_fails_the_job_by_name(bench: Bench) -> None:
    script = "import os; os.symlink('/nowhere', '/opt/ml/processing/output/result/link')"
    workflow = Workflow(machine(Link=task("Processing", processing("links.py"))))
    _, execution = bench.run(workflow, code__links_py=script)
    reason = json.loads(execution.cause or "")["FailureReason"]
    assert reason == (
        "ClientError: 'link' among the job's outputs is a link to a file that is not there; remove it, or write the file"
    )


@pytest.mark.local
def test_a_models_links_are_files_in_its_archive(bench: Bench) -> None:
    script = """
        import os, pathlib
        model = pathlib.Path(os.environ["SM_MODEL_DIR"])
        (model / "weights-1").write_text("weights")
        (model / "weights").symlink_to(model / "weights-1")
        os.link(model / "weights-1", model / "again")
    """
    workflow = Workflow(machine(Train=task("Training", training())))
    code = archive(train_py=script)
    deployment, execution = bench.run(workflow, train__x_csv="1", **{"code__sourcedir.tar_gz": code})
    assert execution.status == "SUCCEEDED", execution.cause
    (model,) = bench.objects(deployment, "out/models/").values()
    with tarfile.open(fileobj=io.BytesIO(model)) as tar:
        members = {member.name: member.isreg() for member in tar}
    assert members == {"again": True, "weights": True, "weights-1": True}
