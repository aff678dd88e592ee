"""Every member that an API takes can be set by typed props and reaches the definition, down to the leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.full_jobs import FULL
from support.full_world import World
from support.requests import members

from constructs_ml.sagemaker.leaves import leaves
from constructs_ml.sagemaker.request import check_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

READ_ONLY = ("SelectedInstanceCount", "SelectedInstanceType")
"""Given by the Describe calls; the Create calls do not take them, though the shape is the same."""


def taken(operation: str) -> set[str]:
    return {leaf for leaf in leaves(operation) if not leaf.endswith(READ_ONLY)}


def written(stack: Stack, asl: Callable[..., Any], operation: str, **props: Any) -> list[dict[str, Any]]:
    construct, full = FULL[operation]
    jobs = [construct(stack, f"Job{at}", **own, **props) for at, own in enumerate(full(World(stack)))]
    chain = sfn.Chain.start(jobs[0])
    for job in jobs[1:]:
        chain = chain.next(job)
    states = asl(stack, chain)
    # What polls sends its request from a state inside.
    sent = [states.get(f"Job{at}: start", states[f"Job{at}"]) for at in range(len(jobs))]
    return [state.get("Parameters", state.get("Arguments")) for state in sent]


@pytest.mark.parametrize("operation", list(FULL))
def test_every_member_reaches_the_definition(stack: Stack, asl: Callable[..., Any], operation: str) -> None:
    """100 % of the leaves. What a newer botocore adds needs a typed prop, and a value in tests/support."""
    found = {path for request in written(stack, asl, operation) for path, _ in members(request)}

    assert taken(operation) - found == set(), "new in botocore's model: give them typed props"
    assert found - taken(operation) == set()


@pytest.mark.parametrize("operation", list(FULL))
def test_botocore_s_model_takes_the_requests(stack: Stack, asl: Callable[..., Any], operation: str) -> None:
    """As they are written."""
    for request in each(written(stack, asl, operation)):
        assert check_request(operation, request) == []


@pytest.mark.parametrize("operation", list(FULL))
def test_both_query_languages_say_the_same(stack: Stack, asl: Callable[..., Any], operation: str) -> None:
    """Names and places are expressions; all else is the same text."""
    requests = written(stack, asl, operation, query_language=sfn.QueryLanguage.JSONATA)

    found = {path for request in requests for path, _ in members(request)}
    assert found == taken(operation)
    assert all(check_request(operation, request) == [] for request in requests)


def test_how_many_members_there_are() -> None:
    """The figures that the documentation gives."""
    assert {operation: len(taken(operation)) for operation in FULL} == {
        "CreateTrainingJob": 108,
        "CreateTransformJob": 33,
        "CreateHyperParameterTuningJob": 187,
        "CreateLabelingJob": 34,
        "CreateProcessingJob": 58,
        "CreateAutoMLJobV2": 59,
        "StartPipelineExecution": 11,
    }
