"""Each way to break each member of a request is one clear error of the construct, which names the prop.

The ways are generated from botocore's model (``tests/sagemaker/sagemaker_samples.py``): types, enums, patterns, bounds,
lengths, members that are missing or unknown. They are put into the request of a construct that is otherwise right.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.full_jobs import FULL, World

import constructs_ml as ml
from constructs_ml.sagemaker.model import input_shape

sys.path.insert(0, str(Path(__file__).parents[1] / "sagemaker"))
from sagemaker_samples import nodes, wrong_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Stack

    from constructs_ml.sagemaker.finding import Rule

PATH = "Faulty/Job"
OF_CONSTRUCTS = (
    "KmsKeyId",
    "VolumeKmsKeyId",
    "RoleArn",
    "VpcConfig",
    "FileSystemAccessMode",
    "SnsTopicArn",
    "SnsDataSource",
)
"""Members whose values come from constructs or enums: no user writes them."""


@cache
def shared_stack() -> Stack:
    from aws_cdk import App, Stack

    return Stack(App(analytics_reporting=False), "Faulty")


@cache
def props_and_requests(operation: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The props that set everything, and the requests that they make."""
    from constructs import Construct

    construct, full = FULL[operation]
    home = Construct(shared_stack(), operation)
    made = full(World(home))  # type: ignore[arg-type] # any scope does
    return [(props, construct(home, f"Job{at}", **props)._request) for at, props in enumerate(made)]


def cases(operation: str) -> Iterator[tuple[int, tuple[str, ...], str, Rule, Any, bool]]:
    """Which job, where in its request, the member at fault below it, the rule, the wrong value, whether no user writes it."""
    root = input_shape(operation)
    for steps, shape in nodes(root):
        if not steps or any(
            name in steps for name in (*OF_CONSTRUCTS, "SelectedInstanceType", "SelectedInstanceCount")
        ):
            continue
        for at, (_, request) in enumerate(props_and_requests(operation)):
            if _has(request, steps):
                for suffix, rule, value in wrong_values(shape):
                    if suffix not in OF_CONSTRUCTS:
                        yield at, steps, suffix, rule, value, shape.type == "structure"
                break


def _has(value: Any, steps: tuple[str, ...]) -> bool:
    for step in steps:
        if isinstance(value, list):
            value = value[0]
        elif isinstance(value, dict) and step == "{}":
            value = next(iter(value.values()))
        elif isinstance(value, dict) and value.get(step) is not None:
            value = value[step]
        else:
            return False
    return True


def broken(request: dict[str, Any], steps: tuple[str, ...], wrong: Any) -> dict[str, Any]:
    """The override that puts a wrong value into a request."""
    out = deepcopy(request)
    at: Any = out
    for step in steps[:-1]:
        at = at[0] if isinstance(at, list) else next(iter(at.values())) if step == "{}" else at[step]
    last: Any = 0 if isinstance(at, list) else next(iter(at)) if steps[-1] == "{}" else steps[-1]
    if isinstance(at[last], dict) and isinstance(wrong, dict):
        # Overrides are merged member by member: what the wrong value lacks is taken away.
        wrong = {**dict.fromkeys(at[last]), **wrong}
    at[last] = wrong
    return {steps[0]: out[steps[0]]}


@pytest.mark.parametrize("operation", list(FULL))
def test_each_way_to_break_a_request_is_one_error_that_names_its_place(operation: str) -> None:
    """In one test a request, since thousands of tests would take longer to report than to run."""
    construct, _ = FULL[operation]
    tried = 0
    wrong = []
    for at, steps, suffix, rule, value, built in cases(operation):
        props, request = props_and_requests(operation)[at]
        override = broken(request, steps, value)
        tried += 1
        with pytest.raises(ml.InvalidPropsError) as caught:
            construct(shared_stack(), "Job", **props, request_overrides=override)
        message = str(caught.value)
        named = caught.value.faults[0].member[:1].islower() or built
        if not (message.startswith(f"{PATH}: ") and len(caught.value.faults) == 1 and named):
            wrong.append((steps, suffix, rule, message))
    assert wrong == []
    assert tried > MANY[operation]


MANY = {
    "CreateTrainingJob": 390,
    "CreateTransformJob": 110,
    "CreateHyperParameterTuningJob": 650,
    "CreateLabelingJob": 110,
}
