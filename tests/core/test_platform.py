"""What a platform team does from outside: subclasses with defaults of its own, and resources that it passes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from support.each import each
from support.templates import Deployment, statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App

IMAGE = ml.ContainerImage.from_registry("mine")


class OurProcessingJob(ml.ProcessingJob):
    """A job as an organisation wants its jobs."""

    def __init__(self, scope: Construct, construct_id: str, *, team: str, **props: Any) -> None:
        props.setdefault("instance_type", "ml.c5.large")
        props["tags"] = {"team": team, **props.get("tags", {})}
        super().__init__(scope, construct_id, image=IMAGE, network_isolation=True, **props)
        self.team = team

    def arn(self) -> str:
        """A helper of the organisation's."""
        return self.result("ProcessingJobArn")


class OurStack(Stack):
    """A stack whose jobs run in the organisation's network, under its keys."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0, create_internet_gateway=False)
        self.key = kms.Key(self, "OurKey")
        self.bucket = s3.Bucket(self, "OurBucket", encryption=s3.BucketEncryption.KMS, encryption_key=self.key)
        ml.JobDefaults(vpc=self.vpc, volume_key=self.key, bucket=self.bucket, tags={"stage": "test"}).apply_to(self)


def test_a_subclass_with_defaults_of_its_own(stack: Stack, asl: Callable[..., Any]) -> None:
    """It is a job in every way."""
    job = OurProcessingJob(stack, "Job", team="risk", tags={"a": "b"})

    state = asl(stack, job)["Job"]

    assert state["Parameters"]["Tags"] == [{"Key": "a", "Value": "b"}, {"Key": "team", "Value": "risk"}]
    assert state["Parameters"]["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.c5.large"
    assert job.arn()
    assert job.add_retry(errors=["A"]) is job


def test_a_platform_stack(app: App, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """Its jobs have the network, the keys and the bucket without a word."""
    stack = OurStack(app, "Census")
    job = OurProcessingJob(stack, "Job", team="risk", outputs=["out"])

    parameters = asl(stack, job)["Job"]["Parameters"]
    template = synth(stack)

    assert len(parameters["NetworkConfig"]["VpcConfig"]["Subnets"]) == 2
    assert parameters["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"].startswith("arn:aws:kms:")
    buckets = Deployment(template).resources("AWS::S3::Bucket")
    assert [name for name in each(buckets) if name.startswith("ConstructsMlArtifacts")] == []
    granted = {action for item in statements(template, "ConstructsMlJobRole") for action in item["Action"]}
    assert {"kms:CreateGrant", "kms:GenerateDataKey", "ec2:CreateNetworkInterface"} <= granted


def test_jobs_of_a_stack_share_a_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """One role, for SageMaker only, one policy."""
    for name in ("One", "Two"):
        ml.ProcessingJob(stack, name, image=IMAGE, outputs=["out"])

    deployed = Deployment(synth(stack))

    (role,) = deployed.resources("AWS::IAM::Role").values()
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert len(deployed.resources("AWS::IAM::Policy")) == 1


def test_a_role_that_is_passed_in(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """It gets what the job declares, and is the one that may be passed to SageMaker."""
    role = iam.Role(stack, "Mine", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, role=role, outputs=["out"])

    state = asl(stack, job)["Job"]
    template = synth(stack)

    passed = [item["Resource"] for item in statements(template) if item["Action"] == ["iam:PassRole"]]
    assert passed == [[state["Parameters"]["RoleArn"]]]
    assert "JobRole" not in str(list(template["Resources"]))
    assert any("s3:PutObject" in item["Action"] for item in statements(template))


@pytest.mark.parametrize("workflow", [True, False])
def test_an_imported_role_that_is_not_changed(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any], workflow: bool
) -> None:
    """The template has no policy for it, and locations may be known at run time only."""
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False)
    data = ml.S3Data.from_uri(ml.execution_input("Raw"))
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, role=role, inputs={"raw": data}, outputs=["out"])
    if workflow:
        ml.Workflow(stack, "Workflow", definition=job)

    state = asl(stack, *(() if workflow else (job,)))["Job"]

    assert state["Parameters"]["RoleArn"] == "arn:aws:iam::111122223333:role/mine"
    assert not [item for item in statements(synth(stack)) if "s3:PutObject" in item["Action"]]


def test_an_imported_role_of_this_account(stack: Stack, synth: Callable[..., Any]) -> None:
    """It gets a policy by its name."""
    role = iam.Role.from_role_name(stack, "Role", "mine")
    ml.ProcessingJob(stack, "Job", image=IMAGE, role=role, outputs=["out"])

    (policy,) = Deployment(synth(stack)).resources("AWS::IAM::Policy").values()

    assert policy["Roles"] == ["mine"]


def test_an_output_of_one_job_is_an_input_of_the_next(stack: Stack, synth: Callable[..., Any]) -> None:
    """What is read is what the stack's jobs write, this output under its name in the version before too."""
    role = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    first = ml.ProcessingJob(stack, "First", image=IMAGE, outputs=["train", "test"])
    ml.ProcessingJob(stack, "Second", image=IMAGE, role=role, inputs={"train": first.output("train")})

    (read,) = [item for item in statements(synth(stack)) if item["Action"] == ["s3:GetObject"]]

    assert len(read["Resource"]) == 1
    assert read["Resource"][0].endswith("/Census-RoVC/*")


def test_keys(stack: Stack, synth: Callable[..., Any]) -> None:
    """The bucket's key to read, the output key to write, the volume key for a grant."""
    bucket_key, output_key, volume_key = (kms.Key(stack, name) for name in ("BucketKey", "OutputKey", "VolumeKey"))
    bucket = s3.Bucket(stack, "Data", encryption=s3.BucketEncryption.KMS, encryption_key=bucket_key)
    ml.ProcessingJob(
        stack,
        "Job",
        image=IMAGE,
        inputs={"raw": ml.S3Data.from_bucket(bucket, "raw/")},
        outputs={"out": ml.S3Data.from_bucket(bucket, "out/")},
        output_key=output_key,
        volume_key=volume_key,
    )

    granted = {
        (action, resource.split("/")[-1][:9])
        for item in statements(synth(stack))
        for action in item["Action"]
        for resource in item["Resource"]
        if action.startswith("kms:")
    }

    assert granted == {
        ("kms:Decrypt", "bucketkey"),
        ("kms:CreateGrant", "volumekey"),
        ("kms:Decrypt", "outputkey"),
        ("kms:Encrypt", "outputkey"),
        ("kms:GenerateDataKey", "outputkey"),
    }


def test_no_action_has_a_wildcard(app: App, synth: Callable[..., Any]) -> None:
    """Nor is a resource a wildcard where the action has resources to name."""
    stack = OurStack(app, "Census")
    data = ml.S3Data.from_bucket(stack.bucket, "raw/")
    job = OurProcessingJob(stack, "Job", team="risk", inputs={"raw": data}, outputs=["out"])
    train = ml.TrainingJob(stack, "Train", image=IMAGE, metric_definitions={"a": "b"}, channels={"raw": data})
    ml.Workflow(stack, "Workflow", definition=job.next(train), encryption_key=stack.key)

    found = statements(synth(stack))

    assert not [action for item in each(found) for action in item["Action"] if "*" in action]
    assert {action for item in found if "*" in item["Resource"] for action in item["Action"]} == {
        "cloudwatch:PutMetricData",
        # SageMaker's check of a processing job in a VPC fails if a statement names resources.
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        # Delivering logs and traces has no resources.
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_grants_to_a_job_are_grants_to_its_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """A job is an IGrantable."""
    table = dynamodb.Table(
        stack, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    )
    bucket = s3.Bucket(stack, "Data")
    job = ml.ProcessingJob(stack, "Job", image=IMAGE)

    table.grant_read_data(job)
    bucket.grant_read(job)

    actions = {action for item in statements(synth(stack)) for action in item["Action"]}
    assert {"dynamodb:GetItem", "s3:GetObject*"} <= actions


def test_connections_to_a_job_are_connections_to_its_security_groups(app: App, synth: Callable[..., Any]) -> None:
    """A job in a VPC is an IConnectable."""
    stack = OurStack(app, "Census")
    group = ec2.SecurityGroup(stack, "Database", vpc=stack.vpc)
    database = ec2.Connections(security_groups=[group], default_port=ec2.Port.tcp(5432))
    job = OurProcessingJob(stack, "Job", team="risk")

    database.allow_default_port_from(job)
    group.connections.allow_from(job, ec2.Port.tcp(443))

    rules = Deployment(synth(stack)).resources("AWS::EC2::SecurityGroupIngress").values()
    assert {rule.get("FromPort") for rule in rules} >= {443, 5432}


def test_a_job_without_a_vpc_has_no_connections(stack: Stack) -> None:
    """The fix is named."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE)

    with pytest.raises(ml.InvalidPropsError, match="Census/Job: connections needs a vpc, got none; pass vpc="):
        _ = job.connections


def test_jobs_in_one_vpc_share_a_security_group(app: App, synth: Callable[..., Any]) -> None:
    """In which the instances of a job may talk to each other."""
    stack = OurStack(app, "Census")
    for name in ("One", "Two"):
        OurProcessingJob(stack, name, team="risk")

    groups = Deployment(synth(stack)).resources("AWS::EC2::SecurityGroup")

    assert len(groups) == 1


def test_subnets_that_are_chosen(app: App, asl: Callable[..., Any]) -> None:
    """By any of aws-cdk-lib's ways to select them."""
    stack = OurStack(app, "Census")
    one = stack.vpc.isolated_subnets[0]
    job = OurProcessingJob(stack, "Job", team="risk", vpc_subnets=ec2.SubnetSelection(subnets=[one]))

    subnets = asl(stack, job)["Job"]["Parameters"]["NetworkConfig"]["VpcConfig"]["Subnets"]

    assert len(subnets) == 1


def test_datasets_are_read_with_their_own_permissions(stack: Stack, synth: Callable[..., Any]) -> None:
    """Queries run where they are declared to."""
    bucket = s3.Bucket(stack, "Data")
    result = ml.S3Data.from_bucket(bucket, "queries/")
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/cluster")
    athena = ml.processing.AthenaDataset(
        database="sales", query="SELECT 1", output=result, tables=["orders"], work_group="team"
    )
    redshift = ml.processing.RedshiftDataset(
        cluster_id="c", database="d", db_user="u", query="SELECT 1", cluster_role=role, output=result
    )
    ml.ProcessingJob(
        stack,
        "Job",
        image=IMAGE,
        inputs={"a": ml.ProcessingInput(source=athena), "r": ml.ProcessingInput(source=redshift)},
    )

    granted = {action: item["Resource"] for item in statements(synth(stack)) for action in item["Action"]}

    assert granted["athena:StartQueryExecution"] == ["arn:aws:athena:us-east-1:111122223333:workgroup/team"]
    assert "arn:aws:glue:us-east-1:111122223333:table/sales/orders" in granted["glue:GetTable"]
    assert granted["redshift:GetClusterCredentials"][0].endswith(":dbuser:c/u")
    assert "s3:PutObject" in granted


def test_the_users_own_ids_never_clash_with_the_librarys(stack: Stack) -> None:
    ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1"), outputs=["train"])
    for name in ("JobRole", "Artifacts", "SageMakerImages"):
        Construct(stack, name)
