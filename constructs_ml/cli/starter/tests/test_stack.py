"""The workflow: what is deployed, and what it does when jobs fail."""

import json
import re
from pathlib import Path

import pytest
from aws_cdk import App, assertions
from constructs_ml.local import run
from constructs_ml.testing import Outcome, fails, returns, simulate, stopped
from syrupy.assertion import SnapshotAssertion

import preprocess
import train
from app import PenguinsStack

ROOT = Path(__file__).parents[1]
CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
INPUT = CONTEXT["constructs-ml:run"]["input"]
ASSET_HASH = re.compile(r"[0-9a-f]{64}")


@pytest.fixture(scope="module")
def stack() -> PenguinsStack:
    """The stack with the feature flags of cdk.json, as the cdk command synthesizes it."""
    return PenguinsStack(App(context=CONTEXT), "Penguins")


def test_what_is_deployed(stack: PenguinsStack, snapshot: SnapshotAssertion) -> None:
    """The template is the reviewed one; `pytest --snapshot-update` accepts a change.

    Assets are named after the hash of their content. With it left out, a change of a script does not change the
    snapshot, and line endings, which differ by machine, are none either. Nothing else in it depends on the machine.
    """
    template = json.dumps(assertions.Template.from_stack(stack).to_json())
    assert json.loads(ASSET_HASH.sub("<asset hash>", template)) == snapshot


def test_all_goes_well(stack: PenguinsStack) -> None:
    execution = simulate(stack, input=INPUT)
    assert execution.status == "SUCCEEDED"
    assert execution.path == ("Preprocess", "Preprocessed?", "Train")


@pytest.mark.parametrize("outcome", [fails("AlgorithmError: no row"), stopped()])
@pytest.mark.parametrize(("state", "path"), [("Preprocess", ()), ("Train", ("Preprocess", "Preprocessed?"))])
def test_a_job_that_fails_is_caught(stack: PenguinsStack, state: str, path: tuple[str, ...], outcome: Outcome) -> None:
    execution = simulate(stack, {state: outcome}, input=INPUT)
    assert execution.status == "FAILED"
    assert execution.path == (*path, state, "Failed")


def test_only_a_completed_preprocessing_is_trained_with(stack: PenguinsStack) -> None:
    execution = simulate(stack, {"Preprocess": returns({"ProcessingJobStatus": "Stopped"})}, input=INPUT)
    assert execution.path == ("Preprocess", "Preprocessed?", "Failed")


def test_preprocess_understands_what_the_workflow_passes(stack: PenguinsStack) -> None:
    """The arguments of the request are parsed by the script, and its folders are those that are mounted."""
    (request,) = simulate(stack, input=INPUT).requests("Preprocess")
    args = preprocess.parse(request["AppSpecification"]["ContainerArguments"])
    inputs = {item["InputName"]: Path(item["S3Input"]["LocalPath"]) for item in request["ProcessingInputs"]}
    outputs = request["ProcessingOutputConfig"]["Outputs"]
    assert args.input == inputs["raw"]
    assert {args.output / name for name in ("train", "test")} == {
        Path(item["S3Output"]["LocalPath"]) for item in outputs
    }
    assert args.test_share == float(INPUT["test_share"])


def test_train_understands_what_the_workflow_passes(stack: PenguinsStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hyperparameters are arguments, except SageMaker's own; a channel's folder is in SM_CHANNEL_<NAME>."""
    (request,) = simulate(stack, input=INPUT).requests("Train")
    for channel in request["InputDataConfig"]:
        name = channel["ChannelName"]
        monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", f"/somewhere/{name}")
    given = {name: value for name, value in request["HyperParameters"].items() if not name.startswith("sagemaker_")}
    args = train.parse([part for name, value in given.items() for part in (f"--{name}", value)])
    assert (args.train, args.test) == (Path("/somewhere/train"), Path("/somewhere/test"))
    assert args.var_smoothing == 1e-9


@pytest.mark.slow
def test_what_the_workflow_learns() -> None:
    """The whole workflow on this machine: the scripts on the real rows, with the permissions of the template."""
    report = run(ROOT)
    assert report.status == "SUCCEEDED", [job.failure_reason for job in report.jobs]
    assert report.states_passed == ["Preprocess", "Preprocessed?", "Train"]
    assert report.metrics["Train"]["test:accuracy"] > 0.9
