"""CMS062."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.intrinsics import later
from constructs_ml.lint.security.examples import writing
from constructs_ml.lint.security.places import written_buckets
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS062",
    title="Buckets that jobs write to refuse requests without SSL",
    reason="S3 also answers plain HTTP; a policy that denies requests with aws:SecureTransport false protects data "
    "and signatures from eavesdroppers. Source: 'Security best practices for Amazon S3' of the S3 user guide.",
    controls=("SC-8", "SC-8(1)", "S3.5"),
    bad=writing(secure=False),
    good=writing(),
)
def ssl(subject: Subject) -> Iterator[Violation]:
    """Buckets that answer plain HTTP."""
    policies = subject.resources("AWS::S3::BucketPolicy")
    secure = [policy.properties.get("Bucket") for policy in policies if _denies_http(policy.properties)]
    for bucket in written_buckets(subject):
        if later(bucket.name) not in secure and bucket.properties.get("BucketName", "") not in secure:
            yield bucket.violation("BucketPolicy", "must deny requests without SSL", "pass enforce_ssl=True")


def _denies_http(properties: object) -> bool:
    statements = fields_of(fields_of(properties).get("PolicyDocument")).get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        conditions = fields_of(fields_of(statement).get("Condition"))
        for operator in ("Bool", "BoolIfExists"):
            value = fields_of(conditions.get(operator)).get("aws:SecureTransport")
            if fields_of(statement).get("Effect") == "Deny" and str(value).lower() in {"false", "['false']"}:
                return True
    return False
