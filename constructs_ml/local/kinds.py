"""The two kinds of jobs that run locally, and what is named after them."""

from __future__ import annotations

import enum

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """The partition that a region lies in: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


class Kind(enum.Enum):
    """A kind of SageMaker job; the value is the word that its API members carry."""

    PROCESSING = "Processing"
    TRAINING = "Training"

    @property
    def job(self) -> str:
        """``ProcessingJob`` or ``TrainingJob``: as in CreateProcessingJob and ProcessingJobName."""
        return f"{self.value}Job"

    @property
    def log_group(self) -> str:
        """The CloudWatch Logs group of this kind's jobs."""
        return f"/aws/sagemaker/{self.value}Jobs"

    @property
    def rule(self) -> str:
        """The EventBridge rule by which Step Functions follows jobs of this kind."""
        return f"StepFunctionsGetEventsForSageMaker{self.value}JobsRule"

    def arn(self, name: str, *, region: str, account: str) -> str:
        """The ARN of a job."""
        return f"arn:{partition_of(region)}:sagemaker:{region}:{account}:{self.value.lower()}-job/{name}"
