"""Scripts and directories, shipped and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack

import constructs_ml as ml
from constructs_ml.core.archive import content_hash, files_of, write_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import App

SKLEARN = ml.ContainerImage.sklearn("1.2-1")


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    (folder / "lib").mkdir(parents=True)
    (folder / "main.py").write_text("import sys\nfrom lib import words\nprint(words.HELLO, *sys.argv[1:])\n")
    (folder / "lib" / "words.py").write_text("HELLO = 'hello'\n")
    (folder / "lib" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    (folder / ".git").mkdir()
    (folder / ".git" / "secret").write_text("no")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"no")
    (folder / "data.csv").write_text("a,b\n")
    return folder


def specification(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = state["Parameters"]["AppSpecification"]
    return found


def job(stack: Stack, code: ml.Code, construct_id: str = "Job", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, construct_id, image=SKLEARN, code=code, **props)


@pytest.mark.parametrize(
    ("name", "interpreter"),
    [
        ("main.py", "python3"),
        ("main.sh", "bash"),
        ("pre_process-2.py", "python3"),
        ("a.b.py", "python3"),
        ("with space.py", "python3"),
        ("größe.py", "python3"),
    ],
)
def test_a_script(stack: Stack, asl: Callable[..., Any], tmp_path: Path, name: str, interpreter: str) -> None:
    """It keeps its name in S3, and so in the container: a traceback names it."""
    (tmp_path / name).write_text("echo\n")

    state = asl(stack, job(stack, ml.Code.from_asset(tmp_path / name), arguments=["--x"]))["Job"]

    (shipped,) = state["Parameters"]["ProcessingInputs"]
    assert shipped["InputName"] == "code"
    assert shipped["S3Input"]["S3Uri"].rsplit("/", 1)[-1] == name
    assert specification(state)["ContainerEntrypoint"] == [interpreter, f"/opt/ml/processing/input/code/{name}"]
    assert specification(state)["ContainerArguments"] == ["--x"]


def test_scripts_of_one_content_keep_their_names(stack: Stack, tmp_path: Path) -> None:
    """And scripts of one name are told apart by their content."""
    uris = []
    for number, (folder, name, content) in enumerate([("a", "x.py", "1"), ("a", "y.py", "1"), ("b", "x.py", "2")]):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(content)
        made = job(stack, ml.Code.from_asset(tmp_path / folder / name), f"Job{number}")
        uris.append(made._request["ProcessingInputs"][0]["S3Input"]["S3Uri"])

    assert [uri.rsplit("/", 1)[-1] for uri in uris] == ["x.py", "y.py", "x.py"]
    assert len(set(uris)) == 3


def test_a_directory_is_unpacked_and_started(
    stack: Stack, asl: Callable[..., Any], scripts: Path, tmp_path: Path
) -> None:
    """The entry point runs as it is, with the arguments as they are."""
    state = asl(stack, job(stack, ml.Code.from_asset(scripts), arguments=["--x", "a b", "it's"]))["Job"]
    entrypoint = specification(state)["ContainerEntrypoint"]
    arguments = specification(state)["ContainerArguments"]

    shipped, code = tmp_path / "input", tmp_path / "code"
    shipped.mkdir()
    write_archive(files_of(scripts), shipped / "0123abcd.gz")
    command = [
        part.replace("/opt/ml/processing/input/code", str(shipped)).replace("/opt/ml/processing/code", str(code))
        for part in [*entrypoint, *arguments]
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout == "hello --x a b it's\n"
    assert max(len(part) for part in entrypoint) <= 256


def test_a_directory_that_cannot_be_unpacked_fails(
    stack: Stack, asl: Callable[..., Any], scripts: Path, tmp_path: Path
) -> None:
    """The job fails then, and does not run something else."""
    state = asl(stack, job(stack, ml.Code.from_asset(scripts)))["Job"]

    command = [
        part.replace("/opt/ml/processing", str(tmp_path)) for part in specification(state)["ContainerEntrypoint"]
    ]

    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode != 0


def test_the_entry_point_of_a_directory(stack: Stack, scripts: Path) -> None:
    """main.py, or the only script, or the one that is named."""
    named = job(stack, ml.Code.from_asset(scripts, entry_point="lib/words.py"))
    (scripts / "main.py").rename(scripts / "fit.py")
    only = job(stack, ml.Code.from_asset(scripts), "Only")

    assert [part._request["AppSpecification"]["ContainerEntrypoint"][-1] for part in (named, only)] == [
        "lib/words.py",
        "fit.py",
    ]


def test_a_directory_with_several_scripts(stack: Stack, scripts: Path) -> None:
    """It is asked which to start."""
    (scripts / "main.py").rename(scripts / "a.py")
    (scripts / "b.sh").write_text("")

    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Job: code must name its entry point, scripts/ has a\.py, b\.sh; pass"
    ):
        job(stack, ml.Code.from_asset(scripts))


def test_a_script_that_is_excluded_is_not_started(stack: Stack, scripts: Path) -> None:
    """It would not be there."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"code has no entry point 'main\.py' in scripts/; scripts there: none"
    ):
        job(stack, ml.Code.from_asset(scripts, entry_point="main.py", exclude=["main.py"]))
    with pytest.raises(ml.InvalidPropsError, match="has no script"):
        job(stack, ml.Code.from_asset(scripts, exclude=["main.py"]), "Other")


def test_code_that_does_not_exist(stack: Stack) -> None:
    """The path is shown."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"code must be a script or a directory, got 'src/no\.py', which does not"
    ):
        job(stack, ml.Code.from_asset("src/no.py"))


def test_a_script_of_another_kind(stack: Stack, tmp_path: Path) -> None:
    """An entry point is needed for it."""
    (tmp_path / "run.R").write_text("")

    with pytest.raises(
        ml.InvalidPropsError, match=r"code must be a \.py or \.sh script, got 'run\.R'; pass entrypoint="
    ):
        job(stack, ml.Code.from_asset(tmp_path / "run.R"))


def test_an_entry_point_of_the_users_beside_code(stack: Stack, asl: Callable[..., Any], scripts: Path) -> None:
    """The code is there as an input all the same."""
    state = asl(stack, job(stack, ml.Code.from_asset(scripts), entrypoint=["sh", "/run.sh"]))["Job"]

    assert specification(state)["ContainerEntrypoint"] == ["sh", "/run.sh"]
    assert state["Parameters"]["ProcessingInputs"][0]["InputName"] == "code"


def test_an_archive_is_the_same_bytes_every_day(scripts: Path, tmp_path: Path) -> None:
    """Times, owners and the order of the folder do not matter; content, names and executability do."""
    copy = tmp_path / "copy"
    shutil.copytree(scripts, copy)
    for file in copy.rglob("*"):
        os.utime(file, (1, 1))

    for folder, name in ((scripts, "one.gz"), (copy, "two.gz")):
        write_archive(files_of(folder), tmp_path / name)

    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert content_hash(files_of(scripts)) == content_hash(files_of(copy))
    (copy / "main.py").chmod(0o755)
    assert content_hash(files_of(scripts)) != content_hash(files_of(copy))


def test_what_is_shipped_of_a_directory(scripts: Path, tmp_path: Path) -> None:
    """No caches, no hidden folders, nothing that is excluded."""
    write_archive(files_of(scripts, ["data.*"]), tmp_path / "a.gz")

    with tarfile.open(tmp_path / "a.gz") as archive:
        assert archive.getnames() == ["__init__.py", "lib/__init__.py", "lib/words.py", "main.py"]


@pytest.mark.parametrize("pattern", ["lib", "lib/*", "*.py"])
def test_patterns_of_what_is_excluded(scripts: Path, pattern: str) -> None:
    """A name of a folder or a file, or a path."""
    assert "lib/words.py" not in files_of(scripts, [pattern])
    assert "data.csv" in files_of(scripts, [pattern])


def test_the_same_content_at_two_paths_is_one_asset(
    app: App, stack: Stack, synth: Callable[..., Any], scripts: Path, tmp_path: Path
) -> None:
    """And the template does not tell where the code was."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(scripts, copy)
    for number, folder in enumerate((scripts, copy)):
        job(stack, ml.Code.from_asset(folder), f"Archive{number}")
        job(stack, ml.Code.from_asset(folder / "main.py"), f"Script{number}")

    synth(stack)

    outdir = tmp_path / "cdk.out"
    assert len([file for file in outdir.iterdir() if file.name.startswith("asset.")]) == 2
    assert str(tmp_path) not in (outdir / stack.template_file).read_text()
    assert app.node is not None


def test_two_stacks_ship_the_same_asset(app: App, scripts: Path) -> None:
    """The archive is written again and has the same hash."""
    keys = []
    for name in ("One", "Two"):
        stack = Stack(app, name)
        first = job(stack, ml.Code.from_asset(scripts))
        keys.append(first._request["ProcessingInputs"][0]["S3Input"]["S3Uri"].rsplit("/", 1)[-1])

    assert keys[0] == keys[1]


def test_code_in_s3(stack: Stack, asl: Callable[..., Any]) -> None:
    """A script, or a folder with the name of the script; nothing is shipped."""
    script = job(stack, ml.Code.from_s3("s3://code/fit/main.py"), "Script")
    folder = job(stack, ml.Code.from_s3("s3://code/fit/", entry_point="run.sh"), "Folder")

    states = asl(stack, script.next(folder))

    assert specification(states["Script"])["ContainerEntrypoint"][1] == "/opt/ml/processing/input/code/main.py"
    assert specification(states["Folder"])["ContainerEntrypoint"] == ["bash", "/opt/ml/processing/input/code/run.sh"]


def test_code_in_s3_at_a_place_known_at_run_time(stack: Stack) -> None:
    """The script's name must be told."""
    place = ml.S3Data.from_uri(ml.execution_input("Code"), within=[ml.S3Data.from_uri("s3://code/")])

    with pytest.raises(ml.InvalidPropsError, match=r"code must be a \.py or \.sh script, got ''"):
        job(stack, ml.Code.from_s3(place))
    assert job(stack, ml.Code.from_s3(place, entry_point="fit.py"), "Named")


def test_training_code_in_s3_names_its_program(stack: Stack) -> None:
    """The archive may hold any."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"Census/Train: code in S3 must name its program; pass Code\.from_s3"
    ):
        ml.TrainingJob(stack, "Train", image=SKLEARN, code=ml.Code.from_s3("s3://code/sourcedir.tar.gz"))
