"""The service authorization reference, as cfn-lint carries it, and why some actions are granted on any resource all the same."""

from __future__ import annotations

import re
from functools import cache

import cfnlint.data.AdditionalSpecs
from cfnlint.helpers import load_resource

REFERENCE = load_resource(cfnlint.data.AdditionalSpecs, filename="Policies.json")

NO_RESOURCE = "the action has no resource to narrow it to"
CHECKED = "SageMaker's check of processing jobs fails if the statement names resources"
ON_ANY = {
    "cloudwatch:PutMetricData": "only OpenTelemetry's metrics have ARNs; the namespace is narrowed to SageMaker's",
    "ec2:CreateNetworkInterface": CHECKED,
    "ec2:CreateNetworkInterfacePermission": CHECKED,
    "ec2:DeleteNetworkInterface": CHECKED,
    "ec2:DeleteNetworkInterfacePermission": CHECKED,
    **dict.fromkeys(
        (
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ecr:GetAuthorizationToken",
            "fsx:DescribeFileSystems",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "redshift-data:DescribeStatement",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
            "sts:GetServiceBearerToken",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ),
        NO_RESOURCE,
    ),
}
"""Every action that is granted on ``*``, and why."""


@cache
def types_of(action: str) -> frozenset[str]:
    """The types of resources that an action takes."""
    service, name = action.split(":")
    return frozenset(REFERENCE[service]["Actions"][name.lower()].get("Resources", ()))


@cache
def type_of(resource: str) -> frozenset[str]:
    """The types that a resource may be of."""
    service = resource.split(":")[2]
    return frozenset(
        kind
        for kind, known in REFERENCE[service]["Resources"].items()
        if any(re.fullmatch(re.sub(r"\$\{\w+\}", "[^:]*", text), resource) for text in known["ARNFormats"])
    )


def exists(action: str) -> bool:
    """Whether there is such an action; it has no wildcard then."""
    service, name = action.split(":")
    return name.lower() in REFERENCE[service]["Actions"]
