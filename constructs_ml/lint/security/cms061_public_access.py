"""CMS061."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity
from constructs_ml.lint.security.examples import writing
from constructs_ml.lint.security.places import written_buckets
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Resource, Subject

_CONFIG = "PublicAccessBlockConfiguration"
_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@security_rule(
    "CMS061",
    title="Buckets that jobs write to block public access",
    reason="A single mistaken policy or ACL would expose models and features to everyone. Buckets created since April "
    "2023 block public access by default: for a bucket without the setting it is a warning. Source: 'Blocking public "
    "access to your Amazon S3 storage' of the S3 user guide.",
    controls=("AC-3", "SC-7", "S3.8"),
    bad=writing(PublicAccessBlockConfiguration={"BlockPublicAcls": True}),
    good=writing(),
)
def public_access(subject: Subject) -> Iterator[Violation]:
    """Buckets that may be made public."""
    for bucket in written_buckets(subject):
        fix = "pass block_public_access=BlockPublicAccess.BLOCK_ALL"
        if not bucket.get(_CONFIG):
            yield bucket.violation(_CONFIG, "is missing", fix, Severity.WARNING)
            continue
        left_open = [name for name in _SETTINGS if not _is_on(bucket, name)]
        if left_open:
            yield bucket.violation(_CONFIG, f"must set {', '.join(left_open)} to true", fix)


def _is_on(bucket: Resource, setting: str) -> bool:
    value = bucket.get(f"{_CONFIG}.{setting}")
    return value not in (None, False) and str(value).lower() != "false"
