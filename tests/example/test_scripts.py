"""The example's scripts do their work on the real data, and say what is wrong with bad data."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPTS = Path(__file__).parents[2] / "example" / "scripts"
HEADER = "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year\n"
PENGUIN = "Adelie,Biscoe,39.1,18.7,181,3750,male,2007\n"


def run(script: str, *args: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Start a script as a container does: as a process of its own."""
    command = [sys.executable, str(SCRIPTS / script), *map(str, args)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **(env or {})})


def load(script: str) -> ModuleType:
    """Import a script, as the serving container does: it costs less than a process."""
    spec = importlib.util.spec_from_file_location(script, SCRIPTS / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def penguins_csv() -> str:
    spec = importlib.util.find_spec("palmerpenguins")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "data" / "penguins.csv").read_text()


@dataclass
class Job:
    """A processing job's folders."""

    folder: Path

    def arguments(self, files: dict[str, str]) -> list[str]:
        """Lay out the input, and point the script at this job's folders."""
        for name, text in files.items():
            path = self.folder / "input" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        folders = {"--input-dir": "input", "--output-dir": "output", "--message-file": "message"}
        return [part for option, name in folders.items() for part in (option, str(self.folder / name))]

    def output(self, name: str) -> pd.DataFrame:
        """Read the rows of an output."""
        return pd.read_csv(self.folder / "output" / name / f"{name}.csv")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.fixture(scope="module")
def processed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, str]:
    """Split the real data by the script's defaults; the second is what the job printed."""
    job = Job(tmp_path_factory.mktemp("processed"))
    result = run("preprocess.py", *job.arguments({"penguins.csv": penguins_csv()}))
    assert result.returncode == 0, result.stderr
    return job, result.stdout


@pytest.fixture(scope="module")
def trained(processed: tuple[Job, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Train as SageMaker does, by environment and hyperparameters' own names; the second is what the job printed."""
    folder = tmp_path_factory.mktemp("trained")
    env = {
        "SM_CHANNEL_TRAIN": str(processed[0].folder / "output" / "train"),
        "SM_CHANNEL_TEST": str(processed[0].folder / "output" / "test"),
        "SM_MODEL_DIR": str(folder / "model"),
        "SM_OUTPUT_DATA_DIR": str(folder / "output" / "data"),
    }
    result = run("train.py", "--max_depth", 6, "--n_estimators", 50, env=env)
    assert result.returncode == 0, result.stderr
    return folder, result.stdout


@pytest.fixture(scope="module")
def preprocess() -> ModuleType:
    return load("preprocess")


@pytest.fixture(scope="module")
def train() -> ModuleType:
    return load("train")


def test_preprocess_keeps_every_usable_penguin(processed: tuple[Job, str]) -> None:
    """Two of the 344 rows have no measurement; nine more lack the sex alone, and stay."""
    job, printed = processed
    assert "rows=344; usable=342;" in printed
    assert (len(job.output("train")), len(job.output("test"))) == (273, 69)


def test_preprocess_puts_the_label_first(processed: tuple[Job, str]) -> None:
    """SageMaker's own algorithms expect the label in the first column."""
    assert {processed[0].output(name).columns[0] for name in ("train", "test")} == {"species"}


def test_preprocess_splits_each_species_alike(processed: tuple[Job, str]) -> None:
    """The split is stratified."""
    train, test = (processed[0].output(name)["species"].value_counts(normalize=True) for name in ("train", "test"))
    assert (train - test).abs().max() < 0.01


def test_preprocess_repeats_a_split(processed: tuple[Job, str], job: Job, preprocess: ModuleType) -> None:
    """The same random state makes the same split."""
    assert preprocess.main(["--random-state", "0", *job.arguments({"penguins.csv": penguins_csv()})]) == 0
    pd.testing.assert_frame_equal(job.output("test"), processed[0].output("test"))


def test_preprocess_reads_every_file(job: Job, preprocess: ModuleType) -> None:
    """Files in folders count, and the ratio is the test set's share."""
    files = {"2007/a.csv": HEADER + PENGUIN * 6, "2008/b.csv": HEADER + PENGUIN * 4, "notes.txt": "no data"}
    assert preprocess.main(["--train-test-split-ratio", "0.3", *job.arguments(files)]) == 0
    assert (len(job.output("train")), len(job.output("test"))) == (7, 3)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no CSV file below"),
        ({"a.csv": HEADER.replace("sex", "gender") + PENGUIN}, "a.csv: no column sex"),
        ({"a.csv": ""}, "a.csv: No columns to parse from file"),
        ({"a.csv": HEADER + PENGUIN.replace("3750", "heavy")}, "a.csv: could not convert string to float: 'heavy'"),
        ({"a.csv": HEADER + PENGUIN}, "With n_samples=1"),
    ],
    ids=["no file", "no column", "empty", "no number", "one row"],
)
def test_preprocess_says_what_is_wrong(
    job: Job, preprocess: ModuleType, capsys: pytest.CaptureFixture[str], files: dict[str, str], message: str
) -> None:
    """A bad input ends the job with a message that its Describe response shows, and without outputs."""
    assert preprocess.main(job.arguments(files)) == 1
    assert message in (job.folder / "message").read_text()
    assert message in capsys.readouterr().err
    assert not (job.folder / "output").exists()


def test_preprocess_fails_by_its_exit_code(job: Job) -> None:
    """SageMaker marks the job as failed, and no traceback hides the message."""
    result = run("preprocess.py", *job.arguments({}))
    assert result.returncode == 1
    assert result.stderr == (job.folder / "message").read_text() + "\n"


def test_train_prints_metrics_that_it_keeps(trained: tuple[Path, str]) -> None:
    """A metric definition's regular expression finds what metrics.json says."""
    folder, printed = trained
    metrics = json.loads((folder / "output" / "data" / "metrics.json").read_text())
    found = {name: float(value) for name, value in re.findall(r"(test_\w+)=([0-9.]+);", printed)}
    assert found == {name: pytest.approx(value, abs=1e-4) for name, value in metrics.items()}


def test_train_learns(trained: tuple[Path, str]) -> None:
    """Penguins are easy to tell apart."""
    metrics = json.loads((trained[0] / "output" / "data" / "metrics.json").read_text())
    assert set(metrics) == {"test_accuracy", "test_f1_macro"}
    assert min(metrics.values()) > 0.95


def test_train_needs_no_test_channel(
    processed: tuple[Job, str],
    train: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Arguments go before the environment, and a job without a test channel measures nothing."""
    monkeypatch.setenv("SM_MODEL_DIR", "/nowhere")
    data = processed[0].folder / "output" / "train"
    train.main(["--n-estimators", "2", "--train", str(data), "--model-dir", str(tmp_path)])
    assert (tmp_path / "model.joblib").exists()
    assert capsys.readouterr().out == "train_rows=273;\n"


def test_train_names_an_empty_channel(train: ModuleType, tmp_path: Path) -> None:
    """A channel without data is an error that names it, not an empty model."""
    with pytest.raises(FileNotFoundError, match=f"no CSV file in {tmp_path}"):
        train.main(["--train", str(tmp_path)])


def test_serving_answers_what_training_measured(
    train: ModuleType, trained: tuple[Path, str], processed: tuple[Job, str]
) -> None:
    """The model that an endpoint loads is the one that was measured."""
    folder, _ = trained
    test = processed[0].output("test")
    rows = train.input_fn(test.drop(columns="species").to_csv(index=False).encode(), "text/csv; charset=utf-8")
    accuracy = (train.predict_fn(rows, train.model_fn(str(folder / "model"))) == test["species"]).mean()
    metrics = json.loads((folder / "output" / "data" / "metrics.json").read_text())
    assert accuracy == pytest.approx(metrics["test_accuracy"])


@pytest.mark.parametrize(
    "body",
    [
        "39.1,18.7,181,3750,Torgersen,male",
        "39.1,18.7,,3750,Torgersen,\n",
        "species,sex,island,body_mass_g,flipper_length_mm,bill_depth_mm,bill_length_mm\nunknown,male,Torgersen,3750,181,18.7,39.1\n",
    ],
    ids=["no header", "gaps", "header in another order"],
)
def test_serving_reads_rows(train: ModuleType, trained: tuple[Path, str], body: str) -> None:
    """One row of a batch transform has no header; a client's CSV may have one, and gaps."""
    model = train.model_fn(str(trained[0] / "model"))
    assert list(train.predict_fn(train.input_fn(body, "text/csv"), model)) == ["Adelie"]


def test_serving_refuses_other_formats(train: ModuleType) -> None:
    """A content type that is not CSV is named in the error."""
    with pytest.raises(ValueError, match="got application/x-npy"):
        train.input_fn(b"", "application/x-npy")
