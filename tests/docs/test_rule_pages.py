"""The pages of the rules are those of the rules, and what docs/security.md says of plain and secure workflows holds."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.each import each
from support.ground import Ground

import constructs_ml as ml
from constructs_ml.lint import all_rules
from constructs_ml.lint.security.pack import check_security, security_rules

if TYPE_CHECKING:
    from aws_cdk import Stack

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CHECKS = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tool() -> Any:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location("write_rules", ROOT / "tools" / "write_rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date() -> None:
    """Below their marks they say what the rules say."""
    command = [sys.executable, "tools/write_rules.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_explained() -> None:
    """Each has a heading of its own, that the tables and other pages link to."""
    headings = re.findall(r"^### (C\w+)$", CHECKS + SECURITY, re.MULTILINE)
    assert headings == [rule.id for rule in (*all_rules(), *security_rules())]


def test_examples_are_json() -> None:
    """What is cut of them leaves JSON."""
    for page in (CHECKS, SECURITY):
        for text in each(re.findall(r"```json\n(.*?)```", page, re.DOTALL)):
            assert json.loads(text)


def test_a_line_holds_what_fits_into_it(tool: Any) -> None:
    """Short objects stand in one line, long ones in one line for each member."""
    assert tool.written({"a": [1, {"b": True}]}) == '{"a": [1, {"b": true}]}'
    long = {"first": "x" * 60, "second": {"third": "y" * 60, "fourth": []}}
    assert json.loads(tool.written(long)) == long
    assert len(tool.written(long).splitlines()) == 4


def test_what_is_long_is_cut(tool: Any) -> None:
    """Texts and collections say how much is left out; a definition in a text is shown as itself."""
    assert tool.shown("x" * 200) == f"{'x' * 40}… (200 characters)"
    assert tool.shown(list(range(20))) == [0, 1, 2, "… 17 more"]
    assert list(tool.shown({str(number): number for number in range(20)})) == ["0", "1", "2", "…"]
    assert tool.shown('{"StartAt": "A"}') == {"StartAt": "A"}
    assert tool.shown("{% $x %}") == "{% $x %}"


def test_the_secure_app_has_no_finding() -> None:
    """The page's app is synthesized as it stands there; the pack has nothing against it, not even advice."""
    (code,) = re.findall(r"```python\n(.*?)```", SECURITY, re.DOTALL)
    assert "ml.checks.SageMakerSecurityChecks.of(app)" in code
    names: dict[str, Any] = {"__name__": "secure"}
    exec(compile(code, "security.md", "exec"), names)  # noqa: S102 - our own page
    template = json.loads(Path(names["app"].outdir, "Census.template.json").read_text(encoding="utf-8"))
    assert [str(found) for found in check_security(template)] == []


def test_a_plain_workflow_breaks_the_rules_that_the_page_lists(stack: Stack) -> None:
    """Every kind of step without any default: these rules, and no other."""
    every = ("bucket", "encrypt_inter_container_traffic", "network_isolation", "output_key", "volume_key")
    ground = Ground(stack, every)
    ground.workflow(
        ground.processing(instance_count=2),
        ground.training(spot=True, checkpoint_path="/opt/ml/checkpoints"),
        ground.tuning(),
        ground.transform(),
        ground.automl(),
        ground.labeling(),
        ground.model(),
        ground.endpoint(ml.hosting.Variant(model="census")),
        encryption_key=None,
    )
    listed = re.findall(r"^\| (CMS\d+) \|", SECURITY, re.MULTILINE)
    assert sorted({found.rule for found in check_security(ground.template())}) == listed
