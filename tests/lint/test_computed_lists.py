"""Lists that are computed when the workflow runs, whose items are not what the API takes."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import check_definition
from constructs_ml.lint.examples import PROCESSING, call

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


def found(arguments: str) -> list[str]:
    """What is found on the arguments of a processing job."""
    jsonata = arguments.startswith("{%")
    specification = {"ImageUri": IMAGE, f"ContainerArguments{'' if jsonata else '.$'}": arguments}
    body: dict[str, Any] = call("sagemaker:createProcessingJob", {**PROCESSING, "AppSpecification": specification})
    if jsonata:
        (state,) = body["States"].values()
        request = state.pop("Parameters") | {"ProcessingJobName": "{% $uuid() %}"}
        state |= {"QueryLanguage": "JSONata", "Arguments": request}
        request.pop("ProcessingJobName.$", None)
    return [item.message for item in check_definition(body) if item.rule == "CML203"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "States.Array('--n', States.MathAdd($.n, 1))",
            "whose item 1 is a number, but must be a string; wrap it in States.F",
        ),
        ("States.Array('--n', States.ArrayLength($.list))", "whose item 1 is a number"),
        ("States.Array('--n', 1)", "whose item 1 is a number"),
        ("States.Array('--n', true)", "whose item 1 is a boolean"),
        ("States.Array(States.Array('a'))", "whose item 0 is a list"),
        ("States.ArrayRange(1, 3, 1)", "whose item 0 is a number"),
        ("{% ['--n', 1] %}", "whose item 1 is a number, but must be a string; wrap it in $string"),
    ],
)
def test_an_item_of_another_type(arguments: str, said: str) -> None:
    """It is refused by the service each time."""
    (message,) = found(arguments)

    assert said in message


@pytest.mark.parametrize(
    "arguments",
    [
        "States.Array('--n', States.Format('{}', States.MathAdd($.n, 1)))",
        "States.Array('--n', $.n)",
        "States.Array('--n', null)",
        "States.Array('--n', States.JsonToString($.o))",
        "States.StringSplit($.arguments, ' ')",
        "States.ArrayUnique($.arguments)",
        "$.arguments",
        "{% ['--n', $string(1)] %}",
        "{% ['--n', $states.input.n] %}",
    ],
)
def test_items_that_are_texts_or_may_be(arguments: str) -> None:
    """Silence."""
    assert found(arguments) == []
