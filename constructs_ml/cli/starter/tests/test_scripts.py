"""The scripts, on the real rows and on rows that are wrong."""

import json
import shutil
from pathlib import Path

import pytest

import preprocess
import train

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder as the processing job finds its input."""
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def run(raw: Path) -> Path:
    """Run both scripts as the workflow does, and give the model."""
    folder = raw.parent
    arguments = ["--input", raw, "--output", folder, "--message", folder / "message"]
    preprocess.main([str(argument) for argument in arguments])
    arguments = ["--train", folder / "train", "--test", folder / "test", "--model-dir", folder / "model"]
    train.main([str(argument) for argument in arguments])
    return folder / "model" / "model.json"


def test_the_real_rows_are_learnt(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(DATA / "penguins.csv", raw)
    model = json.loads(run(raw).read_text(encoding="utf-8"))
    said = capsys.readouterr().out
    assert "rows=344; complete=342; train=274; test=68;" in said
    assert float(said.rpartition("test_accuracy=")[2].rstrip(";\n")) > 0.9
    assert sorted(model) == ["Adelie", "Chinstrap", "Gentoo"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no row of CSV below"),
        ("", "has no column species"),
        ("species,island\nAdelie,Torgersen\n", "has no column bill_length_mm"),
        (",".join(preprocess.COLUMNS), "there is no row of CSV below"),
        (",".join(preprocess.COLUMNS) + "\nAdelie,NA,NA,NA,NA\n", "0 complete rows"),
    ],
)
def test_rows_that_cannot_be_learnt_from_are_an_exit_message(raw: Path, content: str | None, message: str) -> None:
    if content is not None:
        (raw / "penguins.csv").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        run(raw)
    assert message in (raw.parent / "message").read_text(encoding="utf-8")


def test_an_empty_channel_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no row of CSV below"):
        train.main(["--train", str(tmp_path), "--test", str(tmp_path)])
