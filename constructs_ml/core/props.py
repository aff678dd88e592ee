"""The props that states share. Subclasses take them as ``**props: Unpack[JobProps]``.

They are a ladder, whose steps have all props of those before::

    StartProps    states that call an API: tags, retries, results; with WaitingProps of ``polling_task`` those that poll
    CallProps     and what task states of aws-cdk-lib take that are one call
    RunProps      jobs: their names, and whether the state waits; transform jobs, and with NetworkProps labeling jobs
    ClusterProps  and the network, the instances and the role of their containers; tuning jobs
    JobProps      and their experiment; processing and training jobs

Resources are on CallProps, by ResourceProps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, Size
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.asl.retry import RetryPolicy
    from constructs_ml.core.cache import Cache
    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.requests import Whole
    from constructs_ml.core.result import Result
    from constructs_ml.core.s3_data import S3Data


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePreference:
    """An instance type that a job may run on.

    Attributes:
        instance_type: Such as ``ml.m5.xlarge``.
        instance_count: The number of instances that the job then needs. Default: the job's ``instance_count``.
        training_plan: The ARN of a training plan whose capacity is then used; training jobs only. Default: none.
    """

    instance_type: str
    instance_count: int | str | None = None
    training_plan: str | None = None

    def to_request(self) -> dict[str, Any]:
        """An item of ``InstancePreferences``."""
        return {
            "InstanceType": self.instance_type,
            "InstanceCount": self.instance_count,
            "TrainingPlanArns": None if self.training_plan is None else [self.training_plan],
        }


class StartProps(TypedDict, total=False):
    """Props of every state that calls an API. A string may be a literal, a token, a JsonPath or a JSONata expression."""

    assign: Mapping[str, Any]
    """Variables of the workflow that the state sets; see ``sfn.TaskStateBase``."""
    comment: str
    """A comment on the state."""
    query_language: sfn.QueryLanguage
    """The query language of the state. Default: the state machine's."""
    state_name: str
    """The name of the state. Default: its construct id."""
    tags: Mapping[str, str] | Whole
    """Tags of what is made, at most 50. At run time as a whole it is a list of ``Key`` and ``Value``, as the API has it."""
    retry: RetryPolicy
    """The retry policy. Default: throttled calls and exceeded quotas, ``RetryPolicy.default()``."""
    result: Result
    """The part of the response that the state passes on. Default: ``Result.SUMMARY``."""
    request_overrides: Mapping[str, Any]
    """Members of the request that are not typed here, as the API names them; checked like the others."""


class CallProps(StartProps, total=False):
    """Props of every state that is one call of an API, as task states of aws-cdk-lib have them."""

    credentials: sfn.Credentials
    """The role of another account that the call is made with; see ``sfn.TaskStateBase``."""
    heartbeat_timeout: sfn.Timeout
    """The time between two heartbeats; see ``sfn.TaskStateBase``."""
    input_path: str
    """The part of the state's input that it sees. Default: all of it."""
    output_path: str
    """The part of the state's output that is passed on. Default: all of it."""
    task_timeout: sfn.Timeout
    """The time that the state may take; see ``sfn.TaskStateBase``. Default: no limit."""
    result_path: str
    """The place in the state's input for the result. Default: under the state's name. ``"$"`` replaces the input."""
    result_selector: Mapping[str, Any]
    """Picks and renames members of the result, instead of ``result``."""
    state_output: Any
    """The state's output as a JSONata expression, instead of ``result`` and ``result_path``."""


class RunProps(CallProps, total=False):
    """Props of every job that Step Functions itself waits for."""

    cache: Cache | bool
    """Whether a job that has run with the same data, code and settings is not run again: :class:`~constructs_ml.Cache`; ``True``
    if its result never expires. Default: the job always runs."""
    job_name: str
    """The job's name. Default: one that is new at every attempt."""
    job_name_prefix: str
    """The start of the job's names, at most 27 characters (20 for a tuning job): SageMaker's limit without the part
    that makes them new.

    Default: the names of the stack and the job. With a ``job_name`` that is known only at run time it says what the
    state machine may run; nothing by default, so that it may run any job."""
    wait_for_completion: bool
    """Waits for the job to end. Default: yes."""
    integration_pattern: sfn.IntegrationPattern
    """aws-cdk-lib's way to say the same: ``RUN_JOB`` waits, ``REQUEST_RESPONSE`` does not."""


class NetworkProps(TypedDict, total=False):
    """The VPC that a job runs in."""

    vpc: ec2.IVpc
    """The VPC that the job runs in. Default: none."""
    vpc_subnets: ec2.SubnetSelection
    """The subnets of the VPC. Default: its private subnets. Subnets that are known by their ids only, ``SubnetSelection(
    subnets=[Subnet.from_subnet_id(...)])``, need no ``vpc``, but security groups."""
    security_groups: Sequence[ec2.ISecurityGroup]
    """The security groups in the VPC. Default: one that the stack's jobs share."""


class ClusterProps(RunProps, NetworkProps, total=False):
    """Props of processing, training and tuning jobs, which run containers under a role of their own."""

    instance_type: str
    """Such as ``ml.c5.2xlarge``. Default: ``ml.m5.xlarge``."""
    instance_count: int | str
    """Default: 1."""
    instance_preferences: Sequence[str | InstancePreference] | Mapping[str, int]
    """Instance types in order of preference, at most 5: the job runs on the first that AWS has capacity of. Or such types
    with the number of instances that each needs. Default: only ``instance_type``."""
    volume_size: Size | str
    """The size of each instance's volume. Default: 30 GiB."""
    volume_key: AnyKey
    """The KMS key of the volumes. Default: SageMaker's own key."""
    output_key: AnyKey
    """The KMS key of what the job writes. Default: the bucket's encryption."""
    max_runtime: Duration | str
    """The time that the job may run before it is stopped. Default: SageMaker's own limit, 24 hours."""
    environment: Mapping[str, str] | Whole
    """Environment variables of the container, at most 100."""
    network_isolation: bool
    """Runs the container without any network. Default: with one."""
    encrypt_inter_container_traffic: bool
    """Encrypts the traffic between the job's instances. Default: no."""
    role: AnyRole
    """The role that the job runs under; it is granted what the job declares. Default: one that the stack's jobs share."""


class JobProps(ClusterProps, total=False):
    """Props of processing and training jobs.

    Where nothing is given, the nearest :class:`~constructs_ml.JobDefaults` hold, then the defaults named here.
    """

    experiment: Experiment
    """The experiment and trial that the job is recorded in. Default: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """The experiment, trial and run of a job.

    Attributes:
        experiment_name: An existing experiment.
        trial_name: An existing trial.
        trial_component_display_name: The display name of the job.
        run_name: An existing run.
    """

    experiment_name: str | None = None
    trial_name: str | None = None
    trial_component_display_name: str | None = None
    run_name: str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``ExperimentConfig`` of a request."""
        return {
            "ExperimentName": self.experiment_name,
            "TrialName": self.trial_name,
            "TrialComponentDisplayName": self.trial_component_display_name,
            "RunName": self.run_name,
        }


class ResourceProps(CallProps, total=False):
    """Props of every state that makes a resource with a name."""

    name_prefix: str
    """The start of the names, at most 27 characters: SageMaker's limit of 63 without the UUID that makes them new.

    Default: the names of the stack and the state. With a name that is known only at run time it says what the state
    machine may make; nothing by default, so that it may make any."""


class ModelProps(ResourceProps, NetworkProps, total=False):
    """Props of a model other than its containers' content: the network and the role of its containers."""

    environment: Mapping[str, str] | Whole
    """Environment variables of every container, at most 100."""
    network_isolation: bool
    """Runs the containers without any network. Default: with one."""
    role: AnyRole
    """The role that the containers run under; it is granted what the model declares. Default: one that the stack's jobs
    share."""


class RequestProps(ResourceProps, total=False):
    """Props of a state whose request is passed as a whole; see ``from_request``."""

    role: AnyRole
    """The role that the state machine may pass to SageMaker, where the request names it only at run time. It is granted
    nothing. Default: the role that the request names, or else one that the stack's jobs share."""
    wait_for_completion: bool
    """Waits for a job to end. Default: yes."""
    integration_pattern: sfn.IntegrationPattern
    """aws-cdk-lib's way to say the same: ``RUN_JOB`` waits, ``REQUEST_RESPONSE`` does not."""
    job_name_prefix: str
    """Of jobs: what their names start with, as for a job that is defined by props."""
    endpoint_config_prefix: str
    """Of endpoints: what the names of their configurations start with. Default: the name in the request, or any."""


class JobRequestProps(RequestProps, total=False):
    """Props of a job whose request is passed as a whole, with the name that is taken out of it."""

    job_name: str
    """The job's name. Default: one that is new at every attempt."""


class AdapterProps(RunProps, NetworkProps, total=False):
    """Props of a job in addition to an object of the SageMaker SDK: those that the SDK does not know of.

    What the object says goes before the nearest :class:`~constructs_ml.JobDefaults`, but for network isolation and
    encryption of traffic, which are on if either asks for them.
    """

    role: AnyRole
    """The role that the job runs under; it is granted what the job declares. Default: the object's, unless that is
    ``constructs_ml.sdk.DERIVED_ROLE``; then one that the stack's jobs share."""
    within: Sequence[S3Data]
    """Places that locations whose bucket is known only at run time may point to; a role is derived from them. The ``uri`` of one
    of them stands for exactly it."""
