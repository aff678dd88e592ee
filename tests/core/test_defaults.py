"""Defaults come down the tree: from an app, a stage, a stack or any construct; the nearest wins."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Size, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.templates import Deployment

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("mine")
KEY = "arn:aws:kms:us-east-1:111122223333:key/"
POLICY = "arn:aws:iam::111122223333:policy/"


def imported_vpc(scope: Construct, name: str) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        scope,
        f"Vpc{name}",
        vpc_id=f"vpc-{name}",
        availability_zones=["us-east-1a"],
        private_subnet_ids=[f"subnet-private-{name}"],
        isolated_subnet_ids=[f"subnet-isolated-{name}"],
    )


def request(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = state["Parameters"] if "Parameters" in state else state["Arguments"]
    return found


def cluster(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = request(state)["ProcessingResources"]["ClusterConfig"]
    return found


def network(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = request(state)["NetworkConfig"]
    return found


FIELDS: dict[str, tuple[Callable[[Stack, str], Any], Callable[[dict[str, Any]], Any], Callable[[str], Any]]] = {
    "bucket": (
        lambda stack, name: s3.Bucket.from_bucket_name(stack, f"Bucket{name}", f"bucket-{name}"),
        lambda state: request(state)["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri.$"].split("/")[2],
        lambda name: f"bucket-{name}",
    ),
    "role": (
        lambda stack, name: iam.Role.from_role_arn(stack, f"Role{name}", f"arn:aws:iam::111122223333:role/{name}"),
        lambda state: request(state)["RoleArn"],
        lambda name: f"arn:aws:iam::111122223333:role/{name}",
    ),
    "vpc": (
        imported_vpc,
        lambda state: network(state)["VpcConfig"]["Subnets"],
        lambda name: [f"subnet-private-{name}"],
    ),
    "network_isolation": (
        lambda _, name: name == "near",
        lambda state: network(state)["EnableNetworkIsolation"],
        lambda name: name == "near",
    ),
    "encrypt_inter_container_traffic": (
        lambda _, name: name == "near",
        lambda state: network(state)["EnableInterContainerTrafficEncryption"],
        lambda name: name == "near",
    ),
    "volume_key": (
        lambda stack, name: kms.Key.from_key_arn(stack, f"Key{name}", KEY + name),
        lambda state: cluster(state)["VolumeKmsKeyId"],
        lambda name: KEY + name,
    ),
    "output_key": (
        lambda stack, name: kms.Key.from_key_arn(stack, f"Key{name}", KEY + name),
        lambda state: request(state)["ProcessingOutputConfig"]["KmsKeyId"],
        lambda name: KEY + name,
    ),
    "instance_type": (
        lambda _, name: {"far": "ml.m5.large", "near": "ml.c5.large"}[name],
        lambda state: cluster(state)["InstanceType"],
        lambda name: {"far": "ml.m5.large", "near": "ml.c5.large"}[name],
    ),
    "instance_count": (
        lambda _, name: len(name),
        lambda state: cluster(state)["InstanceCount"],
        len,
    ),
    "volume_size": (
        lambda _, name: Size.gibibytes(len(name)),
        lambda state: cluster(state)["VolumeSizeInGB"],
        len,
    ),
    "max_runtime": (
        lambda _, name: Duration.minutes(len(name)),
        lambda state: request(state)["StoppingCondition"]["MaxRuntimeInSeconds"],
        lambda name: 60 * len(name),
    ),
    "environment": (
        lambda _, name: {"A": name, name: "1"},
        lambda state: request(state)["Environment"],
        lambda name: {"far": {"A": "far", "far": "1"}, "near": {"A": "near", "far": "1", "near": "1"}}[name],
    ),
    "tags": (
        lambda _, name: {"a": name, name: "1"},
        lambda state: {tag["Key"]: tag["Value"] for tag in request(state)["Tags"]},
        lambda name: {"far": {"a": "far", "far": "1"}, "near": {"a": "near", "far": "1", "near": "1"}}[name],
    ),
    "job_name_prefix": (
        lambda _, name: f"nightly-{name}",
        lambda state: state.get("Parameters", {})["ProcessingJobName.$"].split("'")[1],
        lambda name: f"nightly-{name}{{}}",
    ),
    "result": (
        lambda _, name: {"far": ml.Result.SUMMARY, "near": ml.Result.FULL}[name],
        lambda state: "ResultSelector" in state,
        lambda name: name == "far",
    ),
    "result_path": (
        lambda _, name: f"$.{name}",
        lambda state: state["ResultPath"],
        lambda name: f"$.{name}",
    ),
    "retry": (
        lambda _, name: ml.RetryPolicy((ml.props.Retrier(errors=(name,)),)),
        lambda state: state["Retry"][0]["ErrorEquals"],
        lambda name: [name],
    ),
    "cache": (
        lambda _, name: {"far": ml.Cache(), "near": False}[name],
        lambda state: state["Type"],
        lambda name: {"far": "Parallel", "near": "Task"}[name],
    ),
    "query_language": (
        lambda _, name: {"far": sfn.QueryLanguage.JSON_PATH, "near": sfn.QueryLanguage.JSONATA}[name],
        lambda state: "Arguments" in state,
        lambda name: name == "near",
    ),
}
ELSEWHERE = {
    "code_bucket",
    "name_prefix",
    "permissions_boundary",
    "policy",  # test_policies
    "security_groups",
    "tree_tags",
    "vpc_subnets",
}


def test_every_field_is_tried() -> None:
    """A new default needs a row here."""
    assert set(FIELDS) | ELSEWHERE == {field.name for field in fields(ml.JobDefaults)}


def define(stack: Stack, at: Construct, below: Construct, name: str) -> ml.ProcessingJob:
    far, near = (FIELDS[name][0](stack, place) for place in ("far", "near"))
    ml.JobDefaults(**{name: far}).apply_to(at)
    if below is not at:
        ml.JobDefaults(**{name: near}).apply_to(below)
    return ml.ProcessingJob(below, "Job", image=IMAGE, outputs=["out"])


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("level", ["app", "stage", "stack", "construct"])
def test_a_default_comes_down_from(app: App, asl: Callable[..., Any], name: str, level: str) -> None:
    """Whatever stands above the job."""
    stage = Stage(app, "Stage")
    stack = Stack(stage, "Census")
    construct = Construct(stack, "Part")
    at = {"app": app, "stage": stage, "stack": stack, "construct": construct}[level]
    far = FIELDS[name][0](stack, "far")
    ml.JobDefaults(**{name: far}).apply_to(at)

    job = ml.ProcessingJob(construct, "Job", image=IMAGE, outputs=["out"])

    assert FIELDS[name][1](asl(stack, job)["Job"]) == FIELDS[name][2]("far")


@pytest.mark.parametrize("name", FIELDS)
def test_the_nearest_default_wins(stack: Stack, asl: Callable[..., Any], name: str) -> None:
    """Tags and environment are joined instead."""
    job = define(stack, stack, Construct(stack, "Part"), name)

    assert FIELDS[name][1](asl(stack, job)["Job"]) == FIELDS[name][2]("near")


def test_a_prop_beats_every_default(stack: Stack, asl: Callable[..., Any]) -> None:
    """Also one that is false, and also a name in a joined mapping."""
    ml.JobDefaults(network_isolation=True, instance_type="ml.m5.large", tags={"a": "1", "b": "1"}).apply_to(stack)

    job = ml.ProcessingJob(
        stack, "Job", image=IMAGE, network_isolation=False, instance_type="ml.c5.large", tags={"a": "2"}
    )

    state = asl(stack, job)["Job"]
    assert network(state)["EnableNetworkIsolation"] is False
    assert cluster(state)["InstanceType"] == "ml.c5.large"
    assert request(state)["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}]


def test_defaults_of_one_scope_add_up(stack: Stack, asl: Callable[..., Any]) -> None:
    """The later ones win."""
    ml.JobDefaults(instance_count=2, instance_type="ml.m5.large").apply_to(stack)
    ml.JobDefaults(instance_count=3).apply_to(stack)

    state = asl(stack, ml.ProcessingJob(stack, "Job", image=IMAGE))["Job"]

    assert (cluster(state)["InstanceCount"], cluster(state)["InstanceType"]) == (3, "ml.m5.large")


def test_a_sibling_scope_has_none_of_them(stack: Stack, asl: Callable[..., Any]) -> None:
    """They go down, not across."""
    one, other = Construct(stack, "One"), Construct(stack, "Other")
    ml.JobDefaults(instance_count=2).apply_to(one)

    state = asl(stack, ml.ProcessingJob(other, "Job", image=IMAGE))["Job"]

    assert cluster(state)["InstanceCount"] == 1


@pytest.mark.parametrize("level", ["app", "stack"])
def test_defaults_that_come_too_late(app: App, stack: Stack, level: str) -> None:
    """A job that did not see them is not changed in silence."""
    ml.ProcessingJob(stack, "Job", image=IMAGE)
    scope = {"app": app, "stack": stack}[level]
    path = {"app": "App", "stack": "Census"}[level]

    with pytest.raises(ml.InvalidPropsError, match=f"{path}: JobDefaults must be applied before the first job"):
        ml.JobDefaults(instance_count=2).apply_to(scope)


def test_subnets_and_security_groups_of_the_default_vpc(stack: Stack, asl: Callable[..., Any]) -> None:
    """They belong to that VPC."""
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    ml.JobDefaults(
        vpc=imported_vpc(stack, "a"),
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        security_groups=[group],
    ).apply_to(stack)

    state = asl(stack, ml.ProcessingJob(stack, "Job", image=IMAGE))["Job"]

    assert network(state)["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-isolated-a"]}


def test_a_job_with_a_vpc_of_its_own(stack: Stack, asl: Callable[..., Any]) -> None:
    """Security groups and subnets of another VPC would be refused."""
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    ml.JobDefaults(vpc=imported_vpc(stack, "a"), security_groups=[group]).apply_to(stack)

    state = asl(stack, ml.ProcessingJob(stack, "Job", image=IMAGE, vpc=imported_vpc(stack, "b")))["Job"]

    config = network(state)["VpcConfig"]
    assert config["Subnets"] == ["subnet-private-b"]
    assert config["SecurityGroupIds"] != ["sg-1"]


def test_a_permissions_boundary(stack: Stack, synth: Callable[..., Any]) -> None:
    """Each role that is made has the boundary of its scope."""
    inner = Construct(stack, "Part")
    outer_policy, inner_policy = (
        iam.ManagedPolicy.from_managed_policy_arn(stack, name, POLICY + name) for name in ("outer", "inner")
    )
    ml.JobDefaults(permissions_boundary=outer_policy).apply_to(stack)
    ml.JobDefaults(permissions_boundary=inner_policy).apply_to(inner)
    ml.ProcessingJob(stack, "Job", image=IMAGE)
    ml.ProcessingJob(inner, "Job", image=IMAGE)

    roles = Deployment(synth(stack)).resources("AWS::IAM::Role")

    boundaries = {name: role["PermissionsBoundary"] for name, role in roles.items()}
    assert sorted(boundaries.values()) == [POLICY + "inner", POLICY + "outer"]
    assert [value for name, value in boundaries.items() if len(name) == len("ConstructsMlJobRole") + 8] == [
        POLICY + "outer"
    ]


@pytest.mark.parametrize(
    ("instances", "takes_it"),
    [
        ({"instance_type": "ml.m5.xlarge"}, True),
        ({"instance_type": "ml.g5.xlarge"}, False),
        ({"instance_type": sfn.JsonPath.string_at("$.instance")}, True),
        ({"instance_preferences": ["ml.g5.xlarge", "ml.g6.xlarge"]}, False),
        ({"instance_preferences": ["ml.g5.xlarge", "ml.p3.2xlarge"]}, True),
        (
            {
                "instance_groups": [
                    ml.training.InstanceGroup(name="disks", instance_type="ml.p4d.24xlarge"),
                    ml.training.InstanceGroup(name="more", instance_type="ml.g5.xlarge"),
                ]
            },
            False,
        ),
    ],
)
def test_the_key_of_volumes_is_for_those_that_have_volumes(
    stack: Stack, asl: Callable[..., Any], instances: dict[str, Any], takes_it: bool
) -> None:
    """SageMaker refuses it for instances with disks of their own; who passes it to such a job is told so by a rule."""
    ml.JobDefaults(volume_key=kms.Key.from_key_arn(stack, "Key", KEY + "1")).apply_to(stack)
    job = ml.TrainingJob(stack, "Train", image=IMAGE, **instances)

    assert ("VolumeKmsKeyId" in request(asl(stack, job)["Train"])["ResourceConfig"]) is takes_it


def test_so_it_is_for_transform_and_tuning_jobs(stack: Stack, asl: Callable[..., Any]) -> None:
    """Each asks for its instances in its own way."""
    ml.JobDefaults(volume_key=kms.Key.from_key_arn(stack, "Key", KEY + "1"), instance_type="ml.g5.xlarge").apply_to(
        stack
    )
    score = ml.TransformJob(
        stack, "Score", model="churn", data=ml.S3Data.from_uri("s3://b/x/"), output=ml.S3Data.from_uri("s3://b/y/")
    )
    training = ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions={"accuracy": "a=(.*)"})
    tune = ml.TuningJob(
        stack,
        "Tune",
        training=training,
        objective=ml.tuning.Objective.maximize("accuracy"),
        ranges={"depth": ml.tuning.IntegerRange(1, 9)},
        max_jobs=2,
        trial_instances=[ml.tuning.TrialInstances(instance_type="ml.g5.xlarge")],
    )

    states = asl(stack, score.next(tune))

    assert "VolumeKmsKeyId" not in request(states["Score"])["TransformResources"]
    trial = request(states["Tune"])["TrainingJobDefinition"]
    assert "VolumeKmsKeyId" not in trial["HyperParameterTuningResourceConfig"]
