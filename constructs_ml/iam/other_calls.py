"""What calls of other services need.

Source: "How Step Functions generates IAM policies for integrated services" of the Step Functions developer guide, a page a
service; where aws-cdk-lib grants less than such a page, only what both grant is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries
from constructs_ml.iam.policy import ANY, Need, arn, optional
from constructs_ml.iam.resource_names import pattern_of
from constructs_ml.iam.state_machine import MANAGED_RULE_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.integration import Integration


@dataclass(frozen=True, slots=True)
class Call:
    """What an action of an integration needs.

    Attributes:
        actions: What starts it.
        member: The member of its payload that names the resource; empty if none does.
        resource: The end of the resource's ARN, with ``{}`` for its name.
        waiting: What waiting for its end needs besides, on any resource.
        rule: The EventBridge rule by which Step Functions learns of its end; empty if it looks.
        also: What AWS's own policies grant besides; may have wildcards.
    """

    actions: tuple[str, ...]
    member: str = ""
    resource: str = ""
    waiting: tuple[str, ...] = ()
    rule: str = ""
    also: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """The service, as IAM calls it."""
        return self.actions[0].partition(":")[0]


_GLUE_WAITING = ("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
_EXECUTIONS = ("states:DescribeExecution", "states:StopExecution")

CALLS = {
    "athena:startQueryExecution": Call(
        ("athena:StartQueryExecution",),
        waiting=("athena:GetQueryExecution",),
        also=("athena:GetDataCatalog", "athena:GetQueryExecution", "athena:StopQueryExecution", "glue:*"),
    ),
    "athena:getQueryExecution": Call(("athena:GetQueryExecution",)),
    "athena:getQueryResults": Call(("athena:GetQueryResults",)),
    "athena:stopQueryExecution": Call(("athena:StopQueryExecution",)),
    "batch:submitJob": Call(
        ("batch:SubmitJob",),
        rule="StepFunctionsGetEventsForBatchJobsRule",
        also=("batch:DescribeJobs", "batch:TagResource", "batch:TerminateJob"),
    ),
    "bedrock:invokeModel": Call(("bedrock:InvokeModel",), also=("bedrock:ApplyGuardrail",)),
    "codebuild:startBuild": Call(
        ("codebuild:StartBuild",),
        "ProjectName",
        "project/{}",
        waiting=("codebuild:BatchGetBuilds", "codebuild:StopBuild"),
        rule="StepFunctionsGetEventForCodeBuildStartBuildRule",
        also=("codebuild:BatchGetReports",),
    ),
    "codebuild:startBuildBatch": Call(
        ("codebuild:StartBuildBatch",),
        "ProjectName",
        "project/{}",
        waiting=("codebuild:BatchGetBuildBatches", "codebuild:StopBuildBatch"),
        rule="StepFunctionsGetEventForCodeBuildStartBuildBatchRule",
    ),
    "databrew:startJobRun": Call(
        ("databrew:StartJobRun",),
        "Name",
        "job/{}",
        waiting=("databrew:ListJobRuns", "databrew:StopJobRun"),
    ),
    "dynamodb:deleteItem": Call(("dynamodb:DeleteItem",), "TableName", "table/{}"),
    "dynamodb:getItem": Call(("dynamodb:GetItem",), "TableName", "table/{}"),
    "dynamodb:putItem": Call(("dynamodb:PutItem",), "TableName", "table/{}"),
    "dynamodb:updateItem": Call(("dynamodb:UpdateItem",), "TableName", "table/{}"),
    # It passes the roles of the task definition, which the definition does not name.
    "ecs:runTask": Call(
        ("ecs:RunTask",),
        waiting=("ecs:DescribeTasks", "ecs:StopTask"),
        rule="StepFunctionsGetEventsForECSTaskRule",
        also=("ecs:TagResource", "iam:PassRole"),
    ),
    "eks:createCluster": Call(
        ("eks:CreateCluster",), waiting=("eks:DescribeCluster", "eks:DeleteCluster"), also=("iam:PassRole",)
    ),
    "eks:createFargateProfile": Call(
        ("eks:CreateFargateProfile",),
        waiting=("eks:DescribeFargateProfile", "eks:DeleteFargateProfile"),
        also=("iam:PassRole",),
    ),
    "eks:createNodegroup": Call(
        ("eks:CreateNodegroup",),
        waiting=("eks:DescribeNodegroup", "eks:DeleteNodegroup"),
        also=("ec2:DescribeSubnets", "iam:ListAttachedRolePolicies", "iam:PassRole"),
    ),
    "eks:deleteCluster": Call(("eks:DeleteCluster",), waiting=("eks:DescribeCluster",)),
    "eks:deleteFargateProfile": Call(("eks:DeleteFargateProfile",), waiting=("eks:DescribeFargateProfile",)),
    "eks:deleteNodegroup": Call(("eks:DeleteNodegroup",), waiting=("eks:DescribeNodegroup",)),
    "elasticmapreduce:addStep": Call(
        ("elasticmapreduce:AddJobFlowSteps",),
        "ClusterId",
        "cluster/{}",
        waiting=("elasticmapreduce:DescribeStep",),
        rule="StepFunctionsGetEventForEMRAddJobFlowStepsRule",
        also=("elasticmapreduce:CancelSteps", "iam:PassRole"),
    ),
    "elasticmapreduce:cancelStep": Call(("elasticmapreduce:CancelSteps",), "ClusterId", "cluster/{}"),
    # It passes the roles of the cluster, which may have their default names.
    "elasticmapreduce:createCluster": Call(
        ("elasticmapreduce:RunJobFlow",),
        waiting=("elasticmapreduce:DescribeCluster",),
        rule="StepFunctionsGetEventForEMRRunJobFlowRule",
        also=(
            "elasticmapreduce:AddTags",
            "elasticmapreduce:PutAutoTerminationPolicy",
            "elasticmapreduce:TerminateJobFlows",
            "iam:PassRole",
        ),
    ),
    "elasticmapreduce:modifyInstanceFleetByName": Call(
        ("elasticmapreduce:ModifyInstanceFleet", "elasticmapreduce:ListInstanceFleets"), "ClusterId", "cluster/{}"
    ),
    "elasticmapreduce:modifyInstanceGroupByName": Call(
        ("elasticmapreduce:ModifyInstanceGroups", "elasticmapreduce:ListInstanceGroups")
    ),
    "elasticmapreduce:setClusterTerminationProtection": Call(
        ("elasticmapreduce:SetTerminationProtection",), "ClusterId", "cluster/{}"
    ),
    "elasticmapreduce:terminateCluster": Call(
        ("elasticmapreduce:TerminateJobFlows",),
        "ClusterId",
        "cluster/{}",
        waiting=("elasticmapreduce:DescribeCluster",),
        rule="StepFunctionsGetEventForEMRTerminateJobFlowsRule",
    ),
    "glue:startJobRun": Call(("glue:StartJobRun",), "JobName", "job/{}", waiting=_GLUE_WAITING),
    "http:invoke": Call(
        ("states:InvokeHTTPEndpoint",),
        also=(
            "events:RetrieveConnectionCredentials",
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
        ),
    ),
    "lambda:invoke": Call(("lambda:InvokeFunction",), "FunctionName", "function:{}"),
    "sns:publish": Call(("sns:Publish",), "TopicArn"),
    "sqs:sendMessage": Call(("sqs:SendMessage",), "QueueUrl", "{}"),
    "states:startExecution": Call(
        ("states:StartExecution",),
        "StateMachineArn",
        waiting=_EXECUTIONS,
        rule="StepFunctionsGetEventsForStepFunctionsExecutionRule",
    ),
}
"""By the integration."""
_BY_CLUSTER = {"eks:call", "eks:runJob"}
"""What a cluster's own access control allows, and IAM does not."""


def needs_of_service(integration: Integration, payload: Any) -> Iterator[Need] | None:  # noqa: ANN401 - JSON
    """What a call needs; None if it is not known here."""
    body = payload if isinstance(payload, dict) else {}
    if integration.name == "events:putEvents":
        return _events(body)
    if integration.name in _BY_CLUSTER:
        return iter(())
    call = CALLS.get(integration.name)
    return None if call is None else _needs(call, integration, body)


def _needs(call: Call, integration: Integration, body: Mapping[str, Any]) -> Iterator[Need]:
    on = _resources(call, body)
    yield Need(call.actions, on)
    if call.waiting:
        yield Need(call.waiting, required=integration.waits)
    if call.rule:
        rule = (arn("events", f"rule/{call.rule}"),)
        yield Need(MANAGED_RULE_ACTIONS, rule, required=integration.waits)
    for action in call.also:
        yield optional(action)


def _resources(call: Call, body: Mapping[str, Any]) -> tuple[str, ...]:
    """The ARNs of the resource that a payload names."""
    name = pattern_of(body, call.member) if call.member else None
    if name is None or name == "*":
        return ANY
    if call.service == "sqs":
        name = name.rpartition("/")[2] if name.startswith("https://") else name
    known = [name] if name.startswith(("arn:", "${")) else []
    if not name.startswith("arn:") and not name.endswith("Arn]}") and call.resource:
        # A part of an ARN, '111122223333:function:score', is not taken apart.
        known.append(arn(call.service, call.resource.format(name)) if ":" not in name or "${" in name else "*")
    if call.service == "lambda":
        known += [f"{each}:*" for each in known]
    return tuple(known) or ANY


def _events(body: Mapping[str, Any]) -> Iterator[Need]:
    """Events go to the buses that the entries name, or to the default one."""
    buses = [pattern_of(entry, "EventBusName") or "default" for _, entry in entries(body.get("Entries"))]
    for bus in dict.fromkeys(buses or ["*"]):
        named = (arn("events", f"event-bus/{bus}"),) if not bus.startswith("arn:") and bus != "*" else ()
        yield Need(("events:PutEvents",), ((bus,) if bus.startswith(("arn:", "${")) else ()) + named or ANY)
