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
"""A path, a JSONata expression or an intrinsic function. ``${aws:username}`` is a variable of IAM's own."""


def _with_bucket(bucket: str) -> dict[str, Any]:
    """A template whose workflow is allowed what it needs, and a bucket's policy."""
    flow = template(policy("lambda:InvokeFunction", on="arn:aws:lambda:us-east-1:111122223333:function:score"))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    read = {"Bucket": "data", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {"Resources": {**flow["Resources"], "Read": {"Type": "AWS::S3::BucketPolicy", "Properties": read}}}


@rule(
    "CML510",
    title="A policy names what is known when it is deployed",
    reason="A path, a JSONata expression or an intrinsic function of Step Functions is evaluated in a state machine only: in a policy it "
    "is a text that no resource is called, so that nothing is allowed, or CloudFormation's deployment fails. It gets there where a "
    "role, a key or a bucket is made of a JsonPath, as for a task of aws-cdk-lib. Source: 'IAM JSON policy elements: Resource' of the "
    "IAM user guide.",
    bad=_with_bucket("$.bucket"),
    good=_with_bucket("data"),
)
def resource_at_run_time(machine: Machine) -> Iterator[Violation]:
    """Statements of the template's policies on what an execution decides; told with the first of its state machines."""
    if next(iter(machine.siblings), machine.name) != machine.name:
        return
    for name, resource in resources(machine).items():
        kind = fields_of(resource).get("Type")
        for member, text in _at_run_time(fields_of(resource).get("Properties")) if kind not in STATE_MACHINES else ():
            problem = f"of a policy has {shown(text)}, which is evaluated in a state machine only"
            yield Violation("", f"{name}.{member}", problem, "name the resource, or a pattern that it matches")


def _at_run_time(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """What the statements in some properties name that an execution decides."""
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
    """All texts in a value, those of intrinsic functions too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
