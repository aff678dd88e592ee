"""Names and places of ten thousand attempts, as Step Functions' expressions give them."""

from __future__ import annotations

import importlib
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import constructs_ml as ml
from constructs_ml.sagemaker.request import check_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

JOBS, EXECUTIONS = 100, 100
IDS = "abcXYZ019-_ .?!'\"\\äßñ中文日本語кот😀\u200d\u0301"
EXECUTION_NAMES = "abcXYZ0189-_.+=@!()äßñ中文кот"
"""Letters of all kinds, without what StartExecution refuses: white space, brackets of lists, wildcards and ``"#%\\^|~$&,;:/``."""
LONGEST_KEY = 1024
"""Of an object in S3, in bytes of UTF-8."""


def odd_texts(count: int, alphabet: str, longest: int) -> list[str]:
    draw = random.Random(20261122)  # noqa: S311 - the same texts at every run
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(draw.choices(alphabet, k=draw.randint(1, longest))).strip() or "x"] = None
    return list(found)


def requests_of(state: dict[str, Any], executions: list[str]) -> list[dict[str, Any]]:
    """What a state sends in each execution: MiniStack evaluates its expressions."""
    step_functions = importlib.import_module("ministack.services.stepfunctions")
    contexts = ({"Execution": {"Name": name}} for name in executions)
    return [step_functions._apply_parameters(state, {}, context) for context in contexts]


def test_each_attempt_has_a_valid_name_and_place_of_its_own(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], definition: Callable[..., dict[str, Any]]
) -> None:
    """A hundred jobs with odd ids, each in a hundred executions with odd names."""
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/image:1")
    jobs = [ml.ProcessingJob(stack, text, image=image, outputs=["train"]) for text in odd_texts(JOBS, IDS, 60)]
    for job, after in pairwise(jobs):
        job.next(after)
    ml.Workflow(stack, "Workflow", definition=jobs[0])
    states = definition(synth(stack))["States"].values()
    executions = odd_texts(EXECUTIONS, EXECUTION_NAMES, 80)
    requests = [request for state in states for request in requests_of(state, executions)]

    assert len(requests) == JOBS * EXECUTIONS
    assert not [fault for request in requests for fault in check_request("CreateProcessingJob", request)]
    names = {request["ProcessingJobName"] for request in requests}
    assert len(names) == len(requests)
    assert max(map(len, names)) <= 63
    places = {
        output["S3Output"]["S3Uri"] for request in requests for output in request["ProcessingOutputConfig"]["Outputs"]
    }
    assert len(places) == len(requests)
    assert max(len(place.partition("//")[2].partition("/")[2].encode()) for place in places) <= LONGEST_KEY
