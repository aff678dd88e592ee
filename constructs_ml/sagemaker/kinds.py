"""The kinds of SageMaker jobs and what each is called in the API, in ARNs, in events and in logs."""

from __future__ import annotations

from enum import Enum


class JobKind(Enum):
    """A kind of SageMaker job, by the word that its API uses."""

    PROCESSING = "Processing"
    TRAINING = "Training"

    @property
    def operation(self) -> str:
        """The operation that creates it: ``CreateProcessingJob``."""
        return f"Create{self.value}Job"

    @property
    def integration(self) -> str:
        """The same in a Step Functions resource: ``createProcessingJob``."""
        return f"create{self.value}Job"

    @property
    def job_actions(self) -> tuple[str, ...]:
        """The actions that Step Functions takes on a job that it waits for."""
        return tuple(f"sagemaker:{verb}{self.value}Job" for verb in ("Create", "Describe", "Stop"))

    @property
    def arn_type(self) -> str:
        """The resource type in the ARN of such a job."""
        return f"{self.value.lower()}-job"

    @property
    def managed_rule(self) -> str:
        """The EventBridge rule that Step Functions keeps to learn of the end of such jobs.

        Source: "IAM policies for Amazon SageMaker AI" of the Step Functions developer guide.
        """
        return f"StepFunctionsGetEventsForSageMaker{self.value}JobsRule"

    @property
    def event_type(self) -> str:
        """The detail-type of its state change events."""
        return f"SageMaker {self.value} Job State Change"

    @property
    def log_group(self) -> str:
        """The log group that its containers write to."""
        return f"/aws/sagemaker/{self.value}Jobs"

    @property
    def name_member(self) -> str:
        """The member that holds the job's name."""
        return f"{self.value}JobName"

    @property
    def arn_member(self) -> str:
        """The member that holds the job's ARN."""
        return f"{self.value}JobArn"

    @property
    def status_member(self) -> str:
        """The member that holds the job's status."""
        return f"{self.value}JobStatus"
