"""The props of a training job that most have no need of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.props import JobProps
from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.training.debugging import rules_request
from constructs_ml.tasks.training.resources import TrainingResourceProps
from constructs_ml.tasks.training.services import REMOTE_DEBUG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.tasks.training.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard
    from constructs_ml.tasks.training.services import (
        MlflowTracking,
        ModelPackageOutput,
        PrivateRegistry,
        ServerlessTraining,
    )


class TrainingProps(JobProps, TrainingResourceProps, total=False):
    """Props of training jobs in addition to those of every job."""

    private_registry: PrivateRegistry
    """The Docker registry of your own that the image is pulled from. Default: ECR."""
    debug_hook: DebugHook
    """The tensors that Debugger saves. Default: none."""
    debug_rules: Sequence[DebuggerRule]
    """Rules that watch the tensors, at most 20. Default: none."""
    tensorboard: TensorBoard
    """The records for TensorBoard. Default: none."""
    profiler: Profiler
    """Profiler's records of the instances. Default: SageMaker's own choice."""
    profiler_rules: Sequence[DebuggerRule]
    """Rules that watch the instances, at most 20. Default: none."""
    remote_debug: bool
    """Lets one connect to the container through Systems Manager. Default: no."""
    infra_check: bool
    """Has the instances checked before the job starts. Default: no."""
    session_tag_chaining: bool
    """Hands the session tags of what creates the job on to the job's role. Default: no."""
    mlflow: MlflowTracking
    """The record of the run with MLflow. Default: none."""
    model_package: ModelPackageOutput
    """The registration of the model by serverless training. Default: none."""
    serverless: ServerlessTraining
    """Trains a foundation model on capacity of SageMaker's, instead of an image on instances. Default: no."""


OF_INSTANCES = ("instance_count", "instance_groups", "instance_preferences", "instance_type", "private_registry")


def services_request(spec: JobSpec) -> dict[str, Any]:
    """Debugger, Profiler, MLflow and the rest; what they need is declared."""
    props = spec.props
    if props.get("remote_debug"):
        # The channels of Systems Manager have no ARN.
        spec.access.other.append(Statement(REMOTE_DEBUG, ("*",)))
    return {
        "DebugHookConfig": _given(spec, "debug_hook"),
        "DebugRuleConfigurations": rules_request(spec, props.get("debug_rules"), "debug_rules"),
        "TensorBoardOutputConfig": _given(spec, "tensorboard"),
        "ProfilerConfig": _given(spec, "profiler"),
        "ProfilerRuleConfigurations": rules_request(spec, props.get("profiler_rules"), "profiler_rules"),
        "RemoteDebugConfig": _switch(spec, "remote_debug", "EnableRemoteDebug"),
        "InfraCheckConfig": _switch(spec, "infra_check", "EnableInfraCheck"),
        "SessionChainingConfig": _switch(spec, "session_tag_chaining", "EnableSessionTagChaining"),
        "MlflowConfig": _given(spec, "mlflow"),
        "ModelPackageConfig": _given(spec, "model_package"),
        "ServerlessJobConfig": _given(spec, "serverless"),
    }


def refuse_beside_serverless(spec: JobSpec, **given: Any) -> None:  # noqa: ANN401 - any props
    """Report the props that serverless training does not support."""
    for name in (*given, *OF_INSTANCES):
        if given.get(name, spec.props.get(name)) is not None:
            spec.faults.add(name, "cannot be combined with serverless", "leave one of them out")


def _given(spec: JobSpec, name: str) -> dict[str, Any] | None:
    value = spec.props.get(name)
    request: dict[str, Any] | None = None if value is None else value.to_request(spec)
    return request


def _switch(spec: JobSpec, name: str, member: str) -> dict[str, Any] | None:
    value = spec.props.get(name)
    return None if value is None else {member: value}
