"""Stacks as platform teams write them: each says what a request in its workflow looks like when it is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import (
    App,
    Aws,
    CfnCondition,
    CfnMapping,
    CfnOutput,
    CfnParameter,
    CustomResource,
    Environment,
    Fn,
    LegacyStackSynthesizer,
    NestedStack,
    SecretValue,
    Size,
    Stack,
    Stage,
    Token,
)
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import custom_resources as custom
from constructs import Construct

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    Forms = dict[str, str]
    Case = Callable[[App], tuple[ml.Workflow, Forms]]

CASES: dict[str, Case] = {}
IMAGE = ml.ContainerImage.sklearn("1.2-1")
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:f"
ENV = Environment(account="444455556666", region="eu-central-1")

SG = r"sg-[0-9a-f]{8,17}"
SUBNET = r"subnet-[0-9a-f]{17}"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY_ARN = rf"arn:aws:kms:[a-z0-9-]+:\d{{12}}:key/{UUID}"
ROLE = r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+"
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
URI = r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9._/-]+:[\w.-]+"
GROUPS, SUBNETS = "NetworkConfig.VpcConfig.SecurityGroupIds", "NetworkConfig.VpcConfig.Subnets"
IN, ENVIRONMENT = "ProcessingInputs.0.S3Input.S3Uri", "Environment"
VOLUME_KEY = "ProcessingResources.ClusterConfig.VolumeKmsKeyId"
CLUSTER = "ProcessingResources.ClusterConfig"
CONTAINER = "AppSpecification.ImageUri"


def case(define: Case) -> Case:
    CASES[define.__name__] = define
    return define


def job(scope: Construct, **props: Any) -> ml.Workflow:
    made = ml.ProcessingJob(scope, "Prepare", **{"image": IMAGE, **props})
    return ml.Workflow(scope, "Workflow", definition=made)


def reads(bucket: s3.IBucket) -> dict[str, Any]:
    return {"raw": ml.S3Data.from_bucket(bucket, "in/")}


@case
def vpc_of_its_own(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Own")
    return job(stack, vpc=ec2.Vpc(stack, "Vpc")), {f"{GROUPS}.0": SG, f"{SUBNETS}.1": SUBNET}


@case
def training_in_a_vpc_with_keys(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Train")
    vpc, key = ec2.Vpc(stack, "Vpc"), kms.Key(stack, "Key")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    made = ml.TrainingJob(
        stack,
        "Train",
        image=IMAGE,
        vpc=vpc,
        security_groups=[group],
        volume_key=key,
        output_key=key,
        channels={"train": ml.S3Data.from_bucket(s3.Bucket(stack, "Data", encryption_key=key), "x/")},
    )
    forms = {
        "VpcConfig.SecurityGroupIds.0": SG,
        "VpcConfig.Subnets.0": SUBNET,
        "ResourceConfig.VolumeKmsKeyId": KEY_ARN,
        "OutputDataConfig.KmsKeyId": KEY_ARN,
        "InputDataConfig.0.DataSource.S3DataSource.S3Uri": rf"s3://{BUCKET}/x/",
        "RoleArn": ROLE,
    }
    return ml.Workflow(stack, "Workflow", definition=made), forms


@case
def references_of_many_resources(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Many")
    table = dynamodb.Table(stack, "Table", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
    function = lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_inline("x"),
        handler="index.x",
        runtime=lambda_.Runtime.PYTHON_3_12,
    )
    environment = {
        "KEY": kms.Key(stack, "Key").key_id,
        "QUEUE": sqs.Queue(stack, "Queue").queue_url,
        "TOPIC": sns.Topic(stack, "Topic").topic_arn,
        "TABLE": table.table_name,
        "TABLE_ARN": table.table_arn,
        "FUNCTION": function.function_arn,
        "SECRET": secrets.Secret(stack, "Secret").secret_arn,
        "BUCKET": s3.Bucket(stack, "Named", bucket_name="named-by-hand").bucket_arn,
        "STACK": Aws.STACK_ID,
    }
    place = r"[a-z0-9-]+:\d{12}"
    forms = {
        f"{ENVIRONMENT}.KEY": UUID,
        f"{ENVIRONMENT}.QUEUE": r"https://sqs\.us-east-1\.amazonaws\.com/\d{12}/[\w-]+",
        f"{ENVIRONMENT}.TOPIC": rf"arn:aws:sns:{place}:[\w-]+",
        f"{ENVIRONMENT}.TABLE": r"[\w.-]{3,255}",
        f"{ENVIRONMENT}.TABLE_ARN": rf"arn:aws:dynamodb:{place}:table/[\w.-]+",
        f"{ENVIRONMENT}.FUNCTION": rf"arn:aws:lambda:{place}:function:[\w-]{{1,64}}",
        f"{ENVIRONMENT}.SECRET": rf"arn:aws:secretsmanager:{place}:secret:[\w-]+-\w{{6}}",
        f"{ENVIRONMENT}.BUCKET": "arn:aws:s3:::named-by-hand",
        f"{ENVIRONMENT}.STACK": rf"arn:aws:cloudformation:{place}:stack/[\w-]+/{UUID}",
    }
    return job(stack, environment=environment), forms


@case
def image_of_a_repository(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Image")
    image = ml.ContainerImage.from_ecr_repository(ecr.Repository(stack, "Repository"), "v1")
    return job(stack, image=image), {CONTAINER: URI}


@case
def parameters_of_every_type(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Parameters")
    types = {
        "Text": "String",
        "Some": "Number",
        "Words": "CommaDelimitedList",
        "Numbers": "List<Number>",
        "Zone": "AWS::EC2::AvailabilityZone::Name",
        "Picture": "AWS::EC2::Image::Id",
        "Machine": "AWS::EC2::Instance::Id",
        "Pair": "AWS::EC2::KeyPair::KeyName",
        "GroupName": "AWS::EC2::SecurityGroup::GroupName",
        "Net": "AWS::EC2::VPC::Id",
        "Disk": "AWS::EC2::Volume::Id",
        "Domain": "AWS::Route53::HostedZone::Id",
        "Stored": "AWS::SSM::Parameter::Name",
        "Value": "AWS::SSM::Parameter::Value<String>",
        "Values": "AWS::SSM::Parameter::Value<List<String>>",
        "Ami": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    }
    environment = {}
    for name, kind in types.items():
        made = CfnParameter(stack, name, type=kind)
        is_list = "List<" in kind or "Comma" in kind
        environment[name] = Fn.join(",", made.value_as_list) if is_list else Fn.ref(made.logical_id)
    forms = {
        f"{ENVIRONMENT}.{name}": form
        for name, form in {
            "Text": r"[\w -]+",
            "Some": r"\d+",
            "Words": r"[^,]+,[^,]+",
            "Numbers": r"\d+,\d+",
            "Zone": "us-east-1[a-f]",
            "Picture": "ami-[0-9a-f]{17}",
            "Machine": "i-[0-9a-f]{17}",
            "Net": "vpc-[0-9a-f]{17}",
            "Disk": "vol-[0-9a-f]{17}",
            "Domain": "Z[0-9A-F]+",
            "Values": r"[^,]+,[^,]+",
            "Ami": "ami-[0-9a-f]{17}",
        }.items()
    }
    return job(stack, environment=environment), forms


@case
def parameters_that_tell_little(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Little")
    names = {name: CfnParameter(stack, name) for name in ("A", "B", "C", "D", "Type")}
    subnets = CfnParameter(stack, "E", type="List<AWS::EC2::Subnet::Id>")
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=names["A"].value_as_string,
        availability_zones=zones,
        private_subnet_ids=[Fn.select(at, subnets.value_as_list) for at in range(3)],
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", names["B"].value_as_string)
    role = iam.Role.from_role_arn(stack, "Role", names["C"].value_as_string, mutable=False)
    workflow = job(
        stack,
        vpc=vpc,
        security_groups=[group],
        role=role,
        volume_key=kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:us-east-1:111122223333:key/{Fn.ref('D')}"),
        instance_type=names["Type"].value_as_string,
        instance_count=Token.as_number(CfnParameter(stack, "Count", type="Number", min_value=2).value_as_number),
    )
    forms = {
        f"{GROUPS}.0": SG,
        f"{SUBNETS}.2": SUBNET,
        "RoleArn": ROLE,
        f"{CLUSTER}.InstanceType": r"ml\.\w+\.\w+",
        f"{CLUSTER}.InstanceCount": "2",
    }
    return workflow, forms


@case
def allowed_values_and_defaults(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Allowed")
    kind = CfnParameter(stack, "Kind", allowed_values=["ml.c5.xlarge", "ml.c5.2xlarge"])
    count = CfnParameter(stack, "Count", type="Number", default=3)
    size = CfnParameter(stack, "Size", type="Number", allowed_values=["50", "100"])
    workflow = job(
        stack,
        instance_type=kind.value_as_string,
        instance_count=count.value_as_number,
        volume_size=Size.gibibytes(size.value_as_number),
    )
    return workflow, {
        f"{CLUSTER}.InstanceType": r"ml\.c5\.xlarge",
        f"{CLUSTER}.InstanceCount": "3",
        f"{CLUSTER}.VolumeSizeInGB": "50",
    }


@case
def another_stack_of_the_app(app: App) -> tuple[ml.Workflow, Forms]:
    network = Stack(app, "Network")
    vpc, key, bucket = ec2.Vpc(network, "Vpc"), kms.Key(network, "Key"), s3.Bucket(network, "Data")
    workflow = job(Stack(app, "Jobs"), vpc=vpc, volume_key=key, inputs=reads(bucket))
    forms = {
        f"{SUBNETS}.0": SUBNET,
        VOLUME_KEY: KEY_ARN,
        IN: rf"s3://{BUCKET}/in/",
    }
    return workflow, forms


@case
def an_export_of_another_app(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Imports")
    subnets = Fn.split(",", Fn.import_value("platform-subnets"), 2)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=Fn.import_value("platform-vpc"),
        availability_zones=Fn.get_azs(),
        private_subnet_ids=subnets,
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", Fn.import_value("platform-default"))
    key = kms.Key.from_key_arn(stack, "Key", Fn.import_value("platform-cmk"))
    bucket = s3.Bucket.from_bucket_arn(stack, "Data", Fn.import_value("platform-data-arn"))
    role = iam.Role.from_role_arn(stack, "Role", Fn.import_value("platform-jobs"), mutable=False)
    workflow = job(
        stack, vpc=vpc, security_groups=[group], volume_key=key, inputs=reads(bucket), role=role, output_key=key
    )
    forms = {
        f"{GROUPS}.0": SG,
        f"{SUBNETS}.0": SUBNET,
        f"{SUBNETS}.1": SUBNET,
        "RoleArn": ROLE,
        VOLUME_KEY: rf"{KEY_ARN}|{UUID}",
        IN: rf"s3://{BUCKET}/in/",
    }
    return workflow, forms


@case
def exports_by_hand(app: App) -> tuple[ml.Workflow, Forms]:
    shared = Stack(app, "Shared")
    group = ec2.SecurityGroup(shared, "Group", vpc=ec2.Vpc(shared, "Vpc"))
    CfnOutput(shared, "Out", value=group.security_group_id, export_name=Fn.sub("${AWS::Region}-sg"))
    stack = Stack(app, "Uses")
    return job(stack, environment={"GROUP": Fn.import_value(f"{Aws.REGION}-sg")}), {f"{ENVIRONMENT}.GROUP": SG}


@case
def outputs_of_a_nested_stack(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Parent")
    nested = NestedStack(stack, "Network")
    vpc, key = ec2.Vpc(nested, "Vpc"), kms.Key(NestedStack(nested, "Deeper"), "Key")
    return job(stack, vpc=vpc, volume_key=key), {f"{GROUPS}.0": SG, f"{SUBNETS}.0": SUBNET, VOLUME_KEY: KEY_ARN}


@case
def workflow_in_a_nested_stack(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Outer")
    bucket, key = s3.Bucket(stack, "Data"), kms.Key(NestedStack(stack, "Keys"), "Key")
    workflow = job(NestedStack(stack, "Jobs"), inputs=reads(bucket), volume_key=key, vpc=ec2.Vpc(stack, "Vpc"))
    return workflow, {IN: rf"s3://{BUCKET}/in/", VOLUME_KEY: KEY_ARN, f"{SUBNETS}.0": SUBNET}


@case
def stage_in_another_region(app: App) -> tuple[ml.Workflow, Forms]:
    stage = Stage(app, "Beta", env=ENV)
    bucket = s3.Bucket(Stack(stage, "Data"), "Bucket")
    workflow = job(Stack(stage, "Jobs"), inputs=reads(bucket), environment={"R": Fn.ref("AWS::Region")})
    return workflow, {IN: rf"s3://{BUCKET}/in/", f"{ENVIRONMENT}.R": "eu-central-1|us-east-1"}


@case
def mappings_and_zones(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Maps")
    table = CfnMapping(
        stack, "ByRegion", mapping={"us-east-1": {"count": 2, "key": "abc"}, "eu-west-1": {"count": 3, "key": "def"}}
    )
    stages = CfnMapping(stack, "ByStage", mapping={"dev": {"size": "small"}, "prod": {"size": "large"}})
    environment = {
        "KEY": table.find_in_map(Aws.REGION, "key"),
        "SIZE": stages.find_in_map(CfnParameter(stack, "Stage").value_as_string, "size"),
        "ZONE": Fn.select(1, Fn.get_azs()),
        "BLOCK": Fn.select(1, Fn.cidr("10.0.0.0/16", 4, "8")),
        "CODED": Fn.base64(Aws.REGION),
        "SUB": Fn.sub("${AWS::Partition}:${Bucket}", {"Bucket": s3.Bucket(stack, "B").bucket_name}),
    }
    forms = {"KEY": "abc", "SIZE": "small", "ZONE": "us-east-1b", "BLOCK": r"10\.0\.1\.0/24"}
    forms |= {"CODED": "dXMtZWFzdC0x", "SUB": rf"aws:{BUCKET}"}
    return job(stack, environment=environment), {f"{ENVIRONMENT}.{name}": form for name, form in forms.items()}


@case
def conditions(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Conditions")
    given = CfnParameter(stack, "Given", default="")
    is_given = CfnCondition(stack, "IsGiven", expression=Fn.condition_not(Fn.condition_equals(given, "")))
    is_china = CfnCondition(stack, "IsChina", expression=Fn.condition_equals(Aws.PARTITION, "aws-cn"))
    neither = CfnCondition(
        stack, "Neither", expression=Fn.condition_not(Fn.condition_or(Fn.condition_equals(given, "x"), is_china))
    )
    own = s3.Bucket(stack, "Own")
    name = Fn.condition_if(is_given.logical_id, given.value_as_string, own.bucket_name).to_string()
    environment = {
        "DOMAIN": Fn.condition_if(is_china.logical_id, "amazonaws.com.cn", "amazonaws.com").to_string(),
        "NEITHER": Fn.condition_if(neither.logical_id, "yes", "no").to_string(),
    }
    workflow = job(stack, inputs={"raw": ml.S3Data.from_uri(f"s3://{name}/in/")}, environment=environment)
    forms = {f"{ENVIRONMENT}.DOMAIN": "amazonaws.com", f"{ENVIRONMENT}.NEITHER": "yes", IN: r"s3://own[0-9a-f]+/in/"}
    return workflow, forms


@case
def dynamic_references(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Dynamic")
    ssm.StringParameter(stack, "Stored", parameter_name="/app/mode", string_value="full")
    jobs = ssm.StringParameter.from_string_parameter_attributes(
        stack, "Jobs", parameter_name="/platform/jobs", force_dynamic_reference=True
    )
    role = iam.Role.from_role_arn(stack, "Role", f"arn:aws:iam::111122223333:role/{jobs.string_value}", mutable=False)
    environment = {
        "MODE": "{{resolve:ssm:/app/mode}}",
        "BUCKET": "s3://{{resolve:ssm:/data/bucket}}/x",
        "TOKEN": SecretValue.secrets_manager("platform/token", json_field="password").unsafe_unwrap(),
    }
    forms = {
        "RoleArn": ROLE,
        f"{ENVIRONMENT}.MODE": "full",
        f"{ENVIRONMENT}.BUCKET": rf"s3://{BUCKET}/x",
        f"{ENVIRONMENT}.TOKEN": r"[\w-]+",
    }
    return job(stack, role=role, environment=environment), forms


@case
def parameter_store(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Store")
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=ssm.StringParameter.value_for_string_parameter(stack, "/net/vpc"),
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=Fn.split(",", ssm.StringParameter.value_for_string_parameter(stack, "/net/private"), 2),
    )
    group = ec2.SecurityGroup.from_security_group_id(
        stack, "Group", ssm.StringParameter.value_for_string_parameter(stack, "/net/jobs")
    )
    return job(stack, vpc=vpc, security_groups=[group]), {f"{GROUPS}.0": SG, f"{SUBNETS}.1": SUBNET}


@case
def lookups_that_were_never_made(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Lookups", env=ENV)
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", is_default=True)
    group = ec2.SecurityGroup.from_lookup_by_id(stack, "Group", "sg-0a")
    data = ssm.StringParameter.value_from_lookup(stack, "/platform/data")
    key = kms.Key.from_lookup(stack, "Key", alias_name="alias/jobs")
    environment = {"ROLE": ssm.StringParameter.value_from_lookup(stack, "/platform/jobs-role-arn")}
    inputs = {"raw": ml.S3Data.from_uri(f"s3://{data}/in/")}
    workflow = job(stack, vpc=vpc, security_groups=[group], inputs=inputs, volume_key=key, environment=environment)
    forms = {f"{GROUPS}.0": SG, f"{SUBNETS}.0": SUBNET, f"{SUBNETS}.1": SUBNET, VOLUME_KEY: KEY_ARN}
    return workflow, {**forms, IN: rf"s3://(?!dummy){BUCKET}(/in/)?", f"{ENVIRONMENT}.ROLE": ROLE}


@case
def custom_resources(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Custom")
    call = custom.AwsSdkCall(
        service="EC2", action="describeVpcs", physical_resource_id=custom.PhysicalResourceId.of("x")
    )
    policy = custom.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"])
    found = custom.AwsCustomResource(stack, "Finder", on_create=call, policy=policy)
    own = CustomResource(stack, "Own", service_token=FUNCTION)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=found.get_response_field("Vpcs.0.VpcId"),
        availability_zones=["us-east-1a"],
        private_subnet_ids=[own.get_att_string("First")],
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", own.get_att_string("Second"))
    key = kms.Key.from_key_arn(stack, "Key", own.get_att_string("KeyArn"))
    environment = {"VPC": vpc.vpc_id, "REF": own.ref}
    workflow = job(stack, vpc=vpc, security_groups=[group], volume_key=key, environment=environment)
    forms = {f"{GROUPS}.0": SG, f"{SUBNETS}.0": SUBNET, VOLUME_KEY: KEY_ARN}
    return workflow, {**forms, f"{ENVIRONMENT}.VPC": "vpc-[0-9a-f]{17}", f"{ENVIRONMENT}.REF": r"[\w-]+"}


@case
def another_region_of_the_app(app: App) -> tuple[ml.Workflow, Forms]:
    there = Environment(account=ENV.account, region="us-west-2")
    data = Stack(app, "Data", env=there, cross_region_references=True)
    key, role = kms.Key(data, "Key"), iam.Role(data, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    stack = Stack(app, "Jobs", env=ENV, cross_region_references=True)
    workflow = job(stack, environment={"KEY": key.key_arn, "ROLE": role.role_arn})
    return workflow, {f"{ENVIRONMENT}.KEY": KEY_ARN, f"{ENVIRONMENT}.ROLE": ROLE}


@case
def imported_by_tokens(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Tokens")
    name = CfnParameter(stack, "Project").value_as_string
    bucket = s3.Bucket.from_bucket_name(stack, "Data", Fn.join("-", [name, Aws.ACCOUNT_ID, Aws.REGION]))
    role = iam.Role.from_role_arn(
        stack, "Role", f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{name}-jobs", mutable=False
    )
    image = ml.ContainerImage.from_registry(
        f"{Fn.ref('Registry')}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{Fn.ref('Repository')}:v1"
    )
    CfnParameter(stack, "Registry")
    CfnParameter(stack, "Repository")
    return job(stack, inputs=reads(bucket), role=role, image=image), {
        IN: r"s3://[\w-]+-111122223333-us-east-1/in/",
        "RoleArn": ROLE,
        CONTAINER: URI,
    }


@case
def parts_of_an_unknown_arn(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Parts")
    repository = ecr.Repository.from_repository_attributes(
        stack,
        "Repository",
        repository_arn=Fn.import_value("ci-repository-arn"),
        repository_name=Fn.select(1, Fn.split("/", Fn.import_value("ci-repository-arn"))),
    )
    image = ml.ContainerImage.from_ecr_repository(repository, "v2")
    return job(stack, image=image), {CONTAINER: URI}


@case
def file_system_of_the_team(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Files")
    vpc = ec2.Vpc(stack, "Vpc")
    system = efs.FileSystem(stack, "System", vpc=vpc)
    channels = {"train": ml.training.FileSystem.efs(system.file_system_id, "/train")}
    made = ml.TrainingJob(stack, "Train", image=IMAGE, vpc=vpc, channels=channels)
    member = "InputDataConfig.0.DataSource.FileSystemDataSource.FileSystemId"
    return ml.Workflow(stack, "Workflow", definition=made), {member: "fs-[0-9a-f]{17}"}


@case
def jsonata_with_tokens(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Jsonata")
    made = ml.ProcessingJob(
        stack,
        "Prepare",
        image=IMAGE,
        outputs=["train"],
        query_language=sfn.QueryLanguage.JSONATA,
        vpc=ec2.Vpc(stack, "Vpc"),
        inputs=reads(s3.Bucket.from_bucket_name(stack, "Data", Fn.import_value("platform-data"))),
    )
    output = "ProcessingOutputConfig.Outputs.0.S3Output.S3Uri"
    workflow = ml.Workflow(stack, "Workflow", definition=made)
    return workflow, {IN: rf"s3://{BUCKET}/in/", output: rf"s3://{BUCKET}/.+", f"{SUBNETS}.0": SUBNET}


@case
def names_longer_than_aws_allows(app: App) -> tuple[ml.Workflow, Forms]:
    shared = Stack(app, "PlatformTeamSharedInfrastructure" * 3)
    scope = Construct(shared, "TheDataOfAllTeamsOfTheCompany" * 3)
    workflow = job(Stack(app, "Jobs"), inputs=reads(s3.Bucket(scope, "Bucket")))
    return workflow, {IN: rf"s3://{BUCKET}/in/", "RoleArn": ROLE}


@case
def china(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "China", env=Environment(account="444455556666", region="cn-north-1"))
    repository = ecr.Repository(stack, "Repository")
    environment = {"SUFFIX": Aws.URL_SUFFIX, "TOPIC": sns.Topic(stack, "Topic").topic_arn}
    workflow = job(stack, image=ml.ContainerImage.from_ecr_repository(repository, "v1"), environment=environment)
    return workflow, {CONTAINER: r"\d{12}\.dkr\.ecr\.(cn-north-1|us-east-1)\.amazonaws\.com(\.cn)?/[a-z0-9-]+:v1"}


@case
def model_that_the_stack_makes(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Transform")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    container = sagemaker.CfnModel.ContainerDefinitionProperty(model_package_name="churn")
    model = sagemaker.CfnModel(stack, "Model", execution_role_arn=role.role_arn, primary_container=container)
    bucket = s3.Bucket(stack, "Data")
    made = ml.TransformJob(
        stack, "Score", model=model.attr_model_name, data=ml.S3Data.from_bucket(bucket, "x/"), model_role=role
    )
    return ml.Workflow(stack, "Workflow", definition=made), {"ModelName": r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"}


@case
def numbers_that_are_selected(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Numbers")
    counts = CfnParameter(stack, "Counts", type="CommaDelimitedList", default="4,5")
    days = CfnParameter(stack, "Seconds", type="Number", min_value=60)
    workflow = job(
        stack,
        instance_count=Token.as_number(Fn.select(1, counts.value_as_list)),
        request_overrides={"StoppingCondition": {"MaxRuntimeInSeconds": days.value_as_number}},
    )
    return workflow, {f"{CLUSTER}.InstanceCount": "5", "StoppingCondition.MaxRuntimeInSeconds": "60"}


@case
def weak_references(app: App) -> tuple[ml.Workflow, Forms]:
    app.node.set_context("@aws-cdk/core:defaultCrossStackReferences", "weak")
    network = Stack(app, "Network")
    vpc, key = ec2.Vpc(network, "Vpc"), kms.Key(network, "Key")
    workflow = job(Stack(app, "Jobs"), vpc=vpc, volume_key=key)
    return workflow, {f"{SUBNETS}.0": SUBNET, f"{GROUPS}.0": SG, VOLUME_KEY: KEY_ARN}


@case
def legacy_synthesizer(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Legacy", synthesizer=LegacyStackSynthesizer())
    nested = NestedStack(stack, "Network")
    return job(stack, vpc=ec2.Vpc(nested, "Vpc")), {f"{SUBNETS}.0": SUBNET, f"{GROUPS}.0": SG}


@case
def image_of_a_parameter(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Built")
    repository = ecr.Repository.from_repository_name(stack, "Images", "jobs")
    uri = CfnParameter(stack, "JobsImageUri").value_as_string
    image = ml.ContainerImage.from_registry(uri, repository=repository)
    return job(stack, image=image), {CONTAINER: URI}


@case
def tags_and_names_of_the_stack(app: App) -> tuple[ml.Workflow, Forms]:
    stack = Stack(app, "Names", stack_name="ml-prod-names")
    short = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))
    environment = {"NAME": Aws.STACK_NAME, "SHORT": short, "LAST": Fn.select(2, Fn.split("-", Aws.STACK_NAME))}
    forms = {"NAME": "ml-prod-names|stack-name-[a-z0-9-]+", "SHORT": "[0-9a-f]{8}", "LAST": "names|[a-z0-9-]+"}
    return job(stack, environment=environment), {f"{ENVIRONMENT}.{name}": form for name, form in forms.items()}
