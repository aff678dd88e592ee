"""CML511."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import listed
from constructs_ml.cfn.intrinsics import later
from constructs_ml.cfn.resources import Resources
from constructs_ml.errors import Violation
from constructs_ml.iam.facts import READS_OBJECT
from constructs_ml.iam.policy import texts
from constructs_ml.iam.wildcards import matches
from constructs_ml.lint.examples import read_object
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine

_POLICY = "AWS::S3::BucketPolicy"
_NETWORK = {"aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"}
"""The keys of a request that came through an endpoint of a network; requests of Step Functions have none."""
_OTHER_THAN = {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}
_FALSE_FOR_STATES = {"aws:viaawsservice", "aws:principalisawsservice"}
"""A state calls with the role of its state machine: no service's own principal, and not on behalf of another caller."""


_EXCEPTION = '"ArnNotEquals": {"aws:PrincipalArn": ARN of the role}'


def _bucket(**condition: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return read_object({"Effect": "Deny", "Action": "s3:*", "Condition": condition})


@rule(
    "CML511",
    title="No bucket policy denies what a state itself reads",
    reason="Step Functions calls S3 from a network of AWS's: not through your VPC endpoint, and not from your addresses. A Deny "
    "of all requests from elsewhere denies the state too, whatever its role allows. Only conditions that certainly hold for a "
    "state are judged, in policies of the template. Source: 'Controlling access from VPC endpoints with bucket policies' of the "
    "Amazon S3 user guide; 'AWS global condition context keys' of the IAM user guide.",
    bad=_bucket(StringNotEquals={"aws:SourceVpce": "vpce-1a2b3c4d"}),
    good=_bucket(Bool={"aws:SecureTransport": "false"}),
)
def bucket_denies(machine: Machine) -> Iterator[Violation]:
    """States that read an object of a bucket whose policy denies requests from outside of a network."""
    for state in machine.states:
        found = integration_of(state)
        if found is None or found.name != READS_OBJECT:
            continue
        bucket = fields_of(state.payload).get("Bucket")
        for denied, key in _denying(machine):
            if bucket == denied:
                problem = (
                    f"reads from a bucket whose policy denies requests by {key}, from wherever Step Functions calls"
                )
                fix = f"add {_EXCEPTION} to the condition of the Deny, or have the job write to another bucket"
                yield Violation(state.name, "", problem, fix)
                break


@per_machine_cache
def _denying(machine: Machine) -> tuple[tuple[str, str], ...]:
    """Return the buckets of the template whose policies deny what no network sends, each with the condition's key."""
    resources = Resources(machine.template)
    found = []
    for each in resources.of(_POLICY):
        bucket = each.properties.get("Bucket")
        for statement in listed(fields_of(each.properties.get("PolicyDocument")).get("Statement")):
            key = _denied_by(fields_of(statement), bucket)
            if key and isinstance(bucket, str):
                found.append((bucket, key))
    return tuple(found)


def _denied_by(statement: Mapping[str, Any], bucket: Any) -> str:  # noqa: ANN401 - JSON
    """Return the key of the network by which a statement certainly denies reading any object; empty if it does not."""
    principal = statement.get("Principal")
    everybody = principal == "*" or "*" in listed(fields_of(principal).get("AWS", []))
    actions = texts(listed(statement.get("Action", [])))
    if statement.get("Effect") != "Deny" or not everybody or not any(matches(each, "s3:GetObject") for each in actions):
        return ""
    if not _covers(texts(listed(statement.get("Resource", []))), bucket):
        return ""
    tests = [
        (operator.lower().removesuffix("ifexists"), key, values)
        for operator, keys in fields_of(statement.get("Condition")).items()
        for key, values in fields_of(keys).items()
    ]
    if not tests or not all(_holds(*test) for test in tests):
        return ""
    return next((key for _, key, _ in tests if key.lower() in {*_NETWORK, "aws:sourceip"}), "")


def _covers(resources: tuple[str, ...], bucket: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether the resources of a statement certainly are all objects of a bucket."""
    name = str(bucket).removeprefix("${Token[").removesuffix("]}")
    arns = {later(f"{name}.Arn"), f"arn:aws:s3:::{bucket}"}
    return any(
        each == "*" or each in {f"{arn}/*" for arn in arns} or each.endswith(f":s3:::{bucket}/*") for each in resources
    )


def _holds(operator: str, key: str, values: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a condition certainly holds for the request of a state."""
    lower = key.lower()
    if lower in _NETWORK:
        missing = operator == "null" and str(values).lower() == "true"
        return missing or operator in _OTHER_THAN or operator == "notipaddress"
    if lower == "aws:sourceip":
        return operator == "notipaddress" and not any(str(each).endswith("/0") for each in listed(values))
    return lower in _FALSE_FOR_STATES and operator == "bool" and str(values).lower() == "false"
