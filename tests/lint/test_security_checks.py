"""The security pack is asked for; it fails the synthesis, names construct and line, and what is meant is acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, NestedStack, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from support.ground import Ground
from support.reports import fails, plugin_reports, reported

import constructs_ml as ml
from constructs_ml.lint.security.pack import check_security, security_rules
from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

PACK = "constructs-ml-security"
PLAIN = {"CMS001", "CMS003", "CMS011", "CMS043", "CMS044"}
"""What the pack has against a workflow that names no key and no network."""


@pytest.fixture
def app(app: App) -> App:
    """An app that asks for the pack."""
    ml.checks.SageMakerSecurityChecks.of(app)
    return app


def report(app: App) -> list[dict[str, Any]]:
    """What the synthesis of an app reports of the pack."""
    return reported(app, PACK)


def where(found: dict[str, Any]) -> str:
    (construct,) = found["violatingConstructs"]
    return str(construct["constructPath"])


def test_it_is_asked_for(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """An app that does not ask for it may be as plain as it likes."""
    template = synth(stack)
    assert check_security(template) == []


def test_a_finding_fails_the_synthesis(app: App, stack: Stack) -> None:
    """It names the rule, the state's construct, the line that it was defined in, and the controls."""
    ground = Ground(stack, ["volume_key"])
    ground.workflow(ground.training())
    with fails():
        app.synth()
    (found,) = report(app)
    assert (found["ruleName"], found["severity"], where(found)) == ("CMS001", "error", "Census/Train")
    assert "Train: Parameters.ResourceConfig.VolumeKmsKeyId must be a KMS key" in found["description"]
    assert "ground.py:" in found["description"]
    assert found["ruleMetadata"]["controls"] == "NIST 800-53 r5 SC-12, SC-13, SC-28(1)"


def test_a_finding_in_a_resource_names_the_construct(app: App, stack: Stack) -> None:
    """Buckets, log groups and the state machine itself are told by their paths and properties."""
    ground = Ground(stack, ["bucket"])
    open_bucket = ground.bucket_with("Open", enforce_ssl=False)
    output = ml.S3Data.from_bucket(open_bucket, "models/")
    ground.workflow(ground.training(output=output), tracing_enabled=False)
    with fails():
        app.synth()
    found = {violation["ruleName"]: violation for violation in report(app)}
    assert where(found["CMS042"]) == "Census/Workflow"
    assert where(found["CMS062"]) == "Census/Open/Resource"
    (construct,) = found["CMS062"]["violatingConstructs"]
    assert construct["cloudFormationResource"]["propertyPaths"] == ["Properties.BucketPolicy"]


def test_a_finding_is_acknowledged_on_the_state(app: App, stack: Stack) -> None:
    """With a reason, that state passes; another with the same finding does not."""
    ground = Ground(stack, ["volume_key"])
    train = ground.training()
    ground.workflow(ground.processing(), train)
    ml.acknowledge(train, "CMS001", "a test of ours")
    with fails():
        app.synth()
    (found,) = report(app)
    assert where(found) == "Census/Prepare"


def test_a_finding_is_acknowledged_on_the_stack(app: App, stack: Stack) -> None:
    """All below it pass."""
    ground = Ground(stack, ["volume_key"])
    ground.workflow(ground.processing(), ground.training())
    ml.acknowledge(stack, "CMS001", "a test of ours")
    app.synth()
    assert report(app) == []


def test_warnings_fail_nothing(app: App, stack: Stack) -> None:
    """They are in the report."""
    ground = Ground(stack)
    ground.workflow(ground.training(), encryption_key=None)
    app.synth()
    assert {found["severity"] for found in report(app)} == {"warning"}


def test_nested_stacks_are_looked_at(app: App, stack: Stack) -> None:
    """A workflow in one names its states too."""
    ground = Ground(NestedStack(stack, "Inner"), ["volume_key"])
    ground.workflow(ground.training())
    with fails():
        app.synth()
    (found,) = report(app)
    assert where(found) == "Census/Inner/Train"


def test_both_plugins_stand_side_by_side(app: App, stack: Stack) -> None:
    """The checks of workflows have nothing against what the pack has, and the other way round."""
    ground = Ground(stack, ["volume_key"])
    ground.workflow(ground.training())
    with fails():
        app.synth()
    failed = [plugin["pluginName"] for plugin in plugin_reports(app.outdir) if plugin["conclusion"] == "failure"]
    assert failed == [PACK]


def test_the_rules_are_told_to_aws_cdk_lib() -> None:
    """By their ids, beside name and version."""
    pack = ml.checks.SageMakerSecurityChecks()
    assert pack.name == PACK
    assert pack.rule_ids == [rule.id for rule in security_rules()]
    assert pack.version


def test_a_plain_workflow_lacks_keys_and_a_network(app: App) -> None:
    """The example as it stands: exactly these rules, and of its two jobs and its model only."""
    PenguinsStack(app, "Penguins")
    with fails():
        app.synth()
    found = report(app)
    assert {violation["ruleName"] for violation in found} == PLAIN
    of_jobs = {where(violation) for violation in found if violation["severity"] == "error"}
    assert of_jobs == {"Penguins/Preprocess", "Penguins/Train", "Penguins/Model"}


@pytest.mark.parametrize("network", ["vpc", "isolation"])
def test_the_example_with_defaults_passes(app: App, network: str) -> None:
    """With the keys and a network from JobDefaults, no acknowledgement is needed; what is left is advice."""
    from aws_cdk import aws_ec2 as ec2

    shared = Stack(app, "Shared")
    key: Any = kms.Key(shared, "Key", enable_key_rotation=True)
    chosen: Any = {"vpc": ec2.Vpc(shared, "Vpc")} if network == "vpc" else {"network_isolation": True}
    ml.JobDefaults(volume_key=key, output_key=key, **chosen).apply_to(app)
    PenguinsStack(app, "Penguins")
    app.synth()
    # A model in a network is advised to have none.
    advice = [*(["CMS012"] if network == "vpc" else []), "CMS043", "CMS044"]
    assert [(found["ruleName"], found["severity"]) for found in report(app)] == [(rule, "warning") for rule in advice]


def test_an_imported_bucket_is_not_judged(app: App, stack: Stack) -> None:
    """Nothing is known of what stands elsewhere."""
    ground = Ground(stack, ["bucket"])
    theirs = s3.Bucket.from_bucket_name(stack, "Theirs", "theirs")
    ground.workflow(ground.training(output=ml.S3Data.from_bucket(theirs, "models/")))
    app.synth()
    assert report(app) == []
