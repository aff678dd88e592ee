"""What reading a SageMaker hub needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.access.statements import Statement
from constructs_ml.asl.expressions import Runtime
from constructs_ml.jobs.values import text_to_core

if TYPE_CHECKING:
    from constructs_ml.jobs.job_draft import JobDraft


def read_hub_content(draft: JobDraft, arn: str, member: str) -> None:
    """Declares that a job reads content of a hub.

    Args:
        draft: The job.
        arn: The ARN of the content.
        member: The prop that it comes from.
    """
    known = text_to_core(arn)
    if not isinstance(known, Runtime):
        draft.access.other.append(Statement(("sagemaker:DescribeHubContent",), (known,)))
    elif draft.derives_role:
        problem = "is known only at run time, so no permission can be derived from it"
        draft.faults.add(member, problem, "pass role= with the permission to read it")
