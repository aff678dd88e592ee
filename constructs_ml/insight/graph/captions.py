"""The lines that a picture shows of a state: its kind, and the facts that tell it from others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_distributed, processor_config
from constructs_ml.asl.expressions import Language, is_jsonata
from constructs_ml.asl.integration import SDK, Integration, cache_steps, integration_of, is_poll
from constructs_ml.asl.values import fields_of, is_number
from constructs_ml.insight.graph.words import duration_of, retries_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State

Json = Any
_SERVICES = {
    "apigateway": "API Gateway",
    "batch": "Batch",
    "codebuild": "CodeBuild",
    "dynamodb": "DynamoDB",
    "elasticmapreduce": "EMR",
    "events": "EventBridge",
    "glue": "Glue",
    "http": "HTTP",
    "lambda": "Lambda",
    "sagemaker": "SageMaker",
    "sfn": "Step Functions",
    "states": "Step Functions",
}
_ABBREVIATIONS = {"ec2", "ecs", "eks", "emr", "iam", "kms", "rds", "s3", "ses", "sns", "sqs", "ssm", "sts"}
_OPERATIONS = {
    "createAutoMLJob": "AutoML job",
    "createAutoMLJobV2": "AutoML job",
    "createHyperParameterTuningJob": "tuning job",
    "createLabelingJob": "labeling job",
    "createProcessingJob": "processing job",
    "createTrainingJob": "training job",
    "createTransformJob": "transform job",
    "startPipelineExecution": "pipeline execution",
    "startExecution": "execution",
}
_IMAGES = ("ImageUri", "TrainingImage", "AlgorithmName", "Image")
_TARGETS = (
    "FunctionName",
    "StateMachineArn",
    "TopicArn",
    "QueueUrl",
    "TableName",
    "PipelineName",
    "EndpointName",
    "ModelPackageGroupName",
    "JobName",
    "TaskDefinition",
    "ProjectName",
    "ApiEndpoint",
    "Bucket",
)
"""The members that name what a call is about, the most telling first."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_DIGITS = 12
"""The digits of a digest that are shown."""
_LONGEST_EXPRESSION = 100


def title_of(state: State, called: State | None = None) -> str:
    """Return the kind of a state: ``SageMaker training job``, ``Choice``, ``Distributed map``.

    Args:
        state: The state.
        called: The call that it stands for, if it consists of several states.
    """
    if state.type == "Map":
        return "Distributed map" if is_distributed(state) else "Map"
    subject = called or state
    if subject.type != "Task":
        return subject.type or "State without a type"
    call = integration_of(subject)
    if call is not None:
        return _title_of_call(call)
    resource = str(subject.body.get("Resource", ""))
    if ":activity:" in resource:
        return "Activity"
    return "Lambda function" if ":lambda:" in resource or ":function:" in resource else "Task"


def _title_of_call(call: Integration) -> str:
    service = call.service.removeprefix(SDK)
    shown = _SERVICES.get(service, service.upper() if service in _ABBREVIATIONS else service.capitalize())
    if call.name == "lambda:invoke":
        return "Lambda function"
    if call.action in _OPERATIONS:
        return f"{shown} {_OPERATIONS[call.action]}"
    words = (word if word.isupper() and len(word) > 1 else word.lower() for word in _WORD.findall(call.action))
    return f"{shown}: {' '.join(words)}"


def captions_of(state: State, called: State | None = None) -> list[str]:
    """Return the facts that a picture shows of a state, a line each.

    Args:
        state: The state.
        called: The call that it stands for, if it consists of several states.
    """
    own: dict[str, Any] = {
        "Task": _of_task,
        "Wait": _of_wait,
        "Fail": _of_fail,
        "Map": _of_map,
        "Parallel": lambda each: [f"{len(each.inner)} branches at once"] if len(each.inner) > 1 else [],
    }
    subject = called or state
    lines = list(own[subject.type](subject)) if subject.type in own else []
    if called is not None:
        lines += _of_several(state)
    lines += _deadline(subject.body)
    for each in dict.fromkeys((state, subject)):
        if retries := retries_of(each.body.get("Retry")):
            lines.append(retries)
    return [line for line in dict.fromkeys(lines) if line]


def _of_several(state: State) -> Iterator[str]:
    """Yield what the states around a call are for."""
    if cache_steps(state):
        yield "reuses a recorded result"
    if any(is_poll(each) for each in calls_in(state)):
        yield "polls until it ends"


def _deadline(body: Mapping[str, Json]) -> Iterator[str]:
    for name in ("TimeoutSeconds", "TimeoutSecondsPath"):
        if name in body:
            yield f"times out after {duration_of(body[name])}"


# Calls ------------------------------------------------------------------------------------------------------------


def _of_task(state: State) -> Iterator[str]:
    call = integration_of(state)
    payload = state.payload
    if call is None:
        resource = state.body.get("Resource")
        yield _short(resource) if isinstance(resource, str) else "no resource"
        return
    if image := _first(payload, _IMAGES):
        yield _image(image)
    if instances := _instances(payload):
        yield instances
    target = "" if image or instances else _first(payload, _TARGETS)
    if target:
        yield _short(target)
    if call.pattern == "waitForTaskToken":
        yield "waits for a callback"
    elif not call.waits and call.action in _OPERATIONS and call.service == "sagemaker":
        yield "does not wait for its end"


def _first(value: Json, names: tuple[str, ...]) -> Json:
    """Return the first of some members, at any depth, as text; empty if there is none."""
    for name in names:
        for found in _members(value, name):
            if found:
                return found
    return ""


def _members(value: Json, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key in (name, f"{name}.$"):
            if isinstance(value.get(key), str):
                yield value[key]
        for item in value.values():
            yield from _members(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, name)


def _instances(value: Json) -> str:
    """Return the instances of a request: ``2 × ml.m5.xlarge``; empty if it names none."""
    found = next(_clusters(value), None)
    if found is None:
        return ""
    kind = found.get("InstanceType", found.get("InstanceType.$"))
    count = next((found[name] for name in _COUNTS if name in found), 1)
    spot = any(_flags(value, "EnableManagedSpotTraining"))
    return f"{value_of(count) if not is_number(count) else f'{count:g}'} × {value_of(kind)}{', spot' if spot else ''}"


_COUNTS = ("InstanceCount", "InstanceCount.$", "InitialInstanceCount", "InitialInstanceCount.$")


def _clusters(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, Mapping):
        if {"InstanceType", "InstanceType.$"} & set(value):
            yield value
        for item in value.values():
            yield from _clusters(item)
    elif isinstance(value, list):
        for item in value:
            yield from _clusters(item)


def _flags(value: Json, name: str) -> Iterator[bool]:
    if isinstance(value, Mapping):
        yield value.get(name) is True
        for item in value.values():
            yield from _flags(item, name)


def _image(name: str) -> str:
    """Return the name of an image without its registry: ``sagemaker-scikit-learn:1.2-1-cpu-py3``."""
    if is_jsonata(name) or (name.startswith("$") and not name.startswith("${")):
        return value_of(name)
    image, at, digest = name.rpartition("/")[2].partition("@")
    return value_of(f"{image}@{digest.removeprefix('sha256:')[:_DIGITS]}" if at else image)


def _short(name: str) -> str:
    """Return the last part of an ARN or a URL; other values as they are."""
    shown = value_of(name)
    if name.startswith("arn:"):
        return shown.rpartition("/")[2].rpartition(":")[2] or shown
    return shown.rpartition("/")[2] or shown if name.startswith("https://sqs.") else shown


# Other states -----------------------------------------------------------------------------------------------------


def _of_wait(state: State) -> Iterator[str]:
    body = state.body
    for name in ("Seconds", "SecondsPath"):
        if name in body:
            yield f"waits {duration_of(body[name])}"
    for name in ("Timestamp", "TimestampPath"):
        if name in body:
            yield f"waits until {value_of(body[name])}"


def _of_fail(state: State) -> Iterator[str]:
    for name in ("Error", "Cause"):
        for member in (name, f"{name}Path"):
            if member in state.body:
                shown = value_of(state.body[member])
                is_long = len(shown) > _LONGEST_EXPRESSION and is_jsonata(state.body[member])
                yield f"{name.lower()}: {'computed' if is_long else shown}"


def _of_map(state: State) -> Iterator[str]:
    body = state.body
    yield f"for each of {_items(state)}"
    batch = fields_of(body.get("ItemBatcher"))
    for name in ("MaxItemsPerBatch", "MaxItemsPerBatchPath"):
        if name in batch:
            yield f"in batches of {value_of(batch[name])}"
    most = body.get("MaxConcurrency", body.get("MaxConcurrencyPath", 0))
    yield "any number at once" if most == 0 else "one at a time" if most == 1 else f"at most {value_of(most)} at once"
    for name, unit in (("ToleratedFailureCount", ""), ("ToleratedFailurePercentage", " %")):
        for member in (name, f"{name}Path"):
            if member in body:
                yield f"tolerates {value_of(body[member])}{unit} failures"
    if processor_config(state).get("ExecutionType") == "EXPRESS":
        yield "as Express executions"


def _items(state: State) -> str:
    body = state.body
    reader = fields_of(body.get("ItemReader"))
    if reader:
        arguments = fields_of(reader.get("Arguments", reader.get("Parameters")))
        bucket = _first(arguments, ("Bucket",))
        key = _first(arguments, ("Key", "Prefix"))
        kind = fields_of(reader.get("ReaderConfig")).get("InputType")
        what = f"the {kind} file" if kind else "the objects in" if "list" in str(reader.get("Resource")) else "the file"
        return f"{what} s3://{value_of(bucket) if bucket else '…'}/{value_of(key) if key else ''}"
    if state.language is Language.JSONATA:
        items = body.get("Items", "{% $states.input %}")
        return value_of(items) if isinstance(items, str) else f"{len(items)} given items"
    return value_of(body.get("ItemsPath", "$"))


def calls_in(state: State) -> list[State]:
    """Return the Tasks inside a state, those inside of these too."""
    return [each for scope in state.inner for each in scope.walk() if each.type == "Task"]


def call_of(state: State) -> State | None:
    """Return the call that a state stands for, of the several states that it consists of."""
    steps = set(cache_steps(state))
    calls = [each for each in calls_in(state) if each not in steps]
    starting = [each for each in calls if not is_poll(each) and not each.resource.partition(".")[0].endswith("Tags")]
    return next(iter([*starting, *calls]), None)
