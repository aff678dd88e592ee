"""``constructs-ml check`` and ``constructs-ml rules``: what they read, say and exit with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from support.reports import plugin_reports

from constructs_ml.cli import main
from constructs_ml.lint.report import every_rule

ROOT = Path(__file__).parents[2]
GOOD = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
BAD = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}, "Lost": {"Type": "Pass", "End": True}}}
YAML = """
    StartAt: A
    States:
      A: {Type: Pass, End: true}
      Lost:
        Type: Pass
        End: true
"""
TEMPLATE = """
    AWSTemplateFormatVersion: 2010-09-09
    Resources:
      Topic:
        Type: AWS::SNS::Topic
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          RoleArn: !GetAtt Role.Arn
          DefinitionString: !Sub '{"StartAt": "A", "Comment": "${AWS::Region}", "States": {
            "A": {"Type": "Pass", "End": true}, "Lost": {"Type": "Pass", "End": true}}}'
"""
APP = """
    from aws_cdk import App, Stack
    from aws_cdk import aws_stepfunctions as sfn
    import constructs_ml as ml

    app = App()
    stack = Stack(app, "Census")
    job = ml.ProcessingJob(stack, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"))
    workflow = ml.Workflow(stack, "Workflow", definition=job)
    lost = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "Prepare": {"Type": "Pass", "End": true}}}'
    workflow.node.default_child.definition_string = lost
    app.synth()
"""


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    code = ended.value.code
    assert isinstance(code, int)
    return code


def written(path: Path, body: Any) -> Path:
    text = textwrap.dedent(body) if isinstance(body, str) else json.dumps(body, indent=2)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_right_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with it: the exit code is 0."""
    assert run("check", written(tmp_path / "good.asl.json", GOOD)) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 1 definition\n"


@pytest.mark.parametrize(
    ("name", "body", "line"),
    [("bad.asl.json", BAD, 8), ("bad.asl.yaml", YAML, 5), ("template.yaml", TEMPLATE, 6)],
    ids=["json", "yaml", "template"],
)
def test_a_wrong_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, body: Any, line: int) -> None:
    """The file, the line and the rule are told; the exit code is 1."""
    file = written(tmp_path / name, body)
    assert run("check", file) == 1
    told, counted = capsys.readouterr().out.splitlines()
    assert told.startswith(f"{file}:{line}: error CML001 Lost: is never reached")
    assert counted == "1 error, 0 warnings in 1 definition"


def test_a_folder_of_definitions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are called like definitions are read, at any depth."""
    (tmp_path / "inner").mkdir()
    written(tmp_path / "inner" / "bad.asl.json", BAD)
    written(tmp_path / "good.asl.json", GOOD)
    written(tmp_path / "package.json", {"name": "not ours"})
    assert run("check", tmp_path) == 1
    assert capsys.readouterr().out.endswith("1 error, 0 warnings in 2 definitions\n")


def test_an_app_names_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app is synthesized, and the line that defined the state is told."""
    monkeypatch.chdir(tmp_path)
    assert run("check", written(tmp_path / "app.py", APP)) == 1
    assert capsys.readouterr().out.startswith("app.py:8: error CML001 Prepare: is never reached")


def test_what_an_app_acknowledges_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason that the app gives, nothing is wrong; so it is for the assembly that it makes."""
    acknowledged = APP.replace(
        "    app.synth()",
        '    ml.acknowledge(job, "CML001", "later")\n    app.synth()',
    )
    assert run("check", written(tmp_path / "app.py", acknowledged)) == 0
    told = capsys.readouterr().out
    assert "CML001" not in told
    assert "0 errors" in told


TWO_STACKS = """
    import json
    from aws_cdk import App, NestedStack, Stack
    from aws_cdk import aws_sagemaker as sagemaker
    from aws_cdk import aws_stepfunctions as sfn
    import constructs_ml as ml

    def machine(scope):
        end = {"Type": "Pass", "End": True}
        body = json.dumps({"StartAt": "A", "States": {"A": end, "Lost": end}})
        sfn.CfnStateMachine(scope, "Flow", role_arn="arn:aws:iam::111122223333:role/theirs", definition_string=body)

    app = App(outdir="cdk.out", context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    ml.checks.WorkflowChecks.of(app)
    one, two = Stack(app, "One"), Stack(app, "Two")
    machine(one)
    machine(NestedStack(two, "INNER"))
    ml.acknowledge(one, "CML001", "later")
    variant = {"modelName": "m", "variantName": "v", "instanceType": "ml.m5.large", "initialInstanceCount": 1}
    sagemaker.CfnEndpointConfig(Stack(app, "Hosting"), "Config", production_variants=[variant])
    app.synth()
"""


def synthesized(directory: Path, app: str) -> Path:
    """The assembly that an app makes in a folder."""
    file = written(directory / "app.py", app)
    subprocess.run([sys.executable, file], cwd=directory, check=True, capture_output=True)
    return directory / "cdk.out"


def test_one_stack_acknowledges_nothing_for_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same is wrong with both; an assembly of before lies about besides, and is nobody's."""
    synthesized(tmp_path, TWO_STACKS.replace("INNER", "Before"))
    out = synthesized(tmp_path, TWO_STACKS.replace("INNER", "Inner"))
    (out / "asset.1").mkdir()
    written(out / "asset.1" / "email.template.json", {"subject": "no template"})
    assert len(list(out.glob("*.nested.template.json"))) == 2
    assert run("check", out) == 1
    told, counted = capsys.readouterr().out.splitlines()
    assert re.search(r"TwoInner\w+\.nested\.template\.json:\d+: error CML001 Lost", told)
    assert counted == "1 error, 0 warnings in 2 definitions"
    (report,) = plugin_reports(out)
    assert [found["violatingConstructs"][0]["constructPath"] for found in report["violations"]] == ["Two/Inner/Flow"]


def test_security_is_asked_of_stacks_without_workflows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An endpoint is one of the pack's subjects."""
    run("check", "--security", synthesized(tmp_path, TWO_STACKS))
    assert "Hosting.template.json" in capsys.readouterr().out


def test_a_state_is_found_in_its_own_state_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Others may have states, and payloads members, of the same names."""
    text = """
        Resources:
          One: {Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: "arn:aws:iam::111122223333:role/r", Definition: {
            StartAt: Train, States: {
              Train: {Type: Pass, Result: {States: {Lost: 1}}, End: true}}}}}
          Two: {Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: "arn:aws:iam::111122223333:role/r", Definition: {
            StartAt: Each, States: {
              Each: {Type: Parallel, End: true, Branches: [{StartAt: Train, States: {
                Train: {Type: Pass, End: true},
                Lost: {Type: Pass, End: true}}}]}}}}}
    """
    assert run("check", written(tmp_path / "template.yaml", text)) == 1
    assert "template.yaml:10: error CML001 Lost" in capsys.readouterr().out


def test_keys_of_yaml_are_what_is_written(tmp_path: Path) -> None:
    """A state may be called Yes or 1."""
    text = """
        StartAt: "Yes"
        States:
          Yes: {Type: Pass, Next: "1"}
          1: {Type: Pass, End: true}
    """
    assert run("check", written(tmp_path / "flow.asl.yaml", text)) == 0


def test_a_rule_is_ignored(tmp_path: Path) -> None:
    """``--ignore`` takes the ids of rules that do not matter here."""
    assert run("check", "--ignore", "CML001", written(tmp_path / "bad.asl.json", BAD)) == 0


def test_an_unknown_rule_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt id ignores nothing by mistake."""
    assert run("check", "--ignore", "CML999", written(tmp_path / "bad.asl.json", BAD)) == 2
    assert "there is no rule CML999; constructs-ml rules lists them" in capsys.readouterr().err


def test_json_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each violation is an object with where, what and how bad."""
    file = written(tmp_path / "bad.asl.json", BAD)
    run("check", "--format", "json", file)
    told = json.loads(capsys.readouterr().out)
    (violation,) = told["violations"]
    assert (told["definitions"], told["errors"], told["warnings"]) == (1, 1, 0)
    assert violation["file"] == file.as_posix()
    assert (violation["rule"], violation["severity"], violation["state"], violation["line"]) == (
        "CML001",
        "error",
        "Lost",
        8,
    )


def test_sarif_output_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists all rules, and points results at their rule and line."""
    output = tmp_path / "report.sarif"
    assert run("check", "--format", "sarif", "--output", output, written(tmp_path / "bad.asl.json", BAD)) == 1
    assert capsys.readouterr().out == ""
    (told,) = json.loads(output.read_text())["runs"]
    (result,) = told["results"]
    rules = told["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in every_rule()]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "CML001"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 8}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", "{", "a.json:1 is not JSON"),
        ("a.yaml", "a: [", "is not YAML"),
        ("a.json", "{}", "must be a definition (StartAt, States) or a CloudFormation template (Resources)"),
        ("a.yaml", "just text", "got 'just text'"),
        ("a.yaml", "StartAt: 0x_", "a.yaml is not YAML: invalid literal"),
        ("a.yaml", "States: &all\n  A: *all", "a.yaml:2 is not YAML"),
        ("a.json", '{"StartAt": ' + "[" * 100_000 + "]" * 100_000 + "}", "a.json is nested too deeply"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, why: str
) -> None:
    """One message says why; the exit code is 2."""
    file = tmp_path / name
    file.write_text(text)
    assert run("check", file) == 2
    assert why in capsys.readouterr().err


def test_a_folder_without_definitions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder is no success."""
    assert run("check", tmp_path) == 2
    assert "has no *.asl.json" in capsys.readouterr().err


def test_an_app_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The app's own error is told."""
    assert run("check", written(tmp_path / "app.py", "raise SystemExit('no bucket')")) == 2
    assert "no bucket" in capsys.readouterr().err


def test_the_security_pack_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """``--security`` adds what auditors mind: the example's volumes have SageMaker's own key."""
    assert run("check", "--security", ROOT) == 1
    assert "error CMS001 Preprocess: " in capsys.readouterr().out


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """All by their titles, one with its reason and examples."""
    assert run("rules") == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [rule.id for rule in every_rule()]
    assert run("rules", "CML001") == 0
    explained = capsys.readouterr().out
    assert "Every state can be reached" in explained
    assert "Wrong:" in explained
    assert "Right:" in explained


def test_the_example_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    """The app of this repository passes."""
    assert run("check", "--strict", ROOT) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 1 definition\n"
