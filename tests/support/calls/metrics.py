"""Files of metrics: read by Step Functions itself, as the role of the state machine.

Sources: "Actions, resources, and condition keys for Amazon S3" of the Service Authorization Reference, by which GetObject takes the
object; "Protecting data using server-side encryption with AWS KMS keys" of the Amazon S3 user guide, by which it decrypts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from support.calls.declare import declared_bucket
from support.calls.misses import elsewhere
from support.calls.needs import WORKFLOW
from support.calls.place import DATA, KEY, OTHER_KEY, Access, Case, Team, calls, passing, role
from support.iam import REGION, Call

if TYPE_CHECKING:
    from aws_cdk import Stack

READER = Team("Reading")
_VIA = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
_READ = [Call("s3:GetObject", f"{DATA}/reports/run-1/metrics.json"), Call("kms:Decrypt", KEY, _VIA)]


def _read(stack: Stack) -> Any:
    place = ml.S3Data.from_bucket(declared_bucket(stack), f"reports/{sfn.JsonPath.execution_name}/")
    return ml.metrics.ReadMetrics(
        stack, "Step", source=place, file="metrics.json", shape={"accuracy": float, "label": str}
    )


CASES = {
    "metrics": Case(
        READER,
        _read,
        [
            Access(
                "WorkflowRole",
                may=[*_READ, *WORKFLOW],
                may_not=[
                    *elsewhere(_READ),
                    *calls(f"{DATA}/reports/run-1/metrics.json", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl"),
                    *calls(f"{DATA}/reports/run-1/metrics.json.bak", "s3:GetObject"),
                    *calls(f"{DATA}/reports/run-1/others.json", "s3:GetObject"),
                    *calls(f"{DATA}/reports/metrics.json", "s3:GetObject"),
                    *calls(f"{DATA}/raw/run-1/metrics.json", "s3:GetObject"),
                    *calls(f"{DATA}-2/reports/run-1/metrics.json", "s3:GetObject"),
                    *calls(DATA, "s3:ListBucket", "s3:GetBucketPolicy"),
                    *calls(KEY, "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"),
                    *calls(OTHER_KEY, "kms:Decrypt"),
                    passing(role("ConstructsMlJobRole")),
                ],
                assumed_by="states.amazonaws.com",
            )
        ],
    ),
}
