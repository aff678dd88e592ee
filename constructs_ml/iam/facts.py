"""The permissions of each call, stated once: actions, the resource they apply to, and those for waiting.

Constructs derive the statements that they grant from these facts, and rules the needs that they check. Independent sources
verify them, on purpose: the tests of ``iam`` compare grants with tables that were written down from AWS's pages, those of
``lint`` with the Service Authorization Reference, and the local run enforces permissions by a table of its own.

Source: "How Step Functions generates IAM policies for integrated services" of the Step Functions developer guide, a page a
service; where aws-cdk-lib grants less than such a page, only what both grant is needed. For SageMaker, "IAM policies for
calling Amazon SageMaker AI from Step Functions" of the same guide; "Actions, resources, and condition keys for Amazon
SageMaker" of the Service Authorization Reference; "Amazon SageMaker AI API Permissions" of the SageMaker developer guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from constructs_ml.sagemaker.kinds import JobKind

SAGEMAKER = "sagemaker.amazonaws.com"
PASSED_TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": SAGEMAKER}}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
ADD_TAGS, LIST_TAGS = "sagemaker:AddTags", "sagemaker:ListTags"
MANAGED_RULE_ACTIONS = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
"""For the EventBridge rule by which Step Functions learns that a job has ended."""
_VERB = re.compile(r"(Create|Delete|Describe|Start|Stop|Update)(\w+)")

RESOURCES = {
    **{f"{kind.value}Job": (kind.arn_type, kind.name_member) for kind in JobKind.ALL},
    "AutoMLJob": ("automl-job", "AutoMLJobName"),
    "AutoMLJobV2": ("automl-job", "AutoMLJobName"),
    "CompilationJob": ("compilation-job", "CompilationJobName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Experiment": ("experiment", "ExperimentName"),
    "FeatureGroup": ("feature-group", "FeatureGroupName"),
    "Model": ("model", "ModelName"),
    "ModelPackageGroup": ("model-package-group", "ModelPackageGroupName"),
    "MonitoringSchedule": ("monitoring-schedule", "MonitoringScheduleName"),
    "NotebookInstance": ("notebook-instance", "NotebookInstanceName"),
    "Pipeline": ("pipeline", "PipelineName"),
}
"""The resource of an operation, by the operation's noun: the type in the ARN, and the member with the name."""
OTHERS = {
    "AddTags": ("", "ResourceArn"),
    "DeleteTags": ("", "ResourceArn"),
    "DescribeModelPackage": ("model-package", "ModelPackageName"),
    "ListTags": ("", "ResourceArn"),
    "StartPipelineExecution": ("pipeline", "PipelineName"),
    "UpdateEndpointWeightsAndCapacities": ("endpoint", "EndpointName"),
    "UpdateModelPackage": ("model-package", "ModelPackageArn"),
}
WITH_CONFIG = {"CreateEndpoint", "UpdateEndpoint"}
"""They take the ARN of the configuration too."""


def resource_of(operation: str) -> tuple[str, str] | None:
    """Return the ARN's resource type of an operation of SageMaker, and the member with its name; None if unknown."""
    verb = _VERB.fullmatch(operation)
    return OTHERS.get(operation) or (RESOURCES.get(verb[2]) if verb else None)


@cache
def job_actions(kind: JobKind, *, wait: bool, tags: bool = False) -> tuple[str, ...]:
    """Return the actions that a state machine needs on a job that it runs.

    Step Functions tags each job that it waits for (MANAGED_BY_AWS), so AddTags is needed even for a job without tags (issue
    32294 of aws/aws-cdk).

    Args:
        kind: The kind of job.
        wait: True if the state waits for it.
        tags: True if it has tags.
    """
    return (*(kind.job_actions if wait else kind.job_actions[:1]), *((ADD_TAGS,) if wait or tags else ()))


@dataclass(frozen=True, slots=True)
class Call:
    """The permissions of one action of an integration.

    Attributes:
        actions: The actions that start it.
        member: The member of its payload that names the resource; empty if none does.
        resource: The end of the resource's ARN, with ``{}`` for its name.
        waiting: Further actions for waiting for its end, on any resource.
        rule: The EventBridge rule by which Step Functions learns of its end; empty if it polls.
        also: Further actions that AWS's own policies grant; may have wildcards.
    """

    actions: tuple[str, ...]
    member: str = ""
    resource: str = ""
    waiting: tuple[str, ...] = ()
    rule: str = ""
    also: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """The service's prefix in IAM."""
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
READS_OBJECT = "aws-sdk:s3:getObject"
"""The call that reads an object; its payload names a bucket and a key, so that no member is the resource."""
BY_CLUSTER = {"eks:call", "eks:runJob"}
"""Calls that a cluster's own access control allows, not IAM."""
