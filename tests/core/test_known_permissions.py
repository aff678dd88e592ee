"""Permissions are of what is known before anything runs: no policy names what an execution decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from support.reports import fails
from support.templates import statements

import constructs_ml as ml
from constructs_ml.cfn.template import machines_of
from constructs_ml.lint.rules.access.cml510_resource_at_run_time import resource_at_run_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
KEY = "arn:aws:kms:us-east-1:111122223333:key/"


def later() -> str:
    return ml.execution_input("later")


def bucket(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", later())


def key(stack: Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", later())


def role(stack: Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", later())


def vpc(stack: Stack, subnet: str) -> ec2.IVpc:
    subnets = {"availability_zones": ["us-east-1a"], "private_subnet_ids": [subnet]}
    return ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", **subnets)


def processing(stack: Stack, **props: Any) -> Any:
    return ml.ProcessingJob(stack, "Job", **{"image": IMAGE, **props})


def with_defaults(stack: Stack, **defaults: Any) -> Any:
    ml.JobDefaults(**defaults).apply_to(stack)
    return processing(stack, outputs=["out"])


def in_bucket(stack: Stack, of: s3.IBucket) -> Any:
    return processing(stack, inputs={"raw": ml.S3Data.from_bucket(of, "raw/")})


def from_key_id(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="data", encryption_key=key(stack))


CASES: dict[str, tuple[Callable[[Stack], Any], str]] = {
    "a role": (lambda stack: processing(stack, role=role(stack)), "role"),
    "a role by name": (
        lambda stack: processing(stack, role=iam.Role.from_role_name(stack, "Role", later())),
        "role",
    ),
    "a role that is not changed": (
        lambda stack: processing(stack, role=iam.Role.from_role_arn(stack, "Role", later(), mutable=False)),
        "role",
    ),
    "a role of the defaults": (lambda stack: with_defaults(stack, role=role(stack)), "role"),
    "the role of a model": (lambda stack: ml.CreateModel(stack, "Job", image=IMAGE, role=role(stack)), "role"),
    "an output key": (lambda stack: processing(stack, output_key=key(stack), outputs=["out"]), "output_key"),
    "a volume key": (lambda stack: ml.TrainingJob(stack, "Job", image=IMAGE, volume_key=key(stack)), "volume_key"),
    "the volume key of an endpoint": (
        lambda stack: ml.CreateEndpoint(
            stack,
            "Job",
            endpoint_config=ml.CreateEndpointConfig(stack, "Config", model="mine", volume_key=key(stack)),
        ),
        "the resource of kms:CreateGrant",
    ),
    "a bucket": (lambda stack: in_bucket(stack, bucket(stack)), r"inputs\[0\]"),
    "a bucket by its ARN": (
        lambda stack: in_bucket(stack, s3.Bucket.from_bucket_arn(stack, "Bucket", later())),
        "what the role is allowed",
    ),
    "a bucket's key": (lambda stack: in_bucket(stack, from_key_id(stack)), "what the role is allowed"),
    "a bucket of the defaults": (lambda stack: with_defaults(stack, bucket=bucket(stack)), "what the role is allowed"),
    "where a location may be": (
        lambda stack: processing(
            stack,
            inputs={"raw": ml.S3Data.from_uri(later(), within=[ml.S3Data.from_bucket(bucket(stack), "raw/")])},
        ),
        r"inputs\[0\]",
    ),
    "a subnet": (lambda stack: processing(stack, vpc=vpc(stack, later())), "vpc_subnets"),
    "a security group": (
        lambda stack: processing(
            stack,
            vpc=vpc(stack, "subnet-1"),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", later())],
        ),
        "security_groups",
    ),
    "a repository": (
        lambda stack: processing(
            stack,
            image=ml.ContainerImage.from_ecr_repository(ecr.Repository.from_repository_name(stack, "R", later())),
        ),
        "image",
    ),
    "a topic": (
        lambda stack: ml.CreateEndpointConfig(
            stack,
            "Job",
            model=ml.CreateModel(stack, "Model", image=IMAGE),
            async_inference=ml.hosting.AsyncInference(
                output=ml.S3Data.from_uri("s3://data/out/"),
                success_topic=sns.Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:us-east-1:111122223333:{later()}"),
            ),
        ),
        "the resource of sns:Publish",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_known_at_run_time_only_is_refused(stack: Stack, case: str) -> None:
    """In every prop that permissions are derived from; the fault shows the path."""
    make, named = CASES[case]
    shown = rf"{named}.* is \$\$\.Execution\.Input\['later'\], which is known only at run time"

    with pytest.raises(ml.InvalidPropsError, match=shown):
        make(stack)


def of_alias(stack: Stack, place: str) -> None:
    """Something that is encrypted with a key that is given by an alias."""
    key: Any = kms.Alias.from_alias_name(stack, "Alias", "alias/team")
    if place == "bucket":
        found = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="data", encryption_key=key)
        processing(stack, inputs={"raw": ml.S3Data.from_bucket(found, "raw/")})
    elif place == "endpoint":
        model = ml.CreateModel(stack, "Model", image=IMAGE)
        config = ml.CreateEndpointConfig(stack, "Config", model=model, volume_key=key)
        ml.CreateEndpoint(stack, "Job", endpoint_config=config)
    else:
        processing(stack, outputs=["out"], **{place: key})


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("volume_key", "volume_key"),
        ("output_key", "output_key"),
        ("bucket", "the encryption_key of a bucket"),
        ("endpoint", "the resource of kms:CreateGrant"),
    ],
)
def test_a_key_by_its_alias(stack: Stack, place: str, named: str) -> None:
    """A policy on an alias allows nothing that is done with its key."""
    with pytest.raises(ml.InvalidPropsError, match=rf"Job: {named} is the alias alias/team of a key.*from_lookup"):
        of_alias(stack, place)


def test_a_key_by_an_alias_of_the_app(stack: Stack, synth: Callable[..., Any]) -> None:
    """The key behind it is known."""
    own = kms.Key(stack, "Key")
    processing(stack, volume_key=own.add_alias("alias/team"))

    (granted,) = [item for item in statements(synth(stack)) if "kms:CreateGrant" in item["Action"]]
    assert [":key/" in arn for arn in granted["Resource"]] == [True]


def test_a_task_of_aws_cdk_lib(stack: Stack, synth: Callable[..., Any]) -> None:
    """What it grants is in the template, where the rule sees it."""
    from aws_cdk import aws_stepfunctions_tasks as tasks

    function = lambda_.Function.from_function_arn(stack, "Function", ml.execution_input("function"))
    ml.Workflow(stack, "Workflow", definition=tasks.LambdaInvoke(stack, "Invoke", lambda_function=function))

    with fails():
        synth(stack)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$$.Execution.Input['role']", True),
        ("arn:aws:s3:::$.bucket/*", True),
        ("arn:aws:s3:::team$$.Execution.Name/*", True),
        ("{% $states.input.role %}", True),
        ("States.Format('arn:{}', $.x)", True),
        ("$['role']", True),
        ("arn:aws:s3:::data/${aws:username}/*", False),
        ("arn:aws:s3:::data/_$folder$", False),
        ("arn:aws:s3:::data/cost$.csv", False),
        ("arn:aws:states:us-east-1:111122223333:stateMachine:States.Mine", False),
        ("*", False),
    ],
)
@pytest.mark.parametrize(
    "kind", ["AWS::IAM::Policy", "AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"]
)
@pytest.mark.parametrize("joined", [False, True])
def test_the_rule_reads_every_policy(kind: str, text: str, found: bool, joined: bool) -> None:
    """Whatever resource it is of, and in intrinsic functions."""
    value: Any = {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "B"}, "/", text]]} if joined else text
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*", value]}
    document = {"KeyPolicy" if "KMS" in kind else "PolicyDocument": {"Statement": [statement]}}
    machine = {
        "Definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"Effect": text}, "End": True}}}
    }
    template = {
        "Resources": {
            "Other": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
            "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
            "Policy": {"Type": kind, "Properties": document},
        }
    }

    violations = [item for read in machines_of(template) for item in resource_at_run_time.check(read)]

    assert len(violations) == int(found)


# What each write takes -----------------------------------------------------------------------------------------------


def keys_of_writes(template: dict[str, Any]) -> set[str]:
    return {
        arn
        for item in statements(template)
        if "kms:GenerateDataKey" in item["Action"]
        for arn in ([item["Resource"]] if isinstance(item["Resource"], str) else item["Resource"])
    }


BESIDE: dict[str, Callable[[ml.S3Data], dict[str, Any]]] = {
    "a checkpoint": lambda data: {"checkpoint": data},
    "Debugger": lambda data: {"debug_hook": ml.training.DebugHook(output=data)},
    "TensorBoard": lambda data: {"tensorboard": ml.training.TensorBoard(output=data)},
    "Profiler": lambda data: {"profiler": ml.training.Profiler(output=data)},
}


@pytest.mark.parametrize("case", BESIDE)
def test_what_is_written_beside_the_output(stack: Stack, synth: Callable[..., Any], case: str) -> None:
    """The bucket's own key encrypts it, that of the output may."""
    own = kms.Key.from_key_arn(stack, "Own", f"{KEY}own")
    data = ml.S3Data.from_bucket(
        s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="data", encryption_key=own), "beside/"
    )
    output = kms.Key.from_key_arn(stack, "Output", f"{KEY}output")
    ml.TrainingJob(stack, "Job", image=IMAGE, output_key=output, **BESIDE[case](data))

    assert keys_of_writes(synth(stack)) == {f"{KEY}own", f"{KEY}output"}


def test_the_output_is_encrypted_with_its_key_alone(stack: Stack, synth: Callable[..., Any]) -> None:
    """Where the API takes a key, no other is used."""
    own = kms.Key.from_key_arn(stack, "Own", f"{KEY}own")
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="data", encryption_key=own)
    output = kms.Key.from_key_arn(stack, "Output", f"{KEY}output")
    ml.TrainingJob(stack, "Job", image=IMAGE, output_key=output, output=ml.S3Data.from_bucket(bucket, "out/"))

    assert keys_of_writes(synth(stack)) == {f"{KEY}output"}


def test_the_result_of_athena_goes_up_in_parts(stack: Stack, synth: Callable[..., Any]) -> None:
    """Athena lists the parts of an upload, and the uploads of a bucket."""
    dataset = ml.processing.AthenaDataset(database="d", query="SELECT 1", output=ml.S3Data.from_uri("s3://data/q/"))
    processing(stack, inputs={"rows": ml.ProcessingInput(source=dataset)})

    found = {
        (action, arn)
        for item in statements(synth(stack))
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
        for arn in ([item["Resource"]] if isinstance(item["Resource"], str) else item["Resource"])
    }
    assert ("s3:ListMultipartUploadParts", "arn:aws:s3:::data/q/*") in found
    assert ("s3:ListBucketMultipartUploads", "arn:aws:s3:::data") in found


def trust_of_jobs(stack: Stack, synth: Callable[..., Any]) -> list[dict[str, Any]]:
    roles = [item for item in synth(stack)["Resources"].values() if item["Type"] == "AWS::IAM::Role"]
    return [
        statement
        for role in roles
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"]["Service"] == "sagemaker.amazonaws.com"
    ]


def labeling(stack: Stack) -> Any:
    task = ml.labeling.LabelingTask(
        title="Name it",
        description="Say what it is",
        workteam_arn="arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team",
        template=ml.S3Data.from_uri("s3://data/ui.html"),
    )
    data = ml.S3Data.from_uri("s3://data/images.manifest")
    return ml.LabelingJob(stack, "Job", task=task, label_attribute_name="label", manifest=data)


def automl(stack: Stack) -> Any:
    return ml.AutoMLJob(
        stack, "Job", problem=ml.automl.AutoMLProblem.tabular("y"), training=ml.S3Data.from_uri("s3://data/in/")
    )


@pytest.mark.parametrize(("make", "narrowed"), [(processing, True), (labeling, False), (automl, False)])
def test_the_account_in_a_role_s_trust(
    stack: Stack, synth: Callable[..., Any], make: Callable[[Stack], Any], narrowed: bool
) -> None:
    """It is asked for where a page of AWS's says that SageMaker sends it."""
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(make(stack)))

    (statement,) = trust_of_jobs(stack, synth)

    assert ("Condition" in statement) is narrowed


POINT = "arn:aws:s3:eu-west-1:111122223333:accesspoint/shared"
ALIAS = "shared-abc123xyz-s3alias"


def of_data(template: Any) -> dict[str, list[str]]:
    """What a job may do with its data: the resources, by the action."""
    found: dict[str, list[str]] = {}
    for statement in statements(template):
        for action in statement["Action"]:
            if action.startswith("s3"):
                found.setdefault(action, []).extend(statement["Resource"])
    return found


@pytest.mark.parametrize("uri", [f"s3://{POINT}/raw/", f"s3://{POINT.replace('point/', 'point:')}/raw/"])
def test_an_access_point_is_named_by_its_arn(stack: Stack, synth: Any, uri: str) -> None:
    """Policies put ``object`` between its name and the key."""
    processing(stack, inputs={"raw": uri})

    found = of_data(synth(stack))
    assert (found["s3:GetObject"], found["s3:ListBucket"]) == ([f"{POINT}/object/raw/*"], [POINT])


def test_an_alias_of_an_access_point_is_in_no_policy(stack: Stack, synth: Any) -> None:
    """Its ARN, which cannot be told from it, is."""
    for place in (f"s3://{ALIAS}/raw/", ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(stack, "B", ALIAS), "raw/")):
        with pytest.raises(
            ml.InvalidPropsError, match=f"is {ALIAS}, the alias of an access point.*within=.*accesspoint/NAME"
        ):
            processing(stack, inputs={"raw": place})

    told = ml.S3Data.from_uri(f"s3://{ALIAS}/raw/", within=[f"s3://{POINT}/raw/"])
    ml.ProcessingJob(stack, "Told", image=IMAGE, inputs={"raw": told})

    assert of_data(synth(stack))["s3:GetObject"] == [f"{POINT}/object/raw/*"]


@pytest.mark.parametrize("by", ["uri", "bucket"])
def test_a_directory_bucket_is_read_and_written_in_sessions(stack: Stack, synth: Any, by: str) -> None:
    """Policies name the bucket alone, of a service of its own."""
    name = "fast--use1-az4--x-s3"
    data = ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(stack, "B", name), "raw/")
    processing(stack, inputs={"raw": f"s3://{name}/raw/" if by == "uri" else data})

    found = of_data(synth(stack))
    assert list(found) == ["s3express:CreateSession"]
    assert found["s3express:CreateSession"] == [f"arn:aws:s3express:us-east-1:111122223333:bucket/{name}"]
