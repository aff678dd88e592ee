"""The draft of a transform job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.job_spec import JobDraft

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam


class TransformDraft(JobDraft):
    """The draft of a job whose data the model's role reads and writes.

    Attributes:
        model_role: The role, if the user has one.
    """

    model_role: iam.IRole | None = None

    @property
    def derives_role(self) -> bool:
        """Return whether the library makes the model's role."""
        return self.model_role is None and super().derives_role
