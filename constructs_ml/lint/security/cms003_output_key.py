"""CMS003."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.lint.security.call import each
from constructs_ml.lint.security.examples import training
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.call import Part
    from constructs_ml.lint.security.subject import Subject

_KEYS = ("KmsKeyId", "KmsKey")
# The suffix of directory buckets, which take no key.
_EXPRESS = "--x-s3"


@security_rule(
    "CMS003",
    title="The output of jobs and endpoints is encrypted with a KMS key",
    reason="Without one, SageMaker uses the account's default key for S3, whose policy cannot be changed: whoever may "
    "read the bucket may read models, features and captured requests. Directory buckets, which take no key, are not "
    "checked. Source: KmsKeyId of OutputDataConfig, ProcessingOutputConfig, TransformOutput and the like in the API.",
    controls=("SC-12", "SC-13", "SC-28(1)"),
    bad=training(OutputDataConfig={"S3OutputPath": "s3://churn/models/"}),
    good=training(),
)
def output_key(subject: Subject) -> Iterator[Violation]:
    """Outputs, captured requests and query results without a key."""
    for call in subject.calls:
        for part in call.parts:
            for name in _KEYS:
                # A key at the top of a request encrypts volumes, which CMS001 and CMS002 check.
                if part.path and name in part.shape.members and not part.get(name) and _is_written(part):
                    fix = "pass an output_key to the job or to JobDefaults, or a key to what is captured or queried"
                    yield call.violation(part.at(name), "must be a KMS key, got none", fix)


def _is_written(part: Part) -> bool:
    """Return whether a structure says that data is written to a bucket that takes a key."""
    if part.get("EnableCapture") is False or any(_EXPRESS in text for text in _texts(part.body)):
        return False
    # A feature store encrypts the outputs that go only to it.
    outputs = [*each(part.body, "Outputs")]
    return not outputs or any("FeatureStoreOutput" not in fields_of(item) for item in outputs)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
