"""The training pipeline that the Data Science SDK wrote, expressed with the constructs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

GOLDENS = Path(__file__).parents[1] / "goldens"
sys.path.insert(0, str(GOLDENS))

from compare import compare  # noqa: E402 - the goldens come with their own tool


def of_input(state: str, *members: str) -> dict[str, str]:
    """Whole members of a request from the execution's input."""
    return {member: ml.execution_input(state, member) for member in members}


def test_the_pipeline_is_equal_in_meaning(
    stack: Stack, synth: Callable[[Stack], dict[str, Any]], tmp_path: Path
) -> None:
    """Every request comes whole from the execution's input, and each result replaces the state."""
    as_the_sdk_did: Any = {"retry": ml.RetryPolicy.none(), "result": ml.Result.FULL, "result_path": "$"}
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine", mutable=False)
    train = ml.TrainingJob.from_request(
        stack,
        "Training",
        of_input(
            "Training",
            "AlgorithmSpecification",
            "OutputDataConfig",
            "StoppingCondition",
            "ResourceConfig",
            "RoleArn",
            "InputDataConfig",
            "HyperParameters",
            "TrainingJobName",
        ),
        role=role,
        job_name_prefix="mnist-",
        **as_the_sdk_did,
    )
    model = ml.CreateModel.from_request(
        stack,
        "Create Model",
        of_input("Create Model", "ModelName", "PrimaryContainer", "ExecutionRoleArn"),
        role=role,
        name_prefix="mnist-",
        **as_the_sdk_did,
    )
    config = ml.CreateEndpointConfig.from_request(
        stack,
        "Configure Endpoint",
        of_input("Configure Endpoint", "EndpointConfigName", "ProductionVariants"),
        name_prefix="mnist-",
        **as_the_sdk_did,
    )
    deploy = ml.CreateEndpoint.from_request(
        stack,
        "Deploy",
        of_input("Deploy", "EndpointConfigName", "EndpointName"),
        name_prefix="mnist-",
        endpoint_config_prefix="mnist-",
        **as_the_sdk_did,
    )
    ml.Workflow(stack, "Pipeline", definition=train.next(model).next(config).next(deploy))
    template = tmp_path / "template.json"
    template.write_text(json.dumps(synth(stack)), encoding="utf-8")

    assert compare(str(GOLDENS / "pipeline_training.json"), str(template)) == []
