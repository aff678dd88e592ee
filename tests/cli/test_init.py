"""The command ``constructs-ml init``: the app that it writes is good as it is, and no file of a user's is lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.versions import TRUST_HAS_CONDITIONS, has

from constructs_ml import cli
from constructs_ml.cli.init import stack_name
from constructs_ml.local.runner.given import source

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
FILES = [
    ".gitignore",
    "README.md",
    "app.py",
    "cdk.json",
    "data/penguins.csv",
    "pyproject.toml",
    "requirements.txt",
    "src/preprocess.py",
    "src/train.py",
    "tests/__snapshots__/test_stack.ambr",
    "tests/test_scripts.py",
    "tests/test_stack.py",
]


def main(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def tool(app: Path, *arguments: str) -> str:
    """What a tool says of the app; it must be content."""
    # A pytest that is told of a worker believes to be one, and syrupy leaves its report to the others.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=app, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app in a folder whose name is no name of a stack."""
    folder = tmp_path_factory.mktemp("written") / "2 Pingüinos"
    assert main("init", folder) == 0
    return folder


def test_it_says_what_was_written_and_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my workflow"
    assert main("init", folder) == 0
    assert files(folder) == FILES
    assert capsys.readouterr().out.splitlines() == [
        f"wrote to {folder}:",
        *(f"  {file}" for file in FILES),
        "next:",
        f"  cd '{folder}' && constructs-ml run",
        "  pip install -r requirements.txt",
        "  pytest",
    ]


def test_an_empty_folder_is_used_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hidden files that are none of the app's are left alone: a repository and an environment come first."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".venv").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main("init") == 0
    assert files(tmp_path) == FILES
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "  constructs-ml run",
        "  pip install -r requirements.txt",
        "  pytest",
    ]


def test_the_stack_is_called_after_the_folder(app: Path) -> None:
    assert 'PenguinsStack(app, "Workflow2Pinguinos")' in (app / "app.py").read_text(encoding="utf-8")
    assert (app / "README.md").read_text(encoding="utf-8").startswith("# Workflow2Pinguinos\n")
    for file in FILES:
        assert "MyWorkflow" not in (app / file).read_text(encoding="utf-8"), file


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-workflow", "MyWorkflow"),
        ("my workflow.2", "MyWorkflow2"),
        ("2024_census", "Workflow2024Census"),
        ("Über", "Uber"),
        ("数据", "Workflow"),
        ("-", "Workflow"),
        ("", "Workflow"),
        ("x" * 255, "X" + "x" * 99),
    ],
)
def test_a_folder_of_any_name_gives_a_stack_name(folder: str, name: str) -> None:
    assert stack_name(folder) == name
    assert re.fullmatch("[A-Za-z][A-Za-z0-9-]{0,127}", name)


def test_check_finds_nothing_wrong_with_it(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("check", app) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 1 definition\n"


@pytest.mark.local
def test_its_own_tests_pass(app: Path) -> None:
    """They run the workflow too, with a true /opt/ml where the machine allows it; the snapshot is not updated."""
    newest = has(TRUST_HAS_CONDITIONS)
    # The snapshot was taken with them; all else holds without.
    left_out = [] if newest else ["--deselect", "tests/test_stack.py::test_what_is_deployed"]
    out = tool(app, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *left_out)
    assert "1 snapshot passed" in out or not newest
    assert re.search(r"\d+ passed(, 1 deselected)? in", out)


@pytest.mark.local
def test_it_runs_where_paths_are_rewritten(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A PATH without ``unshare`` is a machine without namespaces."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main("run", "--app", app) == 0
    out = capsys.readouterr().out
    assert "SUCCEEDED in" in out
    assert re.search(r"^Train: test:accuracy=0\.9\d+$", out, re.MULTILINE)


@pytest.mark.needs_cdk("2.230", "classes that type checkers take for their interfaces")
def test_its_types_are_checked_strictly(app: Path) -> None:
    """With the cache of `make lint`, whose Python is 3.10: without it, reading aws_cdk takes a minute."""
    tool(app, "mypy", "--strict", "--python-version", "3.10", "--cache-dir", str(ROOT / ".mypy_cache"), ".")


@pytest.mark.parametrize("options", [["check"], ["check", "--isolated"], ["format", "--check"]], ids=" ".join)
def test_its_style_is_ruffs_own(app: Path, options: list[str]) -> None:
    tool(app, "ruff", *options, "--no-cache")


def test_it_has_this_repositorys_feature_flags(app: Path) -> None:
    def flags(folder: Path) -> dict[str, Any]:
        context = json.loads((folder / "cdk.json").read_text(encoding="utf-8"))["context"]
        return {name: value for name, value in context.items() if name != "constructs-ml:run"}

    assert flags(app) == flags(ROOT)


def test_its_data_are_the_published_ones(app: Path) -> None:
    published = source("package:palmerpenguins/data/penguins.csv", ROOT)
    assert (app / "data/penguins.csv").read_bytes() == published.read_bytes()


def test_the_wheel_has_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    starter = "constructs_ml/cli/starter/"
    names = [name.removeprefix(starter) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(starter)]
    assert sorted(names) == sorted(file.removeprefix(".") for file in FILES)


def _file(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")


def _folder_with(*names: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        for name in names:
            (path / name).write_text("mine", encoding="utf-8")

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_folder_with("app.py", "notes.txt"), "is not empty, it has app.py, notes.txt; name a new or an empty folder"),
        (_folder_with("notes.txt"), "is not empty, it has notes.txt;"),
        (_folder_with(".gitignore", ".env"), "is not empty, it has .gitignore;"),
        (_folder_with(*"abcdefg"), "is not empty, it has a, b, c, d, e and 2 more;"),
        (_file, "is a file; name a new or an empty folder"),
        (lambda path: path.symlink_to("nothing"), "cannot be written to: "),
        (lambda path: path.symlink_to(path), "cannot be written to: "),
    ],
    ids=["own", "other", "hidden", "many", "file", "dangling", "loop"],
)
def test_a_folder_that_is_taken_is_refused_and_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], None], said: str
) -> None:
    folder = tmp_path / "mine"
    make(folder)
    before = sorted(tmp_path.rglob("*"))
    assert main("init", folder) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith(f"constructs-ml: {folder} ")
    assert said in error
    assert sorted(tmp_path.rglob("*")) == before
    assert all(path.read_text(encoding="utf-8") == "mine" for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    assert main("init", tmp_path / "new") == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert "cannot be written to: " in error
    tmp_path.chmod(0o700)


def test_a_file_in_the_place_of_a_parent_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _file(tmp_path / "file")
    assert main("init", tmp_path / "file" / "new") == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert f"cannot be written to: {tmp_path / 'file'}: " in error


@pytest.mark.parametrize("existed", [True, False])
def test_what_cannot_be_written_whole_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], existed: bool
) -> None:
    """A disk that fills up at the last file leaves what was there before."""
    folder = tmp_path / "new" / "app"
    if existed:
        (folder / ".git").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    really = Path.open

    def full(path: Path, mode: str = "r", **options: Any) -> Any:
        if path.name == "train.py" and "x" in mode:
            raise OSError(28, "No space left on device", str(path))
        return really(path, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    assert main("init", folder) == 2
    assert f"cannot be written to: {folder / 'src/train.py'}: No space left" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
