"""Markers that jobs may write, and outputs that do not last as long as their markers, as users bring them about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.lint import check_template

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}")

MONTH = Duration.days(30)


class Cached(Stack):
    """A cached job, and one that is not, with a role of the user's.

    Args:
        own: Whether the bucket is one of the user's in the template; otherwise it is the library's.
        known: Whether it is one that the template does not have.
        props: The lifecycle rule of the bucket.
    """

    def __init__(self, *, own: bool = True, known: bool = False, **props: Any) -> None:
        super().__init__(App(analytics_reporting=False), "Census")
        trust = iam.ServicePrincipal("sagemaker.amazonaws.com")
        self.role = iam.Role(self, "JobRole", assumed_by=trust)
        self.bucket: Any = s3.Bucket.from_bucket_name(self, "Known", "known-results") if known else None
        if own and not known:
            expiry: Any = {"lifecycle_rules": [s3.LifecycleRule(**props)]} if props else {}
            self.bucket = s3.Bucket(self, "Results", **expiry)
        ml.JobDefaults(role=self.role, bucket=self.bucket).apply_to(self)
        self.other = ml.TrainingJob(self, "Other", image=IMAGE, channels={"train": "s3://data/raw/"})

    def found(self, rule: str, *, expires: Duration | None = MONTH, timeout: Duration | None = None) -> str:
        """The findings of a rule, which there are no others of, but for permissions."""
        train = ml.TrainingJob(
            self, "Train", image=IMAGE, channels={"train": "s3://data/raw/"}, cache=ml.Cache(expires=expires)
        )
        ml.Workflow(self, "W", definition=train.next(self.other), timeout=timeout)
        # A finding ends the synthesis; what is acknowledged is still in the template.
        for each in ("CML120", "CML512"):
            ml.acknowledge(self, f"constructs-ml::{each}", "tested")
        template = App.of(self).synth().stacks[0].template  # type: ignore[union-attr]
        return "; ".join(found.message for found in check_template(template) if found.rule == rule)


def _put(*actions: str, on: Callable[[s3.IBucket], str], **props: Any) -> Callable[[Cached], Any]:
    def give(stack: Cached) -> None:
        stack.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[on(stack.bucket)], **props))

    return give


def _managed(stack: Cached) -> None:
    statement = iam.PolicyStatement(actions=["s3:Put*"], resources=[stack.bucket.arn_for_objects("*")])
    iam.ManagedPolicy(stack, "Wide", statements=[statement], roles=[stack.role])
    stack.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSageMakerFullAccess"))


def _all_but(stack: Cached) -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    stack.role.add_to_policy(iam.PolicyStatement.from_json(statement))


@pytest.mark.parametrize(
    "give",
    [
        lambda stack: stack.bucket.grant_write(stack.role),
        lambda stack: stack.bucket.grant_put(stack.role),
        lambda stack: stack.bucket.grant_read_write(stack.role, "cache/*"),
        _put("s3:*", on=lambda bucket: f"{bucket.bucket_arn}/*"),
        _put("*", on=lambda _: "*"),
        _put("s3:PutObject", on=lambda bucket: f"{bucket.bucket_arn}/ca*"),
        _put("s3:putobject", on=lambda _: "arn:aws:s3:::*"),
        _managed,
        _all_but,
    ],
)
def test_a_job_that_may_write_markers(give: Callable[[Cached], Any]) -> None:
    stack = Cached()
    give(stack)
    found = stack.found("CML512")
    assert found.startswith("Train: has its markers in cache/Census-")
    assert "where the role JobRole" in found
    assert found.count("may write") == 1


@pytest.mark.parametrize(
    "give",
    [
        lambda stack: stack.bucket.grant_read(stack.role),
        lambda stack: stack.bucket.grant_put(stack.role, "results/*"),
        lambda stack: s3.Bucket(stack, "Another").grant_write(stack.role),
        _put(
            "s3:PutObject",
            on=lambda bucket: f"{bucket.bucket_arn}/*",
            conditions={"Bool": {"aws:ViaAWSService": "true"}},
        ),
        _put("s3:PutObject", on=lambda bucket: bucket.bucket_arn),
        _put("s3:PutObjectTagging", "s3:DeleteObject", on=lambda bucket: f"{bucket.bucket_arn}/*"),
        lambda stack: (
            iam.PermissionsBoundary.of(stack.role).apply(
                iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
            )
            or stack.bucket.grant_write(stack.role)
        ),
        lambda stack: (
            stack.bucket.grant_write(stack.role)
            and _put("s3:Put*", on=lambda bucket: f"{bucket.bucket_arn}/cache/*", effect=iam.Effect.DENY)(stack)
        ),
        lambda stack: (
            stack.bucket.grant_write(stack.role)
            and stack.bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    actions=["s3:PutObject"],
                    resources=[stack.bucket.arn_for_objects("cache/*")],
                    principals=[iam.AnyPrincipal()],
                    conditions={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*WorkflowRole*"}},
                )
            )
        ),
        lambda stack: stack.bucket.grant_write(
            iam.Role(stack, "NoJob", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        ),
    ],
)
def test_a_job_that_may_not(give: Callable[[Cached], Any]) -> None:
    """Or may only on a condition, or is denied it elsewhere; and roles of no job."""
    stack = Cached()
    give(stack)
    assert stack.found("CML512") == ""


def test_jobs_may_write_the_markers_of_a_bucket_by_name() -> None:
    """Of one that is not in the template; transport that is enforced protects no markers."""
    stack = Cached(known=True)
    stack.bucket.grant_write(stack.role)
    assert "cache/Census-" in stack.found("CML512")


def test_the_bucket_of_the_library() -> None:
    """A user's statement may give away its markers, too; a policy that enforces TLS does not help."""
    stack = Cached(own=False)
    stack.role.add_to_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
    assert "cache/Census-" in stack.found("CML512")


@pytest.mark.parametrize(
    ("days", "expires", "timeout", "early"),
    [
        (30, 30, None, True),
        (394, 30, None, True),
        (395, 30, None, False),
        (31, 30, 1, False),
        (30, 30, 1, True),
        (1, 0.5, 1 / 24, False),
        (1, 1, 1 / 24, True),
    ],
)
def test_outputs_expire(days: int, expires: float, timeout: float | None, *, early: bool) -> None:
    """Before the markers, or while an execution reads them."""
    stack = Cached(expiration=Duration.days(days))
    lasting = None if timeout is None else Duration.minutes(round(timeout * 1440))
    found = stack.found("CML120", expires=Duration.minutes(round(expires * 1440)), timeout=lasting)
    assert (f"deletes after {days} days" in found) is early
    assert bool(found) is early


@pytest.mark.parametrize(
    "props",
    [{}, {"prefix": "raw/", "expiration": Duration.days(1)}, {"enabled": False, "expiration": Duration.days(1)}],
)
def test_outputs_that_stay_for_ever(props: Any) -> None:
    """No rule is for them."""
    found = Cached(**props).found("CML120")
    assert "that no lifecycle rule deletes, although their markers expire" in found
    assert "/cache/ after at least 395 days" in found


def test_nothing_expires() -> None:
    """Markers that are good for ever have outputs that are."""
    assert Cached().found("CML120", expires=None) == ""


@pytest.mark.parametrize(
    "props",
    [
        {"expiration": Duration.days(1), "tag_filters": {"temporary": "yes"}},
        {"expiration": Duration.days(1), "object_size_greater_than": 1},
        {"expiration": Duration.days(1), "prefix": "Census-"},
    ],
)
def test_rules_that_may_be_for_other_objects(props: Any) -> None:
    """By their tags or sizes are not judged; one by the start of the outputs' keys is."""
    assert bool(Cached(**props).found("CML120")) is ("prefix" in props)


def test_buckets_that_the_template_does_not_show() -> None:
    """Those of others, and the library's own."""
    assert Cached(own=False).found("CML120") == ""
    assert Cached(known=True).found("CML120") == ""


@pytest.mark.parametrize("verifies", [True, False])
@pytest.mark.parametrize("retry", [ml.RetryPolicy.by_cause(), ml.RetryPolicy.default()])
@pytest.mark.parametrize("jsonata", [False, True])
def test_the_result_of_a_cached_job_is_known(retry: ml.RetryPolicy, *, jsonata: bool, verifies: bool) -> None:
    """A wrong path after it is found, and a right one is not."""
    stack = Stack(App(analytics_reporting=False), "Census")
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    ml.JobDefaults(cache=ml.Cache(verify_outputs=verifies), retry=retry, query_language=language).apply_to(stack)
    train = ml.TrainingJob(stack, "Train", image=IMAGE, channels={"train": "s3://data/raw/"})
    if jsonata:
        names = {name: f"{{% $states.input.Train.{name} %}}" for name in ("Nonsense", "TrainingJobName", "Cache.Key")}
        read: sfn.Pass = sfn.Pass.jsonata(stack, "Read", outputs=names)
    else:
        paths = {f"{name}.$": f"$.Train.{name}" for name in ("Nonsense", "TrainingJobName", "Cache.Key")}
        read = sfn.Pass(stack, "Read", parameters=paths)
    ml.Workflow(stack, "W", definition=train.next(read), query_language=language)
    ml.acknowledge(stack, "constructs-ml::CML101", "tested")
    (found,) = check_template(App.of(stack).synth().stacks[0].template)  # type: ignore[union-attr]
    assert (found.rule, found.state) == ("CML101", "Read")
    assert "has only Cache, TrainingJobArn, TrainingJobName, TrainingJobStatus" in found.problem
