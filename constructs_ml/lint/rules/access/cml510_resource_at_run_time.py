"""CML510."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import resources
from constructs_ml.asl.values import fields_of, shown
from constructs_ml.cfn.template import STATE_MACHINES
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine

Json = Any
_MEMBERS = ("Resource", "NotResource", "Principal", "NotPrincipal")
_AT_RUN_TIME = re.compile(
    r"\$\$\.(?:Execution|Map|State|StateMachine|Task)\b|(?<![\w$])\$\$?(?:\.[A-Za-z_]|\[['\"0-9])|\{%|\bStates\.[A-Z]\w+\("
)
"""A path, a JSONata expression or an intrinsic function. ``${aws:username}`` is a policy variable of IAM."""


def _with_bucket(bucket: str) -> dict[str, Any]:
    """Return a template whose workflow has the permissions that it needs, with a bucket's policy."""
    flow = template(policy("lambda:InvokeFunction", on="arn:aws:lambda:us-east-1:111122223333:function:score"))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    read = {"Bucket": "data", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {"Resources": {**flow["Resources"], "Read": {"Type": "AWS::S3::BucketPolicy", "Properties": read}}}


@rule(
    "CML510",
    title="A policy names resources that are known at deployment",
    reason="Only a state machine evaluates a path, a JSONata expression or an intrinsic function of Step Functions: "
    "in a policy it is a literal that names no resource, so that nothing is allowed, or the deployment fails. It gets "
    "there if a role, a key or a bucket is made from a JsonPath, as for a task of aws-cdk-lib. Source: 'IAM JSON "
    "policy elements: Resource' of the IAM user guide.",
    bad=_with_bucket("$.bucket"),
    good=_with_bucket("data"),
)
def resource_at_run_time(machine: Machine) -> Iterator[Violation]:
    """Statements of the template's policies with values of an execution, reported with its first state machine."""
    if next(iter(machine.siblings), machine.name) != machine.name:
        return
    for name, resource in resources(machine).items():
        kind = fields_of(resource).get("Type")
        for member, text in _at_run_time(fields_of(resource).get("Properties")) if kind not in STATE_MACHINES else ():
            problem = f"of a policy contains {shown(text)}, which only a state machine evaluates"
            yield Violation("", f"{name}.{member}", problem, "name the resource, or a pattern that matches it")


def _at_run_time(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the members of statements with values of an execution, and these values."""
    if isinstance(value, Mapping):
        is_statement = "Effect" in value
        for name, item in value.items():
            here = f"{path}.{name}" if path else str(name)
            if is_statement and name in _MEMBERS:
                yield from ((here, text) for text in _texts(item) if _AT_RUN_TIME.search(text))
            else:
                yield from _at_run_time(item, here)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _at_run_time(item, f"{path}[{at}]")


def _texts(value: Json) -> Iterator[str]:
    """Yield all strings in a value, including those in intrinsic functions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
