"""CMS063."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.security.call import each
from constructs_ml.lint.security.examples import KEY, writing
from constructs_ml.lint.security.places import WITHOUT_KEY, written
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Resource, Subject

_RULES = ("BucketEncryption", "ServerSideEncryptionConfiguration", "ServerSideEncryptionByDefault", "SSEAlgorithm")


def _writing(**bucket: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return writing(request={"CheckpointConfig": {"S3Uri": "s3://${Models}/checkpoints/"}}, **bucket)


def _encrypted(algorithm: str) -> dict[str, Any]:
    by_default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": KEY} if algorithm == "aws:kms" else {})}
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default}]}


@security_rule(
    "CMS063",
    title="Buckets for checkpoints and debugger output are encrypted with a KMS key",
    reason="Requests have no member for the key of checkpoints, profiles, tensors and TensorBoard logs, which reveal "
    "as much as the model itself: only the bucket's default encryption protects them. Source: CheckpointConfig, "
    "DebugHookConfig, ProfilerConfig and TensorBoardOutputConfig of the API; 'Setting default server-side encryption "
    "behavior for Amazon S3 buckets' of the S3 user guide.",
    controls=("SC-12", "SC-28(1)", "S3.17"),
    bad=_writing(BucketEncryption=_encrypted("AES256")),
    good=_writing(BucketEncryption=_encrypted("aws:kms")),
)
def bucket_key(subject: Subject) -> Iterator[Violation]:
    """Buckets without a key that receive output for which requests have no key."""
    reported = set()
    for place in written(subject):
        if place.part.shape.name in WITHOUT_KEY and place.bucket.name not in reported and not _has_key(place.bucket):
            reported.add(place.bucket.name)
            writer = place.call.state or place.call.owner
            problem = f"must be aws:kms, because {writer} writes {place.member} to it without a key"
            yield place.bucket.violation("BucketEncryption", problem, "pass encryption=BucketEncryption.KMS")


def _has_key(bucket: Resource) -> bool:
    found = [*each(bucket.properties, *_RULES)]
    return any(item is LATER or str(item).startswith("aws:kms") for item in found)
