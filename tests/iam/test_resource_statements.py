"""What a state machine may do to models, endpoints and jobs, and what an AutoML job's role may do, statement by statement."""

from __future__ import annotations

import pytest

from constructs_ml.iam.job_role import automl_statements
from constructs_ml.iam.resources import (
    Place,
    call_statement,
    in_lower_case,
    pass_role,
    resource_arns,
    run_job_statements,
    use_volume_key,
    watch_alarms,
)
from constructs_ml.iam.statements import Statement
from constructs_ml.sagemaker.kinds import JobKind

PLACE = Place("aws-cn", "cn-north-1", "111122223333")
HERE = "cn-north-1:111122223333"
ROLE = "arn:aws-cn:iam::111122223333:role/Job"
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_resources_are_named_as_they_are_written_and_in_lower_case() -> None:
    """IAM compares ARNs by case; a name in lower case stands once."""
    start = f"arn:aws-cn:sagemaker:{HERE}:endpoint-config"

    assert resource_arns(PLACE, "endpoint-config", "Mine-*") == (f"{start}/Mine-*", f"{start}/mine-*")
    assert resource_arns(PLACE, "endpoint-config", "mine") == (f"{start}/mine",)


def test_a_token_is_not_written_otherwise() -> None:
    """The CDK would not find it again."""
    assert in_lower_case("Mine${Token[TOKEN.1]}") == "Mine${Token[TOKEN.1]}"
    assert in_lower_case("Mine-$X") == "mine-$x"


def test_calling_operations_and_tagging_what_they_make() -> None:
    """Tags take an action of their own."""
    operations, arns = ("CreateModel", "DescribeModel"), ("arn:a", "arn:b")
    called = ("sagemaker:CreateModel", "sagemaker:DescribeModel")

    assert call_statement(operations, arns) == Statement(called, arns)
    assert call_statement(operations, arns, tags=True) == Statement((*called, "sagemaker:AddTags"), arns)


def test_a_role_is_handed_to_sagemaker_only() -> None:
    """And to no other service."""
    assert pass_role(ROLE) == Statement(("iam:PassRole",), (ROLE,), TO_SAGEMAKER)


def test_a_key_is_granted_to_a_service_only() -> None:
    """For the volumes that SageMaker encrypts."""
    assert use_volume_key("arn:key") == Statement(
        ("kms:CreateGrant",), ("arn:key",), {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    )


def test_alarms_are_watched_if_there_are_any() -> None:
    """One statement for all of them."""
    assert watch_alarms(()) == []
    assert watch_alarms(("arn:a", "arn:b")) == [Statement(("cloudwatch:DescribeAlarms",), ("arn:a", "arn:b"))]


@pytest.mark.parametrize(
    ("wait", "tags", "actions"),
    [
        (False, False, ("CreateLabelingJob", "ListTags")),
        (False, True, ("CreateLabelingJob", "AddTags", "ListTags")),
        (True, False, ("CreateLabelingJob", "DescribeLabelingJob", "StopLabelingJob", "AddTags", "ListTags")),
        (True, True, ("CreateLabelingJob", "DescribeLabelingJob", "StopLabelingJob", "AddTags", "ListTags")),
    ],
)
def test_a_job_takes_more_if_it_is_waited_for(wait: bool, tags: bool, actions: tuple[str, ...]) -> None:
    """Step Functions tags what it waits for, asks for it, stops it, and keeps a rule."""
    run, *rest = run_job_statements(JobKind.LABELING, "mine-*", None, PLACE, wait=wait, tags=tags)

    jobs = (f"arn:aws-cn:sagemaker:{HERE}:labeling-job/mine-*",)
    assert run == Statement(tuple(f"sagemaker:{action}" for action in actions), jobs)
    rule = f"arn:aws-cn:events:{HERE}:rule/StepFunctionsGetEventsForSageMaker*"
    kept = Statement(("events:DescribeRule", "events:PutRule", "events:PutTargets"), (rule,))
    assert rest == ([kept] if wait else [])


def test_a_job_is_given_no_tags_by_default() -> None:
    """Tagging is an action that it then lacks."""
    (run,) = run_job_statements(JobKind.TUNING, "mine", None, PLACE, wait=False)

    assert run.actions == ("sagemaker:CreateHyperParameterTuningJob", "sagemaker:ListTags")


def test_an_automl_job_may_try_candidates() -> None:
    """It passes its own role, and makes what SageMaker names, from images that SageMaker chooses."""

    def hosting(kind: str, word: str, *more: str) -> Statement:
        actions = [f"Create{word}", f"Delete{word}", f"Describe{word}", "ListTags", *more]
        arn = f"arn:aws-cn:sagemaker:{HERE}:{kind}/*"
        return Statement(tuple(f"sagemaker:{action}" for action in actions), (arn,))

    groups = [
        f"arn:aws-cn:logs:{HERE}:log-group:/aws/sagemaker/{group}"
        for group in ("ProcessingJobs", "TrainingJobs", "TransformJobs", "Endpoints/*")
    ]
    assert list(automl_statements(ROLE, PLACE)) == [
        Statement(("iam:PassRole",), (ROLE,), TO_SAGEMAKER),
        hosting("model", "Model"),
        hosting("endpoint-config", "EndpointConfig", "CreateEndpoint"),
        hosting("endpoint", "Endpoint", "InvokeEndpoint"),
        Statement(
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            ("arn:aws-cn:ecr:cn-north-1:*:repository/*",),
        ),
        Statement(("ecr:GetAuthorizationToken",), ("*",)),
        Statement(("cloudwatch:PutMetricData",), ("*",), {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}),
        Statement(
            ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            tuple(arn for group in groups for arn in (group, f"{group}:*")),
        ),
    ]
