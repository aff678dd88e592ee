"""No template makes a rule raise, whatever stands where: findings are about templates that others write."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_ml.lint.checking import check_template
from constructs_ml.lint.rules.access.cml506_trust import ASSUMED
from constructs_ml.lint.rules.events.cml603_target_role import NEEDED
from constructs_ml.services.request import check

WORDS = st.sampled_from(
    [
        "aws.sagemaker",
        "sagemaker",
        "SageMaker Training Job State Change",
        "Failed",
        "*",
        "events.amazonaws.com",
        "alias/aws/sns",
        "",
    ]
)
TOKENS = st.sampled_from([{"Ref": "B"}, {"Fn::GetAtt": ["A", "Arn"]}, {"Ref": "AWS::NoValue"}, {"Fn::If": ["x", 1, 2]}])
NAMES = st.sampled_from(
    [
        "source",
        "detail-type",
        "detail",
        "$or",
        "TrainingJobStatus",
        "status",
        "Targets",
        "Arn",
        "RoleArn",
        "DeadLetterConfig",
        "EventPattern",
        "Statement",
        "Effect",
        "Action",
        "Principal",
        "Service",
        "AWS",
        "Resource",
        "Condition",
        "ArnEquals",
        "aws:SourceArn",
        "PolicyDocument",
        "Topics",
        "Queues",
        "KmsMasterKeyId",
        "KeyPolicy",
        "Policies",
        "AssumeRolePolicyDocument",
        "Events",
        "Type",
        "Properties",
        "Pattern",
        "FunctionName",
        "Role",
        "TableName",
        "Item",
        "S",
        "Bool",
        "Entries",
        "Detail",
    ]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 3), WORDS, TOKENS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        *ASSUMED,
        *NEEDED,
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Lambda::Permission",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    ]
)
RESOURCES = st.dictionaries(
    st.sampled_from(["A", "B", "C"]),
    st.one_of(
        st.fixed_dictionaries({"Type": KINDS, "Properties": st.one_of(JSON, st.dictionaries(NAMES, JSON, max_size=4))}),
        JSON,
    ),
    max_size=3,
)
SOURCES = st.one_of(st.integers(1, 2), st.lists(st.one_of(WORDS, JSON), max_size=2), JSON)
PATTERNS = st.fixed_dictionaries(
    {}, optional={"source": SOURCES, "detail-type": SOURCES, "detail": JSON, "$or": JSON, "account": JSON}
)
TARGETS = st.lists(
    st.fixed_dictionaries({"Arn": st.one_of(TOKENS, JSON)}, optional={"RoleArn": JSON, "DeadLetterConfig": JSON}),
    max_size=2,
)
RULE = st.fixed_dictionaries(
    {
        "Type": st.just("AWS::Events::Rule"),
        "Properties": st.fixed_dictionaries({"EventPattern": PATTERNS, "Targets": st.one_of(TARGETS, JSON)}),
    }
)
CALLS = st.sampled_from(
    ["aws-sdk:dynamodb:putItem", "events:putEvents", "eks:call", "aws-sdk:glue:createJob", "sns:publish"]
)


@settings(max_examples=60, deadline=None)
@given(resources=RESOURCES, rule=RULE)
def test_no_template_makes_a_rule_raise(resources: dict[str, Any], rule: dict[str, Any]) -> None:
    for found in check_template({"Resources": {**resources, "Rule": rule}}):
        assert found.message
        assert "${Token[" not in found.message


@settings(max_examples=60, deadline=None)
@given(name=CALLS, request=st.dictionaries(NAMES, JSON, max_size=5))
def test_no_request_makes_the_check_raise(name: str, request: dict[str, Any]) -> None:
    for finding in check(name, request):
        assert finding.member
        assert finding.problem
