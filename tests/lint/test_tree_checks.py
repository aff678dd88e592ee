"""Where aws-cdk-lib's plugins cannot take the checks, they validate the tree; the newest version is made to look so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, NestedStack, Stack, Stage
from aws_cdk import aws_stepfunctions as sfn
from constructs import IValidation
from support.reports import plugin_reports, reported

import constructs_ml as ml
from constructs_ml.lint.findings import findings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

LOST = {"Type": "Pass", "End": True}
ERROR = r"Validation failed with the following errors:\s+\[\] "


@pytest.fixture(autouse=True)
def old_cdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """An aws-cdk-lib whose plugins cannot take the checks."""
    for name in ("constructs_ml.lint.cdk.base", "constructs_ml.core.suppressions", "support.reports"):
        monkeypatch.setattr(f"{name}.plugins_hold", lambda: False)


def lost(scope: Construct) -> sfn.CfnStateMachine:
    """A state machine with a state that nothing leads to."""
    body = json.dumps({"StartAt": "First", "States": {"First": LOST, "Lost": LOST}})
    return sfn.CfnStateMachine(scope, "Plain", role_arn="arn:aws:iam::111122223333:role/theirs", definition_string=body)


def test_an_error_fails_the_synthesis(app: App, stack: Stack) -> None:
    """It names the construct, the problem, and the id to acknowledge."""
    ml.checks.WorkflowChecks.of(app)
    lost(stack)
    wanted = r"Census/Plain: Lost: is never reached; .*; acknowledge with 'constructs-ml::CML001'"
    with pytest.raises(RuntimeError, match=ERROR + wanted):
        app.synth()


def test_nested_stacks_and_stages_are_checked(app: App, stack: Stack) -> None:
    """All of them in one validation of the app."""
    ml.checks.WorkflowChecks.of(app)
    lost(NestedStack(stack, "Inner"))
    lost(Stack(Stage(app, "Production"), "Two"))
    with pytest.raises(RuntimeError, match=ERROR):
        app.synth()
    paths = [found["violatingConstructs"][0]["constructPath"] for found in reported(app)]
    assert sorted(paths) == ["Census/Inner/Plain", "Production/Two/Plain"]


def test_a_state_names_its_line(app: App, stack: Stack) -> None:
    """As in the reports of aws-cdk-lib's plugins."""
    first = sfn.Pass(stack, "First", parameters={"given.$": "$$.Execution.Nmae"})
    ml.Workflow(stack, "Workflow", definition=first)
    with pytest.raises(RuntimeError, match=ERROR + r"Census/First: .*\(.*test_tree_checks\.py:\d+\)"):
        app.synth()


@pytest.mark.parametrize("on", ["machine", "stack", "app"])
@pytest.mark.parametrize("rule", ["CML001", "constructs-ml::CML001"])
def test_an_acknowledgement_holds_for_what_is_below(app: App, stack: Stack, on: str, rule: str) -> None:
    """The report keeps who gave which reason, for `constructs-ml check`."""
    ml.checks.WorkflowChecks.of(app)
    scopes: dict[str, Any] = {"machine": lost(stack), "stack": stack, "app": app}
    ml.acknowledge(scopes[on], rule, "kept for the next release")
    app.synth()
    (ours,) = plugin_reports(app.outdir)
    (found,) = ours["suppressedViolations"]
    assert (found["acknowledgedAt"], found["reason"]) == (scopes[on].node.path, "kept for the next release")
    assert ours["violations"] == []
    assert findings_of(Path(app.outdir)).items == ()


def test_an_acknowledgement_holds_nowhere_else(app: App, stack: Stack) -> None:
    """As aws-cdk-lib has it since 2.271; before, it clears the rule in the whole app."""
    ml.checks.WorkflowChecks.of(app)
    lost(stack)
    lost(Stack(app, "Other"))
    ml.acknowledge(stack, "CML001", "meant")
    with pytest.raises(RuntimeError, match=ERROR + "Other/Plain"):
        app.synth()
    assert [item.file for item in findings_of(Path(app.outdir)).items] == [str(Path(app.outdir, "Other.template.json"))]


def test_a_warning_is_an_annotation(app: App, stack: Stack, synth: Callable[[Stack], Any]) -> None:
    """Which the command `cdk` shows; it fails nothing."""
    image = ml.ContainerImage.sklearn("1.2-1")
    job = ml.ProcessingJob(stack, "Prepare", image=image, job_name="census")
    ml.Workflow(stack, "Workflow", definition=job)
    synth(stack)
    told = [str(entry.data) for entry in job.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(told) == 1
    assert "the same in every execution" in told[0]
    assert "constructs-ml::CML307" in told[0]
    ml.acknowledge(job, "CML307", "runs once")
    synth(stack)
    assert [found["ruleName"] for found in reported(app)] == []


def test_packs_share_a_validation(app: App, stack: Stack) -> None:
    """The templates are written once for all of them."""
    ml.checks.SageMakerSecurityChecks.of(app)
    ml.Workflow(
        stack, "Workflow", definition=ml.ProcessingJob(stack, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"))
    )
    with pytest.raises(RuntimeError, match=ERROR + r"Census/Prepare: .*constructs-ml-security::CMS0"):
        app.synth()
    assert [plugin["pluginName"] for plugin in plugin_reports(app.outdir)] == [
        "constructs-ml-security",
        "constructs-ml",
    ]


def test_others_validations_are_heard(app: App, stack: Stack) -> None:
    """Their errors stand beside those of the checks."""
    import jsii

    @jsii.implements(IValidation)
    class Theirs:
        @jsii.member(jsii_name="validate")
        def validate(self) -> list[str]:
            return ["theirs is wrong"]

    ml.checks.WorkflowChecks.of(app)
    stack.node.add_validation(Theirs())  # type: ignore[arg-type] # jsii's interface
    lost(stack)
    with pytest.raises(RuntimeError, match=r"(?s)Census/Plain: Lost.*\[Census\] theirs is wrong"):
        app.synth()


def test_an_app_is_written_for_the_command_in_spite_of_errors(tmp_path: Path) -> None:
    """`constructs-ml check` and `run` say by a flag that they read the report."""
    app = App(outdir=str(tmp_path), context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    ml.checks.WorkflowChecks.of(app)
    lost(Stack(app, "Census"))
    app.synth()
    assert [found["ruleName"] for found in reported(app)] == ["CML001"]
