"""Rules on endpoints and model packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

import constructs_ml as ml

if TYPE_CHECKING:
    from aws_cdk import Stack


def test_a_rule_on_endpoints(stack: Stack) -> None:
    """Matches both spellings of a status, and delivers like any other rule."""
    topic = sns.Topic(stack, "Topic")
    made = ml.events.EndpointStateChangeRule(
        stack, "Alert", endpoints=["churn"], statuses=["InService", "Failed"], targets=[topic], description="told"
    )

    assert made.dead_letter_queue is not None
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "Description": "told",
            "EventPattern": {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Endpoint State Change"],
                "detail": {
                    "EndpointName": ["churn"],
                    "EndpointStatus": ["InService", "IN_SERVICE", "Failed", "FAILED"],
                },
            },
            "State": "ENABLED",
            "Targets": [Match.object_like({"DeadLetterConfig": Match.any_value(), "RetryPolicy": Match.any_value()})],
        },
    )


def test_a_rule_on_model_packages(stack: Stack) -> None:
    """Of all groups, unless some are named."""
    ml.events.ModelPackageStateChangeRule(stack, "Approved", groups=["churn"], approval_statuses=["Approved"])
    ml.events.ModelPackageStateChangeRule(stack, "Any", enabled=False)

    template = Template.from_stack(stack)
    of_type = {"detail-type": ["SageMaker Model Package State Change"], "source": ["aws.sagemaker"]}
    detail = {"ModelPackageGroupName": ["churn"], "ModelApprovalStatus": ["Approved"]}
    template.has_resource_properties("AWS::Events::Rule", {"EventPattern": {**of_type, "detail": detail}})
    template.has_resource_properties("AWS::Events::Rule", {"EventPattern": of_type, "State": "DISABLED"})


IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
ENDPOINTS: list[tuple[Any, Any]] = [
    (lambda stack: ml.DeployEndpoint(stack, "Deploy", endpoint_config="c", endpoint_name="churn"), "churn"),
    (lambda stack: ml.DeployEndpoint(stack, "Deploy", endpoint_config="c"), "census-<1>-deploy"),
    (lambda stack: ml.CreateEndpoint(stack, "Create", endpoint_config="c", endpoint_name="churn"), "churn"),
    (lambda stack: ml.CreateEndpoint(stack, "Create", endpoint_config="c"), {"prefix": "census-<1>-create-"}),
    (lambda stack: ml.CreateEndpoint(stack, "Create", endpoint_config="c", name_prefix="a-"), {"prefix": "a-"}),
    (lambda stack: ml.UpdateEndpoint(stack, "Update", endpoint_config="c", endpoint_name="churn"), "churn"),
    (
        lambda stack: ml.UpdateEndpoint(
            stack, "Update", endpoint_config="c", endpoint_name=ml.execution_input("n"), name_prefix="a-"
        ),
        {"prefix": "a-"},
    ),
    (lambda stack: ml.CreateEndpoint.from_request(stack, "C", {"EndpointName": "x", "EndpointConfigName": "c"}), "x"),
]


@pytest.mark.parametrize(("made", "expected"), ENDPOINTS)
def test_states_stand_for_their_endpoints(stack: Stack, made: Any, expected: Any) -> None:
    """By their names, or by what their names start with."""
    rule = ml.events.EndpointStateChangeRule(stack, "Alert", endpoints=[made(stack)])
    (found,) = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    (name,) = found["Properties"]["EventPattern"]["detail"]["EndpointName"]
    shape = re.escape(str(expected)).replace("<1>", r"\w+")
    assert re.fullmatch(shape, str(name))
    assert rule.dead_letter_queue is None


@pytest.mark.parametrize("how", ["group", "name", "state"])
def test_groups_and_states_that_register_in_them(stack: Stack, how: str) -> None:
    group = ml.registry.ModelPackageGroup(stack, "Group", model_package_group_name="churn")
    register = ml.RegisterModel(
        stack, "Register", group=group, image=IMAGE, content_types=["text/csv"], response_types=["text/csv"]
    )
    given: Any = {"group": group, "name": "churn", "state": register}[how]
    ml.events.ModelPackageStateChangeRule(stack, "Alert", groups=[given])
    pattern = {"EventPattern": {"detail": {"ModelPackageGroupName": ["churn"]}}}
    Template.from_stack(stack).has_resource_properties("AWS::Events::Rule", pattern)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            lambda _: ml.execution_input("name"),
            r"endpoints\[0\] has a name that is known only at run time; pass name_pre",
        ),
        (
            lambda stack: ml.CreateEndpoint(stack, "Made", endpoint_config="c").endpoint_name,
            r"endpoints\[0\] has a name that is known only at run time",
        ),
        (
            lambda stack: ml.UpdateEndpoint(stack, "U", endpoint_config="c", endpoint_name=ml.execution_input("n")),
            r"endpoints\[0\] has U, whose name is known only at run time",
        ),
        (
            lambda stack: ml.CreateModel(stack, "Model", image=IMAGE),
            r"endpoints\[0\] must be a string or .*, got CreateModel$",
        ),
        (lambda _: 7, r"endpoints\[0\] must be a string or .*, got int 7"),
        (lambda _: None, r"endpoints\[0\] must not be None"),
    ],
)
def test_an_endpoint_that_no_rule_can_know(stack: Stack, made: Any, message: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=f"^Census/Alert: {message}"):
        ml.events.EndpointStateChangeRule(stack, "Alert", endpoints=[made(stack)])


@pytest.mark.parametrize(
    ("rule", "props", "message"),
    [
        (ml.JobStateChangeRule, {"jobs": ["Train"]}, r"jobs\[0\] must be a Job, got str 'Train'"),
        (ml.JobStateChangeRule, {"kinds": ["Training"]}, r"kinds\[0\] must be a JobKind, got str 'Training'; pass"),
        (ml.JobStateChangeRule, {"job": []}, "job is not a prop of JobStateChangeRule; did you mean jobs?"),
        (ml.events.EndpointStateChangeRule, {"endpoints": "churn"}, "endpoints must be a list, got the string 'churn'"),
        (
            ml.events.EndpointStateChangeRule,
            {"endpoint": []},
            "endpoint is not a prop of Endpoint.*did you mean endpoints?",
        ),
        (ml.events.ModelPackageStateChangeRule, {"groups": [7]}, r"groups\[0\] must be a string or .*, got int 7"),
        (ml.events.ModelPackageStateChangeRule, {"target": []}, "target is not a prop of .*; did you mean targets?"),
        (ml.events.ModelPackageStateChangeRule, {"targets": 7}, "targets must be a list, got int 7"),
    ],
)
def test_props_of_the_wrong_kind(stack: Stack, rule: type, props: dict[str, Any], message: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=f"^Census/Alert: {message}"):
        rule(stack, "Alert", **props)


BAD: list[tuple[type, dict[str, Any], str]] = [
    (
        ml.events.EndpointStateChangeRule,
        {"statuses": ["InServise"]},
        "statuses must be one of Creating, .* did you mean InService",
    ),
    (
        ml.events.ModelPackageStateChangeRule,
        {"approval_statuses": ["Yes"]},
        "approval_statuses must be one of Approved, Pending",
    ),
    (
        ml.events.ModelPackageStateChangeRule,
        {"statuses": ["Done"]},
        "statuses must be one of Completed, Deleting, Failed",
    ),
    (ml.events.EndpointStateChangeRule, {"targets": ["topic"]}, "targets must be topics, .* got a str"),
    (ml.events.EndpointStateChangeRule, {"retry_attempts": 186}, "retry_attempts must be 0-185, got 186; pass 185"),
    (
        ml.events.EndpointStateChangeRule,
        {"max_event_age": Duration.days(2)},
        "max_event_age must be 1 minute to 24 hours",
    ),
]


@pytest.mark.parametrize(("rule", "props", "message"), BAD)
def test_bad_input(stack: Stack, rule: type, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError, match=f"Census/Alert: {message}"):
        rule(stack, "Alert", **props)
