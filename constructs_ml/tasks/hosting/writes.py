"""What a model's role needs for what its endpoint writes and tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.iam.job_role import JobAccess, job_statements
from constructs_ml.iam.place import Place
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.core.s3_data import S3Data

_NOWHERE = Place("", "", "")


def write_statements(data: S3Data, key_arn: str | None = None) -> Iterator[Statement]:
    """The statements for writing below a place in S3, encrypted with a key."""
    kept = data if key_arn is None else data.encrypted_with(key_arn)
    return _of_s3(JobAccess("", writes=list(kept.objects)))


def read_statements(data: S3Data) -> Iterator[Statement]:
    """The statements for reading a place in S3."""
    return _of_s3(JobAccess("", reads=list(data.objects)))


def publish_statement(topic_arn: str) -> Statement:
    """The statement for telling a topic."""
    return Statement(("sns:Publish",), (topic_arn,))


def _of_s3(access: JobAccess) -> Iterator[Statement]:
    for statement in job_statements(access, _NOWHERE):
        if statement.actions[0].startswith(("s3:", "kms:")):
            yield statement
