"""Acknowledges the findings of cdk-nag that the library's own constructs cause, each with its reason.

cdk-nag names a finding about a wildcard by the whole resource (``AwsSolutions-IAM5[Resource::<Bucket.Arn>/in/*]``), so
the names are known only when the template is: they are worked out by an aspect, once for a policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import Acknowledgment, Aspects, IAspect, Stack, Validations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from constructs import IConstruct

REASONS = {
    "s3": "objects below a prefix that the job declares",
    "logs": "the streams of SageMaker's log group for such jobs",
    "events": "the rules that Step Functions keeps for SageMaker, whose names are not all documented",
    "sagemaker": "the jobs of this stack, whose names end in a UUID drawn at run time",
    "ec2": "the network interfaces that SageMaker makes for the job, whose ids are known only then",
    "glue": "the tables of the database that the job queries",
}
ANY_RESOURCE = "actions that have no resource to narrow them to"


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Acknowledges one finding about a construct and those below it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledge_wildcards(construct: IConstruct, resources: Callable[[], Iterable[str]]) -> None:
    """Acknowledges the wildcards in a policy.

    Args:
        construct: The policy, or what it is a part of.
        resources: Gives the resources of its statements once all are known.
    """
    Aspects.of(construct).add(cast("IAspect", _Wildcards(construct, resources)))


@jsii.implements(IAspect)
class _Wildcards:
    def __init__(self, construct: IConstruct, resources: Callable[[], Iterable[str]]) -> None:
        self._construct = construct
        self._resources = resources
        self._done = False

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 - the first visit is to the construct itself
        if self._done:
            return
        self._done = True
        wildcards = sorted({resource for resource in self._resources() if "*" in resource})
        if wildcards:
            resolved = Stack.of(self._construct).resolve(wildcards)
            Validations.of(self._construct).acknowledge(*(_acknowledgment(_shown(item)) for item in resolved))


def _acknowledgment(resource: str) -> Acknowledgment:
    service = "s3" if resource.startswith("<") or resource.count(":") < 5 else resource.split(":")[2]  # noqa: PLR2004
    reason = ANY_RESOURCE if resource == "*" else REASONS.get(service, "as narrow as the job's declaration")
    return Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{resource}]", reason=reason)


def _shown(value: Any) -> str:  # noqa: ANN401 - an intrinsic of CloudFormation
    """A resolved value as cdk-nag shows it: ``<Bucket.Arn>/in/*``."""
    if isinstance(value, str):
        return value
    (function, argument), *_ = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(_shown(part) for part in argument[1])
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    return f"<{argument}>"
