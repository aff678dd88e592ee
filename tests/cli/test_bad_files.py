"""Every file that a command reads, with everything in it that it should not be: one line, and exit code 2."""

from __future__ import annotations

import importlib
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from support.bad_inputs import BAD_JSON, BAD_YAML, bad_files, variants
from support.command_line import ended
from support.each import each

from constructs_ml.documents import files
from constructs_ml.errors import LocalRunError
from constructs_ml.local.runner import synth
from constructs_ml.local.runner.app_process import Ended

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFINITION = {
    "Comment": "one of each",
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.parts",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Inner",
                "States": {"Inner": {"Type": "Pass", "Result": {"a": [1]}, "End": True}},
            },
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "BackoffRate": 2.0}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Done"}],
            "ResultPath": "$.each",
            "Next": "Choose",
        },
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericEquals": 1}],
                    "Next": "Both",
                }
            ],
            "Default": "Done",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "P", "States": {"P": {"Type": "Wait", "Seconds": 1, "End": True}}}],
            "Next": "Call",
        },
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createModel",
            "Parameters": {
                "ModelName.$": "States.UUID()",
                "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r",
                "PrimaryContainer": {"ModelPackageName": "p"},
            },
            "ResultSelector": {"arn.$": "$.ModelArn"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Depth": {"Type": "Number", "Default": 3}},
    "Conditions": {"Deep": {"Fn::Equals": [{"Ref": "Depth"}, "3"]}},
    "Mappings": {"Sizes": {"us-east-1": {"type": "ml.m5.large"}}},
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}]},
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*", "Condition": {"StringEquals": {"a": "b"}}}]}}],
            },
        },
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": {"Fn::Join": ["", ['{"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "', {"Ref": "AWS::Region"}, '", "End": true}}}']]},
                "DefinitionSubstitutions": {"x": {"Fn::If": ["Deep", {"Fn::FindInMap": ["Sizes", "us-east-1", "type"]}, {"Fn::Sub": ["${a}", {"a": "b"}]}]}},
            },
            "Metadata": {"aws:cdk:path": "App/Flow"},
        },
        "Filed": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": "arn:aws:iam::111122223333:role/r", "DefinitionS3Location": {"Bucket": "b", "Key": "1.json"}},
        },
        "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Join": ["/", ["https:", "2.json"]]}}},
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/a/b"}},
    },
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "version": "48.0.0",
    "artifacts": {
        "App": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": "App.template.json", "stackName": "App", "parameters": {"Depth": "4"}},
            "dependencies": ["App.assets"],
            "displayName": "App",
        },
        "App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
        "stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}},
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    },
    "missing": [{"key": "vpc:1", "provider": "vpc-provider", "props": {"account": "111122223333"}}],
}
ASSETS: dict[str, Any] = {
    "version": "48.0.0",
    "files": {
        "1": {"source": {"path": "asset.1.json", "packaging": "file"}, "destinations": {"d": {"bucketName": "b", "objectKey": "1.json"}}},
        "2": {"source": {"path": "Inner.nested.template.json", "packaging": "file"}, "destinations": {"d": {"bucketName": "b", "objectKey": "2.json"}}},
    },
}  # fmt: skip
_FOUND = {"ruleName": "CML001", "description": "d", "severity": "error", "ruleMetadata": {"template": "App.template.json", "machine": "Flow", "message": "m", "line": "app.py:3"}}  # fmt: skip
REPORT: dict[str, Any] = {
    "pluginReports": [
        {"pluginName": "constructs-ml", "violations": [_FOUND], "suppressedViolations": [{**_FOUND, "acknowledgedId": "a"}]},
        {"pluginName": "cdk-nag", "violations": [{**_FOUND, "severity": "warning", "violatingConstructs": [{"constructPath": "App/Flow"}]}]},
    ]
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "app": "python3 nothing.py",
    "context": {
        "colour": "red",
        "constructs-ml:run": {
            "data": {"rows.csv": "s3://${Raw}/rows.csv"},
            "input": {"a": 1},
            "bucket": {"b": ""},
            "role": {"r": "role.json"},
            "image": {"i": "python3 x.py", "j": ["python3", "y.py"]},
            "table": {"t": "table.json"},
            "stand_in": ["AWS::A::B"],
        },
    },
}
FILES: dict[str, Any] = {
    "flow.asl.json": DEFINITION,
    "template.json": TEMPLATE,
    "cdk.json": SETTINGS,
    "cdk.context.json": {"vpc": {"id": "vpc-1"}},
    "input.json": {"a": 1},
    "table.json": {"partition_key": "id", "sort_key": "day", "items": [{"id": "a", "day": 3}]},
    "role.json": {"Version": "2012-10-17", "Statement": []},
    "out/manifest.json": MANIFEST,
    "out/App.template.json": TEMPLATE,
    "out/App.assets.json": ASSETS,
    "out/asset.1.json": DEFINITION,
    "out/Inner.nested.template.json": {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}},
    "out/validation-report.json": REPORT,
    "out/stage/manifest.json": {"version": "48.0.0", "artifacts": {}},
}


@dataclass(frozen=True)
class Reader:
    """A command that reads a file.

    Attributes:
        file: The file.
        arguments: The command; ``{}`` is the folder that all files are in.
        texts: What the file must not say.
        without: Files that must not be beside it.
        may_lack: Kinds of bad files that are as good as no file, which it need not have.
    """

    file: str
    arguments: tuple[str, ...]
    texts: dict[str, bytes] = field(default_factory=lambda: BAD_JSON)
    without: tuple[str, ...] = ()
    may_lack: bool = False


# An object is enough for JSON in YAML, and for what has no members that it must have.
READERS = {
    "check-definition": Reader("flow.asl.json", ("check", "{}/flow.asl.json")),
    "check-yaml": Reader("flow.asl.yaml", ("check", "{}/flow.asl.yaml"), BAD_YAML),
    "check-template": Reader("template.json", ("check", "{}/template.json")),
    "check-folder": Reader("defs/a/flow.asl.json", ("check", "{}/defs"), may_lack=True),
    "check-manifest": Reader("out/manifest.json", ("check", "{}/out"), may_lack=True),
    "check-stage": Reader("out/stage/manifest.json", ("check", "{}/out")),
    "check-stack": Reader("out/App.template.json", ("check", "{}/out")),
    "check-assets": Reader("out/App.assets.json", ("check", "{}/out"), may_lack=True),
    "check-nested": Reader("out/Inner.nested.template.json", ("check", "{}/out")),
    "check-report": Reader("out/validation-report.json", ("check", "{}/out"), may_lack=True),
    "check-settings": Reader("cdk.json", ("check", "{}"), may_lack=True),
    "check-context": Reader("cdk.context.json", ("check", "{}"), may_lack=True),
    "run-input": Reader("input.json", ("run", "--app", "{}/out", "--input", "@{}/input.json")),
    "run-settings": Reader("cdk.json", ("run", "--app", "{}"), may_lack=True),
    "run-context": Reader("cdk.context.json", ("run", "--app", "{}"), may_lack=True),
    "run-manifest": Reader("out/manifest.json", ("run", "--app", "{}/out"), may_lack=True),
    "run-stack": Reader("out/App.template.json", ("run", "--app", "{}/out")),
    "run-assets": Reader("out/App.assets.json", ("run", "--app", "{}/out")),
    "run-report": Reader("out/validation-report.json", ("run", "--app", "{}/out"), may_lack=True),
    "run-table": Reader("table.json", ("run", "--app", "{}/out", "--table", "t={}/table.json")),
    "run-role": Reader("role.json", ("run", "--app", "{}/out", "--role", "r={}/role.json")),
    "list-stack": Reader("out/App.template.json", ("run", "--list", "--app", "{}/out")),
    "list-nested": Reader("out/Inner.nested.template.json", ("run", "--list", "--app", "{}/out")),
}


@pytest.fixture(autouse=True)
def _stops_before_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that gets as far as the embedded AWS says ``would run``, an app ``no app``; nobody waits long for a pipe."""

    def refuse(**_options: Any) -> None:
        raise LocalRunError("would run")

    monkeypatch.setattr(importlib.import_module("constructs_ml.local.runner.run"), "LocalAws", refuse)
    monkeypatch.setattr(synth, "execute", lambda *_given, **_options: Ended(1, "no app"))
    monkeypatch.setattr(files, "_PATIENCE", 0.1)


def laid_out(folder: Path, **replaced: Any) -> Path:
    """A folder with all files, some of them replaced by other data."""
    for name, body in {**FILES, **replaced}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(body))
    return folder


def command(reader: Reader, folder: Path) -> list[str]:
    return [argument.replace("{}", str(folder)) for argument in reader.arguments]


@pytest.mark.parametrize("name", READERS)
def test_what_is_right_is_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that what follows is refused for what is wrong with it, and nothing else."""
    reader = READERS[name]
    folder = laid_out(tmp_path)
    (folder / "flow.asl.yaml").write_text("StartAt: A\nStates: {A: {Type: Pass, End: true}}\n")
    (folder / "defs" / "a").mkdir(parents=True)
    (folder / "defs" / "a" / "flow.asl.json").write_text(json.dumps(DEFINITION))
    end = ended(capsys, *command(reader, folder), *(["--ignore", "CML001"] if reader.arguments[0] == "run" else []))
    said = "no app" if "cdk" in reader.file else " definition" if reader.arguments[0] == "check" else "would run"
    if name.startswith("list"):
        said = "--state-machine"
    assert said in end.out + end.err, end


TEXTS = [(name, kind) for name, reader in READERS.items() for kind in reader.texts]
# Every third, so that each reader and each text is among them; all of them under stress.
QUICK = {text for at, text in enumerate(TEXTS) if at % 3 == 0}


@pytest.mark.parametrize(
    ("name", "kind"),
    [text if text in QUICK else pytest.param(*text, marks=pytest.mark.stress) for text in TEXTS],
)
def test_a_file_that_says_something_else(
    name: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names the file, and exit code 2."""
    reader = READERS[name]
    folder = laid_out(tmp_path)
    file = folder / reader.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(reader.texts[kind])
    end = ended(capsys, *command(reader, folder))
    assert end.is_refusal()
    assert file.name in end.err
    assert not (folder / "pwned").exists()


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_none(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pipes, devices, folders, loops of links and what has no end: nothing hangs."""
    reader = READERS[name]
    (tmp_path / "bad").mkdir()
    for kind, path in each(bad_files(tmp_path / "bad")):
        folder = laid_out(tmp_path / kind)
        file = folder / reader.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.symlink_to(path)
        end = ended(capsys, *command(reader, folder))
        if not (reader.may_lack and "no app" in end.err):
            assert end.is_clean() if reader.may_lack else end.is_refusal(), kind


STRUCTURES = {
    "manifest": ("out/manifest.json", MANIFEST),
    "assets": ("out/App.assets.json", ASSETS),
    "report": ("out/validation-report.json", REPORT),
    "table": ("table.json", FILES["table.json"]),
    "nested": ("out/Inner.nested.template.json", FILES["out/Inner.nested.template.json"]),
    "template": ("out/App.template.json", TEMPLATE),
    "definition": ("flow.asl.json", DEFINITION),
}
VARIANTS = [(name, place, body) for name, (_, good) in STRUCTURES.items() for place, body in variants(good)]
SOME = random.Random(11).sample(range(len(VARIANTS)), 60)  # noqa: S311 - the same ones each time


@pytest.mark.parametrize(
    "part", [SOME, *(pytest.param(range(at, len(VARIANTS), 20), marks=pytest.mark.stress) for at in range(20))]
)
def test_a_member_that_is_something_else(
    part: Sequence[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At each place of what commands read: they end by themselves, and tell in one line what they cannot use."""
    folder = laid_out(tmp_path)
    for name, place, body in (VARIANTS[at] for at in part):
        file = folder / STRUCTURES[name][0]
        good = file.read_text()
        file.write_text(json.dumps(body))
        commands = [
            ("check", "--security", f"{folder}/out"),
            ("run", "--list", "--app", f"{folder}/out"),
            ("run", "--app", f"{folder}/out", "--table", f"t={folder}/table.json"),
        ]
        for arguments in [("check", "--security", str(file))] if name == "definition" else commands:
            assert ended(capsys, *arguments).is_clean(), (place, arguments)
        file.write_text(good)


def test_settings_that_are_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At each place of cdk.json; the app is not started for what is wrong there."""
    folder = laid_out(tmp_path)
    for place, body in each(variants(SETTINGS, ([None], 0))):
        (folder / "cdk.json").write_text(json.dumps(body))
        end = ended(capsys, "run", "--app", str(folder))
        assert end.is_clean() if end.code != 1 else "no app" in end.err, (place, end)


YAML = "StartAt: &s A\nStates:\n  A: {Type: Pass, Next: B, Result: !Sub '${x}'}\n  B: &b\n    Type: Succeed\n"
PIECES = [b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"{", b"}", b"[", b"]", b":", b",", b"\\", b"\\u", b"*s", b"&", b"!", b"<<: ", b"- ", b"? ", b"\n", b"\t", b"9" * 400, b"-", b"1e999", b"null", b"${", b"{%", b"$.", b"|", b"#", b"%"]  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "number"), [(1, 25), *(pytest.param(seed, 300, marks=pytest.mark.stress) for seed in range(2, 9))]
)
def test_bytes_that_were_changed_at_random(
    seed: int, number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cut, doubled, overwritten or with something put in between: what is read is checked, the rest is refused."""
    drawn = random.Random(seed)  # noqa: S311 - the same ones each time
    folder = laid_out(tmp_path)
    (folder / "flow.asl.yaml").write_text(YAML)
    names = ["flow.asl.yaml", *(name for name in FILES if name.startswith(("flow", "template", "out")))]
    for _ in range(number):
        file = folder / drawn.choice(names)
        good = file.read_bytes()
        changed = bytearray(good)
        for _ in range(drawn.randint(1, 4)):
            at, to = sorted(drawn.randrange(len(changed) + 1) for _ in range(2))
            piece = drawn.choice([drawn.choice(PIECES), bytes(changed[at : min(to, at + 30)]), b""])
            changed[at : drawn.choice([at, at + 1, min(to, at + 30)])] = piece
        file.write_bytes(changed)
        place = folder / "out" if file.parent != folder else file
        assert ended(capsys, "check", "--security", str(place)).is_clean(), (seed, file.name, bytes(changed))
        file.write_bytes(good)
