"""The results of cached jobs that runs keep in a folder: ``run --warm`` and ``--fresh``, and ``why`` about them."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cached_jobs import project
from local_bench import Workflow, machine, until, write_assembly
from run_process import started

from constructs_ml import cli
from constructs_ml.cfn.template import machines_of
from constructs_ml.cli.recorded import Bucketed
from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.local import run
from constructs_ml.local.runner import warm_folder
from constructs_ml.local.runner.part import Part
from constructs_ml.local.runner.progress import Progress
from constructs_ml.local.runner.warm import fresh_in_input
from constructs_ml.local.runner.warm_folder import KeptObject, Result, WarmFolder
from constructs_ml.markers.reasons import reasons

if TYPE_CHECKING:
    from constructs_ml.local import RunReport

pytestmark = pytest.mark.local


class Notes(Progress):
    """The notes of a run."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Keep one."""
        self.notes.append(text)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once, with a folder for the results."""
    folder = project(tmp_path_factory.mktemp("first"))
    report = run(folder, warm=folder / "warm")
    assert report.succeeded, report.cause
    assert ran(report) == ["Prepare", "Train"]
    return folder


@pytest.fixture
def app(first: Path, tmp_path: Path) -> Path:
    """A copy of that project, to be changed."""
    return Path(shutil.copytree(first, tmp_path / "app"))


def ran(report: RunReport) -> list[str]:
    return [report.within.get(job.state, job.state) for job in report.jobs]


def again(app: Path, **options: Any) -> list[str]:
    """The jobs that another run with the same folder starts; the others' results are taken."""
    report = run(app, warm=app / "warm", **options)
    assert report.succeeded, report.cause
    jobs = ran(report)
    assert sorted({*jobs, *report.cached}) == ["Prepare", "Train"]
    assert not {*jobs} & {*report.cached}
    return jobs


def main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def why(app: Path, state: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The differences that ``why`` tells."""
    capsys.readouterr()
    assert main("why", "--warm", str(app / "warm"), state) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line.strip() for line in lines if " ran in " not in line and "compared with" not in line]


def test_a_second_run_of_an_unchanged_app_starts_no_job(app: Path) -> None:
    """Nor does a third: what was taken stays in the folder."""
    assert again(app) == []
    assert again(app) == []


def test_a_result_that_was_taken_is_that_of_the_run_that_made_it(app: Path) -> None:
    """Its outputs are there, in the same place, though the buckets are new."""

    def look(aws: Any, _deployment: Any, report: RunReport) -> None:
        place = report.output["Prepare"]["Cache"]["Place"]
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        content = aws.client("s3").get_object(Bucket=bucket, Key=f"{prefix}rows/rows.csv")["Body"].read()
        found.append((place, content))

    found: list[tuple[str, bytes]] = []
    for _ in range(2):
        report = run(app, warm=app / "warm", before_end=look)
        assert report.cached == ["Prepare", "Train"]
    assert found[0] == found[1]
    assert found[0][1] == b"1,2"


def test_what_has_changed_runs_and_why_says_what_it_was(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One byte of the data, a hyperparameter, and then nothing again."""
    (app / "raw" / "b.csv").write_text("3")
    assert again(app) == ["Prepare", "Train"]
    assert why(app, "Prepare", capsys) == ["input raw: 1 of 2 objects differs (b.csv)"]
    assert why(app, "Train", capsys) == [
        "input train: the job Prepare ran with another key",
        "input raw: 1 of 2 objects differs (b.csv)",
    ]
    project(app, depth=8)
    assert again(app) == ["Train"]
    assert why(app, "Train", capsys) == ["hyperparameter max_depth 6 -> 8"]
    (app / "raw" / "b.csv").write_text("2")
    project(app, depth=6)
    assert again(app) == []  # both have run with these keys before


def test_jobs_run_anew_by_their_names_or_all(app: Path) -> None:
    """An execution's input has the names; what it had before is kept."""
    assert again(app, fresh=["Train"]) == ["Train"]
    assert again(app, fresh=["all"]) == ["Prepare", "Train"]
    assert again(app, fresh=True, input={"other": 1}) == ["Prepare", "Train"]
    assert again(app) == []


def test_a_name_that_no_cached_job_has_is_refused_before_anything_starts(app: Path) -> None:
    with pytest.raises(
        RunInputError, match="--fresh Trian: no cached job has that name; did you mean Train\\?; there are:"
    ):
        run(app, fresh=["Trian"])


def test_a_workflow_without_cached_jobs_has_none_to_run_anew(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path, "Stack", Workflow(machine(Go={"Type": "Pass", "End": True})).template("Stack"))
    for fresh, named in (["Go"], "--fresh Go"), (True, "--fresh"):
        with pytest.raises(RunInputError, match=f"^{named}: the workflow has no cached job"):
            run(assembly, fresh=fresh)


def test_a_job_that_is_debugged_runs_anew(app: Path) -> None:
    """A script whose result is taken stops nowhere; what is asked for besides is kept."""
    (definition,) = (
        machine.body
        for machine in machines_of(json.loads((app / "made" / "Census.template.json").read_text()))
        if machine.body
    )
    assert fresh_in_input((), definition, Part(debug="Train"), warm=True) == ["Train"]
    assert fresh_in_input(["Prepare", "Train"], definition, Part(debug="Train"), warm=True) == ["Prepare", "Train"]
    assert fresh_in_input((), definition, Part(), warm=True) is None


def test_what_is_given_is_not_kept_as_a_result(app: Path) -> None:
    """The next run would take it for what the job has made."""
    (app / "out").mkdir()
    (app / "out" / "model.txt").write_text("mine")
    with pytest.raises(RunInputError, match="--given Train: is cached, and --warm would keep the given outputs"):
        run(app, warm=app / "warm", given={"Train": "out"})


def test_a_failed_execution_keeps_what_has_succeeded(app: Path) -> None:
    """The job that failed runs again, and only that."""
    source = (app / "train.py").read_text()
    (app / "raw" / "c.csv").write_text("4")
    (app / "train.py").write_text("raise SystemExit('no memory')")
    project(app)
    failed = run(app, warm=app / "warm")
    assert (failed.status, ran(failed), failed.cached) == ("FAILED", ["Prepare", "Train"], [])
    (app / "train.py").write_text(source)
    project(app)
    assert again(app) == ["Train"]


def test_a_run_that_gives_up_keeps_what_has_succeeded(app: Path) -> None:
    (app / "raw" / "c.csv").write_text("5")
    source = (app / "train.py").read_text()
    (app / "train.py").write_text("import time; time.sleep(300)")
    project(app)
    with pytest.raises(LocalRunError, match="is not over after"):
        run(app, warm=app / "warm", timeout=25)
    (app / "train.py").write_text(source)
    project(app)
    assert again(app) == ["Train"]


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_output_makes_its_job_run_and_no_other(app: Path, harm: str) -> None:
    """A job never reads a part of what another has written."""
    (content,) = (file for file in (app / "warm" / "contents").iterdir() if file.read_bytes() == b"1,2")
    content.unlink() if harm == "gone" else content.write_bytes(b"1,9")
    told = Notes()
    assert again(app, progress=told) == ["Prepare"]
    assert [note for note in told.notes if "is damaged or missing, and the result is not used" in note]
    assert again(app) == []


def test_a_damaged_result_is_a_miss(app: Path) -> None:
    file = next(each for each in (app / "warm" / "results").iterdir() if "Prepare" in each.read_text())
    file.write_text(file.read_text()[:-30])
    told = Notes()
    assert again(app, progress=told) == ["Prepare"]
    assert [note for note in told.notes if f"{file} is damaged" in note]
    assert again(app) == []


def test_a_run_that_is_killed_loses_nothing(app: Path, tmp_path: Path) -> None:
    """Neither what the folder had before, nor what it has recorded some seconds ago."""
    (app / "raw" / "c.csv").write_text("6")
    source = (app / "train.py").read_text()
    (app / "train.py").write_text("import time; time.sleep(300)")
    project(app)
    with started(app, tmp_path / "run", "--warm", str(app / "warm")) as killed:
        assert until(lambda: len(list((app / "warm" / "results").glob("*.json"))) == 3, 60), killed.errors()
        killed.send(signal.SIGKILL)
        killed.wait()
    (app / "train.py").write_text(source)
    project(app)
    assert again(app) == ["Train"]
    (app / "raw" / "c.csv").unlink()
    assert again(app) == []


def test_why_finds_the_markers_of_a_deployed_state_machine(app: Path) -> None:
    """Bucket and folder are read from its definition, as on AWS; there an execution's ARN leads to it."""

    def look(aws: Any, deployment: Any, report: RunReport) -> None:
        markers = Bucketed(deployment.definition(), aws.client("s3"))
        (reason,) = reasons(markers, "Train", report.execution_arn)
        found.extend([*markers.jobs, *(line.strip() for line in reason.lines())])

    found: list[str] = []
    project(app, depth=8)
    run(app, warm=app / "warm", before_end=look)
    assert found[:2] == ["Prepare", "Train"]
    assert found[-1] == "hyperparameter max_depth 6 -> 8"


def test_the_command_tells_what_was_taken(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("run", "--app", str(app), "--warm", str(app / "warm"), "--fresh", "Train") == 0
    out = capsys.readouterr().out
    assert "restore the results of 2 cached jobs" in out
    assert "Prepare: taken from the cache\n" in out
    assert "Train: succeeded after" in out
    assert "Prepare: look up" not in out
    assert "\ntaken from the cache: Prepare\n" in out


# The folder by itself.


def kept(folder: WarmFolder, key: str, *contents: bytes) -> Result:
    """A result with outputs."""
    objects = [
        KeptObject("bucket", f"out/{key}/{at}", "text/csv", folder.add([content]))
        for at, content in enumerate(contents)
    ]
    marker = KeptObject("bucket", f"cache/{key}.json", "application/json", folder.add([key.encode()]))
    return Result(marker, tuple(objects))


def test_a_folder_has_what_was_put_into_it(tmp_path: Path) -> None:
    with WarmFolder(tmp_path / "deep" / "warm") as folder:
        result = kept(folder, "key", b"a", b"b")
        folder.put(result)
    reader = WarmFolder(tmp_path / "deep" / "warm")
    assert list(reader.results()) == [result]
    assert [file.read_bytes() for each in result.objects if (file := reader.content(each))] == [b"a", b"b"]
    assert [text for _, text in reader.read()] == ["key"]


def test_contents_that_nothing_names_any_more_are_removed(tmp_path: Path) -> None:
    """Those of a result that another has replaced, and files that a killed run has left half written."""
    with WarmFolder(tmp_path) as folder:
        folder.put(kept(folder, "key", b"old", b"same"))
        (tmp_path / "contents" / ".new-left").write_bytes(b"half")
        (tmp_path / "results" / ".new-left").write_bytes(b"half")
    with WarmFolder(tmp_path) as folder:
        folder.put(kept(folder, "key", b"new", b"same"))
    left = {file.read_bytes() for file in (tmp_path / "contents").iterdir()}
    assert left == {b"new", b"same", b"key"}
    assert all(not file.name.startswith(".new-") for file in (tmp_path / "results").iterdir())


def test_nothing_is_removed_where_a_result_is_damaged(tmp_path: Path) -> None:
    """What it named may be all right, and its file be mended."""
    with WarmFolder(tmp_path) as folder:
        folder.put(kept(folder, "one", b"a"))
        folder.put(kept(folder, "two", b"b"))
    before = sorted((tmp_path / "contents").iterdir())
    next((tmp_path / "results").iterdir()).write_text("{")
    with WarmFolder(tmp_path):
        pass
    assert sorted((tmp_path / "contents").iterdir()) == before


def test_nothing_is_removed_while_another_run_uses_the_folder(tmp_path: Path) -> None:
    """It has written contents that it will name in a moment."""
    with WarmFolder(tmp_path) as one:
        result = kept(one, "key", b"a")
        with WarmFolder(tmp_path) as other:
            other.put(kept(other, "other", b"b"))
        one.put(result)
    reader = WarmFolder(tmp_path)
    assert len(list(reader.results())) == 2
    assert all(reader.content(each) for found in reader.results() for each in found.all)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"mine.csv": "1"}, "has files that are not the results of cached jobs; name an empty or a new folder"),
        ({warm_folder.MARK: '{"version": 2}'}, "must have version 1, got 2: it is of another constructs-ml"),
        ({warm_folder.MARK: "[]"}, "must have version 1, got None"),
        ({warm_folder.MARK: "{"}, "cannot be read"),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path: Path, files: dict[str, str], said: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(RunInputError) as caught:
        WarmFolder(tmp_path).check()
    assert said in str(caught.value)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == files


@pytest.mark.parametrize("place", ["file", "file/warm"])
def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunInputError, match="cannot be a folder"):
        WarmFolder(tmp_path / place).check()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"version": 2},
        {"version": 1, "marker": {"bucket": "b"}, "objects": []},
        {"version": 1, "marker": None, "objects": []},
        {
            "version": 1,
            "marker": {
                "bucket": "b",
                "key": "k",
                "content_type": "",
                "digest": "../../../../etc/passwd".ljust(64, "0"),
            },
            "objects": [],
        },
        {"version": 1, "marker": {"bucket": 1, "key": "k", "content_type": "", "digest": "0" * 64}, "objects": []},
    ],
)
def test_a_result_that_is_none_is_left_out(tmp_path: Path, body: Any) -> None:
    with WarmFolder(tmp_path) as folder:
        (tmp_path / "results" / "x.json").write_text(json.dumps(body))
        assert list(folder.results()) == []
        assert folder.damaged == [tmp_path / "results" / "x.json"]
