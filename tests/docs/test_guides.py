"""Each piece of Python in the README and the guides is run: in a workflow that is simulated, by a test of its own, or both."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from support.examples import IMAGE, SCRIPTS, run, simulated, workflow_of
from support.reports import reported

import constructs_ml as ml
from constructs_ml.testing import fails, simulate, stopped

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
PAGES = {
    path.relative_to(ROOT).as_posix(): _BLOCK.findall(path.read_text(encoding="utf-8"))
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        ROOT / "constructs_ml/cli/starter/README.md",
    )
}
_TASKS = "tests/docs/test_task_guides.py"
ELSEWHERE = {
    "docs/batch_transform.md": (3, _TASKS),
    "docs/cache.md": (4, _TASKS),
    "docs/choices.md": (4, _TASKS),
    "docs/deploy.md": (4, _TASKS),
    "docs/diff.md": (1, "tests/docs/test_diff_guide.py"),
    "docs/events.md": (4, _TASKS),
    "docs/gates.md": (6, _TASKS),
    "docs/inputs.md": (5, _TASKS),
    "docs/insight.md": (1, "tests/docs/test_pictures.py"),
    "docs/maps.md": (5, _TASKS),
    "docs/order_from_data.md": (4, _TASKS),
    "docs/processing_and_training.md": (6, _TASKS),
    "docs/tuning.md": (4, _TASKS),
    "README.md": (9, "tests/docs/test_readme.py"),
    "docs/sdk.md": (3, "tests/sdk/test_sdk_guide.py"),
    "docs/testing.md": (4, "tests/docs/test_testing_guide.py"),
}
"""Pages whose examples have a test module of their own, and how many they are."""
HERE = {
    "docs/checks.md": 1,
    "docs/data_science_sdk.md": 1,
    "docs/failures.md": 1,
    "docs/iam_teams.md": 4,
    "docs/local.md": 2,
    "docs/organisation.md": 2,
    "docs/permissions.md": 1,
    "docs/security.md": 1,
}
"""The pages whose examples are run below."""


def test_every_example_is_run_somewhere() -> None:
    """A new one needs a test here, or in the module of its page."""
    counted = {page: len(blocks) for page, blocks in PAGES.items() if blocks}
    assert counted == {**{page: count for page, (count, _) in ELSEWHERE.items()}, **HERE}
    assert all((ROOT / module).is_file() for _, module in ELSEWHERE.values())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SCRIPTS:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print('runs')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_finding_is_acknowledged(stack: Stack, *, acknowledged: bool) -> None:
    """docs/checks.md: the workflow has the finding, and runs; only what is not acknowledged is reported."""
    (block,) = PAGES["docs/checks.md"]
    train = ml.TrainingJob(stack, "Train", image=IMAGE, job_name="census")
    world = run(block if acknowledged else "", stack, train=train)
    workflow_of(world, train)
    assert simulated(world).status == "SUCCEEDED"
    found = {item["ruleName"] for item in reported(world["app"])}
    assert ("CML307" in found) is not acknowledged


@pytest.mark.usefixtures("project")
def test_the_translated_workflow_does_what_the_data_science_sdks_does(stack: Stack) -> None:
    """docs/data_science_sdk.md: the same states, transitions and failures as in the definition that the SDK wrote."""
    (block,) = PAGES["docs/data_science_sdk.md"]
    census = run(block, stack)["CensusStack"](App(), "Census")
    written = json.loads(
        (ROOT / "tests/goldens/blog_processing_choice_catch_training.json").read_text(encoding="utf-8")
    )
    first, choice, failed, last = (
        "SageMaker pre-processing step",
        "Processing job completed?",
        "ML Workflow failed",
        "SageMaker Training Step",
    )
    assert {first, choice, failed, last} == set(written["States"])
    assert simulate(census).path == (first, choice, last)
    for outcome in (fails("AlgorithmError: no rows"), stopped()):
        assert simulate(census, {first: outcome}).path == (first, failed)
        execution = simulate(census, {last: outcome})
        assert execution.path == (first, choice, last, failed)
        assert execution.cause == written["States"][failed]["Cause"]
    (request,) = simulate(census).requests(first)
    asked = written["States"][first]["Parameters"]
    assert request["StoppingCondition"] == asked["StoppingCondition"]
    assert request["AppSpecification"]["ContainerArguments"] == asked["AppSpecification"]["ContainerArguments"]
    assert request["ProcessingResources"] == asked["ProcessingResources"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("outcome", "error"), [(None, None), (fails("AlgorithmError: no rows"), "BadData"), (fails("ClientError: x"), "")]
)
def test_failures_are_told_apart_by_their_causes(stack: Stack, outcome: Any, error: str | None) -> None:
    """docs/failures.md: only what the Catch names goes to its state."""
    (block,) = PAGES["docs/failures.md"]
    world = run(block, stack)
    workflow_of(world)
    execution = simulated(world, {} if outcome is None else {"Train": outcome})
    assert execution.status == ("SUCCEEDED" if outcome is None else "FAILED")
    assert ("BadData" in execution.path) is (error == "BadData")


@pytest.mark.local
def test_a_tool_of_ones_own_finds_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """docs/local.md: with a stand-in for the AWS CLI, which lists buckets as it does."""
    from constructs_ml.local import LocalAws

    tool = tmp_path / "aws"
    listed = "import boto3, sys; print(sys.argv[1:], boto3.client('s3').list_buckets()['Buckets'])"
    tool.write_text(f"#!{sys.executable}\n{listed}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    exec(PAGES["docs/local.md"][0], {"LocalAws": LocalAws, "os": os, "subprocess": subprocess})  # noqa: S102
    assert capfd.readouterr().out == "['s3', 'ls'] []\n"


def test_a_script_takes_its_folders_from_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/local.md: with SageMaker's as the default."""
    import argparse

    names: dict[str, Any] = {"os": os, "Path": Path, "parser": argparse.ArgumentParser()}
    monkeypatch.delenv("SM_MODEL_DIR", raising=False)
    exec(PAGES["docs/local.md"][1], names)  # noqa: S102
    assert names["model"] == "/opt/ml/model"
    assert names["parser"].parse_args([]).output == Path("/opt/ml/processing/output")
    assert names["parser"].parse_args(["--output", "out"]).output == Path("out")


def test_a_policy_holds_for_every_job(stack: Stack, asl: Callable[..., Any]) -> None:
    """docs/organisation.md: it refuses as the page shows, by props and by a request, and adds what it says."""
    block, _ = PAGES["docs/organisation.md"]
    (shown,) = re.findall(r"```text\nInvalidPropsError: (.*)\n```", (ROOT / "docs/organisation.md").read_text())
    world = run(block, stack)
    workflow_of(world, world["train"])
    tags = [{"Key": "team", "Value": "risk"}, {"Key": "cost-center", "Value": "1234"}]
    assert asl(stack)["Train"]["Parameters"]["Tags"] == tags
    assert simulated(world).status == "SUCCEEDED"
    large = block.replace("image=image,", 'image=image, instance_type="ml.p3.2xlarge",')
    with pytest.raises(ml.InvalidPropsError) as refused:
        run(large, Stack(App(analytics_reporting=False), "Census"))
    assert shown in str(refused.value).splitlines()
    request = {name: value for name, value in world["train"].request.items() if name != "TrainingJobName"}
    request["ResourceConfig"] = {**request["ResourceConfig"], "InstanceType": "ml.p3.2xlarge"}
    with pytest.raises(ml.InvalidPropsError, match=r"must be in the m5 family, got ml\.p3\.2xlarge"):
        ml.TrainingJob.from_request(stack, "Again", request)


def test_a_policy_of_a_class_holds_on_every_way(stack: Stack) -> None:
    """docs/organisation.md: by props and by a request, and beside a constructor."""
    _, block = PAGES["docs/organisation.md"]
    isolated = run(block, stack)["IsolatedTrainingJob"]
    train = isolated(stack, "Train", image=IMAGE)
    assert train.request["EnableNetworkIsolation"] is True
    request = {
        name: value
        for name, value in train.request.items()
        if name not in ("TrainingJobName", "EnableNetworkIsolation")
    }
    again = isolated.from_request(stack, "Again", request)
    assert type(again) is isolated
    assert again.request["EnableNetworkIsolation"] is True


@pytest.mark.usefixtures("project")
def test_a_stack_has_its_code_to_itself() -> None:
    """docs/permissions.md: either way leaves the security pack nothing to say of other stacks' code; a plain stack does not."""
    from constructs_ml.lint.security.pack import check_security

    (block,) = PAGES["docs/permissions.md"]
    imports, first, second = re.split(r"\n\n|# or, in the stack:\n", block.strip())
    plain = "super().__init__(scope, construct_id)"
    for lines in ([plain], [first], [plain, "bucket = s3.Bucket(self, 'Code')", second]):
        body = "\n        ".join(lines)
        names: dict[str, Any] = {}
        code = (
            f"{imports}\nfrom aws_cdk import Stack, aws_s3 as s3\nimport constructs_ml as ml\n"
            f"class Churn(Stack):\n    def __init__(self, scope, construct_id):\n        {body}\n"
            "        image = ml.ContainerImage.sklearn('1.2-1')\n"
            "        job = ml.ProcessingJob(self, 'Prepare', image=image, code=ml.Code.from_asset('src/main.py'))\n"
            "        ml.Workflow(self, 'Workflow', definition=job)\n"
        )
        exec(code, names)  # noqa: S102
        app = App(analytics_reporting=False)
        churn = names["Churn"](app, "Churn")
        assert simulate(churn).status == "SUCCEEDED"
        template = app.synth(force=True).get_stack_by_name("Churn").template
        assert ("CMS074" in {found.rule for found in check_security(template)}) is (lines == [plain])


@pytest.mark.usefixtures("project")
def test_the_security_pack_finds_nothing_in_what_settles_it() -> None:
    """docs/security.md: the whole app, synthesized under the pack, and run."""
    (block,) = PAGES["docs/security.md"]
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102
    stack = next(value for value in names.values() if isinstance(value, type) and value.__name__ == "CensusStack")
    app = App(analytics_reporting=False)
    names["ml"].checks.SageMakerSecurityChecks.of(app)
    assert simulate(stack(app, "Again")).status == "SUCCEEDED"


@pytest.mark.parametrize("block", PAGES["docs/iam_teams.md"][:2])
def test_a_workflow_runs_under_roles_that_are_made_elsewhere(stack: Stack, block: str) -> None:
    """docs/iam_teams.md: the template makes none and changes none, and names both."""
    world = run(block, stack)
    assert simulated(world).status == "SUCCEEDED"
    template = json.dumps(stack.node.root.synth().get_stack_by_name(stack.stack_name).template)
    assert "AWS::IAM::" not in template
    assert all(f":role/{name}" in template for name in ("census-jobs", "census-workflow"))


def test_a_boundary_reaches_the_roles_of_a_stack(stack: Stack) -> None:
    """docs/iam_teams.md: all of them."""
    world = run(PAGES["docs/iam_teams.md"][2], stack, train=ml.TrainingJob(stack, "Train", image=IMAGE))
    workflow_of(world, world["train"])
    template = stack.node.root.synth().get_stack_by_name(stack.stack_name).template
    roles = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    assert ["team-limit" in json.dumps(role.get("PermissionsBoundary")) for role in roles] == [True, True]
