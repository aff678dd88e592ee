"""What the CDK writes for a value that it does not know yet is recognised, whatever form it has."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.sagemaker.request import check_request

FORMS: dict[str, Any] = {
    "text token": cdk.Token.as_string({"Ref": "X"}),
    "text with a token": f"s3://{cdk.Aws.ACCOUNT_ID}/x",
    "number token": cdk.Token.as_number({"Ref": "X"}),
    "list token": cdk.Token.as_list({"Ref": "X"}),
    "resolvable": cdk.Fn.condition_equals("a", "b"),
    "lazy": cdk.Token.as_any({"Ref": "X"}),
    "CDK's path": sfn.JsonPath.string_at("$.x"),
    "CDK's number at a path": sfn.JsonPath.number_at("$.x"),
    "CDK's list at a path": sfn.JsonPath.list_at("$.x"),
}


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
def test_a_token_is_dynamic(value: Any) -> None:
    assert is_dynamic(value)


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "member", ["ProcessingJobName", "ProcessingResources", "Tags", "Environment", "StoppingCondition"]
)
def test_a_token_stands_for_any_member(member: str, value: Any) -> None:
    findings = check_request("CreateProcessingJob", {member: value}, partial=True)

    assert findings == []
