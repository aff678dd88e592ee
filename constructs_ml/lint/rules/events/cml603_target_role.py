"""CML603."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.iam.policy import Grants, Need
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.targets import targets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation
    from constructs_ml.lint.rules.events.targets import Target

NEEDED: Mapping[str, str] = {
    "AWS::Batch::JobQueue": "batch:SubmitJob",
    "AWS::CodeBuild::Project": "codebuild:StartBuild",
    "AWS::CodePipeline::Pipeline": "codepipeline:StartPipelineExecution",
    "AWS::ECS::Cluster": "ecs:RunTask",
    "AWS::Events::ApiDestination": "events:InvokeApiDestination",
    "AWS::Kinesis::Stream": "kinesis:PutRecord",
    "AWS::KinesisFirehose::DeliveryStream": "firehose:PutRecord",
    "AWS::SageMaker::Pipeline": "sagemaker:StartPipelineExecution",
    "AWS::StepFunctions::StateMachine": "states:StartExecution",
}
"""The action for which a rule needs a role, by the type of the target."""
_BY_ITS_ARN = {"AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream", "AWS::StepFunctions::StateMachine"}
"""Targets on whose own ARN the action is granted."""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}],
}


def _started(action: str) -> Mapping[str, Any]:
    flow = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::111122223333:role/Flow",
            "Definition": {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}},
        },
    }
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": {"Ref": "Flow"}}],
    }
    policies = [{"PolicyName": "Start", "PolicyDocument": document}]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST, "Policies": policies}}
    target = {"Id": "Flow", "Arn": {"Ref": "Flow"}, "RoleArn": {"Fn::GetAtt": ["StartRole", "Arn"]}}
    rule = {"ScheduleExpression": "rate(1 day)", "Targets": [target]}
    return {"Resources": {"Flow": flow, "StartRole": role, "Daily": {"Type": "AWS::Events::Rule", "Properties": rule}}}


@template_rule(
    "CML603",
    title="The role of a rule's target allows what the target needs",
    reason="EventBridge starts workflows, jobs and pipelines and writes to streams with a role of the target; without "
    "one, or with one that lacks the permission, the event is lost after the retries. Source: 'Using IAM roles to "
    "send events to targets in Amazon EventBridge'. Targets and roles outside the template are not checked.",
    bad=_started("states:StartSyncExecution"),
    good=_started("states:StartExecution"),
)
def target_role(resources: Resources) -> Iterator[Violation]:
    """Targets that EventBridge cannot reach."""
    for target in targets_of(resources):
        action = NEEDED.get(target.kind)
        if action is None:
            continue
        role = target.body.get("RoleArn")
        if role is None:
            problem = f"is missing: {target.name} needs a role that allows {action}"
            yield target.rule.violation(f"{target.member}.RoleArn", problem)
        else:
            yield from _lacking(resources, target, action, role)


def _lacking(resources: Resources, target: Target, action: str, role: Any) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    granted = resources.grants.of(role)
    if granted is None:
        return
    need = Need((action,), (target.arn,)) if target.kind in _BY_ITS_ARN else Need((action,))
    if Grants(granted, resources.kinds).lacking(need):
        problem = f"is a role that does not allow {action} on {target.name}"
        yield target.rule.violation(f"{target.member}.RoleArn", problem, "allow it in a policy of the role")
