"""Acknowledges the findings of cdk-nag that the library's own constructs cause, each with its reason.

cdk-nag names a finding about a wildcard by the whole resource (``AwsSolutions-IAM5[Resource::<Bucket.Arn>/in/*]``), so
the names are known only when the template is: they are worked out by an aspect, once for a policy. Other rules have the same
name in several packs; each finding is acknowledged by its full id.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import AspectPriority, Aspects, IAspect, Stack

from constructs_ml.core.suppressions import nag_reads_templates, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from constructs import IConstruct

    Reasons = tuple[tuple[str, str], ...]

REASONS = (
    (
        r"\*",
        "actions that have no resource to narrow them to, or of which SageMaker checks that they are allowed on any",
    ),
    (
        r"(<.*>|s3:.*)/\*/[^*]+",
        "one object that a job of the execution wrote, below the execution's name",
    ),
    (
        r"(<.*>|s3:.*)(/|\*)\*?[./][^/*]+",
        "code of this stack's versions: jobs that are under way read that of the version before",
    ),
    (r"<.*|s3:.*", "objects below a prefix that the job declares"),
    (r"logs:.*/Endpoints/.*", "the log groups that SageMaker names after endpoints, and their streams"),
    (r"logs:.*", "the streams of SageMaker's log group for such jobs"),
    (r"events:.*", "the rules that Step Functions keeps for SageMaker, whose names are not all documented"),
    (r"ec2:.*", "the network interfaces that SageMaker makes for the job, whose ids are known only then"),
    (r"ecr:.*", "the images that an AutoML job tries, which are SageMaker's choice"),
    (r"glue:.*", "the tables of the database that the job queries"),
    (r"sqs:.*", "the queue that Ground Truth names after the job"),
    (r"sagemaker:.*:model-package/.+/\*", "the versions of a model, which SageMaker numbers"),
    (r"sagemaker:.*:pipeline/.+/execution/\*", "the executions of a pipeline, whose ids are drawn when they start"),
    (r"sagemaker:.*:reserved-capacity/\*", "the capacity of a training plan, which only SageMaker knows"),
    (r"sagemaker:.*/.+\*", "what this stack's states make, under names whose ends are drawn at run time"),
)
"""Reasons for wildcards, by patterns of the resource. A wildcard without one, such as any job, is the stack's author's to acknowledge."""
NAMED_BY_SAGEMAKER = (
    (r"sagemaker:.*:(endpoint|endpoint-config|model)/\*", "what SageMaker names, for an AutoML job or of an endpoint"),
)
"""Reasons for wildcards in the role of a job only."""
OF_ONE_ROLE = "the policy belongs to this role alone, and is written, changed and deleted with it"

PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
"""The packs of cdk-nag that give the same rule the same name."""
_NOT_IN = {
    "S3BucketDefaultLockEnabled": ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321"),
    "S3DefaultEncryptionKMS": ("NIST.800.53.R4",),
}


def acknowledge_findings(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings of cdk-nag about a construct and those below it.

    Args:
        construct: The construct.
        reasons: The reasons, by the id of the finding (``AwsSolutions-S1``), or by the name of a rule of several packs
            (``IAMNoInlinePolicy``).
    """
    record(construct, {finding: reason for name, reason in reasons.items() for finding in _findings(name)})


def _findings(name: str) -> list[str]:
    if "-" in name:
        return [name]
    return [f"{pack}-{name}" for pack in PACKS if pack not in _NOT_IN.get(name, ())]


def acknowledge_wildcards(construct: IConstruct, resources: Callable[[], Iterable[str]], *, more: Reasons = ()) -> None:
    """Acknowledge the wildcards in a policy.

    Args:
        construct: The policy, or what it is a part of.
        resources: Gives the resources of its statements once all are known.
        more: Reasons in addition to the usual ones.
    """
    aspect = cast("IAspect", _Wildcards(construct, resources, (*more, *REASONS)))
    if nag_reads_templates():
        # Its packs are aspects too: they must not look at the policy first.
        Aspects.of(construct).add(aspect, priority=AspectPriority.MUTATING)
    else:
        Aspects.of(construct).add(aspect)


@jsii.implements(IAspect)
class _Wildcards:
    def __init__(self, construct: IConstruct, resources: Callable[[], Iterable[str]], reasons: Reasons) -> None:
        self._construct = construct
        self._resources = resources
        self._reasons = reasons
        self._done = False

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 - the first visit is to the construct itself
        if self._done:
            return
        self._done = True
        wildcards = sorted({resource for resource in self._resources() if "*" in resource})
        shown = [_shown(item) for item in Stack.of(self._construct).resolve(wildcards)] if wildcards else []
        reasons = {f"AwsSolutions-IAM5[Resource::{text}]": _reason(text, self._reasons) for text in shown}
        found = {finding: reason for finding, reason in reasons.items() if reason is not None}
        if found:
            record(self._construct, found, complete=True)


def _reason(resource: str, reasons: Reasons) -> str | None:
    text = re.sub(r"arn:(<AWS::Partition>|[a-z-]+):", "", resource)
    return next((reason for pattern, reason in reasons if re.fullmatch(pattern, text)), None)


def _shown(value: Any) -> str:  # noqa: ANN401 - an intrinsic of CloudFormation
    """A resolved value as cdk-nag shows it: ``<Bucket.Arn>/in/*``."""
    if isinstance(value, str):
        return value
    (function, argument), *_ = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(_shown(part) for part in argument[1])
    if function == "Fn::Sub":
        return re.sub(r"\$\{([^}]+)\}", r"<\1>", argument)
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    return f"<{argument}>"
