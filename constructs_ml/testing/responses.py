"""SageMaker's responses to successful calls: complete by the API's model, and based on the request."""

from __future__ import annotations

import re
import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.sagemaker.model import ModelError, output_shape
from constructs_ml.sagemaker.result import check_value
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from constructs_ml.sagemaker.model import Shape

ARN = "arn:aws:sagemaker:us-east-1:111122223333"
GOOD = ("Completed", "Succeeded", "InService", "Approved", "Created", "Active", "Available", "Enabled")
"""Statuses of what is as it should be, in whatever case; the first that there is."""
_PRESENT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "DescribeAutoMLJobV2": ("BestCandidate",),
        "DescribeHyperParameterTuningJob": ("BestTrainingJob", "OverallBestTrainingJob"),
        "DescribeLabelingJob": ("LabelingJobOutput",),
        "DescribeModelPackage": ("ModelApprovalStatus",),
    }
)
"""Members that a success always has, though they are optional in the API."""
A_METRIC = 1.0
"""The value of every metric that a script does not set."""
_ONLY_AFTER_FAILURE = re.compile(r"Failure|Error|NextToken|Debug|ExitMessage")


def good_answer(operation: str, source: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the response of a successful operation.

    Args:
        operation: As ``DescribeEndpoint``.
        source: Known members by name, which the response repeats.
        now: The simulated moment.
    """
    shape = answer_shape(operation)
    if shape is None:
        return {}
    always = shape.required or tuple(name for name in shape.members if not _ONLY_AFTER_FAILURE.search(name))
    wanted = {*always, *_PRESENT.get(operation, ()), *source}
    response = {
        name: source[name] if name in source else _value(name, member, source, now)
        for name, member in shape.members.items()
        if name in wanted
    }
    if operation == "DescribeTrainingJob":
        return response | _metrics(source, now)
    if operation == "DescribeHyperParameterTuningJob":
        _add_objective(response, source)
    return response


def _metrics(source: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the metrics that a training job's definitions find, each of them 1."""
    definitions = (source.get("AlgorithmSpecification") or {}).get("MetricDefinitions") or ()
    found = [{"MetricName": each["Name"], "Value": A_METRIC, "Timestamp": now} for each in definitions]
    return {"FinalMetricDataList": found} if found else {}


def _add_objective(response: dict[str, Any], source: Mapping[str, Any]) -> None:
    """Give the best training job of a tuning job its objective."""
    config = source.get("HyperParameterTuningJobConfig") or {}
    definitions = [source.get("TrainingJobDefinition"), *(source.get("TrainingJobDefinitions") or ())]
    definition: Mapping[str, Any] = next((each for each in definitions if each), {})
    objective = config.get("HyperParameterTuningJobObjective") or definition.get("TuningObjective")
    best = response.get("BestTrainingJob")
    if objective and isinstance(best, dict):
        metric = {"MetricName": objective["MetricName"], "Value": A_METRIC}
        response["BestTrainingJob"] = {**best, "FinalHyperParameterTuningJobObjectiveMetric": metric}


def answer_shape(operation: str) -> Shape | None:
    """Return the shape of an operation's response; None if it has none."""
    try:
        return output_shape(operation)
    except ModelError:
        return None


def merged(operation: str, response: dict[str, Any], overrides: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a response with the members of a script merged in.

    Args:
        operation: The operation that responds.
        response: The response.
        overrides: The members that differ from it; None for one that the response does not have.

    Raises:
        SimulationError: If the operation has no such member, always has it, or the member never has this value.
    """
    if not isinstance(overrides, dict):
        raise SimulationError(
            f"{operation} answers an object, got returns({overrides!r}); write returns({{'Member': ...}})"
        )
    if overrides:
        _check(answer_shape(operation), overrides, operation)
    together: dict[str, Any] = _merge(response, overrides)
    return together


def _merge(base: Any, over: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(over, dict):
        kept = {name: value for name, value in base.items() if name not in over} if isinstance(base, dict) else {}
        old = base if isinstance(base, dict) else {}
        return kept | {name: _merge(old.get(name), value) for name, value in over.items() if value is not None}
    if isinstance(over, list):
        return [_merge(None, item) for item in over]
    return over


def _check(shape: Shape | None, overrides: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    if shape is None:
        raise SimulationError(f"{path} returns nothing, got returns({overrides!r}); write returns()")
    if shape.type == "structure" and isinstance(overrides, dict):
        for name, value in overrides.items():
            if name not in shape.members:
                near = did_you_mean(name, shape.members) or f"; it has {', '.join(shape.members)}"
                raise SimulationError(f"returns(...): {path} has no member {name!r}{near}")
            if value is None:
                if name in shape.required:
                    raise SimulationError(
                        f"returns(...): {path} always has {name}, got None; leave it out here for its default"
                    )
                continue
            _check(shape.members[name], value, f"{path}.{name}")
            if isinstance(value, str):
                _check_enum(shape, name, value)
    elif shape.type == "list" and isinstance(overrides, list):
        for at, item in enumerate(overrides):
            _check(shape.member, item, f"{path}[{at}]")


def _check_enum(shape: Shape, name: str, value: str) -> None:
    try:
        check_value(shape, name, value)
    except ValueError as error:
        raise SimulationError(f"returns(...): {error}") from error


def _value(name: str, shape: Shape, source: Mapping[str, Any], now: datetime) -> Any:  # noqa: ANN401 - any JSON
    if shape.type == "structure":
        return {member: _value(member, shape.members[member], source, now) for member in shape.required}
    if shape.type == "string":
        return _text(name, shape, source)
    if name == "TunedHyperParameters":
        return _tuned(source)
    values: dict[str, Any] = {"list": [], "map": {}, "boolean": False, "timestamp": now}
    return values.get(shape.type, max(0, int(shape.min or 0)))


def _tuned(source: Mapping[str, Any]) -> dict[str, str]:
    """Return a value for each parameter that a tuning job tunes: the first of its range."""
    config = source.get("HyperParameterTuningJobConfig") or {}
    definitions = [source.get("TrainingJobDefinition"), *(source.get("TrainingJobDefinitions") or ())]
    ranges = [config.get("ParameterRanges"), *(each.get("HyperParameterRanges") for each in definitions if each)]
    # The best job is one of the first definition that has ranges of its own, or of all of them.
    tuned: Mapping[str, Any] = next((each for each in ranges if each), {})
    firsts: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "ContinuousParameterRanges": lambda each: each["MinValue"],
        "IntegerParameterRanges": lambda each: each["MinValue"],
        "CategoricalParameterRanges": lambda each: each["Values"][0],
        "AutoParameters": lambda each: each["ValueHint"],
    }
    return {each["Name"]: first(each) for kind, first in firsts.items() for each in tuned.get(kind) or ()}


def _text(name: str, shape: Shape, source: Mapping[str, Any]) -> str:
    if shape.enum:
        by_lower = {value.lower(): value for value in shape.enum}
        return next((by_lower[good.lower()] for good in GOOD if good.lower() in by_lower), shape.enum[0])
    if name.endswith("Arn"):
        return _arn(name.removesuffix("Arn"), source)
    if name.endswith(("Uri", "S3ModelArtifacts")):
        return f"s3://simulated/{name}"
    return f"simulated-{name}"


def _arn(thing: str, source: Mapping[str, Any]) -> str:
    """Return the ARN of the resource that a request names, or of a new one."""
    number = uuid.uuid4().hex[:12]
    name = str(source.get(f"{thing}Name", f"simulated-{number}"))
    if thing == "PipelineExecution":
        return f"{ARN}:pipeline/{source.get('PipelineName', 'simulated')}/execution/{number}".lower()
    if thing == "ModelPackage" and "ModelPackageGroupName" in source:
        return f"{ARN}:model-package/{source['ModelPackageGroupName']}/{int(number, 16) % 999 + 1}"
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", thing.replace("AutoML", "Automl")).lower()
    return f"{ARN}:{kind}/{name}"
