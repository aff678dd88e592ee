"""The props that other ways to make a construct than its constructor pass on to that.

Written by ``tools/write_props.py`` from the constructors; change a prop there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from aws_cdk import Duration, RemovalPolicy
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.core.cache import Cache
    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.execution_inputs import ExecutionInput


class WorkflowOptions(TypedDict, total=False):
    """All props of a :class:`~constructs_ml.Workflow` but definition."""

    cache: Cache | bool | None
    """Whether jobs that have run with the same data, code and settings are not run again; see
    :class:`~constructs_ml.Cache`. It is for the jobs that have none of their own. Default: jobs always run."""
    comment: str | None
    """A description."""
    encryption_key: AnyKey | None
    """Encrypts the definition, the executions and the log. Default: AWS's own keys do."""
    inputs: type[ExecutionInput] | None
    """The fields of the execution's input: a subclass of :class:`~constructs_ml.ExecutionInput`. Default: any input
    is accepted, and not checked."""
    log_group: logs.ILogGroup | None
    """Where executions are logged. Default: a new log group, kept a year and retained."""
    log_level: sfn.LogLevel
    """The events that are logged. Default: all events."""
    log_execution_data: bool
    """Whether inputs and outputs of states are logged. Default: no, as they may be confidential."""
    query_language: sfn.QueryLanguage | None
    """The query language of its states. Default: JSONPath."""
    removal_policy: RemovalPolicy | None
    """The fate of the state machine when it leaves the stack. Default: it is deleted."""
    role: AnyRole | None
    """The role that it runs under. Default: a new one, allowed what the states need."""
    state_machine_name: str | None
    """Default: CloudFormation names it."""
    state_machine_type: sfn.StateMachineType
    """Standard, or Express if no state waits: Express has no ``.sync``, and ends after 5 minutes. Default:
    ``sfn.StateMachineType.STANDARD``."""
    timeout: Duration | None
    """The maximum duration of an execution. Default: no limit."""
    tracing_enabled: bool
    """Whether X-Ray traces executions. Default: yes."""
