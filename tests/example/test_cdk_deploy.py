"""The real ``cdk`` command against the embedded AWS."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [pytest.mark.local, pytest.mark.cli]

ROOT = Path(__file__).parents[2]


def test_cdk_bootstraps_and_deploys_the_example(tmp_path: Path) -> None:
    # With IAM enforced, the command's own roles are; what they lack here is no concern of the example.
    with LocalAws(enforce_iam=False) as aws:
        environment = {
            **os.environ,
            **aws.environment,
            "AWS_ENDPOINT_URL_S3": aws.endpoint_url,
            "CDK_DISABLE_VERSION_CHECK": "1",
        }
        _cdk(["bootstrap", f"aws://{aws.account}/{aws.region}", "--output", str(tmp_path / "bootstrap")], environment)
        outputs = tmp_path / "outputs.json"
        out = str(tmp_path / "cdk.out")
        _cdk(
            ["deploy", "--require-approval", "never", "--outputs-file", str(outputs), "--output", out],
            environment,
        )
        deployed = json.loads(outputs.read_text())["Penguins"]
        machine = aws.client("stepfunctions").describe_state_machine(stateMachineArn=deployed["WorkflowArn"])
        assert set(json.loads(machine["definition"])["States"]) == {
            *("Inputs", "Invalid input", "Preprocess", "Preprocessed?", "Train", "GoodEnough?", "Model"),
            *("Failed", "NotGoodEnough"),
        }


def _cdk(arguments: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["cdk", *arguments, "--no-notices", "--no-version-reporting"],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
