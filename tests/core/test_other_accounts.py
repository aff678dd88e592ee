"""Buckets, keys and repositories of other accounts allow jobs by their own policies too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack, assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from support.each import each
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

OURS, THEIRS = "111111111111", "222222222222"
IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
ID = "constructs-ml:other-account"


def env(account: str) -> Environment:
    return Environment(account=account, region="eu-west-1")


@pytest.fixture
def ours(app: App) -> Stack:
    return Stack(app, "Ours", env=env(OURS))


@pytest.fixture
def theirs(app: App) -> Stack:
    return Stack(app, "Theirs", env=env(THEIRS))


def use(stack: Stack, construct_id: str = "Job", *, image: Any = IMAGE, **props: Any) -> Any:
    job = ml.ProcessingJob(stack, construct_id, image=image, **props)
    ml.Workflow(stack, f"{construct_id}Workflow", definition=job)
    return job


def reads(stack: Stack, bucket: s3.IBucket, prefix: str = "in/", **props: Any) -> Any:
    return use(stack, inputs={"raw": ml.S3Data.from_bucket(bucket, prefix)}, **props)


def warned(stack: Stack) -> dict[str, str]:
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return {entry.id: str(entry.entry.data) for entry in found if f"[ack: {ID}]" in str(entry.entry.data)}


def told(stack: Stack) -> tuple[str, Any]:
    """Where the warning is, and the statement in it."""
    ((path, text),) = warned(stack).items()
    return path, json.loads(text[text.index(" unless it has ") + 15 : text.index(f" [ack: {ID}]")])


def policy_of(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        statement
        for item in template["Resources"].values()
        if item["Type"] == kind
        for statement in item["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]


def pattern(statement: dict[str, Any]) -> str:
    name = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    return name if isinstance(name, str) else "".join(part for part in name["Fn::Join"][1] if isinstance(part, str))


# Owned by the app ----------------------------------------------------------------------------------------------------


def test_a_bucket_of_the_app_gets_the_statements(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    bucket = s3.Bucket(theirs, "Data", bucket_name="their-data")
    reads(ours, bucket, outputs={"out": ml.S3Data.from_bucket(bucket, "out/")})
    added = policy_of(synth(theirs), "AWS::S3::BucketPolicy")
    by_action = {json.dumps(item["Action"]): item for item in added}
    assert set(by_action) == {'"s3:GetObject"', '"s3:ListBucket"', '["s3:AbortMultipartUpload", "s3:PutObject"]'}
    assert "/in/*" in json.dumps(by_action['"s3:GetObject"']["Resource"])
    assert "/out/*" in json.dumps(by_action['["s3:AbortMultipartUpload", "s3:PutObject"]']["Resource"])
    for statement in added:
        assert f":iam::{OURS}:root" in json.dumps(statement["Principal"])
        assert pattern(statement).startswith("arn::iam::111111111111:role/Ours-ConstructsMlJobRole")
        assert pattern(statement).endswith("-*")
    assert warned(ours) == warned(theirs) == {}


def test_the_pattern_is_of_the_role(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    """CloudFormation names a role <stack>-<logical id>-<drawn>."""
    reads(ours, s3.Bucket(theirs, "Data", bucket_name="their-data"))
    roles = [name for name, item in synth(ours)["Resources"].items() if item["Type"] == "AWS::IAM::Role"]
    (logical_id,) = [name for name in roles if name.startswith("ConstructsMlJobRole")]
    for statement in each(policy_of(synth(theirs), "AWS::S3::BucketPolicy")):
        assert pattern(statement) == f"arn::iam::{OURS}:role/Ours-{logical_id}-*"


def test_many_locations_are_one_statement(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    bucket = s3.Bucket(theirs, "Data", bucket_name="their-data")
    for at in range(30):
        ml.ProcessingJob(ours, f"Job{at}", image=IMAGE, inputs={"raw": ml.S3Data.from_bucket(bucket, f"in/{at}/")})
    found = {json.dumps(item["Action"]): item for item in policy_of(synth(theirs), "AWS::S3::BucketPolicy")}
    assert set(found) == {'"s3:GetObject"', '"s3:ListBucket"'}
    assert len(found['"s3:GetObject"']["Resource"]) == 21


@pytest.mark.needs_cdk("2.262", "references to what another account has and CloudFormation names")
def test_a_key_of_the_app_gets_a_statement(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    key = kms.Key(theirs, "Key", alias="their-key")
    bucket = s3.Bucket(theirs, "Data", bucket_name="their-data", encryption_key=key)
    reads(ours, bucket)
    template = synth(theirs)
    (made,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::KMS::Key"]
    (added,) = [item for item in made["Properties"]["KeyPolicy"]["Statement"] if item["Action"] == "kms:Decrypt"]
    assert (added["Resource"], pattern(added)[:36]) == ("*", "arn::iam::111111111111:role/Ours-Con")


def test_a_repository_of_the_app_gets_a_statement(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    repository = ecr.Repository(theirs, "Images", repository_name="their-images")
    use(ours, image=ml.ContainerImage.from_ecr_repository(repository))
    (made,) = [item for item in synth(theirs)["Resources"].values() if item["Type"] == "AWS::ECR::Repository"]
    (added,) = made["Properties"]["RepositoryPolicyText"]["Statement"]
    assert "ecr:BatchGetImage" in added["Action"]
    assert "Resource" not in added


def test_a_role_with_a_name_is_named(ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    role = iam.Role(
        ours, "Role", role_name="mine", path="/ml/", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")
    )
    reads(ours, s3.Bucket(theirs, "Data", bucket_name="their-data"), role=role)
    for statement in each(policy_of(synth(theirs), "AWS::S3::BucketPolicy")):
        assert pattern(statement) == f"arn::iam::{OURS}:role/ml/mine"


def test_two_roles_are_two_sets_of_statements(app: App, ours: Stack, theirs: Stack, synth: Callable[..., Any]) -> None:
    more = Stack(app, "More", env=env("333333333333"))
    bucket = s3.Bucket(theirs, "Data", bucket_name="their-data")
    reads(ours, bucket)
    reads(more, bucket)
    found = policy_of(synth(theirs), "AWS::S3::BucketPolicy")
    assert sorted({pattern(item)[10:22] for item in found}) == [OURS, "333333333333"]


# Not of the app ------------------------------------------------------------------------------------------------------


def test_an_imported_bucket_is_warned_of_with_the_statements(ours: Stack) -> None:
    bucket = s3.Bucket.from_bucket_attributes(ours, "Data", bucket_name="their-data", account=THEIRS)
    reads(ours, bucket)
    path, found = told(ours)
    assert path == "/Ours/Data"
    by_action = {tuple(item["Action"]): item for item in found}
    assert by_action["s3:GetObject",]["Resource"] == ["arn:aws:s3:::their-data/in/*"]
    assert by_action["s3:ListBucket",]["Resource"] == ["arn:aws:s3:::their-data"]
    for statement in found:
        assert statement["Principal"] == {"AWS": f"arn:aws:iam::{OURS}:root"}
        name = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
        assert name.startswith(f"arn:aws:iam::{OURS}:role/Ours-ConstructsMlJobRole")
    assert THEIRS in warned(ours)["/Ours/Data"]


def test_it_is_acknowledged(ours: Stack) -> None:
    bucket = s3.Bucket.from_bucket_attributes(ours, "Data", bucket_name="their-data", account=THEIRS)
    reads(ours, bucket)
    ml.acknowledge(bucket, ID, "their policy has it")
    assert warned(ours) == {}


def test_an_imported_key(ours: Stack) -> None:
    key = kms.Key.from_key_arn(ours, "Key", f"arn:aws:kms:eu-west-1:{THEIRS}:key/1")
    use(ours, outputs=["out"], output_key=key)
    _, found = told(ours)
    assert (found["Action"], found["Resource"]) == (["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], "*")


def test_a_volume_key_keeps_its_condition(ours: Stack) -> None:
    key = kms.Key.from_key_arn(ours, "Key", f"arn:aws:kms:eu-west-1:{THEIRS}:key/1")
    use(ours, volume_key=key)
    _, found = told(ours)
    assert found["Action"] == ["kms:CreateGrant"]
    assert found["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_an_imported_repository(ours: Stack) -> None:
    repository = ecr.Repository.from_repository_arn(ours, "Images", f"arn:aws:ecr:eu-west-1:{THEIRS}:repository/theirs")
    use(ours, image=ml.ContainerImage.from_ecr_repository(repository))
    _, found = told(ours)
    assert "ecr:GetDownloadUrlForLayer" in found["Action"]
    assert "Resource" not in found


def test_an_imported_role_is_named_by_its_arn(ours: Stack) -> None:
    bucket = s3.Bucket.from_bucket_attributes(ours, "Data", bucket_name="their-data", account=THEIRS)
    role = iam.Role.from_role_arn(ours, "Role", f"arn:aws:iam::{OURS}:role/mine")
    reads(ours, bucket, role=role)
    _, found = told(ours)
    assert {item["Condition"]["ArnLike"]["aws:PrincipalArn"] for item in found} == {f"arn:aws:iam::{OURS}:role/mine"}


def test_a_role_of_another_account_is_warned_of_an_own_bucket_that_is_imported(ours: Stack) -> None:
    bucket = s3.Bucket.from_bucket_attributes(ours, "Data", bucket_name="our-data", account=OURS)
    role = iam.Role.from_role_arn(ours, "Role", f"arn:aws:iam::{THEIRS}:role/theirs")
    reads(ours, bucket, role=role)
    _, found = told(ours)
    assert {item["Principal"]["AWS"] for item in found} == {f"arn:aws:iam::{THEIRS}:root"}


def test_a_stack_of_any_account_is_warned_of_a_bucket_whose_account_is_told(stack: Stack) -> None:
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="their-data", account=THEIRS)
    reads(stack, bucket)
    _, found = told(stack)
    assert found[0]["Principal"] == {"AWS": "arn:aws:iam::<account of Census>:root"}


# No false alarm ------------------------------------------------------------------------------------------------------

SAME: dict[str, Callable[[Stack], Any]] = {
    "a bucket of the stack": lambda stack: reads(stack, s3.Bucket(stack, "Data")),
    "a bucket by name": lambda stack: reads(stack, s3.Bucket.from_bucket_name(stack, "Data", "data")),
    "a bucket by ARN": lambda stack: reads(stack, s3.Bucket.from_bucket_arn(stack, "Data", "arn:aws:s3:::data")),
    "a bucket of the account": lambda stack: reads(
        stack, s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="data", account=OURS)
    ),
    "a bucket of a stack of the account": lambda stack: reads(
        stack, s3.Bucket(Stack(stack.node.root, "Other", env=env(OURS)), "Data", bucket_name="data")
    ),
    "a key of the account": lambda stack: use(
        stack, volume_key=kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:eu-west-1:{OURS}:key/1")
    ),
    "a URI": lambda stack: use(stack, inputs={"raw": ml.S3Data.from_uri("s3://data/in/")}),
    "a repository by name": lambda stack: use(
        stack,
        image=ml.ContainerImage.from_ecr_repository(ecr.Repository.from_repository_name(stack, "Images", "mine")),
    ),
}


@pytest.mark.parametrize("made", SAME.values(), ids=SAME)
def test_nothing_of_the_account_is_warned_of(
    ours: Stack, synth: Callable[..., Any], made: Callable[[Stack], Any]
) -> None:
    made(ours)
    assert warned(ours) == {}
    assert policy_of(synth(ours), "AWS::S3::BucketPolicy") == []
    assert statements(synth(ours))


def test_a_key_in_a_stack_of_any_account(stack: Stack) -> None:
    """Its ARN has an account always, and the stack may be deployed to it."""
    use(stack, volume_key=kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:eu-west-1:{THEIRS}:key/1"))
    assert warned(stack) == {}
