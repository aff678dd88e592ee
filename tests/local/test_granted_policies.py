"""What was granted is enforced: the folder that `constructs-ml policy --out` writes decides, and not the template."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from local_bench import Workflow, machine, write_assembly

import constructs_ml as ml
from constructs_ml import cli
from constructs_ml.errors import RunInputError
from constructs_ml.local import LocalAws, run

pytestmark = pytest.mark.local
# Permissions are no matter of what is refused before a run.
_WIDE = ("CML501", "CML502", "CML503", "CML504", "CML505")
ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/iam_teams.md").read_text(encoding="utf-8")
IN_A_TEST = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)[3]
PLACE = ["--account", "123456789012", "--region", "eu-central-1"]
SCRIPT = """
import os, shutil
shutil.copy("/opt/ml/processing/input/raw/raw.csv", "/opt/ml/processing/output/train/raw.csv")
"""


def write_app(folder: Path) -> None:
    """An app whose roles are made elsewhere; it is synthesized here, and its command copies what was made."""
    (folder / "prepare.py").write_text(SCRIPT)
    (folder / "raw.csv").write_text("1,2\n")
    context = {"constructs-ml:run": {"data": {"raw.csv": "s3://${RawData}/in/raw.csv"}}}
    (folder / "cdk.json").write_text(json.dumps({"app": 'cp -R made/. "$CDK_OUTDIR"', "context": context}))
    app = App(outdir=str(folder / "made"), context={"aws:cdk:enable-path-metadata": True}, analytics_reporting=False)
    stack = Stack(app, "Census")
    names = {"ConstructsMl/JobRole": "jobs", "Workflow/Role": "machine"}
    iam.Role.customize_roles(stack, use_precreated_roles=names)
    prepare = ml.ProcessingJob(
        stack,
        "Prepare",
        image=ml.ContainerImage.sklearn("1.2-1"),
        code=ml.Code.from_asset(str(folder / "prepare.py")),
        inputs={"raw": ml.S3Data.from_bucket(s3.Bucket(stack, "RawData"), "in/")},
        outputs=["train"],
    )
    ml.Workflow(stack, "Workflow", definition=prepare)
    app.synth()


def policy(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["policy", *arguments])
    return int(ended.value.code or 0)


def without(file: Path, action: str) -> None:
    document = json.loads(file.read_text())
    kept = [each for each in document["Statement"] if action not in each["Action"]]
    assert len(kept) < len(document["Statement"])
    file.write_text(json.dumps({**document, "Statement": kept}))


def test_the_policies_that_were_handed_over_are_enough_and_one_less_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/iam_teams.md's test passes with what `policy` writes; without one statement the run fails and names the action."""
    monkeypatch.chdir(tmp_path)
    write_app(tmp_path)
    assert policy(*PLACE, "--out", "granted") == 0
    names = {file.name for file in Path("granted").iterdir()}
    jobs, machine = ("Census-ConstructsMl-JobRole", "Census-Workflow-Role")
    assert names == {
        "policies.md",
        *(f"{name}.{kind}.json" for name in (jobs, machine) for kind in ("policy", "trust")),
    }
    exec(IN_A_TEST, {})  # noqa: S102
    without(Path(f"granted/{jobs}.policy.json"), "s3:PutObject")
    report = run(policies=Path("granted"), account=PLACE[1], region=PLACE[3])
    assert not report.succeeded
    assert (
        "assumed-role/jobs/SageMaker is not authorized to perform: s3:PutObject"
        in report.jobs[0].response["FailureReason"]
    )


def test_placeholders_that_the_run_knows_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Account, region, partition and the mapping of SageMaker's images: the files are those of an app for any account."""
    monkeypatch.chdir(tmp_path)
    write_app(tmp_path)
    assert policy("--out", "granted") == 0
    jobs = Path("granted/Census-ConstructsMl-JobRole.policy.json").read_text()
    assert "${AWS::AccountId}" in jobs
    assert ".sklearn}" in jobs
    report = run(policies=Path("granted"))
    assert report.succeeded, (report.error, report.cause)


def test_a_role_without_policy_updates_is_named_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may do nothing, as on AWS, until it is given what the app derives."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prepare.py").write_text("print('done')")
    app = App(outdir=str(tmp_path / "made"), analytics_reporting=False)
    stack = Stack(app, "Census")
    role = iam.Role(stack, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    prepare = ml.ProcessingJob(
        stack,
        "Prepare",
        image=ml.ContainerImage.sklearn("1.2-1"),
        code=ml.Code.from_asset(str(tmp_path / "prepare.py")),
        role=role.without_policy_updates(),
    )
    ml.Workflow(stack, "Workflow", definition=prepare)
    app.synth()
    report = run("made")
    assert not report.succeeded
    (note,) = [line for line in report.simulated if "without_policy_updates()" in line]
    assert note.startswith("role Census/Jobs has none of what the app derives")
    with pytest.raises(SystemExit):
        cli.main(["run", "--app", "made"])
    assert capsys.readouterr().out.count("role Census/Jobs has none") == 1, "a note is not repeated at the end"
    assert policy("made", "--out", "granted") == 0
    assert run("made", policies=Path("granted")).succeeded


_STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
_FILE = "Stack-MachineRole.policy.json"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (None, None, "there is no folder"),
        ("other.txt", "", "has no *.policy.json; write them: constructs-ml policy --out"),
        ("Other.policy.json", {"Statement": []}, f"is of no role of the app; its roles have Stack-JobRole.policy.json, {_FILE}"),
        (_FILE, "{", "Stack-MachineRole.policy.json:1 is not JSON"),
        (_FILE, {"Statements": []}, "must be a policy, with a Statement"),
        (_FILE, {"Statement": [{**_STATEMENT, "Effect": "allow"}]}, "Statement[0].Effect must be Allow or Deny"),
        (_FILE, {"Statement": {**_STATEMENT, "Principal": "*"}}, "without a Principal"),
        (_FILE, {"Statement": [{**_STATEMENT, "Resource": 1}]}, "Resource or NotResource"),
        (
            _FILE,
            {"Statement": [{**_STATEMENT, "Resource": ["${Key.Arn}/${aws:username}", "${AWS::AccountId}"]}]},
            f"{_FILE} has ${{Key.Arn}}, which the run does not know; fill it in there, or write the files with constructs-ml policy",
        ),
        (
            _FILE,
            {"Statement": [{**_STATEMENT, "Resource": "arn:aws:iam::123456789012:role/jobs"}]},
            "is for the account 123456789012, and the run is in 111122223333; pass --account 123456789012",
        ),
        (
            _FILE,
            {"Statement": [{**_STATEMENT, "Resource": "arn:aws:logs:eu-west-1:111122223333:*"}]},
            "is for the region eu-west-1, and the run is in us-east-1; pass --region eu-west-1",
        ),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, content: Any, told: str
) -> None:
    """With the file, the place in it, and what to do."""
    monkeypatch.setattr(LocalAws, "start", lambda _aws: pytest.fail("it was started"))
    template = Workflow(machine(Go={"Type": "Pass", "End": True})).template("Stack")
    assembly = write_assembly(tmp_path / "out", "Stack", template)
    folder = tmp_path / "granted"
    if name is not None:
        folder.mkdir()
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(RunInputError) as refused:
        run(str(assembly), policies=folder, ignore=_WIDE)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_role_is_given_once(tmp_path: Path) -> None:
    """By --role or by a file of --policies; and the run is in the account of its stack."""
    template = Workflow(machine(Go={"Type": "Pass", "End": True})).template("Stack")
    template["Resources"]["Extra"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "extra",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [_STATEMENT]},
            "Roles": ["theirs"],
        },
    }
    assembly = write_assembly(tmp_path / "out", "Stack", template)
    (tmp_path / "theirs.policy.json").write_text(json.dumps({"Statement": [_STATEMENT]}))
    with pytest.raises(
        RunInputError, match=r"role theirs is passed twice: by --role and by theirs\.policy\.json of --policies"
    ):
        run(str(assembly), policies=tmp_path, role={"theirs": ""}, ignore=_WIDE)
    manifest = json.loads((assembly / "manifest.json").read_text())
    manifest["artifacts"]["Stack"]["environment"] = "aws://222233334444/us-east-1"
    (assembly / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunInputError, match="stack Stack is for the account 222233334444, got --account 333344445555"):
        run(str(assembly), account="333344445555", ignore=_WIDE)
