"""What a job's role may do, need by need."""

from __future__ import annotations

import pytest
from support.each import each

from constructs_ml.iam.job_role import JobAccess, Objects, job_statements
from constructs_ml.iam.resources import Place, run_job_statements
from constructs_ml.iam.statements import Statement, merge
from constructs_ml.sagemaker.kinds import JobKind

PLACE = Place("aws-cn", "cn-north-1", "111122223333")
GROUP = "arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/sagemaker/ProcessingJobs"
BUCKET = "arn:aws-cn:s3:::data"
KEY = "arn:aws-cn:kms:cn-north-1:111122223333:key/1"
REPOSITORY = "arn:aws-cn:ecr:cn-north-1:111122223333:repository/mine"

WITHOUT_RESOURCE = {
    "cloudwatch:PutMetricData",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
}
"""Actions that IAM's service authorization reference lists without a resource type."""

EVERYTHING = JobAccess(
    "/aws/sagemaker/ProcessingJobs",
    reads=[Objects(BUCKET, "in/", KEY), Objects(BUCKET)],
    writes=[Objects(BUCKET, "out/", KEY)],
    repositories=[REPOSITORY],
    volume_keys=[KEY],
    subnets=["subnet-1"],
    security_groups=["sg-1"],
)


def added(**needs: object) -> list[Statement]:
    """The statements for some needs, without those that every job has."""
    base = JobAccess("/aws/sagemaker/ProcessingJobs")
    always = list(job_statements(base, PLACE))
    return [
        item
        for item in job_statements(JobAccess("/aws/sagemaker/ProcessingJobs", **needs), PLACE)  # type: ignore[arg-type]
        if item not in always
    ]


def test_every_job_may_write_its_log() -> None:
    """The group of its kind, and the streams in it; and metrics, in SageMaker's namespaces only."""
    assert list(job_statements(JobAccess("/aws/sagemaker/ProcessingJobs"), PLACE)) == [
        Statement(
            ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            (GROUP, f"{GROUP}:*"),
        ),
        Statement(("cloudwatch:PutMetricData",), ("*",), {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}),
    ]


def test_reading_a_prefix() -> None:
    """Its objects, and listing what starts so."""
    assert added(reads=[Objects(BUCKET, "in/")]) == [
        Statement(("s3:GetObject",), (f"{BUCKET}/in/*",)),
        Statement(("s3:ListBucket",), (BUCKET,), {"StringLike": {"s3:prefix": "in/*"}}),
    ]


def test_reading_a_whole_bucket() -> None:
    """Listing has no condition then."""
    assert added(reads=[Objects(BUCKET)]) == [
        Statement(("s3:GetObject",), (f"{BUCKET}/*",)),
        Statement(("s3:ListBucket",), (BUCKET,)),
    ]


def test_reading_one_object() -> None:
    """No other object whose key only starts like it."""
    get, _ = added(reads=[Objects(BUCKET, "in/x.csv", exact=True)])

    assert get.resources == (f"{BUCKET}/in/x.csv",)


def test_reading_what_is_encrypted() -> None:
    """The key too."""
    assert Statement(("kms:Decrypt",), (KEY,)) in added(reads=[Objects(BUCKET, "in/", KEY)])


def test_writing() -> None:
    """Putting objects, and aborting an upload of several parts; with the key if they are encrypted."""
    put = Statement(("s3:AbortMultipartUpload", "s3:PutObject"), (f"{BUCKET}/out/*",))

    assert added(writes=[Objects(BUCKET, "out/")]) == [put]
    assert added(writes=[Objects(BUCKET, "out/", KEY)]) == [
        put,
        Statement(("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"), (KEY,)),
    ]


def test_an_encrypted_volume() -> None:
    """SageMaker makes a grant for EC2, and nobody else may be granted anything."""
    assert added(volume_keys=[KEY]) == [
        Statement(("kms:CreateGrant",), (KEY,), {"Bool": {"kms:GrantIsForAWSResource": "true"}})
    ]


def test_an_image_in_ecr() -> None:
    """Pulling from its repository only, and signing in."""
    assert added(repositories=[REPOSITORY]) == [
        Statement(
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"), (REPOSITORY,)
        ),
        Statement(("ecr:GetAuthorizationToken",), ("*",)),
    ]


def test_a_vpc() -> None:
    """Network interfaces in its subnets and security groups."""
    describe, create, change = added(subnets=["subnet-1"], security_groups=["sg-1"])

    ec2 = "arn:aws-cn:ec2:cn-north-1:111122223333"
    assert create.actions == ("ec2:CreateNetworkInterface",)
    assert create.resources == (f"{ec2}:network-interface/*", f"{ec2}:subnet/subnet-1", f"{ec2}:security-group/sg-1")
    assert change.resources == (f"{ec2}:network-interface/*",)
    assert describe.resources == ("*",)


def test_a_vpc_that_is_checked_when_the_job_is_made() -> None:
    """SageMaker's check of processing jobs fails if the statements name resources."""
    describe, create = added(subnets=["subnet-1"], security_groups=["sg-1"], any_network=True)

    assert create.actions == (
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
    )
    assert describe.resources == create.resources == ("*",)
    assert not create.conditions


def test_what_is_declared_otherwise_is_kept() -> None:
    """A query's statements, for one."""
    query = Statement(("athena:StartQueryExecution",), ("arn",))

    assert added(other=[query]) == [query]


def test_no_action_has_a_wildcard_and_only_known_ones_are_for_any_resource() -> None:
    """The actions for any resource are those that have none to narrow them to."""
    statements = merge(job_statements(EVERYTHING, PLACE))

    assert not [action for item in each(statements) for action in item.actions if "*" in action]
    assert {action for item in statements if "*" in item.resources for action in item.actions} == WITHOUT_RESOURCE


@pytest.mark.parametrize("kind", [JobKind.PROCESSING, JobKind.TRAINING])
@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("tags", [True, False])
def test_a_state_machine_runs_only_jobs_of_its_owner(kind: JobKind, wait: bool, tags: bool) -> None:
    """It starts them, and hands them one role, to SageMaker only; waiting takes more, and tags them as tags do."""
    run, hand_on, *rest = run_job_statements(kind, "Census-1aB2-*", "arn:role", PLACE, wait=wait, tags=tags)

    own = f"arn:aws-cn:sagemaker:cn-north-1:111122223333:{kind.value.lower()}-job"
    # Some of SageMaker's ARNs hold names in lower case, and IAM compares them by case.
    jobs = (f"{own}/Census-1aB2-*", f"{own}/census-1ab2-*")
    verbs = ("Create", "Describe", "Stop") if wait else ("Create",)
    tagging = ("sagemaker:AddTags",) if wait or tags else ()
    actions = (*(f"sagemaker:{verb}{kind.value}Job" for verb in verbs), *tagging, "sagemaker:ListTags")
    assert run == Statement(actions, jobs)
    assert hand_on == Statement(
        ("iam:PassRole",), ("arn:role",), {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    )
    rule = f"rule/StepFunctionsGetEventsForSageMaker{kind.value}JobsRule"
    managed = Statement(
        ("events:DescribeRule", "events:PutRule", "events:PutTargets"),
        (f"arn:aws-cn:events:cn-north-1:111122223333:{rule}",),
    )
    assert rest == ([managed] if wait else [])


def test_places_write_arns() -> None:
    """S3's have neither region nor account."""
    assert PLACE.s3_arn("data", "x/*") == "arn:aws-cn:s3:::data/x/*"
    assert PLACE.s3_arn("data") == BUCKET
