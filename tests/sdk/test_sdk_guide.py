"""The examples of docs/sdk.md are run as they stand there, and the workflow of all of them in a simulation."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_stepfunctions as sfn
from support.examples import SCRIPTS, run, simulated

import constructs_ml as ml

pytest.importorskip("sagemaker.core.processing")

if TYPE_CHECKING:
    from aws_cdk import Stack

ROOT = Path(__file__).parents[2]
PREPROCESS, TRAIN, REQUEST = re.findall(r"```python\n(.*?)```", (ROOT / "docs/sdk.md").read_text(), re.DOTALL)
IMAGE = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCRIPTS:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print('runs')\n")
    monkeypatch.chdir(tmp_path)


def test_the_processor_and_the_request_run(stack: Stack) -> None:
    """With the part of the SDK that has processors."""
    world = run(PREPROCESS + REQUEST, stack, image=IMAGE)
    ml.Workflow(stack, "Workflow", definition=sfn.Chain.start(world["preprocess"]).next(world["evaluate"]))
    assert simulated(world).status == "SUCCEEDED"


TRAINS = find_spec("sagemaker.train") is not None
if TRAINS:
    # It warns of modules of its own that have moved, which is ignored here.
    pytest.importorskip("sagemaker.train.model_trainer")


@pytest.mark.skipif(not TRAINS, reason="the part of the SDK that trains is not installed")
def test_all_of_it_is_one_workflow(stack: Stack) -> None:
    """With the whole SDK: what the processor writes is what the trainer reads."""
    world = run(PREPROCESS + TRAIN + REQUEST, stack, image=IMAGE)
    steps = [world[name] for name in ("preprocess", "train", "evaluate")]
    ml.Workflow(stack, "Workflow", definition=sfn.Chain.start(steps[0]).next(steps[1]).next(steps[2]))
    execution = simulated(world)
    assert execution.status == "SUCCEEDED"
    (prepared,) = execution.requests("Preprocess")
    (trained,) = execution.requests("Train")
    written = prepared["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert trained["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == written
