"""Executions of SageMaker pipelines, which run under the role that the pipeline was made with.

Source: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import constructs_ml as ml
from support.calls.misses import deletes, elsewhere, other_creates, other_rules
from support.calls.needs import WORKFLOW
from support.calls.place import JOB_ROLE, Access, Case, Team, arn, calls, passing

if TYPE_CHECKING:
    from aws_cdk import Stack

TEAM = Team("Piping")
PIPELINE = arn("sagemaker", "pipeline/Churn")
LOWER = arn("sagemaker", "pipeline/churn")


def _define(stack: Stack) -> ml.PipelineExecution:
    return ml.PipelineExecution(stack, "Step", pipeline="Churn", parameters={"Epochs": 3})


_ON_EXECUTION = ("sagemaker:DescribePipelineExecution", "sagemaker:StopPipelineExecution")
_MAY = [
    call
    for pipeline in (PIPELINE, LOWER)
    for call in (
        *calls(pipeline, "sagemaker:StartPipelineExecution"),
        *calls(f"{pipeline}/execution/abcdefghijkl", *_ON_EXECUTION),
    )
]
CASES = {
    "pipeline execution": Case(
        TEAM,
        _define,
        [
            Access(
                "WorkflowRole",
                may=[*_MAY, *WORKFLOW],
                may_not=[
                    *elsewhere(_MAY),
                    *calls(arn("sagemaker", "pipeline/churn-2"), "sagemaker:StartPipelineExecution"),
                    *calls(
                        arn("sagemaker", "pipeline/churn-2/execution/abcdefghijkl"),
                        "sagemaker:DescribePipelineExecution",
                        "sagemaker:StopPipelineExecution",
                    ),
                    *calls(LOWER, "sagemaker:UpdatePipeline", "sagemaker:DeletePipeline", "sagemaker:DescribePipeline"),
                    *calls(f"{LOWER}/execution/abcdefghijkl", "sagemaker:RetryPipelineExecution"),
                    *calls("*", "sagemaker:ListPipelineExecutions"),
                    passing(JOB_ROLE),
                    *other_rules(""),
                    *other_creates(TEAM),
                    *deletes(TEAM),
                ],
                assumed_by="states.amazonaws.com",
            )
        ],
    )
}
