"""What variables may be called: what Step Functions refuses is found, and what it takes is not."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import check_definition


def inner(*names: str, jsonata: bool = False, kind: str = "Parallel", **processor: Any) -> dict[str, Any]:
    """A state with states inside that assign variables."""
    part = {"StartAt": "Draw", "States": {"Draw": {"Type": "Pass", "Assign": dict.fromkeys(names, 1), "End": True}}}
    if kind == "Parallel":
        return {"Type": "Parallel", "Branches": [part], "End": True}
    items = {"Items": [1]} if jsonata else {"ItemsPath": "$.parts"}
    return {"Type": "Map", **items, "ItemProcessor": {**processor, **part}, "End": True}


def found(assign: dict[str, Any], after: dict[str, Any] | None = None, language: str = "JSONPath") -> list[str]:
    states: dict[str, Any] = {"First": {"Type": "Pass", "Assign": assign, "Next": "Then"}}
    states["Then"] = after or {"Type": "Succeed"}
    body = {"QueryLanguage": language, "StartAt": "First", "States": states}
    return [str(violation) for violation in check_definition(body) if violation.rule == "CML116"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("states", "Assign.states assigns $states, which is reserved for Step Functions"),
        ("$x", "Assign.$x assigns '$x', which is not a valid variable name; write x"),
        ("x.y", "Assign.x.y assigns 'x.y', which is not a valid variable name; assign x as a whole"),
        ("x[2]", "assign x as a whole"),
        ("a b", "write letters, digits and _ only"),
        ("1st", "write letters, digits and _ only"),
        ("x" * 81, "81 characters; it may have 80"),
    ],
)
@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_name_that_cannot_be_assigned_is_told(name: str, told: str, language: str) -> None:
    [problem] = found({name: 1}, language=language)

    assert told in problem


def test_only_jsonpath_reads_the_end_of_a_name() -> None:
    assert found({"x.$": "$.x"}) == []
    assert found({"x.$": "$.x"}, language="JSONata")


@pytest.mark.parametrize("name", ["x", "größe", "変数", "_x", "x" * 80, "state", "${Name}"])
def test_a_name_that_can_be_assigned_passes(name: str) -> None:
    assert found({name: 1}) == []


@pytest.mark.parametrize("after", [inner("x", "y"), inner("x", kind="Map")])
def test_a_name_that_is_assigned_around_is_told(after: dict[str, Any]) -> None:
    assert found({"x.$": "$.x"}, after) == [
        "CML116 Draw: Assign.x assigns $x, which the outer state First assigns too; give one of them another name"
    ]


def test_so_is_one_of_a_catcher_and_of_a_rule() -> None:
    caught = {**inner("x"), "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"x": 1}, "Next": "End"}]}
    states = {"Each": caught, "End": {"Type": "Succeed"}}

    assert [v.member for v in check_definition({"StartAt": "Each", "States": states}) if v.rule == "CML116"] == [
        "Assign.x"
    ]


def test_scopes_beside_each_other_and_executions_of_their_own_have_names_of_their_own() -> None:
    both = {"Type": "Parallel", "Branches": [*inner("x")["Branches"], *inner("x")["Branches"]], "End": True}
    both["Branches"][1] = {"StartAt": "Other", "States": {"Other": {"Type": "Pass", "Assign": {"x": 1}, "End": True}}}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}

    assert found({"y": 1}, both) == []
    assert found({"x": 1}, inner("x", kind="Map", ProcessorConfig=config)) == []
