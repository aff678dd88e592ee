"""CML506."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries, fields_of
from constructs_ml.iam.trust import trusted, trusts
from constructs_ml.lint.rule import template_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.cfn.resources import Resource, Resources
    from constructs_ml.errors import Violation

_ROLE = re.compile(r"\$\{Token\[(\w+)(?:\.Arn)?\]\}")
ASSUMED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AWS::CodeBuild::Project": (("ServiceRole", "codebuild"),),
    "AWS::ECS::TaskDefinition": (("TaskRoleArn", "ecs-tasks"), ("ExecutionRoleArn", "ecs-tasks")),
    "AWS::Events::Rule": (("Targets[].RoleArn", "events"),),
    "AWS::Glue::Crawler": (("Role", "glue"),),
    "AWS::Glue::Job": (("Role", "glue"),),
    "AWS::Lambda::Function": (("Role", "lambda"),),
    "AWS::Pipes::Pipe": (("RoleArn", "pipes"),),
    "AWS::SageMaker::FeatureGroup": (("RoleArn", "sagemaker"),),
    "AWS::SageMaker::Model": (("ExecutionRoleArn", "sagemaker"),),
    "AWS::SageMaker::NotebookInstance": (("RoleArn", "sagemaker"),),
    "AWS::SageMaker::Pipeline": (("RoleArn", "sagemaker"),),
    "AWS::Scheduler::Schedule": (("Target.RoleArn", "scheduler"),),
    "AWS::Serverless::Function": (("Role", "lambda"),),
    "AWS::Serverless::StateMachine": (("Role", "states"),),
    "AWS::StepFunctions::StateMachine": (("RoleArn", "states"),),
}
"""The properties that hold a role, and the service that assumes it, by the type of the resource."""


def _function(service: str) -> Mapping[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
        ],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    code = {"Role": {"Fn::GetAtt": ["CountRole", "Arn"]}, "Handler": "index.handler", "Code": {"ZipFile": "x"}}
    return {"Resources": {"CountRole": role, "Count": {"Type": "AWS::Lambda::Function", "Properties": code}}}


@template_rule(
    "CML506",
    title="A role trusts the service that assumes it",
    reason="The service cannot assume the role: the resource cannot be created, or fails when it runs. Source: "
    "'Creating a role to delegate permissions to an AWS service' of the IAM user guide. Roles outside the template "
    "are not checked.",
    bad=_function("states"),
    good=_function("lambda"),
)
def trust(resources: Resources) -> Iterator[Violation]:
    """Roles of the template whose trust policy does not name the service that assumes them."""
    for kind, places in ASSUMED.items():
        for resource in resources.of(kind):
            for place, service in places:
                for member, role in _roles(resource, place):
                    yield from _untrusted(resources, resource, member, role, service)


def _untrusted(resources: Resources, resource: Resource, member: str, role: Any, service: str) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    found = _ROLE.fullmatch(role) if isinstance(role, str) else None
    if found is None or resources.kinds.get(found[1]) != "AWS::IAM::Role":
        return
    properties = resources[found[1]].properties
    if not trusts(properties, service):
        names = ", ".join(trusted(properties)) or "no service"
        problem = (
            f"is {found[1]}, whose trust policy names {names} instead of {service}.amazonaws.com, which assumes it"
        )
        fix = f'add {{"Service": "{service}.amazonaws.com"}} to the Principal of its AssumeRolePolicyDocument'
        yield resource.violation(member, problem, fix)


def _roles(resource: Resource, place: str) -> Iterator[tuple[str, Any]]:
    outer, _, inner = place.partition("[].")
    if inner:
        for at, item in entries(resource.properties.get(outer)):
            yield f"{outer}[{at}].{inner}", item.get(inner)
        return
    value: Any = resource.properties
    for name in place.split("."):
        value = fields_of(value).get(name)
    yield place, value
