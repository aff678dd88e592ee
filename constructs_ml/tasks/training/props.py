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

    from constructs_ml.core.job_spec import JobDraft
    from constructs_ml.tasks.training.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard
    from constructs_ml.tasks.training.services import (
        MlflowTracking,
        ModelPackageOutput,
        PrivateRegistry,
        ServerlessTraining,
    )


class TrainingProps(JobProps, TrainingResourceProps, total=False):
    """What training jobs take beside the props of every job."""

    private_registry: PrivateRegistry
    """The Docker registry of your own that the image is pulled from. Default: ECR."""
    debug_hook: DebugHook
    """What Debugger saves of the tensors. Default: nothing."""
    debug_rules: Sequence[DebuggerRule]
    """Rules that watch the tensors, at most 20. Default: none."""
    tensorboard: TensorBoard
    """What is recorded for TensorBoard. Default: nothing."""
    profiler: Profiler
    """What is recorded of the instances. Default: SageMaker's own choice."""
    profiler_rules: Sequence[DebuggerRule]
    """Rules that watch the instances, at most 20. Default: none."""
    remote_debug: bool
    """Whether one may connect to the container through Systems Manager. Default: one may not."""
    infra_check: bool
    """Whether the instances are checked before the job starts. Default: they are not."""
    session_tag_chaining: bool
    """Whether the session tags of what creates the job are handed on to the job's role. Default: they are not."""
    mlflow: MlflowTracking
    """Where the run is recorded with MLflow. Default: nowhere."""
    model_package: ModelPackageOutput
    """Where serverless training registers its model. Default: nowhere."""
    serverless: ServerlessTraining
    """Trains a foundation model on capacity of SageMaker's, instead of an image on instances. Default: no."""


OF_INSTANCES = ("instance_count", "instance_groups", "instance_preferences", "instance_type", "private_registry")


def services_request(draft: JobDraft) -> dict[str, Any]:
    """Debugger, Profiler, MLflow and the rest; what they need is declared."""
    props = draft.props
    if props.get("remote_debug"):
        # The channels of Systems Manager have no ARN.
        draft.access.other.append(Statement(REMOTE_DEBUG, ("*",)))
    return {
        "DebugHookConfig": _given(draft, "debug_hook"),
        "DebugRuleConfigurations": rules_request(draft, props.get("debug_rules"), "debug_rules"),
        "TensorBoardOutputConfig": _given(draft, "tensorboard"),
        "ProfilerConfig": _given(draft, "profiler"),
        "ProfilerRuleConfigurations": rules_request(draft, props.get("profiler_rules"), "profiler_rules"),
        "RemoteDebugConfig": _switch(draft, "remote_debug", "EnableRemoteDebug"),
        "InfraCheckConfig": _switch(draft, "infra_check", "EnableInfraCheck"),
        "SessionChainingConfig": _switch(draft, "session_tag_chaining", "EnableSessionTagChaining"),
        "MlflowConfig": _given(draft, "mlflow"),
        "ModelPackageConfig": _given(draft, "model_package"),
        "ServerlessJobConfig": _given(draft, "serverless"),
    }


def refuse_beside_serverless(draft: JobDraft, **given: Any) -> None:  # noqa: ANN401 - any props
    """Notes the props that serverless training has no use for."""
    for name in (*given, *OF_INSTANCES):
        if given.get(name, draft.props.get(name)) is not None:
            draft.faults.add(name, "must not be given beside serverless", "leave one of them out")


def _given(draft: JobDraft, name: str) -> dict[str, Any] | None:
    value = draft.props.get(name)
    request: dict[str, Any] | None = None if value is None else value.to_request(draft)
    return request


def _switch(draft: JobDraft, name: str, member: str) -> dict[str, Any] | None:
    value = draft.props.get(name)
    return None if value is None else {member: value}
