"""The members of CreateTrainingJob that belong to neither its data nor its instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.training.debugging import rules_request
from constructs_ml.tasks.training.services import REMOTE_DEBUG

if TYPE_CHECKING:
    from constructs_ml.core.job_spec import JobDraft

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
