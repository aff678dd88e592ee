"""A workflow's template, to be edited: what `constructs-ml diff` must name, or must not."""

from __future__ import annotations

import copy
from typing import Any

Json = Any
JOB_RETRY = {"ErrorEquals": ["CapacityError"], "IntervalSeconds": 5, "MaxAttempts": 3, "BackoffRate": 2}


def _arn(name: str) -> Json:
    return {"Fn::GetAtt": [name, "Arn"]}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: Json, resources: Json, condition: Json = None) -> Json:
    """A statement that allows."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def job(kind: str, request: Json, **fields: Json) -> Json:
    """A state that runs a job."""
    resource = f"arn:aws:states:::sagemaker:create{kind}Job.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": request, **fields}


def training(depth: str = "6") -> Json:
    """A training job's request."""
    return {
        "TrainingJobName.$": "States.Format('flow-Train-{}', States.UUID())",
        "HyperParameters": {"max_depth": depth, "sagemaker_program": "train.py"},
        "AlgorithmSpecification": {
            "TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/xgboost:1",
            "TrainingInputMode": "File",
        },
        "InputDataConfig": [_channel("train"), _channel("test")],
        "OutputDataConfig": {"S3OutputPath": {"Fn::Sub": "s3://${Data83908E77}/models/"}},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "RoleArn": _arn("JobRole1A2B3C4D"),
    }


def _channel(name: str) -> Json:
    uri = {"Fn::Sub": f"s3://${{Data83908E77}}/{name}/"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def states() -> Json:
    """The states of the workflow."""
    failed = [{"ErrorEquals": ["States.ALL"], "Next": "Failed", "ResultPath": "$.error"}]
    prepare = {
        "ProcessingJobName.$": "States.Format('flow-Prepare-{}', States.UUID())",
        "AppSpecification": {
            "ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
            "ContainerArguments": ["--ratio", "0.2"],
        },
        "Code": f"s3://assets/{'a' * 64}.zip",
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
        },
    }
    completed = {"Variable": "$.Prepare.Status", "StringEquals": "Completed"}
    return {
        "Prepare": job(
            "Processing", prepare, ResultPath="$.Prepare", Retry=[JOB_RETRY], Catch=failed, Next="Prepared?"
        ),
        "Prepared?": {"Type": "Choice", "Choices": [{**completed, "Next": "Train"}], "Default": "Failed"},
        "Train": job("Training", training(), ResultPath="$.Train", Retry=[JOB_RETRY], Catch=failed, Next="Check"),
        "Check": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "check", "Payload": {"model.$": "$.Train.ModelArtifacts", "least": 0.9}},
            "ResultPath": "$.Check",
            "TimeoutSeconds": 60,
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "ResultPath": "$.Both",
            "Branches": [
                {"StartAt": "Report", "States": {"Report": _notify("report"), "Archive": _notify("archive", end=True)}},
                {"StartAt": "Announce", "States": {"Announce": {**_notify("announce", end=True)}}},
            ],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 5,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Score",
                "States": {
                    "Score": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::dynamodb:putItem",
                        "Parameters": {"TableName": "scores"},
                        "End": True,
                    }
                },
            },
            "Next": "Settle",
        },
        "Settle": {"Type": "Wait", "Seconds": 30, "Comment": "for the index", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "WorkflowFailed", "Cause": "a job failed"},
    }


def _notify(topic: str, *, end: bool = False) -> Json:
    request = {"TopicArn": f"arn:aws:sns:us-east-1:1:{topic}", "Message.$": "$.Train.ModelArtifacts"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": request}
    return {**state, "End": True} if end else {**state, "Next": "Archive"}


def _trust(service: str) -> Json:
    return document(
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )


def template() -> dict[str, Json]:
    """The template: a state machine, its role, the jobs' role, a bucket with a policy, a queue, and a rule about the jobs."""
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobStatus": ["Failed", "Stopped"]},
    }
    under = {"Fn::Sub": "${Data83908E77.Arn}/in/*"}
    statements = [
        allow(["s3:GetObject", "s3:PutObject"], under),
        allow("s3:ListBucket", _arn("Data83908E77"), {"StringLike": {"s3:prefix": "in/*"}}),
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
    ]
    secure = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": _arn("Data83908E77"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    resources: dict[str, tuple[str, Json]] = {
        "Data83908E77": ("S3::Bucket", {"BucketName": {"Fn::Sub": "data-${AWS::AccountId}"}}),
        "DataPolicyE0F1A2B3": (
            "S3::BucketPolicy",
            {"Bucket": {"Ref": "Data83908E77"}, "PolicyDocument": document(secure)},
        ),
        "JobRole1A2B3C4D": (
            "IAM::Role",
            {"AssumeRolePolicyDocument": _trust("sagemaker"), "ManagedPolicyArns": ["arn:aws:iam::aws:policy/One"]},
        ),
        "JobRolePolicyAA11BB22": (
            "IAM::Policy",
            {"PolicyName": "jobs", "Roles": [{"Ref": "JobRole1A2B3C4D"}], "PolicyDocument": document(*statements)},
        ),
        "FlowRoleCC33DD44": (
            "IAM::Role",
            {
                "AssumeRolePolicyDocument": _trust("states"),
                "Policies": [
                    {
                        "PolicyName": "flow",
                        "PolicyDocument": document(
                            allow("sagemaker:CreateTrainingJob", "*"), allow("iam:PassRole", _arn("JobRole1A2B3C4D"))
                        ),
                    }
                ],
            },
        ),
        "FlowE5F6A7B8": (
            "StepFunctions::StateMachine",
            {
                "Definition": {"StartAt": "Prepare", "States": states(), "TimeoutSeconds": 7200},
                "RoleArn": _arn("FlowRoleCC33DD44"),
                "TracingConfiguration": {"Enabled": True},
            },
        ),
        "Alerts99887766": ("SQS::Queue", {"VisibilityTimeout": 30}),
        "JobStates55443322": (
            "Events::Rule",
            {
                "EventPattern": pattern,
                "State": "ENABLED",
                "Targets": [{"Id": "Target0", "Arn": _arn("Alerts99887766")}],
            },
        ),
    }
    made = {name: {"Type": f"AWS::{kind}", "Properties": properties} for name, (kind, properties) in resources.items()}
    return {"Resources": copy.deepcopy(made), "Outputs": {"Data": {"Value": {"Ref": "Data83908E77"}}}}


class Editable:
    """The parts of a template that edits change."""

    def __init__(self) -> None:
        self.template = template()
        self.resources = self.template["Resources"]

    def properties(self, name: str) -> Json:
        """The properties of the resource whose id begins so."""
        (found,) = (resource for key, resource in self.resources.items() if key[:-8] == name)
        return found["Properties"]

    @property
    def definition(self) -> Json:
        """The definition of the state machine."""
        return self.properties("Flow")["Definition"]

    @property
    def states(self) -> Json:
        """Its states."""
        return self.definition["States"]

    def request(self, state: str) -> Json:
        """The request of a state."""
        return self.states[state]["Parameters"]

    @property
    def statements(self) -> Json:
        """The statements of the jobs' role."""
        return self.properties("JobRolePolicy")["PolicyDocument"]["Statement"]
