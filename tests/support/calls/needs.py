"""What AWS documents that roles call for a location, a key, an image, a log, a network, a workflow.

Source: "How to use SageMaker AI execution roles" of the SageMaker developer guide; the condition keys are those of the Service
Authorization Reference.
"""

from __future__ import annotations

from support.calls.place import NAMESPACE, SAGEMAKER, UUID, arn, calls
from support.iam import REGION, Call

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
DESCRIBE_NETWORK = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
KEEP_INTERFACES = (
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)


WORKFLOW = calls(
    "*",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""What any state machine calls that is logged and traced. Source: "Logging using CloudWatch Logs" and "AWS X-Ray and Step
Functions" of the Step Functions developer guide."""


WRITE_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


def log(group: str, stream: str = f"Step-{UUID}/algo-1") -> list[Call]:
    """Writing to a log group of SageMaker's. IAM is asked by the group's ARN or by one with a stream, by action and version."""
    named = arn("logs", f"log-group:{group}")
    return [*calls(named, *WRITE_LOGS), *calls(f"{named}:log-stream:{stream}", *WRITE_LOGS)]


def metrics(namespace: str) -> Call:
    return Call("cloudwatch:PutMetricData", "*", {NAMESPACE: namespace})


def read(bucket: str, prefix: str, key: str | None = None) -> list[Call]:
    """Reading what is below a prefix: finding and getting it."""
    return [
        Call("s3:ListBucket", bucket, {"s3:prefix": prefix}),
        Call("s3:GetObject", f"{bucket}/{prefix}1.csv"),
        Call("s3:GetObject", f"{bucket}/{prefix}2026/11/1.csv"),
        *([] if key is None else [Call("kms:Decrypt", key, {"kms:ViaService": f"s3.{REGION}.amazonaws.com"})]),
    ]


def write(bucket: str, prefix: str, key: str | None = None) -> list[Call]:
    """Writing below a prefix, in one part or several."""
    via = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    return [
        *calls(f"{bucket}/{prefix}1.csv", "s3:PutObject", "s3:AbortMultipartUpload"),
        *([] if key is None else [Call(f"kms:{verb}", key, via) for verb in ("Encrypt", "GenerateDataKey", "Decrypt")]),
    ]


def grant(key: str, *, for_aws: bool = True) -> Call:
    """Letting SageMaker's instances use the key of their volumes."""
    return Call("kms:CreateGrant", key, {"kms:GrantIsForAWSResource": str(for_aws).lower()})


def pull(repository: str) -> list[Call]:
    return [*calls(repository, *PULL), *calls("*", "ecr:GetAuthorizationToken")]


def network(subnets: tuple[str, ...] = ("subnet-1", "subnet-2"), group: str = "sg-1") -> list[Call]:
    """Joining a VPC."""
    interface = arn("ec2", "network-interface/eni-0123456789abcdef0")
    made_of = [
        interface,
        *(arn("ec2", f"subnet/{subnet}") for subnet in subnets),
        arn("ec2", f"security-group/{group}"),
    ]
    service = {"ec2:AuthorizedService": SAGEMAKER}
    return [
        *(Call("ec2:CreateNetworkInterface", resource) for resource in made_of),
        *(Call(action, interface, service if action.endswith("Permission") else {}) for action in KEEP_INTERFACES),
        *calls("*", *DESCRIBE_NETWORK),
    ]
