"""A SageMaker AutoML job as a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.polling import PollSpec
from constructs_ml.core.enums import Compression, api_value
from constructs_ml.core.execution_role import permissions_for, role_of_kind
from constructs_ml.core.job_task import RoleJob
from constructs_ml.core.network import vpc_members
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.polling_task import PollingTask, check_timeout, pace_of
from constructs_ml.core.requests import key_arn
from constructs_ml.core.s3_data import S3Data, written_by_execution
from constructs_ml.core.spec import SDK
from constructs_ml.iam.job_role import automl_statements
from constructs_ml.iam.resources import resource_arns
from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.automl.spec import KIND, AutoMLProps, AutoMLSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyRole
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.tasks.automl.problem import AutoMLProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMLChannel:
    """Data of an AutoML job.

    Attributes:
        source: Where the data is.
        content_type: Such as ``text/csv;header=present`` or ``x-application/vnd.amazon+parquet``. Default: by the
            problem, CSV with a header for tabular data.
        compression: How the data is compressed.
    """

    source: S3Data
    content_type: str | None = None
    compression: Compression | str | None = None


class AutoMLJob(PollingTask, RoleJob):
    """Defines a state that runs a SageMaker AutoML job (V2) and, by default, waits for it.

    ::

        best = ml.AutoMLJob(
            self, "FindModel",
            problem=ml.automl.AutoMLProblem.tabular("churned", limits=ml.automl.AutoMLLimits(max_candidates=20)),
            training=ml.S3Data.from_bucket(bucket, "train/"),
            timeout=Duration.hours(12),
        )
        name = best.result("BestCandidate.CandidateName")

    Step Functions has no ``.sync`` for AutoML: the state describes the job after 30 seconds and then at intervals that
    grow to 15 minutes, three state transitions a look. It fails with ``AutoMLJobFailed`` or ``AutoMLJobStopped``, and
    with ``AutoMLJobTimedOut`` after ``timeout``; the cause is the job's failure reason. The job's name is drawn before it
    is started, so that an attempt whose answer was lost starts nothing twice.

    Its result is that of DescribeAutoMLJobV2. Source of members and limits: the CreateAutoMLJobV2 API.
    """

    describes = "DescribeAutoMLJobV2"
    summary = ("AutoMLJobName", "AutoMLJobArn", "AutoMLJobStatus")
    present = ("BestCandidate.CandidateName", "BestCandidate.CandidateStatus", "BestCandidate.ObjectiveStatus")
    taken = "SageMaker.ResourceInUseException"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        problem: AutoMLProblem,
        training: S3Data | AutoMLChannel,
        validation: S3Data | AutoMLChannel | None = None,
        validation_fraction: float | None = None,
        objective: str | None = None,
        output: S3Data | None = None,
        endpoint_name: str | None = None,
        auto_generate_endpoint_name: bool | None = None,
        emr_serverless_role: AnyRole | None = None,
        **props: Unpack[AutoMLProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            problem: The problem that a model is to solve.
            training: The data.
            validation: The data that candidates are compared on. Default: a part of the training data.
            validation_fraction: That part, between 0 and 1. Default: 0.2.
            objective: The metric that is optimized, such as ``F1``. Default: by the problem.
            output: Where its results go, below its name. Default: a location unique to the execution.
            endpoint_name: The endpoint that the best candidate is deployed to. Default: none.
            auto_generate_endpoint_name: Whether it is deployed to an endpoint that SageMaker names.
            emr_serverless_role: The role of the EMR Serverless jobs that prepare large data. Default: SageMaker does it.
            props: Further props: :class:`~constructs_ml.tasks.automl.spec.AutoMLProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = AutoMLSpec(scope, construct_id, props)
        check_timeout(spec)
        if validation is not None and validation_fraction is not None:
            spec.faults.add("validation_fraction", "cannot be combined with validation", "leave one of them out")
        for read in problem.reads:
            spec.access.reads += read.objects
        destination = spec.writes(output or written_by_execution(spec.context, spec.part, ""))
        if not destination.objects and spec.derives_role:
            spec.unknown_location("output")
        # Its jobs hand their results to each other there.
        spec.access.reads += destination.objects
        spec.members |= _MEMBERS
        channels = {"training": training, **({} if validation is None else {"validation": validation})}
        data = [_channel(name, given, spec) for name, given in channels.items()]
        if spec.derives_role:
            # What AutoML needs for its candidates is more than the stack's other jobs should have.
            spec.props = {**spec.props, "role": role_of_kind(spec.context, "AutoML")}
        super().__init__(
            spec,
            {
                "AutoMLJobInputDataConfig": data,
                "OutputDataConfig": {"S3OutputPath": destination.location, "KmsKeyId": spec.output_key_arn},
                "AutoMLProblemTypeConfig": {problem.member: problem.request},
                "AutoMLJobObjective": None if objective is None else {"MetricName": objective},
                "DataSplitConfig": None if validation_fraction is None else {"ValidationFraction": validation_fraction},
                "ModelDeployConfig": _deployment(endpoint_name, auto_generate_endpoint_name),
                "AutoMLComputeConfig": None
                if emr_serverless_role is None
                else {"EmrServerlessComputeConfig": {"ExecutionRoleARN": emr_serverless_role.role_arn}},
                "SecurityConfig": _security(spec),
                "Tags": spec.tags(),
            },
        )
        self._use(spec, spec.drawn, pace_of(spec))
        self._stops = spec.props.get("stop_at_timeout") is not False
        context = spec.context
        permissions = permissions_for(context, self.role)
        role_arn = permissions.role_arn
        permissions.allow(automl_statements(role_arn, context.of_stack.place))
        roles = [role_arn] if emr_serverless_role is None else [role_arn, emr_serverless_role.role_arn]
        self._policies = policies_of(context, _statements(spec.names, roles, spec, stops=self._stops))

    def _wait_for(self) -> PollSpec:
        job = {"AutoMLJobName": self._request["AutoMLJobName"]}
        return PollSpec.for_status(
            resource=f"{SDK}:describeAutoMLJobV2",
            arguments=job,
            status="AutoMLJobStatus",
            done=("Completed",),
            running=("InProgress", "Stopping"),
            error="AutoMLJob",
            what=f"the AutoML job of {self._result.name}",
            pace=self._pace,
            stop=(f"{SDK}:stopAutoMLJob", job) if self._stops else None,
        )


AutoMLJob.kind = KIND

_MEMBERS = {
    "AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN": "emr_serverless_role",
    "AutoMLJobInputDataConfig[0]": "training",
    "AutoMLJobInputDataConfig[1]": "validation",
    "AutoMLJobName": "job_name",
    "AutoMLJobObjective.MetricName": "objective",
    "AutoMLProblemTypeConfig": "problem",
    "DataSplitConfig.ValidationFraction": "validation_fraction",
    "ModelDeployConfig.AutoGenerateEndpointName": "auto_generate_endpoint_name",
    "ModelDeployConfig.EndpointName": "endpoint_name",
    "OutputDataConfig.KmsKeyId": "output_key",
    "OutputDataConfig.S3OutputPath": "output",
    "SecurityConfig.EnableInterContainerTrafficEncryption": "encrypt_inter_container_traffic",
    "SecurityConfig.VolumeKmsKeyId": "volume_key",
    **vpc_members("SecurityConfig.VpcConfig"),
}


def _channel(name: str, given: S3Data | AutoMLChannel, spec: JobSpec) -> dict[str, Any]:
    channel = AutoMLChannel(source=given) if isinstance(given, S3Data) else given
    spec.access.reads += channel.source.objects
    if not channel.source.objects and spec.derives_role:
        spec.unknown_location(name)
    source = {"S3DataType": channel.source.data_type.value, "S3Uri": channel.source.location}
    return {
        "ChannelType": name,
        "ContentType": channel.content_type,
        "CompressionType": api_value(channel.compression),
        "DataSource": {"S3DataSource": source},
    }


def _deployment(endpoint_name: str | None, auto_generate: bool | None) -> dict[str, Any] | None:
    if endpoint_name is None and auto_generate is None:
        return None
    return {"EndpointName": endpoint_name, "AutoGenerateEndpointName": auto_generate}


def _security(spec: JobSpec) -> dict[str, Any] | None:
    key = key_arn(spec.either("volume_key", None))
    if key is not None:
        spec.access.volume_keys.append(key)
    config = {
        "VolumeKmsKeyId": key,
        "EnableInterContainerTrafficEncryption": spec.flag("encrypt_inter_container_traffic"),
        "VpcConfig": spec.vpc_config(),
    }
    return config if any(value is not None for value in config.values()) else None


def _statements(names: str, roles: Sequence[str], spec: JobSpec, *, stops: bool) -> Iterator[Statement]:
    """Yield the statements of the state machine's role.

    Source: "Actions, resources, and condition keys for Amazon SageMaker" of the Service Authorization Reference.
    """
    create, describe, stop = KIND.job_actions
    waiting = (describe, *((stop,) if stops else ())) if spec.wait else ()
    tagging = ("sagemaker:AddTags",) if "Tags" in spec.request else ()
    jobs = resource_arns(spec.context.of_stack.place, KIND.arn_type, names, spec.context.of_stack.own_names)
    yield Statement((create, *waiting, *tagging), jobs)
    services = ("sagemaker.amazonaws.com", "emr-serverless.amazonaws.com")
    for role, service in zip(roles, services, strict=False):
        yield Statement(("iam:PassRole",), (role,), {"StringEquals": {"iam:PassedToService": service}})
