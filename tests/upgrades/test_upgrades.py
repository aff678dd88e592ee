"""An upgrade from the release before takes nothing from its users: their templates of then, beside those of today."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from kept_apps import APPS, ROOT, templates
from losses import MADE_AGAIN, losses

HERE = Path(__file__).parent
KEPT = sorted(folder for folder in HERE.glob("*.*.*/*/"))
EVERYTHING = {
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SageMaker::ModelPackageGroup",
    "AWS::StepFunctions::StateMachine",
}
"""The types of all that constructs of the library make, but for policies."""


def kept(folder: Path) -> dict[str, dict[str, object]]:
    """The templates of an app as the release wrote them."""
    files = folder.rglob("*.template.json")
    return {file.relative_to(folder).as_posix(): json.loads(file.read_text("utf-8")) for file in files}


@pytest.mark.filterwarnings("ignore:A Jsii:UserWarning")
@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_an_upgrade_takes_nothing_away(folder: Path) -> None:
    """No bucket, role, log group or machine, no state, and no name that others know.

    If an app was changed, and not the library, change it back: users of the release keep theirs.
    """
    before, after = kept(folder), templates(folder.name)
    assert set(before) <= set(after), "a stack has another name"
    lost = {path: losses(template, after[path]) for path, template in before.items()}
    assert {path: found for path, found in lost.items() if found} == {}


def test_apps_of_one_release_are_kept_and_have_all_that_the_library_makes() -> None:
    (release,) = {folder.parent for folder in KEPT}
    assert {folder.name for folder in KEPT} <= set(APPS)
    names = "\n".join(file.read_text("utf-8") for file in release.rglob("*.json"))
    assert [kind for kind in EVERYTHING if f'"{kind}"' not in names] == []
    assert not EVERYTHING & MADE_AGAIN


def test_what_the_tool_writes_is_what_is_compared(tmp_path: Path) -> None:
    keep = runpy.run_path(str(ROOT / "tools" / "keep_templates.py"))["keep"]
    keep("nested", tmp_path)
    assert set(kept(tmp_path / "nested")) == set(kept(HERE / KEPT[0].parent / "nested"))
    assert kept(tmp_path / "nested") == templates("nested")
