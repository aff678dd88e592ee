"""Definitions that a template has in files are checked like those in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.cfn.template import with_definitions
from constructs_ml.lint import check_template
from constructs_ml.lint.input.files import read_file

if TYPE_CHECKING:
    from pathlib import Path

END = {"Type": "Pass", "End": True}
LOST = {"StartAt": "Start", "States": {"Start": END, "Lost": END}}
SAM = "AWS::Serverless::StateMachine"


def template(kind: str = "AWS::StepFunctions::StateMachine", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Flow": {"Type": kind, "Properties": properties}}}


def rules(path: Path, body: dict[str, Any]) -> list[str]:
    file = path / "Census.template.json"
    file.write_text(json.dumps(body))
    return [found.rule for found in read_file(file).violations()]


def asset(folder: Path, text: str) -> None:
    """An asset of an assembly, and the manifest that names it."""
    (folder / "asset.1.json").write_text(text)
    files = {"1": {"source": {"path": "asset.1.json"}, "destinations": {"here": {"objectKey": "1.json"}}}}
    (folder / "Census.assets.json").write_text(json.dumps({"files": files}))


def test_an_asset_of_the_assembly_is_read(tmp_path: Path) -> None:
    """By the key that it is uploaded under."""
    asset(tmp_path, json.dumps(LOST))
    assert rules(tmp_path, template(DefinitionS3Location={"Bucket": "assets", "Key": "1.json"})) == ["CML001"]


def test_its_substitutions_are_made(tmp_path: Path) -> None:
    """As CloudFormation makes them."""
    chosen = {**END, "Next": "${After}"}
    del chosen["End"]
    asset(tmp_path, json.dumps({"StartAt": "Start", "States": {"Start": chosen, "Last": END}}))
    place = {"Bucket": "assets", "Key": "1.json"}
    assert rules(tmp_path, template(DefinitionS3Location=place, DefinitionSubstitutions={"After": "Last"})) == []
    assert rules(tmp_path, template(DefinitionS3Location=place, DefinitionSubstitutions={"After": "Lest"})) != []


@pytest.mark.parametrize(("name", "text"), [("flow.asl.json", json.dumps(LOST)), ("flow.asl.yaml", None)])
def test_a_file_of_a_sam_project_is_read(tmp_path: Path, name: str, text: str | None) -> None:
    """JSON and YAML, beside the template."""
    (tmp_path / name).write_text(
        text or "StartAt: Start\nStates:\n  Start: {Type: Pass, End: true}\n  Lost: {Type: Pass, End: true}\n"
    )
    assert rules(tmp_path, template(SAM, DefinitionUri=name)) == ["CML001"]


def test_a_file_that_is_no_definition_is_told(tmp_path: Path) -> None:
    """By a rule, whatever it is."""
    asset(tmp_path, '{"StartAt": }')
    assert rules(tmp_path, template(DefinitionS3Location={"Bucket": "assets", "Key": "1.json"})) == ["CML016"]
    (tmp_path / "flow.yaml").write_text("{")
    (tmp_path / "flow.json").write_bytes(b"\xff\xfe")
    assert rules(tmp_path, template(SAM, DefinitionUri="flow.yaml")) == ["CML016"]
    assert rules(tmp_path, template(SAM, DefinitionUri="flow.json")) == ["CML016"]


def test_numbers_may_be_put_in(tmp_path: Path) -> None:
    """Without quotes, in JSON and YAML; also where nobody says what they are."""
    text = '{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": ${Secs}, "End": true}}}'
    asset(tmp_path, text)
    place = {"Bucket": "assets", "Key": "1.json"}
    assert rules(tmp_path, template(DefinitionS3Location=place, DefinitionSubstitutions={"Secs": 10})) == []
    assert rules(tmp_path, template(DefinitionS3Location=place, DefinitionSubstitutions={"Secs": "ten"})) == ["CML016"]
    (tmp_path / "flow.yaml").write_text(
        """
        StartAt: Wait
        States:
          Wait:
            Type: Wait
            Seconds: ${Secs}
            End: true
        """
    )
    assert rules(tmp_path, template(SAM, DefinitionUri="flow.yaml", DefinitionSubstitutions={"Secs": 10})) == []
    (tmp_path / "flow.asl.json").write_text(text)
    assert list(read_file(tmp_path / "flow.asl.json").violations()) == []


def test_null_stays_null(tmp_path: Path) -> None:
    """A ResultPath of null keeps the input, unlike none."""
    (tmp_path / "flow.yaml").write_text(
        """
        StartAt: Each
        States:
          Each:
            Type: Map
            ItemsPath: $.parts
            ItemProcessor: {StartAt: Step, States: {Step: {Type: Pass, End: true}}}
            ResultPath: null
            Next: Mark
          Mark: {Type: Pass, Result: {by: churn}, ResultPath: $.mark, End: true}
        """
    )
    assert rules(tmp_path, template(SAM, DefinitionUri="flow.yaml")) == []


@pytest.mark.parametrize(
    "place",
    [
        {"DefinitionS3Location": {"Bucket": "theirs", "Key": "flow.json"}},
        {"DefinitionUri": {"Bucket": "theirs", "Key": "flow.json"}},
        {"DefinitionUri": "nowhere.asl.json"},
        {"DefinitionUri": "s3://theirs/flow.json"},
        {},
    ],
)
def test_what_is_elsewhere_is_not_looked_for(tmp_path: Path, place: dict[str, Any]) -> None:
    """An object that is in S3 already is not known here."""
    asset(tmp_path, json.dumps(LOST))
    body = template(**place)
    assert with_definitions(body, tmp_path / "Census.template.json") is body
    assert rules(tmp_path, body) == []


def test_it_does_not_count_for_the_size_of_the_template(tmp_path: Path) -> None:
    """It is uploaded by itself: the template stays below its megabyte."""
    large = {**END, "Comment": "x" * 2_000_000}
    asset(tmp_path, json.dumps({"StartAt": "Start", "States": {"Start": large}}))
    body = template(DefinitionS3Location={"Bucket": "assets", "Key": "1.json"})
    read = with_definitions(body, tmp_path / "Census.template.json")
    assert "CML403" not in {found.rule for found in check_template(read)}
    assert "CML402" in {found.rule for found in check_template(read)}
    inline = template(DefinitionString=read["Resources"]["Flow"]["Properties"]["DefinitionString"])
    assert "CML403" in {found.rule for found in check_template(inline)}
