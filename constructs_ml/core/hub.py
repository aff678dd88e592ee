"""What reading a SageMaker hub needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.values import text_to_core
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from constructs_ml.core.job_spec import JobDraft


def describe_hub_content(arn: str) -> Statement:
    """The statement for reading content of a hub; it takes the hub too.

    Source: "Actions, resources, and condition keys for Amazon SageMaker AI" of the Service Authorization Reference.
    """
    place, found, content = arn.partition(":hub-content/")
    hub = f"{place}:hub/{content.split('/')[0]}"
    return Statement(("sagemaker:DescribeHubContent",), (arn, hub) if found else (arn,))


def read_hub_content(draft: JobDraft, arn: str, member: str) -> None:
    """Declares that a job reads content of a hub.

    Args:
        draft: The job.
        arn: The ARN of the content.
        member: The prop that it comes from.
    """
    known = text_to_core(arn)
    if not isinstance(known, Runtime):
        draft.access.other.append(describe_hub_content(known))
    elif draft.derives_role:
        problem = "is known only at run time, so no permission can be derived from it"
        draft.faults.add(member, problem, "pass role= with the permission to read it")
