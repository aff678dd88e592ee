"""The log group that a workflow's executions are logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.context import pseudo
from constructs_ml.core.nag import acknowledge_findings

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs
    from constructs import Construct


USE_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def workflow_log_group(scope: Construct, construct_id: str, key: kms.IKey | None) -> logs.ILogGroup:
    """A log group that is kept for a year and retained when it leaves the stack.

    Args:
        scope: The construct that it is a part of.
        construct_id: Its id.
        key: Encrypts it. The key's policy lets CloudWatch Logs use it, unless the key is imported.
    """
    from aws_cdk import aws_logs as logs

    if key is not None:
        _let_logs_use(key, scope)
    group = logs.LogGroup(
        scope,
        construct_id,
        encryption_key=key,
        removal_policy=RemovalPolicy.RETAIN,
        retention=logs.RetentionDays.ONE_YEAR,
    )
    if key is None:
        reason = "CloudWatch Logs encrypts it with a key of its own; pass encryption_key for a key of yours"
        acknowledge_findings(group, {"CloudWatchLogGroupEncrypted": reason})
    return cast("logs.ILogGroup", group)


def _let_logs_use(key: kms.IKey, scope: Construct) -> None:
    """Without this statement a log group with a key cannot be made, and aws-cdk-lib does not write it (its issue 28304).

    The log group's name is drawn when it is made, from a key that must be there already, so the statement is for all
    log groups of the account in this region.

    Source: "Encrypt log data in CloudWatch Logs using AWS KMS" of the CloudWatch Logs user guide.
    """
    stack = Stack.of(scope)
    groups = f"arn:{pseudo('PARTITION')}:logs:{stack.region}:{stack.account}:log-group:*"
    service = iam.ServicePrincipal(f"logs.{stack.region}.{pseudo('URL_SUFFIX')}")
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=list(USE_KEY),
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            principals=[cast("iam.IPrincipal", service)],
            resources=["*"],
        )
    )


def encryption(key: kms.IKey | None) -> sfn.EncryptionConfiguration | None:
    """The encryption of a state machine: with a key, or by default with one of AWS's own."""
    return None if key is None else cast("Any", sfn.CustomerManagedEncryptionConfiguration(key))


def let_state_machine_use(key: kms.IKey, machine: sfn.StateMachine) -> None:
    """Allow the role of a state machine to use its key.

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
