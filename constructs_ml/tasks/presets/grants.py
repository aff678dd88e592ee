"""What a preset's container does in AWS by itself, beside the inputs and outputs of its job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.context import home_of
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.iam.job_role import JobAccess, job_statements
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.iam.statements import Statement


def allow(
    scope: Construct,
    role: iam.IRole | None,
    *,
    reads: Sequence[S3Data] = (),
    writes: Sequence[S3Data] = (),
    other: Iterable[Statement] = (),
) -> None:
    """Lets a job's container read and write S3, and more.

    Args:
        scope: The scope that the job is defined in.
        role: The role that the job asks for, if any.
        reads: What it reads.
        writes: What it writes.
        other: What else it is allowed.
    """
    home = home_of(scope)
    access = JobAccess(JobKind.PROCESSING.log_group, other=list(other))
    access.reads += [objects for data in reads for objects in data.objects]
    access.writes += [objects for data in writes for objects in data.objects]
    permissions_for(home, role).allow(job_statements(access, home.of_stack.place))
