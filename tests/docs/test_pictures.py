"""The pictures in the README and the guide are those that are drawn today, of what stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import constructs_ml as ml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import write_pictures  # noqa: E402 - tools is no package

if TYPE_CHECKING:
    import pytest
    from aws_cdk import Stack

GUIDE = (ROOT / "docs/insight.md").read_text(encoding="utf-8")


def test_pictures_are_those_that_are_drawn() -> None:
    """If they have changed: ``python tools/write_pictures.py``."""
    drawn = write_pictures.pictures()
    assert {path.name for path in write_pictures.PICTURES.iterdir()} == set(drawn)
    for name, text in drawn.items():
        assert (write_pictures.PICTURES / name).read_text(encoding="utf-8") == text, name


def test_the_guide_shows_what_pictures_say() -> None:
    """Words of its table are in a picture, and in the one it shows."""
    shown = "".join(re.sub(r"<[^>]+>", " ", text) for text in write_pictures.pictures().values())
    told = [
        "on States.TaskFailed",
        "retries refused calls 6 times, quotas 20 times",
        "sagemaker-scikit-learn:1.2-1-cpu-py3",
        "1 × ml.m5.xlarge",
        "at most 3 at once",
        "waits 10 minutes",
    ]
    assert [text for text in told if text not in shown or text not in GUIDE] == []


def test_the_guides_python_runs(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    workflow = ml.Workflow(stack, "Nightly", definition=ml.ProcessingJob(stack, "Prepare", image=image))
    exec(block, {"ml": ml, "workflow": workflow})  # noqa: S102 - our own guide
    assert "Prepare (SageMaker processing job" in capsys.readouterr().out
    assert (tmp_path / "workflow.html").is_file()
