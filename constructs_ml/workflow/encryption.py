"""The key that a workflow's definition and executions are encrypted with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.context import pseudo

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms


def encryption(key: kms.IKey | None) -> sfn.EncryptionConfiguration | None:
    """How a state machine is encrypted: with a key, or by default with one of AWS's own."""
    return None if key is None else cast("Any", sfn.CustomerManagedEncryptionConfiguration(key))


def let_state_machine_use(key: kms.IKey, machine: sfn.StateMachine) -> None:
    """Lets the role of a state machine use its key.

    aws-cdk-lib writes the name into the condition of its own statement, and writes none (``stateMachine:``) where
    CloudFormation draws the name, so that no execution could start. The role's statement cannot refer to the state
    machine, which is made after it: it names those of the account in this region.

    Source: "Data at rest encryption" of the Step Functions developer guide.
    """
    stack = Stack.of(machine)
    machines = f"arn:{pseudo('PARTITION')}:states:{stack.region}:{stack.account}:stateMachine:*"
    machine.add_to_role_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:states:stateMachineArn": machines}},
            resources=[key.key_arn],
        )
    )
