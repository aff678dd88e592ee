"""Values that are known only at deployment or at run time are recognised, whatever form they have."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format, Path
from constructs_ml.sagemaker.request import check_request


class Resolvable:
    """What the CDK asks for its value at synthesis."""

    def resolve(self) -> None:
        """It has none here."""


FORMS: dict[str, Any] = {
    "path": Path("$.x"),
    "format": Format(("a", Path("$.x"))),
    "jsonata": "{% $states.input.x %}",
    "text token": "${Token[TOKEN.12]}",
    "text with a token": "s3://${Token[AWS.AccountId.3]}/x",
    "list in a text": "a #{Token[TOKEN.12]}",
    "number token": -1.8881545897087968e289,
    "list token": ["#{Token[TOKEN.12]}"],
    "resolvable": Resolvable(),
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
        {"Ref": "X", "Fn::Sub": "x"},
        {"Reference": "X"},
        {"Fn:Sub": "X"},
        {3: 1},
        ["a", "#{Token[TOKEN.12]}"],
        [3],
        ["x #{Token[TOKEN.12]}"],
        ("${Token", "[TOKEN.12]}"),
        "${AWS::Region}",
        "x %}",
        1e289,
        object(),
    ],
)
def test_is_plain(value: Any) -> None:
    assert not is_dynamic(value)
