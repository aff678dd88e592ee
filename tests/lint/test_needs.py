"""What states need, and where that is read from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.workflows import census_machine

from constructs_ml.asl.machine import Granted
from constructs_ml.iam.facts import OTHERS, RESOURCES
from constructs_ml.iam.policy import Need, grants_of
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.iam.resource_names import pattern_of
from constructs_ml.lint import Machine
from constructs_ml.lint.registry import machine_rules
from constructs_ml.sagemaker.model import input_shape, operations

REFERENCE = json.loads((Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())
ROLE = "arn:aws:iam::111122223333:role/Jobs"
NAMES = {
    "census": "census",
    "States.Format('census-{}', States.UUID())": "census-*",
    "States.Format('census-{}-x{}', $.a, $.b)": "census-*-x*",
    "States.Format('it\\'s-{}', $.a)": "it's-*",
    "$.name": "*",
    "{% 'census-' & $uuid() %}": "census-*",
    '{% "census-" & $uuid() %}': "census-*",
    "{% 'census' %}": "census",
    "{% $uuid() & '-census' %}": "*",
    "${Token[Stack]}-census": "${Token[Stack]}-census",
}


def needs(resource: str, parameters: dict[str, Any] | None = None, **fields: Any) -> list[Need]:
    """What one Task needs for certain."""
    state = {"Type": "Task", "Resource": resource, "End": True, **fields}
    state |= {} if parameters is None else {"Parameters": parameters}
    machine = Machine({"StartAt": "Do", "States": {"Do": state}})
    return [need for need in needs_of(machine).known if need.required]


def call(name: str, parameters: dict[str, Any] | None = None, **fields: Any) -> list[Need]:
    return needs(f"arn:aws:states:::{name}", parameters, **fields)


def about() -> list[tuple[str, str, str]]:
    """The operations of which it is known what they are about: its type in ARNs, and the member with its name."""
    verbs = ("Create", "Delete", "Describe", "Start", "Stop", "Update")
    known = {f"{verb}{noun}": found for noun, found in RESOURCES.items() for verb in verbs} | OTHERS
    return [(name, *found) for name, found in known.items() if name in operations() and found[0]]


@pytest.mark.parametrize(("written", "pattern"), NAMES.items())
def test_what_a_name_can_be_is_read_from_its_expression(written: str, pattern: str) -> None:
    """What is known only at run time stands as a wildcard."""
    member = "Name.$" if written.startswith(("States.", "$.")) else "Name"
    assert pattern_of({member: written}, "Name") == pattern


def test_a_name_that_is_not_there_is_none() -> None:
    """It is not the same as one of which nothing is known."""
    assert pattern_of({}, "Name") is None


@pytest.mark.parametrize(("operation", "arn_type", "member"), about())
def test_operations_are_granted_on_what_aws_says(operation: str, arn_type: str, member: str) -> None:
    """The types in ARNs are those of the service authorization reference, and the members are the API's."""
    assert arn_type in REFERENCE["sagemaker"]["Actions"][operation.lower()]["Resources"]
    assert member in input_shape(operation).members


def test_a_job_that_is_waited_for_needs_more_than_one_that_is_only_started() -> None:
    """It is looked at, stopped and tagged, and its end is told by a rule."""
    request = {"TransformJobName": "Census", "ModelName": "m"}
    assert [need.actions for need in call("sagemaker:createTransformJob", request)] == [
        ("sagemaker:CreateTransformJob",)
    ]
    waiting = call("sagemaker:createTransformJob.sync", request)
    assert [need.actions[-1] for need in waiting] == ["sagemaker:AddTags", "events:PutTargets"]
    assert waiting[0].resources == (
        "arn:*:sagemaker:*:*:transform-job/Census",
        "arn:*:sagemaker:*:*:transform-job/census",
    )


def test_what_is_made_with_tags_needs_to_tag() -> None:
    """An empty list of tags is none."""
    model = {"ModelName": "m", "ExecutionRoleArn": ROLE}
    tags = [{"Key": "team", "Value": "risk"}]
    assert call("sagemaker:createModel", {**model, "Tags": tags})[0].actions == (
        "sagemaker:CreateModel",
        "sagemaker:AddTags",
    )
    assert call("sagemaker:createModel", {**model, "Tags": []})[0].actions == ("sagemaker:CreateModel",)


def test_every_role_of_a_request_is_passed() -> None:
    """A tuning job has them in its definitions."""
    request = {
        "HyperParameterTuningJobName": "t",
        "TrainingJobDefinitions": [{"RoleArn": ROLE}, {"RoleArn": f"{ROLE}2"}, {"RoleArn": ROLE}],
    }
    found = call("sagemaker:createHyperParameterTuningJob", request)
    assert [need.resources for need in found if need.passed_to] == [(ROLE,), (f"{ROLE}2",)]


def test_an_endpoint_needs_its_configuration_too() -> None:
    """The reference names both."""
    request = {"EndpointName": "live", "EndpointConfigName": "live-1"}
    found = call("aws-sdk:sagemaker:updateEndpoint", request)
    assert {need.resources[0] for need in found} == {
        "arn:*:sagemaker:*:*:endpoint/live",
        "arn:*:sagemaker:*:*:endpoint-config/live-1",
    }


@pytest.mark.parametrize(
    ("name", "parameters", "action", "resource"),
    [
        ("lambda:invoke", {"FunctionName": "score"}, "lambda:InvokeFunction", "arn:*:lambda:*:*:function:score"),
        ("lambda:invoke", {"FunctionName.$": "$.f"}, "lambda:InvokeFunction", "*"),
        ("lambda:invoke", {"FunctionName": "1:function:score"}, "lambda:InvokeFunction", "*"),
        ("sns:publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:news"}, "sns:Publish", "arn:aws:sns:eu-west-1:1:news"),
        ("sns:publish", {"PhoneNumber": "+1"}, "sns:Publish", "*"),
        (
            "sqs:sendMessage",
            {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"},
            "sqs:SendMessage",
            "arn:*:sqs:*:*:q",
        ),
        ("dynamodb:putItem", {"TableName": "rows"}, "dynamodb:PutItem", "arn:*:dynamodb:*:*:table/rows"),
        ("events:putEvents", {"Entries": [{"Detail": "x"}]}, "events:PutEvents", "arn:*:events:*:*:event-bus/default"),
        (
            "events:putEvents",
            {"Entries": [{"EventBusName": "arn:aws:events:eu-west-1:1:event-bus/b"}]},
            "events:PutEvents",
            "arn:aws:events:eu-west-1:1:event-bus/b",
        ),
        ("glue:startJobRun", {"JobName": "clean"}, "glue:StartJobRun", "arn:*:glue:*:*:job/clean"),
        (
            "elasticmapreduce:addStep",
            {"ClusterId": "j-1", "Step": {}},
            "elasticmapreduce:AddJobFlowSteps",
            "arn:*:elasticmapreduce:*:*:cluster/j-1",
        ),
        ("elasticmapreduce:createCluster", {"Name": "a"}, "elasticmapreduce:RunJobFlow", "*"),
        ("eks:createCluster", {"Name": "a"}, "eks:CreateCluster", "*"),
    ],
)
def test_calls_of_other_services_are_read(name: str, parameters: dict[str, Any], action: str, resource: str) -> None:
    """The resource is what the payload names."""
    (need,) = call(name, parameters)
    assert need.actions == (action,)
    assert need.resources[0] == resource


@pytest.mark.parametrize(
    ("name", "waiting"),
    [
        ("eks:createCluster", ["eks:DescribeCluster"]),
        ("eks:deleteNodegroup", ["eks:DescribeNodegroup"]),
        ("elasticmapreduce:createCluster", ["elasticmapreduce:DescribeCluster", "events:DescribeRule"]),
        ("elasticmapreduce:terminateCluster", ["elasticmapreduce:DescribeCluster", "events:DescribeRule"]),
    ],
)
def test_clusters_that_are_waited_for_need_more(name: str, waiting: list[str]) -> None:
    """Source: the pages on EKS and EMR of the Step Functions developer guide."""
    assert [need.actions[0] for need in call(f"{name}.sync", {})[1:]] == waiting
    assert len(call(name, {})) == 1


@pytest.mark.parametrize("name", ["eks:call", "eks:runJob", "eks:runJob.sync"])
def test_what_a_cluster_itself_allows_needs_nothing_of_iam(name: str) -> None:
    assert call(name, {}) == []


def test_a_function_may_be_the_resource_of_a_task() -> None:
    """It is invoked as it is by the integration."""
    arn = "arn:aws:lambda:eu-west-1:1:function:score"
    assert [need.actions for need in needs(arn)] == [("lambda:InvokeFunction",)]
    assert needs("arn:aws:states:eu-west-1:1:activity:label") == []


def test_a_call_with_another_role_needs_that_role() -> None:
    """What the call needs is that role's business."""
    (need,) = call("sns:publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:news"}, Credentials={"RoleArn": ROLE})
    assert (need.actions, need.resources) == (("sts:AssumeRole",), (ROLE,))


def test_a_distributed_map_starts_executions_reads_and_writes() -> None:
    """An inline one needs nothing."""
    inner = {"StartAt": "Look", "States": {"Look": {"Type": "Pass", "End": True}}}
    storage = {"Bucket": "parts", "Key": "list.json"}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": storage}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "scores", "Prefix": "out"}}
    each = {"Type": "Map", "ItemReader": reader, "ResultWriter": writer, "End": True}

    def found(mode: str) -> list[tuple[str, str]]:
        processor = {"ProcessorConfig": {"Mode": mode}, **inner}
        machine = Machine({"StartAt": "Each", "States": {"Each": {**each, "ItemProcessor": processor}}})
        return [(need.actions[0], need.resources[0]) for need in needs_of(machine).known if need.required]

    assert found("INLINE") == []
    assert found("DISTRIBUTED")[2:] == [
        ("s3:GetObject", "arn:*:s3:::parts/list.json"),
        ("s3:PutObject", "arn:*:s3:::scores/out*"),
    ]


def test_what_is_not_known_is_told() -> None:
    """Nothing can be said against grants for a service of which not all calls are known."""
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions", "End": True}
    assert needs_of(Machine({"StartAt": "Do", "States": {"Do": state}})).unknown == {"states", "events", "iam"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (Granted("Allow", ("iam:PassRole",), ("*",)), True),
        (Granted("Allow", ("iam:Pass*",), ("*",)), True),
        (Granted("Allow", ("*",), ("*",)), True),
        (Granted("Allow", (), (), inverted=True), True),
        (Granted("Deny", ("iam:PassRole",), ("*",)), False),
        (Granted("Allow", ("iam:GetRole",), ("*",)), False),
        (Granted("Allow", ("IAM:PASSROLE",), (ROLE,)), True),
        (Granted("Allow", ("iam:PassRole",), (f"{ROLE}2",)), False),
        (
            Granted(
                "Allow",
                ("iam:PassRole",),
                ("*",),
                {"StringEquals": {"iam:PassedToService": ["a", "sagemaker.amazonaws.com"]}},
            ),
            True,
        ),
        (Granted("Allow", ("iam:PassRole",), ("*",), {"StringLike": {"IAM:passedtoservice": "sagemaker.*"}}), True),
        (
            Granted("Allow", ("iam:PassRole",), ("*",), {"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}),
            False,
        ),
        (
            Granted(
                "Allow", ("iam:PassRole",), ("*",), {"StringNotEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}
            ),
            True,
        ),
        (Granted("Allow", ("iam:PassRole",), ("*",), {"Bool": {"aws:SecureTransport": "true"}}), True),
    ],
)
def test_a_statement_allows_what_it_may_allow(statement: Granted, allowed: bool) -> None:
    """What cannot be judged is taken for allowed; what denies allows nothing."""
    need = Need(("iam:PassRole",), (ROLE,), "sagemaker.amazonaws.com")
    lacking = grants_of(Machine({}, granted=(statement,))).lacking(need)
    assert (lacking == []) is allowed


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text("*:a{}", max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text("iam:PassRole*", max_size=4), inner)),
    max_leaves=4,
)
STATEMENTS = st.builds(
    Granted,
    st.sampled_from(["Allow", "Deny", None]),
    st.tuples(st.sampled_from(["iam:PassRole", "*", "sns:Publish"]), ANYTHING),
    st.tuples(ANYTHING, ANYTHING),
    ANYTHING,
    st.just("Policy"),
)


@pytest.fixture(scope="module")
def census() -> Machine:
    return census_machine()


@given(statements=st.lists(STATEMENTS, max_size=3))
def test_no_statement_makes_a_rule_raise(census: Machine, statements: list[Granted]) -> None:
    """Whatever a policy is made of."""
    machine = replace(census, granted=tuple(statements))
    for rule in each(rule for rule in machine_rules() if rule.id.startswith("CML5")):
        assert all(found.message for found in rule.check(machine))
