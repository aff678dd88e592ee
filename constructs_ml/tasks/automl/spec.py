"""Builds an AutoML job's request; the props of such jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.job_spec import RoleJobSpec
from constructs_ml.core.polling_task import GeneratedNames, WaitingProps
from constructs_ml.core.spec import SDK
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.model import Shape, output_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.cdk_types import AnyKey, AnyRole


# Step Functions cannot wait for it, and SageMaker sends no events on it.
KIND = JobKind(
    "AutoML",
    arn_type="automl-job",
    event_type="",
    managed_rule="",
    log_group="/aws/sagemaker/ProcessingJobs",
    name_length=32,
    checks_network=True,  # of the processing jobs that it runs
    version="V2",
)


class AutoMLProps(WaitingProps, total=False):
    """Props of an AutoML job in addition to its request. Where nothing is given, the nearest ``JobDefaults`` hold."""

    volume_key: AnyKey
    """The KMS key of the volumes. Default: SageMaker's own key."""
    output_key: AnyKey
    """The KMS key of what the job writes. Default: the bucket's encryption."""
    vpc: ec2.IVpc
    """The VPC that the job runs in. Default: none."""
    vpc_subnets: ec2.SubnetSelection
    """The subnets of the VPC. Default: its private subnets."""
    security_groups: Sequence[ec2.ISecurityGroup]
    """The security groups in the VPC. Default: one that the stack's jobs share."""
    encrypt_inter_container_traffic: bool
    """Encrypts the traffic between the job's instances. Default: no."""
    role: AnyRole
    """The role that the job runs under; it is granted what AutoML needs. Default: one that the stack's AutoML
    jobs share, and no others."""
    job_name: str
    """The job's name, at most 32 characters. Default: one that is new at every attempt of the state."""
    job_name_prefix: str
    """The start of the job's names, at most 20 characters. Default: the names of the stack and the job."""
    wait_for_completion: bool
    """Waits for the job to end. Default: yes."""


class AutoMLSpec(RoleJobSpec):
    """Builds an AutoML job's request.

    Attributes:
        drawn: The values generated before the job starts: its name, unless that is known at synth or nothing waits.
    """

    def __init__(self, scope: Construct, construct_id: str, props: AutoMLProps) -> None:
        super().__init__(KIND, scope, construct_id, props, known=AutoMLProps)
        self.resource = f"{SDK}:{KIND.integration}"
        self.drawn = GeneratedNames(self)

    @property
    def result_shape(self) -> Shape:
        """The shape of what the state gives."""
        return output_shape("DescribeAutoMLJobV2" if self.wait else KIND.operation)

    def job_name(self) -> str | Runtime:
        """The job's name, or where it was drawn."""
        name = super().job_name()
        return self.drawn.keep("name", name, "job_name") if self.wait else name

    def start_of(self, name: str | Runtime) -> str:
        """Return what the names are known to start with; a name that is drawn for the wait is in a variable."""
        given = self.props.get("job_name_prefix", None if self.props.get("job_name") is not None else self.name_prefix)
        return super().start_of(name) if given is None else str(given)
