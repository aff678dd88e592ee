"""Messages name what was given and a fix that works; what is told otherwise elsewhere is taken here too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.errors import InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
ROLE = "arn:aws:iam::111122223333:role/other"


def job(stack: Stack, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, "Job", image=IMAGE, **props)


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("https://data.s3.amazonaws.com/raw/1.csv", "s3://data/raw/1.csv"),
        ("https://data.s3.eu-west-1.amazonaws.com/raw/", "s3://data/raw/"),
        ("https://my.data.s3-eu-west-1.amazonaws.com/raw/", "s3://my.data/raw/"),
        ("https://s3.eu-west-1.amazonaws.com/data/raw/", "s3://data/raw/"),
        ("https://data.s3.cn-north-1.amazonaws.com.cn/raw/", "s3://data/raw/"),
        ("https://example.com/raw.csv", "s3://bucket/prefix"),
        ("data/raw/", "s3://data/raw/"),
        ("s3:/data/raw", "s3://data/raw"),
        ("S3://data/raw", "s3://data/raw"),
        ("s3a://data/raw", "s3://data/raw"),
        ("s3n://data/raw", "s3://data/raw"),
        ("arn:aws:s3:::data/raw/", "s3://data/raw/"),
        ("s3://", "s3://bucket/prefix"),
        ("s3:///raw", "s3://raw"),
        ("~/raw.csv", "s3://bucket/prefix"),
        ("file:///tmp/raw.csv", "s3://bucket/prefix"),
        ("", "s3://bucket/prefix"),
        ("gs://data/raw", "s3://bucket/prefix"),
    ],
)
def test_a_literal_that_is_no_s3_uri_is_told_as_one(uri: str, meant: str) -> None:
    """It was called known only at run time."""
    with pytest.raises(InvalidPropsError) as caught:
        ml.S3Data.from_uri(uri)
    assert str(caught.value) == f"S3Data.from_uri: uri must be an S3 URI, got {uri!r}; write it as {meant}"


@pytest.mark.parametrize(
    ("prop", "value", "fix"),
    [
        ("volume_size", 50, "Size.gibibytes(50)"),
        ("volume_size", 16384, "Size.gibibytes(16384)"),
        ("volume_size", 0, "Size.gibibytes(30)"),
        ("volume_size", True, "Size.gibibytes(30)"),
        ("max_runtime", 7200, "Duration.seconds(7200)"),
        ("max_runtime", -1, "Duration.hours(1)"),
        ("volume_key", "arn:aws:kms:us-east-1:111122223333:key/1", "from_key_arn"),
        ("volume_key", "1234abcd-12ab-34cd-56ef-1234567890ab", "format_arn"),
        ("volume_key", "alias/mine", "from_lookup"),
        ("output_key", "mrk-1234abcd12ab34cd56ef1234567890ab", "format_arn"),
        ("role", "jobs", "from_role_name"),
        ("role", ROLE, "from_role_arn"),
    ],
)
def test_a_fix_works_when_it_is_copied(stack: Stack, prop: str, value: Any, fix: str) -> None:
    """It has the value that was given, and aws-cdk-lib takes it."""
    with pytest.raises(InvalidPropsError) as caught:
        job(stack, **{prop: value})
    assert fix in str(caught.value)
    if fix == "from_lookup":
        return  # it asks the account
    code = str(caught.value).rpartition("; pass ")[2]
    names = {"self": stack, "Stack": Stack, "kms": kms, "iam": iam, "Size": Size, "Duration": Duration, "s3": s3}
    made = eval(code, names)  # noqa: S307 - our own message
    assert job(stack, **{prop: made})._request


@pytest.mark.parametrize("given", ["s3://data/raw/", "arn:aws:s3:::data", "data"])
def test_a_bucket_by_any_name(stack: Stack, given: str) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        ml.JobDefaults(bucket=given).apply_to(stack)  # type: ignore[arg-type] # that it is a text
    code = str(caught.value).rpartition("; pass ")[2]
    assert eval(code, {"self": stack, "s3": s3}).bucket_name == "data"  # noqa: S307 - our own message


@pytest.mark.parametrize(
    ("define", "uri"),
    [
        (lambda s: ml.ProcessingJob(s, "J", image=IMAGE, inputs={"raw": "s3://data/raw/"}), "s3://data/raw/"),
        (lambda s: ml.ProcessingJob(s, "J", image=IMAGE, outputs={"out": "s3://data/out/"}), "s3://data/out/"),
        (
            lambda s: ml.ProcessingJob(
                s,
                "J",
                image=IMAGE,
                inputs={"raw": ml.ProcessingInput(source="s3://data/raw/", local_path="/opt/ml/processing/x")},
            ),
            "s3://data/raw/",
        ),
        (lambda s: ml.TrainingJob(s, "J", image=IMAGE, channels={"train": "s3://data/raw/"}), "s3://data/raw/"),
        (lambda s: ml.TrainingJob(s, "J", image=IMAGE, output="s3://data/models/"), "s3://data/models/"),
        (lambda s: ml.TransformJob(s, "J", model="m", data="s3://data/raw/"), "s3://data/raw/"),
        (lambda s: ml.CreateModel(s, "J", image=IMAGE, data="s3://data/m.tar.gz"), "s3://data/m.tar.gz"),
        (
            lambda s: ml.ModelMonitorJob(s, "J", dataset="s3://data/raw/", output="s3://data/out/"),
            "s3://data/out/",
        ),
    ],
)
def test_a_uri_is_taken_where_data_is(stack: Stack, define: Callable[[Stack], Any], uri: str) -> None:
    """As the pipelines take it, with the permissions that the bucket needs."""
    state = define(stack)
    assert uri in str(state._request)
    assert ":s3:::data" in str(stack.resolve(state._role_policy.policy_document))


def test_a_text_that_is_no_uri_is_not_taken(stack: Stack) -> None:
    """It is named with the prop that it was given in."""
    with pytest.raises(InvalidPropsError, match=re.escape("inputs['raw'] must be an S3Data")) as caught:
        job(stack, inputs={"raw": "raw/"})
    assert "pass 's3://bucket/prefix'" in str(caught.value)


def test_subnets_and_groups_by_their_ids_need_no_vpc(stack: Stack) -> None:
    """Nobody invents one for them."""
    subnets = ec2.SubnetSelection(
        subnets=[ec2.Subnet.from_subnet_id(stack, name, name) for name in ("subnet-a", "subnet-b")]
    )
    groups: Any = [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")]
    for made in (
        job(stack, vpc_subnets=subnets, security_groups=groups),
        ml.TrainingJob(stack, "Train", image=IMAGE, vpc_subnets=subnets, security_groups=groups),
    ):
        request = str(made._request)
        assert "['subnet-a', 'subnet-b']" in request
        assert "['sg-1']" in request
    ml.JobDefaults(vpc_subnets=subnets, security_groups=groups).apply_to(below := Stack(stack, "Below"))
    assert "subnet-a" in str(ml.ProcessingJob(below, "Job", image=IMAGE)._request)


def test_subnets_alone_need_a_group_or_a_vpc(stack: Stack) -> None:
    """A group can only be made in a VPC."""
    subnets = ec2.SubnetSelection(subnets=[ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-a")])
    with pytest.raises(
        InvalidPropsError, match="vpc_subnets needs a vpc, got none; pass security_groups= too, or vpc="
    ):
        job(stack, vpc_subnets=subnets)


@pytest.mark.parametrize(
    ("define", "prop"),
    [
        (lambda s, o: ml.ProcessingJob(s, "J", image=IMAGE, request_overrides=o("RoleArn", ROLE)), "role"),
        (lambda s, o: ml.TrainingJob(s, "J", image=IMAGE, request_overrides=o("RoleArn", ROLE)), "role"),
        (lambda s, o: ml.TrainingJob(s, "J", image=IMAGE, request_overrides=o("TrainingJobName", "x")), "job_name"),
        (
            lambda s, o: ml.CreateModel(
                s, "J", image=IMAGE, data="s3://d/m.tar.gz", request_overrides=o("ExecutionRoleArn", ROLE)
            ),
            "role",
        ),
        (
            lambda s, o: ml.CreateModel(
                s, "J", image=IMAGE, data="s3://d/m.tar.gz", request_overrides=o("ModelName", "x")
            ),
            "model_name",
        ),
        (
            lambda s, o: ml.CreateEndpointConfig(s, "J", model="m", request_overrides=o("EndpointConfigName", "x")),
            "endpoint_config_name",
        ),
    ],
)
def test_what_permissions_come_of_is_not_overridden(stack: Stack, define: Any, prop: str) -> None:
    """The state machine may hand on its own role, and run jobs of its own names."""
    with pytest.raises(InvalidPropsError, match=f"cannot be in request_overrides.*pass {prop}="):
        define(stack, lambda member, value: {member: value})


@pytest.mark.parametrize("prop", ["instance_type", "instance_count", "weight"])
def test_props_of_variants_are_named_as_such(stack: Stack, prop: str) -> None:
    """Each model of an endpoint has its own."""
    with pytest.raises(
        InvalidPropsError, match=re.escape(f"pass variants=[ml.hosting.Variant(model=..., {prop}=...)]")
    ):
        ml.CreateEndpointConfig(stack, "Config", model="m", **{prop: 1})  # type: ignore[call-arg]


def test_a_request_as_a_whole_runs_under_the_default_role(stack: Stack) -> None:
    """Where it names none."""
    ml.JobDefaults(role=iam.Role.from_role_arn(stack, "Role", ROLE)).apply_to(stack)
    request = {
        "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
        },
    }
    made = ml.ProcessingJob.from_request(stack, "Job", request)
    assert made._request["RoleArn"] == ROLE
    assert made._policies is not None
    assert ROLE in made._policies.resources


def test_names_begin_with_the_default_unless_given(stack: Stack) -> None:
    """Models and jobs."""
    ml.JobDefaults(job_name_prefix="nightly-", name_prefix="team-").apply_to(stack)
    model = ml.CreateModel(stack, "Model", image=IMAGE, data="s3://d/m.tar.gz")
    named = ml.CreateModel(stack, "Named", image=IMAGE, data="s3://d/m.tar.gz", model_name="churn")
    own = ml.TrainingJob(stack, "Own", image=IMAGE, job_name_prefix="own-")
    fixed = ml.TrainingJob(stack, "Fixed", image=IMAGE, job_name="fixed")
    assert str(model._request["ModelName"]).startswith("Format(parts=('team-'")
    assert named._request["ModelName"] == "churn"
    assert own.job_name_prefix == "own-"
    assert fixed._request["TrainingJobName"] == "fixed"
    assert ml.TrainingJob(stack, "Drawn", image=IMAGE).job_name_prefix == "nightly-"


VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
SOURCE = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://a/"}}}


@pytest.mark.parametrize(
    ("overrides", "member", "prop"),
    [
        ({"VpcConfig": VPC}, "VpcConfig", "vpc"),
        ({"VpcConfig": sfn.JsonPath.object_at("$.vpc")}, "VpcConfig", "vpc"),
        ({"OutputDataConfig": {"KmsKeyId": "key"}}, "OutputDataConfig.KmsKeyId", "output_key"),
        ({"ResourceConfig": {"VolumeKmsKeyId": "key"}}, "ResourceConfig.VolumeKmsKeyId", "volume_key"),
        ({"OutputDataConfig": {"S3OutputPath": "s3://a/"}}, "OutputDataConfig.S3OutputPath", "output"),
        ({"InputDataConfig": [{"ChannelName": "a", **SOURCE}]}, "InputDataConfig[0].DataSource", "channels"),
        (
            {"AlgorithmSpecification": {"TrainingImage": "111122223333.dkr.ecr.us-east-1.amazonaws.com/other:1"}},
            "AlgorithmSpecification.TrainingImage",
            "image",
        ),
    ],
)
def test_what_a_role_made_for_it_would_lack_is_not_overridden(
    stack: Stack, overrides: Any, member: str, prop: str
) -> None:
    """A role of the user's own may have it."""
    told = f"{re.escape(member)}.* cannot be in request_overrides.*pass {prop}=, or role="
    with pytest.raises(InvalidPropsError, match=told):
        ml.TrainingJob(stack, "J", image=IMAGE, request_overrides=overrides)

    role = iam.Role.from_role_arn(stack, "Role", ROLE)
    ml.TrainingJob(stack, "Own", image=IMAGE, role=role, request_overrides=overrides)


def test_what_needs_no_permission_is_overridden(stack: Stack) -> None:
    """And what is taken away."""
    ml.ProcessingJob(stack, "J", image=IMAGE, request_overrides={"NetworkConfig": {"EnableNetworkIsolation": True}})
    ml.TrainingJob(stack, "K", image=IMAGE, request_overrides={"VpcConfig": None, "EnableNetworkIsolation": True})
    with pytest.raises(InvalidPropsError, match=r"NetworkConfig.VpcConfig cannot be.*pass vpc="):
        ml.ProcessingJob(stack, "L", image=IMAGE, request_overrides={"NetworkConfig": {"VpcConfig": VPC}})
    with pytest.raises(InvalidPropsError, match=r"VpcConfig cannot be.*pass vpc="):
        ml.CreateModel(stack, "M", image=IMAGE, request_overrides={"VpcConfig": VPC})
