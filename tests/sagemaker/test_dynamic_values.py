"""Values that are known only at deployment or at run time are recognised, whatever form they have."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format, Path
from constructs_ml.sagemaker.dynamic import is_dynamic
from constructs_ml.sagemaker.request import check_request

FORMS: dict[str, Any] = {
    "path": Path("$.x"),
    "format": Format(("a", Path("$.x"))),
    "jsonata": "{% $states.input.x %}",
    "text token": cdk.Token.as_string({"Ref": "X"}),
    "text with a token": f"s3://{cdk.Aws.ACCOUNT_ID}/x",
    "number token": cdk.Token.as_number({"Ref": "X"}),
    "list token": cdk.Token.as_list({"Ref": "X"}),
    "resolvable": cdk.Fn.condition_equals("a", "b"),
    "lazy": cdk.Token.as_any({"Ref": "X"}),
    "CDK's path": sfn.JsonPath.string_at("$.x"),
    "CDK's number at a path": sfn.JsonPath.number_at("$.x"),
    "CDK's list at a path": sfn.JsonPath.list_at("$.x"),
    "intrinsic function": {"Fn::GetAtt": ["X", "Arn"]},
    "reference": {"Ref": "X"},
}


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
def test_is_dynamic(value: Any) -> None:
    assert is_dynamic(value)


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "member", ["ProcessingJobName", "ProcessingResources", "Tags", "Environment", "StoppingCondition"]
)
def test_stands_for_any_member(member: str, value: Any) -> None:
    findings = check_request("CreateProcessingJob", {member: value}, partial=True)

    assert findings == []


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "$.x",
        "{% x",
        0,
        -1.5,
        pow(10, 400),
        -(10.0**300),
        float("inf"),
        True,
        None,
        [],
        ["a"],
        {},
        {"Ref": "X", "Y": 1},
        {3: 1},
    ],
)
def test_is_plain(value: Any) -> None:
    assert not is_dynamic(value)
