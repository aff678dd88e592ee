"""aws-cdk-lib's own linter of templates, which the other tests leave out as it takes seconds, finds nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from synth_stacks import CONTEXT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_cdk("2.262", "a linter of templates")
BROKEN = """
from aws_cdk import App, CfnResource, Stack
app = App()
CfnResource(Stack(app, "Broken"), "Bucket", type="AWS::S3::Bucket", properties={"BucketNam": "x"})
app.synth()
"""


def synthesize(folder: Path, *command: str) -> tuple[int, str]:
    """The exit code and what is printed, with a colourless terminal as the cdk command gives the app."""
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    environment |= {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(CONTEXT)}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_example_is_valid(tmp_path: Path) -> None:
    code, printed = synthesize(tmp_path, "app.py")
    assert code == 0, printed
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert report["pluginReports"] == []


def test_the_linter_looks(tmp_path: Path) -> None:
    _, printed = synthesize(tmp_path, "-c", BROKEN)
    if "BucketNam" not in printed:
        pytest.fail(f"no finding about an unknown property: {printed}")
