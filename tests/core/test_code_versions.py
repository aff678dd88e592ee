"""What jobs may read of the code that is shipped: that of all versions of their stack, by its prefix and its endings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk
import pytest
from aws_cdk import App, DefaultStackSynthesizer, Stack, assertions
from aws_cdk import aws_s3 as s3

import constructs_ml as ml
from constructs_ml.core.shipped import code_of_all_versions

HASH = "0123456789abcdef" * 4
BUCKET = "arn:aws:s3:::assets"
IMAGE = ml.ContainerImage.sklearn("1.2-1")
LIMIT = 10_240
"""Of the inline policies of a role. Source: "IAM and AWS STS quotas" of the IAM user guide."""


@pytest.mark.parametrize(
    ("key", "endings", "patterns"),
    [
        (f"{HASH}.gz", (), ["*.gz"]),
        (f"{HASH}/prepare.py", (".py", ".sh", ".gz"), ["*.gz", "*.py", "*.sh"]),
        (f"{HASH}/app", (), ["*/app"]),
        (f"{HASH}/.env", (), ["*.env"]),
        (f"{HASH}/data.tar.gz", (), ["*.gz"]),
        (f"team/a/{HASH}/x.y.jar", (), ["team/a/*.jar"]),
        (f"team-{HASH}.gz", (".gz",), ["team-*.gz"]),
        # A synthesizer with keys of its own: nothing tells what other versions' keys would be.
        ("sourcedir.tar.gz", (".py",), ["sourcedir.tar.gz"]),
        ("${Token[TOKEN.12]}", (), ["${Token[TOKEN.12]}"]),
        ("0123.gz", (), ["0123.gz"]),
    ],
)
def test_keys_of_all_versions(key: str, endings: tuple[str, ...], patterns: list[str]) -> None:
    """They differ in the hash alone."""
    found = code_of_all_versions(BUCKET, key, endings)

    assert [each.arn for each in found] == [f"{BUCKET}/{pattern}" for pattern in patterns]


def policy(stack: Stack) -> dict[str, Any]:
    """What the jobs of a stack may do, with what is known only at deployment as texts."""
    template = assertions.Template.from_stack(stack).to_json()
    (found,) = [
        resource["Properties"]["PolicyDocument"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and "JobRole" in name
    ]
    document: dict[str, Any] = found
    return document


def shipped(stack: Stack, folder: Path, name: str = "main.py") -> ml.ProcessingJob:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("print(1)\n")
    return ml.ProcessingJob(stack, "Job", image=IMAGE, code=ml.Code.from_asset(folder / name), outputs=["out"])


def test_a_prefix_of_the_synthesizer_is_the_stacks_own(tmp_path: Path) -> None:
    """Scripts keep their names with a synthesizer that was made in Python, which belongs to no stack itself."""
    synthesizer = DefaultStackSynthesizer(bucket_prefix="churn/")
    app = App(default_stack_synthesizer=synthesizer)
    one, other = Stack(app, "One"), Stack(app, "Other", synthesizer=synthesizer)
    for stack in (one, other):
        shipped(stack, tmp_path / stack.node.id)
    for stack in (one, other):
        text = json.dumps(policy(stack))
        assert all(f"/churn/*{ending}" in text for ending in (".gz", ".py", ".sh"))
        assert '"/*.' not in text
    folder = app.synth().directory
    files = json.loads(Path(folder, "One.assets.json").read_text())["files"].values()
    keys = [place["objectKey"] for file in files for place in file["destinations"].values()]
    assert any(key.startswith("churn/") and key.endswith("/main.py") for key in keys)


@pytest.mark.parametrize("synthesizer", ["LegacyStackSynthesizer", "CliCredentialsStackSynthesizer"])
def test_other_synthesizers(tmp_path: Path, synthesizer: str) -> None:
    """What has keys of the same form grants all versions; keys that are parameters are granted as they are."""
    stack = Stack(App(), "Stack", synthesizer=getattr(aws_cdk, synthesizer)())
    shipped(stack, tmp_path)
    text = json.dumps(policy(stack))
    assert ("/*.py" in text) is (synthesizer != "LegacyStackSynthesizer")
    assert ("AssetParameters" in text) is (synthesizer == "LegacyStackSynthesizer")


def test_a_bucket_of_the_stacks_own(tmp_path: Path) -> None:
    """Code is put there before the workflow runs, and that of other versions stays."""
    stack = Stack(App(), "Churn")
    bucket = s3.Bucket(stack, "Code")
    ml.JobDefaults(code_bucket=bucket).apply_to(stack)
    job = shipped(stack, tmp_path)
    train = ml.TrainingJob(stack, "Train", image=IMAGE, code=ml.Code.from_asset(tmp_path / "main.py"))
    ml.Workflow(stack, "Workflow", definition=job.next(train))
    template = assertions.Template.from_stack(stack)

    (name, found), *more = template.find_resources("Custom::CDKBucketDeployment").items()
    assert not more
    assert len(found["Properties"]["SourceObjectKeys"]) == 2
    assert found["Properties"]["Prune"] is False
    assert found["Properties"]["RetainOnDelete"] is True
    prefix = found["Properties"]["DestinationBucketKeyPrefix"]
    assert prefix.startswith("code/Churn-")
    (machine,) = template.find_resources("AWS::StepFunctions::StateMachine").values()
    assert name in machine["DependsOn"]
    text = json.dumps(policy(stack))
    assert f"/{prefix}*" in text
    assert "-assets-" not in text


def test_one_folder_of_two_kinds_of_jobs_is_one_asset(tmp_path: Path) -> None:
    """Though a processing job may read scripts too, in another version."""
    stack = Stack(App(), "Stack")
    code = tmp_path / "src"
    shipped(stack, code)
    folder = ml.Code.from_asset(code)
    ml.ProcessingJob(stack, "Prepare", image=IMAGE, code=folder)
    ml.TrainingJob(stack, "Train", image=IMAGE, code=folder)
    assert '"/*.sh"' in json.dumps(policy(stack))


def test_many_jobs_fit_into_a_role(tmp_path: Path) -> None:
    """Their code and their outputs are a few statements, however many they are."""
    stack = Stack(App(), "Stack")
    before: Any = None
    for number in range(60):
        script = tmp_path / f"step{number}.py"
        script.write_text(f"print({number})\n")
        inputs = {} if before is None else {"in": before.output("out")}
        code = ml.Code.from_asset(script)
        before = ml.ProcessingJob(stack, f"Step{number}", image=IMAGE, code=code, inputs=inputs, outputs=["out"])
    found = policy(stack)
    assert len(json.dumps(found, separators=(",", ":"))) < LIMIT
    assert sum("s3:PutObject" in statement["Action"] for statement in found["Statement"]) == 1


def test_names_that_are_drawn_are_allowed_beside_given_ones() -> None:
    """The job of the version before may have had none."""
    stack = Stack(App(), "Churn")
    job = ml.ProcessingJob(stack, "Prepare", image=IMAGE, job_name_prefix="nightly")
    model = ml.CreateModel(stack, "Model", image=IMAGE, data=ml.S3Data.from_uri("s3://b/m.tar.gz"), model_name="fixed")
    ml.Workflow(stack, "Workflow", definition=job.next(model))
    owner = stack.node.id
    resources = " ".join(job.state_machine_resources + model.state_machine_resources)
    assert "processing-job/nightly*" in resources
    assert f"processing-job/{owner}-" in resources
    assert "model/fixed" in resources
    assert f"model/{owner.lower()}-" in resources
