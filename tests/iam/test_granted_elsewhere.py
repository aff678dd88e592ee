"""Roles that no template gives policies to: all that is derived is in aws-cdk-lib's report, and is read back from there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, NestedStack, Stack, Stage, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.calls.all_kinds import KINDS

import constructs_ml as ml
from constructs_ml.core.suppressions import plugins_hold
from constructs_ml.iam.assembly_roles import AssemblyRole, roles_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from constructs import Construct

ACCOUNT, REGION = "111122223333", "us-east-1"
CASES = [next(iter(kind.CASES.values())) for kind in KINDS]
"""A state of each kind."""
NAMES = {
    "ConstructsMl/JobRole": "jobs",
    "ConstructsMl/AutoMLJobRole": "automl",
    "ConstructsMl/LabelingJobRole": "labeling",
    "Workflow/Role": "machine",
    "Workflow/EventsRole": "events",
    "Inner/ConstructsMl/JobRole": "inner-jobs",
    "Inner/Workflow/Role": "inner-machine",
}


def imported(scope: Construct, name: str, *, mutable: bool) -> iam.IRole:
    return iam.Role.from_role_arn(scope, name, f"arn:aws:iam::{ACCOUNT}:role/teams/{name}", mutable=mutable)


def granted(roles: Iterable[AssemblyRole]) -> set[tuple[str, ...]]:
    """What roles are allowed, statement by statement; one role's ARN is as good as another's."""
    return {
        (action, re.sub(r":role/.*", ":role/any", resource), json.dumps(statement.get("Condition"), sort_keys=True))
        for role in roles
        for statement in role.statements
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def of_kinds(way: str, folder: Path) -> dict[str, list[AssemblyRole]]:
    """The roles of a stack for each kind of state, with a tag of the tree."""
    app = App(outdir=str(folder), analytics_reporting=False)
    Tags.of(app).add("owner", "risk")
    for case in CASES:
        stack = Stack(app, case.team.stack)
        role = None
        if way == "customized":
            iam.Role.customize_roles(stack, use_precreated_roles=NAMES)
        elif way != "own":
            jobs = imported(stack, f"jobs-{case.team.stack}", mutable=way == "mutable")
            ml.JobDefaults(role=jobs).apply_to(stack)
            role = imported(stack, f"machine-{case.team.stack}", mutable=way == "mutable")
        ml.Workflow(stack, "Workflow", definition=case.define(stack), role=role)
    app.synth()
    found: dict[str, list[AssemblyRole]] = {}
    for each in roles_of(folder, account=ACCOUNT, region=REGION):
        found.setdefault(each.stack, []).append(each)
    return found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[AssemblyRole]]:
    return of_kinds("own", tmp_path_factory.mktemp("own"))


@pytest.mark.parametrize("way", ["customized", "immutable", "mutable"])
def test_every_kind_of_state_needs_the_same_whoever_makes_its_roles(
    own: dict[str, list[AssemblyRole]], way: str, tmp_path: Path
) -> None:
    """The template's policies are the oracle: the report has each of their statements, and no more."""
    found = of_kinds(way, tmp_path)
    assert found.keys() == own.keys()
    for stack, roles in own.items():
        assert granted(found[stack]) == granted(roles), stack
        assert not any(role.placeholders for role in found[stack]), stack
    assert (tmp_path / "iam-policy-report.json").is_file() is (way != "mutable")


def census(way: str, folder: Path) -> list[AssemblyRole]:
    """A workflow in a stage, with a Distributed Map, a key, a rule, grants, another stack and a nested one."""
    app = App(outdir=str(folder), analytics_reporting=False)
    if way == "customized":
        names = {f"Prod/Census/{path}": name for path, name in NAMES.items()}
        iam.Role.customize_roles(app, use_precreated_roles=names)
    stage = Stage(app, "Prod")
    other = Stack(stage, "Data")
    raw, key = s3.Bucket(other, "Raw"), kms.Key(other, "Key")
    stack = Stack(stage, "Census")
    nested = NestedStack(stack, "Inner")
    by_id = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.Table(stack, "Table", partition_key=by_id)
    machines: list[iam.IRole | None] = [None, None]
    if way == "immutable":
        ml.JobDefaults(role=imported(stack, "jobs", mutable=False)).apply_to(stack)
        machines = [imported(stack, "machine", mutable=False), imported(nested, "inner-machine", mutable=False)]
    image = ml.ContainerImage.sklearn("1.2-1")
    job = ml.ProcessingJob(
        stack, "Job", image=image, inputs={"raw": ml.S3Data.from_bucket(raw, "in/")}, outputs=["out"], output_key=key
    )
    table.grant_read_data(job)
    each = sfn.DistributedMap(stack, "Each", items_path="$.items")
    each.item_processor(sfn.Pass(stack, "Item"))
    # Older versions of aws-cdk-lib cannot write the report of a state machine with a key.
    encrypted = key if plugins_hold() else None
    workflow = ml.Workflow(stack, "Workflow", definition=job.next(each), encryption_key=encrypted, role=machines[0])
    raw.grant_read(workflow)
    ml.JobStateChangeRule(stack, "Again", jobs=[job], targets=[workflow])
    inner = ml.TrainingJob(nested, "Train", image=image, channels={"train": ml.S3Data.from_bucket(raw, "in/")})
    ml.Workflow(nested, "Workflow", definition=inner, role=machines[1])
    app.synth()
    return roles_of(folder, account=ACCOUNT, region=REGION, values={"Key961B73FD.Arn": f"arn:aws:kms:{REGION}::key/1"})


NAMELESS = "stateMachine:"
"""The end of a condition of aws-cdk-lib's own, which names a state machine without a name and allows nothing."""


@pytest.fixture(scope="module")
def of_census(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    roles = census("own", tmp_path_factory.mktemp("census"))
    return {each for each in granted(roles) if f'{NAMELESS}"' not in each[2]}


@pytest.mark.parametrize("way", ["customized", "immutable"])
def test_maps_rules_grants_stages_and_nested_stacks_are_told_too(
    of_census: set[tuple[str, ...]], way: str, tmp_path: Path
) -> None:
    """The template's policies are the oracle here too."""
    roles = census(way, tmp_path / way)
    assert granted(roles) == of_census
    assert not [(role.path, role.placeholders) for role in roles if role.placeholders or not role.trust]
    services = {role.name: role.trust["Statement"][0]["Principal"]["Service"] for role in roles}
    assert services["machine"] == services["inner-machine"] == "states.amazonaws.com"
    assert services["jobs"] == "sagemaker.amazonaws.com"
    report = (tmp_path / way / "iam-policy-report.txt").read_text()
    assert "(ConstructsMlSageMakerImages" in report, "the account of an image is told by its mapping, not by a number"


@pytest.mark.parametrize("prevent", [True, False])
def test_roles_without_names_are_told_as_such(tmp_path: Path, *, prevent: bool) -> None:
    """aws-cdk-lib tells what lacks a name; the checks do not tell it as a malformed ARN."""
    app = App(outdir=str(tmp_path), analytics_reporting=False)
    stack = Stack(app, "Census")
    iam.Role.customize_roles(stack, prevent_synthesis=prevent)
    ml.acknowledge(stack, "CML501", "older versions of aws-cdk-lib name the role that has no policies in the template")
    ml.Workflow(stack, "Workflow", definition=ml.TrainingJob(stack, "Train", image=ml.ContainerImage.sklearn("1.2-1")))
    app.synth()
    told = "".join(file.read_text() for file in tmp_path.glob("*.json"))
    assert ("must provide a precreated role name" in told) is prevent
    assert ("which cannot be deployed so" in told) is not prevent
    (role,) = [role for role in roles_of(tmp_path) if role.path == "Census/ConstructsMl/JobRole"]
    if prevent:
        assert role.name == ""
        assert role.trust["Statement"][0]["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert "ecr:BatchGetImage" in json.dumps(role.statements)


def test_a_role_without_policy_updates_is_told_with_what_the_template_leaves_out(tmp_path: Path) -> None:
    """By its path, at synth and in the list of roles; the state machine may be of another stack."""
    app = App(outdir=str(tmp_path), analytics_reporting=False)
    own, other = Stack(app, "Census"), Stack(app, "Roles")
    sagemaker = iam.ServicePrincipal("sagemaker.amazonaws.com")
    jobs = [iam.Role(stack, "Jobs", assumed_by=sagemaker) for stack in (own, other)]
    states = [
        ml.TrainingJob(own, f"Train{at}", image=ml.ContainerImage.sklearn("1.2-1"), role=role.without_policy_updates())
        for at, role in enumerate(jobs)
    ]
    ml.Workflow(own, "Workflow", definition=states[0].next(states[1]))
    app.synth()
    told = "".join(file.read_text() for file in tmp_path.glob("*.json"))
    for path in ("Census/Jobs", "Roles/Jobs"):
        assert f"{path}.without_policy_updates() leaves out of the template what the role must be allowed" in told
    roles = {role.path: role for role in roles_of(tmp_path)}
    assert set(roles) == {"Census/Jobs", "Roles/Jobs", "Census/Workflow/Role"}
    for path in ("Census/Jobs", "Roles/Jobs"):
        assert (roles[path].dropped, bool(roles[path].logical_id)) == (True, True)
        assert "ecr:BatchGetImage" in json.dumps(roles[path].statements)
    assert not roles["Census/Workflow/Role"].dropped


BOUNDED = {"Cleaning", "Finding", "Naming"}
"""The stacks of a processing job, and of jobs with roles of their own kind."""


def _by_context(_: Stack) -> None:
    """cdk.json's way: the context is the app's."""


def _by_aspect(stack: Stack) -> None:
    limit = iam.ManagedPolicy.from_managed_policy_name(stack, "Limit", "limit")
    iam.PermissionsBoundary.of(stack).apply(limit)


@pytest.mark.parametrize("way", [_by_context, _by_aspect])
def test_boundaries_reach_every_role(way: Callable[[Stack], None]) -> None:
    context = {"@aws-cdk/core:permissionsBoundary": {"name": "limit"}} if way is _by_context else {}
    app = App(analytics_reporting=False, context=context)
    cases = [case for case in CASES if case.team.stack in BOUNDED]
    for case in cases:
        stack = Stack(app, case.team.stack)
        way(stack)
        workflow = ml.Workflow(stack, "Workflow", definition=case.define(stack))
        again = targets.SfnStateMachine(workflow)
        events.Rule(stack, "Again", schedule=events.Schedule.rate(Duration.days(1)), targets=[again])
    templates = [stack.template for stack in app.synth().stacks]
    roles = [
        each
        for template in templates
        for each in template["Resources"].values()
        if each["Type"] == iam.CfnRole.CFN_RESOURCE_TYPE_NAME
    ]
    assert len(roles) == 3 * len(BOUNDED)
    assert all(json.dumps(role["Properties"]["PermissionsBoundary"]).endswith(':policy/limit"]]}') for role in roles)
