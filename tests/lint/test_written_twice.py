"""States that a text has twice are told, though whoever reads it keeps the last alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.lint.input.files import read_file

if TYPE_CHECKING:
    from pathlib import Path

JSON = """{
  "StartAt": "A",
  "States": {
    "A": {"Type": "Pass", "Next": "B"},
    "B": {"Type": "Pass", "End": true},
    "A": {"Type": "Pass", "Comment": "the second", "Next": "B"}
  }
}"""
YAML = """
StartAt: A
States:
  A: {Type: Pass, Next: B}
  B: {Type: Pass, End: true}
  A: {Type: Pass, Comment: the second, Next: B}
"""
SUBSTITUTED = JSON.replace('"the second"', "${Comment}")


def template(**properties: Any) -> str:
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return json.dumps({"Resources": {"Flow": machine}})


def inline(definition: str) -> str:
    """A template whose definition is no text; it is put in as it is written."""
    return template(Definition="HERE").replace('"HERE"', definition)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flow.asl.json", JSON),
        ("flow.asl.json", SUBSTITUTED),
        ("flow.asl.yaml", YAML),
        ("template.json", inline(JSON)),
        ("template.json", inline(JSON).replace('"Definition":', '"DefinitionSubstitutions": {"x": 1}, "Definition":')),
        ("template.yaml", "# YAML\n" + inline(JSON)),
        ("template.json", template(DefinitionString=JSON)),
        ("template.json", template(DefinitionString={"Fn::Sub": SUBSTITUTED})),
        ("template.json", template(DefinitionUri="part.asl.yaml")),
    ],
    ids=["json", "with a variable", "yaml", "inline", "substituted", "in yaml", "text", "sub", "in a file"],
)
def test_a_state_that_is_written_twice_is_told(tmp_path: Path, name: str, text: str) -> None:
    """Wherever the definition stands; the state is named."""
    (tmp_path / "part.asl.yaml").write_text(YAML)
    file = tmp_path / name
    file.write_text(text)
    (found,) = read_file(file).violations()
    assert (found.rule, found.state) == ("CML006", "A")
    assert "is the name of two states, both at the top of the definition" in found.message


def test_a_state_that_a_branch_has_twice_is_told(tmp_path: Path) -> None:
    """With the branch."""
    both = {"Type": "Parallel", "Branches": ["HERE"], "End": True}
    file = tmp_path / "flow.asl.json"
    file.write_text(json.dumps({"StartAt": "Both", "States": {"Both": both}}).replace('"HERE"', JSON))
    (found,) = read_file(file).violations()
    assert "both in Branches[0] of Both" in found.message


def test_what_a_merge_of_yaml_brings_may_be_written_anew(tmp_path: Path) -> None:
    """That is what << is for."""
    file = tmp_path / "flow.asl.yaml"
    file.write_text(
        "StartAt: A\nStates:\n  A: &pass {Type: Pass, Next: B}\n  B: {<<: *pass, Type: Wait, Seconds: 1, Next: C}\n"
        "  <<: {C: {Type: Fail}}\n  C: {Type: Succeed}\n"
    )
    assert [str(found) for found in read_file(file).violations()] == []
