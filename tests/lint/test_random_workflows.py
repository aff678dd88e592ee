"""Legal workflows raise no alarm, whatever they are made of.

``make test-random`` draws a thousand, and has npm's asl-validator look at them too; here it is fewer.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from hypothesis import HealthCheck, given, settings
from support.random_workflows import PLANS, Plan, PlannedStack
from support.second_opinion import statelint_problems

from constructs_ml.cfn.template import machines_of
from constructs_ml.lint import check_template

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = int(os.environ.get("RANDOM_WORKFLOWS", "40"))
VALIDATOR = os.environ.get("ASL_VALIDATOR")
"""The command of npm's asl-validator, if it is to look at them."""


def template_of(plan: Plan, outdir: Path) -> dict[str, Any]:
    """The template of a plan."""
    app = App(analytics_reporting=False, outdir=str(outdir / "cdk.out"))
    stack = PlannedStack(app, "Random", plan)
    template: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return template


@pytest.mark.needs_cdk("2.215", "the permission of a Distributed Map that is inside a Map")
def test_legal_workflows_raise_no_alarm(tmp_path: Path) -> None:
    """The checks find nothing, not even a warning; statelint, and asl-validator where it is given, agree."""
    seen: list[Path] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(plan=PLANS)
    def looked_at(plan: Plan) -> None:
        template = template_of(plan, tmp_path)
        assert [str(found) for found in check_template(template)] == []
        (machine,) = machines_of(template)
        assert statelint_problems(machine.body) == []
        seen.append(tmp_path / f"{len(seen)}.asl.json")
        seen[-1].write_text(json.dumps(machine.body), encoding="utf-8")

    looked_at()
    assert len(seen) >= EXAMPLES
    if VALIDATOR:
        for at in range(0, len(seen), 100):
            paths = [part for file in seen[at : at + 100] for part in ("--json-path", str(file))]
            done = subprocess.run([VALIDATOR, *paths], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(VALIDATOR is None, reason="ASL_VALIDATOR is not set: make test-random sets it")
def test_the_validator_sees_what_is_wrong(tmp_path: Path) -> None:
    """It is not silent on everything."""
    file = tmp_path / "bad.asl.json"
    file.write_text('{"StartAt": "Nowhere", "States": {"A": {"Type": "Pass", "End": true}}}', encoding="utf-8")
    done = subprocess.run([str(VALIDATOR), "--json-path", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
