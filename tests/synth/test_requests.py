"""botocore takes every request that the definitions make, once their expressions are evaluated."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest
from jsonata.jsonata import Jsonata
from synth_resolve import definition_of
from synth_stacks import JsonataStack, RichStack, template_of

from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

STATES = {
    "context": {"Execution": {"Name": "run-1", "Input": {"date": "2026-11-22"}}},
    "input": {"ratio": 0.2, "depth": 6},
}
VARIABLES: dict[str, Any] = {"workflowInputs": {"test_ratio": 0.2, "max_depth": 6}}
RESULTS = {"Train": {"ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/model.tar.gz"}}}
"""What later states read of the results of jobs."""
FORMAT = re.compile(r"States\.Format\('([^']*)', (.*)\)")


@pytest.fixture(scope="module")
def model() -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("sagemaker", "service-2"))


def evaluated(value: Any) -> Any:
    """A template after Step Functions has evaluated its expressions."""
    if isinstance(value, dict):
        return {
            key.removesuffix(".$"): _jsonpath(item) if key.endswith(".$") else evaluated(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [evaluated(item) for item in value]
    if isinstance(value, str) and value.startswith("{%"):
        return _jsonata(value.removeprefix("{%").removesuffix("%}"))
    return value


def _jsonpath(expression: str) -> Any:
    if expression == "States.UUID()":
        return str(uuid.uuid4())
    if expression.startswith("$$."):
        return _member(expression[1:].replace("['", ".").replace("']", ""))
    if expression.startswith("States.Array("):
        items = re.split(r", (?=['$]|States\.)(?![^(]*\))", expression.removeprefix("States.Array(").removesuffix(")"))
        return [item.strip("'") if item.startswith("'") else _jsonpath(item) for item in items]
    if expression.startswith("$."):
        return _member(expression, RESULTS)
    if expression.startswith("$"):
        return _member(f"$.{expression[1:]}", VARIABLES)
    found = FORMAT.fullmatch(expression)
    assert found, expression
    text, *arguments = found[1], *found[2].split(", ")
    for argument in arguments:
        text = text.replace("{}", str(_jsonpath(argument)), 1)
    return text


def _member(path: str, root: Any = STATES["context"]) -> Any:
    at: Any = root
    for name in path.removeprefix("$.").split("."):
        at = at[name]
    return at


def _jsonata(expression: str) -> Any:
    parsed = Jsonata(expression)
    parsed.assign("states", STATES)
    for name, value in VARIABLES.items():
        parsed.assign(name, value)
    parsed.register_lambda("uuid", lambda: str(uuid.uuid4()))
    return parsed.evaluate(None)


def requests(definition: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """The operation and the request of each state that calls SageMaker."""
    found = {}
    for name, state in definition["States"].items():
        match = re.fullmatch(r"arn:aws:states:::sagemaker:(\w+?)(\.sync)?", state.get("Resource", ""))
        if match:
            operation = match[1][0].upper() + match[1][1:]
            found[name] = operation, evaluated(state.get("Parameters", state.get("Arguments")))
    return found


@pytest.mark.parametrize("stack", [PenguinsStack, JsonataStack, RichStack])
def test_botocore_takes_the_requests(stack: Callable[..., Stack], model: botocore.model.ServiceModel) -> None:
    region = "eu-west-1"
    made = requests(definition_of(template_of(stack, region), "aws", region))
    assert len(made) >= 2
    for name, (operation, request) in made.items():
        shape = model.operation_model(operation).input_shape
        report = botocore.validate.ParamValidator().validate(request, shape)
        assert not report.has_errors(), f"{name}: {report.generate_report()}"


def test_botocore_refuses_a_wrong_request(model: botocore.model.ServiceModel) -> None:
    _, request = requests(definition_of(template_of(PenguinsStack)))["Train"]
    request["ResourceConfig"]["InstanceCount"] = "many"
    shape = model.operation_model("CreateTrainingJob").input_shape
    assert botocore.validate.ParamValidator().validate(request, shape).has_errors()


def test_names_and_locations_are_new_in_each_execution() -> None:
    _, request = requests(definition_of(template_of(PenguinsStack)))["Preprocess"]
    (train, _) = request["ProcessingOutputConfig"]["Outputs"]
    assert train["S3Output"]["S3Uri"].endswith("/Preprocess/train/run-1/")
    assert re.fullmatch(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}", request["ProcessingJobName"])
