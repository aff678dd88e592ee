"""The kinds of SageMaker jobs and what each is called in the API, in ARNs, in events and in logs."""

from __future__ import annotations

from enum import Enum


class JobKind(Enum):
    """A kind of SageMaker job that Step Functions can wait for, by the word that its API uses."""

    PROCESSING = "Processing"
    TRAINING = "Training"
    TRANSFORM = "Transform"
    TUNING = "HyperParameterTuning"
    LABELING = "Labeling"

    @property
    def operation(self) -> str:
        """The operation that creates it: ``CreateProcessingJob``."""
        return f"Create{self.value}Job"

    @property
    def describe_operation(self) -> str:
        """The operation that describes it: ``DescribeProcessingJob``."""
        return f"Describe{self.value}Job"

    @property
    def integration(self) -> str:
        """The operation in a Step Functions resource: ``createProcessingJob``."""
        return f"create{self.value}Job"

    @property
    def job_actions(self) -> tuple[str, ...]:
        """The actions that Step Functions takes on a job that it waits for."""
        return tuple(f"sagemaker:{verb}{self.value}Job" for verb in ("Create", "Describe", "Stop"))

    @property
    def arn_type(self) -> str:
        """The resource type in the ARN of such a job."""
        return "hyper-parameter-tuning-job" if self is JobKind.TUNING else f"{self.value.lower()}-job"

    @property
    def managed_rule(self) -> str:
        """The EventBridge rule that Step Functions keeps to learn of the end of such jobs.

        Source: "IAM policies for Amazon SageMaker AI" of the Step Functions developer guide; for tuning, the policies
        that the Data Science SDK documents. The rule for labeling jobs is documented nowhere, so it stands as a pattern
        that any rule of this family matches.
        """
        if self is JobKind.LABELING:
            return "StepFunctionsGetEventsForSageMaker*"
        word = "Tuning" if self is JobKind.TUNING else self.value
        return f"StepFunctionsGetEventsForSageMaker{word}JobsRule"

    @property
    def event_type(self) -> str:
        """The detail-type of its state change events.

        Source: "Amazon SageMaker AI events" of the EventBridge events reference; "Monitor Labeling Job Status" of the
        SageMaker developer guide.
        """
        words = {JobKind.TUNING: "HyperParameter Tuning", JobKind.LABELING: "Ground Truth Labeling"}
        return f"SageMaker {words.get(self, self.value)} Job State Change"

    @property
    def log_group(self) -> str:
        """The log group that its containers write to. Tuning runs training jobs."""
        word = JobKind.TRAINING.value if self is JobKind.TUNING else self.value
        return f"/aws/sagemaker/{word}Jobs"

    @property
    def checks_network(self) -> bool:
        """Whether SageMaker checks, when such a job is made, that its role may use any network.

        Source: "How to use SageMaker AI execution roles", section "CreateProcessingJob API: Execution Role Permissions".
        """
        return self is JobKind.PROCESSING

    @property
    def name_length(self) -> int:
        """How long its name may be."""
        return 32 if self is JobKind.TUNING else 63

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


_LOCAL_STORAGE = ("g5", "g6", "g7e", "p5", "p6-b200", "trn1", "trn2")


def has_local_storage(instance_type: str) -> bool:
    """Whether instances have disks of their own, so that no volume is made for them and no key is taken for it.

    They are those with a ``d`` in their family (c5d, g4dn, p4d), and some others. Source: VolumeKmsKeyId of
    ProcessingClusterConfig, ResourceConfig and TransformResources in the API; the families are those for which the SageMaker
    SDK leaves the key out.

    Args:
        instance_type: Such as ``ml.g5.xlarge``.
    """
    parts = instance_type.split(".")
    family = parts[1] if len(parts) == 3 and parts[0] == "ml" else ""  # noqa: PLR2004 - ml.FAMILY.SIZE
    return "d" in family or family.startswith(_LOCAL_STORAGE)
