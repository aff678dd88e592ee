"""The kinds of SageMaker jobs and their names in the API, in ARNs, in events and in logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, eq=False)
class JobKind:
    """A kind of SageMaker job; those that Step Functions can wait for are ``JobKind.TRAINING`` and its like, ``JobKind.ALL``.

    Attributes:
        value: The word that its API uses.
        arn_type: The resource type in the ARN of such a job.
        event_type: The detail-type of its state change events; empty if SageMaker sends none. Source: "Amazon SageMaker AI
            events" of the EventBridge events reference; "Monitor Labeling Job Status" of the SageMaker developer guide.
        managed_rule: The EventBridge rule that Step Functions keeps to learn of the end of such jobs; empty if it keeps none.
            Source: "IAM policies for Amazon SageMaker AI" of the Step Functions developer guide; for tuning, the policies
            that the Data Science SDK documents. The rule for labeling jobs is documented nowhere, so it stands as a pattern
            that any rule of this family matches.
        log_group: The log group that its containers write to. Tuning runs training jobs.
        name_length: The greatest length of its name.
        version: The suffix of the API's operations.
        checks_network: Whether SageMaker checks, when such a job is made, that its role may use any network. Source: "How to
            use SageMaker AI execution roles", section "CreateProcessingJob API: Execution Role Permissions".
        operation: The operation that creates it: ``CreateProcessingJob``.
        describe_operation: The operation that describes it: ``DescribeProcessingJob``.
        integration: The operation in a Step Functions resource: ``createProcessingJob``.
        job_actions: The actions that are taken on a job that a state waits for: to create, describe and stop it.
        name_member: The member that holds the job's name.
        arn_member: The member that holds the job's ARN.
        status_member: The member that holds the job's status.
    """

    value: str
    arn_type: str
    event_type: str
    managed_rule: str
    log_group: str
    name_length: int = 63
    checks_network: bool = False
    version: str = ""
    operation: str = field(init=False)
    describe_operation: str = field(init=False)
    integration: str = field(init=False)
    job_actions: tuple[str, str, str] = field(init=False)
    name_member: str = field(init=False)
    arn_member: str = field(init=False)
    status_member: str = field(init=False)

    PROCESSING: ClassVar[JobKind]
    TRAINING: ClassVar[JobKind]
    TRANSFORM: ClassVar[JobKind]
    TUNING: ClassVar[JobKind]
    LABELING: ClassVar[JobKind]
    ALL: ClassVar[tuple[JobKind, ...]]

    def __post_init__(self) -> None:
        job = f"{self.value}Job"
        called = f"{job}{self.version}"
        derived = {
            "operation": f"Create{called}",
            "describe_operation": f"Describe{called}",
            "integration": f"create{called}",
            "job_actions": (f"sagemaker:Create{called}", f"sagemaker:Describe{called}", f"sagemaker:Stop{job}"),
            "name_member": f"{job}Name",
            "arn_member": f"{job}Arn",
            "status_member": f"{job}Status",
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)


def _waited_for(
    value: str,
    *,
    arn_type: str = "",
    events: str = "",
    rule: str = "",
    log: str = "",
    name_length: int = 63,
    checks_network: bool = False,
) -> JobKind:
    return JobKind(
        value,
        arn_type=arn_type or f"{value.lower()}-job",
        event_type=f"SageMaker {events or value} Job State Change",
        managed_rule=f"StepFunctionsGetEventsForSageMaker{rule or f'{value}JobsRule'}",
        log_group=f"/aws/sagemaker/{log or value}Jobs",
        name_length=name_length,
        checks_network=checks_network,
    )


JobKind.PROCESSING = _waited_for("Processing", checks_network=True)
JobKind.TRAINING = _waited_for("Training")
JobKind.TRANSFORM = _waited_for("Transform")
JobKind.TUNING = _waited_for(
    "HyperParameterTuning",
    arn_type="hyper-parameter-tuning-job",
    events="HyperParameter Tuning",
    rule="TuningJobsRule",
    log="Training",
    name_length=32,
)
JobKind.LABELING = _waited_for("Labeling", events="Ground Truth Labeling", rule="*")

JobKind.ALL = (JobKind.PROCESSING, JobKind.TRAINING, JobKind.TRANSFORM, JobKind.TUNING, JobKind.LABELING)


_LOCAL_STORAGE = ("g5", "g6", "g7e", "p5", "p6-b200", "trn1", "trn2")


def has_local_storage(instance_type: str) -> bool:
    """Return whether instances have disks of their own, and so get no volume and no key for one.

    They are those with a ``d`` in their family (c5d, g4dn, p4d), and some others. Source: VolumeKmsKeyId of
    ProcessingClusterConfig, ResourceConfig and TransformResources in the API; the families are those for which the SageMaker
    SDK leaves the key out.

    Args:
        instance_type: Such as ``ml.g5.xlarge``.
    """
    parts = instance_type.split(".")
    family = parts[1] if len(parts) == 3 and parts[0] == "ml" else ""  # noqa: PLR2004 - ml.FAMILY.SIZE
    return "d" in family or family.startswith(_LOCAL_STORAGE)
