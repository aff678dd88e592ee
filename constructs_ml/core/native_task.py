"""Task states written in Python that aws-cdk-lib renders like its own.

``TaskStateBase.toStateJson()`` renders next, retry, catch, timeouts, results, assign and credentials, and asks the
abstract method ``_renderTask()`` for the rest. That method is internal to aws-cdk-lib: it carries no jsii type
information, so the jsii kernel accepts an override of it by name. The Python runtime looks for overrides only in
members of the class that declares the jsii type, so :class:`NativeTask` declares the one member that is missing.

``tests/core/test_native_contract.py`` fails loudly should aws-cdk-lib move the method. The fallback is then an own
``to_state_json``, a public method, which has to render those common fields itself.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import jsii
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import TagManager
    from aws_cdk import aws_iam as iam

    from constructs_ml.iam.statements import Statement


# The metrics that aws-cdk-lib's tasks offer, and that states of SageMaker's do not have.
#
# SageMaker's integrations publish none by the state, and SageMaker's own are by the job's name, which is new at every attempt: no
# metric object can name one.

OF_MACHINE = "those of the state machine, such as workflow.metric_failed()"


def _without(name: str) -> Callable[..., NoReturn]:
    def refuse(self: WithoutMetrics, *_args: Any, **_props: Any) -> NoReturn:  # noqa: ANN401 - of sfn.TaskStateBase
        raise InvalidPropsError(self.node.path, [Fault(name, *self._instead_of_metrics())])

    refuse.__name__ = name
    refuse.__doc__ = "Raises InvalidPropsError: the state has no metrics of its own; the message says what to use."
    return refuse


class WithoutMetrics:
    """Refuses the metric methods of ``sfn.TaskStateBase``, and says what to use instead.

    They are inherited, so that they cannot be left out; to type checkers :class:`NativeTask` has none of them.
    """

    node: Any

    if not TYPE_CHECKING:
        metric = _without("metric")
        metric_failed = _without("metric_failed")
        metric_heartbeat_timed_out = _without("metric_heartbeat_timed_out")
        metric_run_time = _without("metric_run_time")
        metric_schedule_time = _without("metric_schedule_time")
        metric_scheduled = _without("metric_scheduled")
        metric_started = _without("metric_started")
        metric_succeeded = _without("metric_succeeded")
        metric_time = _without("metric_time")
        metric_timed_out = _without("metric_timed_out")

    def _instead_of_metrics(self) -> tuple[str, str]:
        """Return why there is none, and what to use."""
        return "is not there: calls of SageMaker publish no metrics", f"for executions {OF_MACHINE}"


def instead_of_job_metrics(namespace: str | None, start: str) -> tuple[str, str]:
    """Return why a job has no metric, and what to use.

    Source: "CloudWatch search expression syntax" of the CloudWatch user guide: words without quotes match in part, and an
    alarm cannot watch a search.

    Args:
        namespace: The namespace of its instances' metrics, whose dimension is the host: the job's name and the
            instance's. None if they have none.
        start: The start of the job's names; empty if it is not known.
    """
    problem = "is not there: SageMaker's metrics are by the job's name, which is new at every attempt"
    ways = "for alarms use ml.JobStateChangeRule(self, 'Alert', jobs=[job], statuses=['Failed'], targets=[...])"
    if namespace is not None:
        words = " ".join(re.findall("[A-Za-z0-9]+", start)) or "<words of the job's name>"
        search = f"""SEARCH('{{"{namespace}",Host}} MetricName="CPUUtilization" {words}', 'Average', 300)"""
        ways += f", for dashboards a cloudwatch.MathExpression of {search}"
    return problem, f"{ways}, for executions {OF_MACHINE}"


@dataclass(frozen=True, slots=True)
class Policies:
    """The statements of a state machine's role for a state.

    Attributes:
        statements: The statements as objects of CDK's.
        plain: The statements.
    """

    statements: list[iam.PolicyStatement]
    plain: tuple[Statement, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """The ARNs in them."""
        return tuple(resource for statement in self.plain for resource in statement.resources)

    def allows(self, action: str) -> tuple[str, ...]:
        """The resources of the first statement that allows an action; none if none does."""
        return next((statement.resources for statement in self.plain if action in statement.actions), ())


class NativeTask(WithoutMetrics, sfn.TaskStateBase):
    """Base of all states of this library.

    Attributes:
        made_at: The line of the user's code that defined it: ``app.py:12``.
        rendered: Whether a state machine has it.
        is_part: Whether it is a part of another state, such as what makes the endpoint of a deployment.
        tree_tags: The tags of the construct tree that reach what it makes; None if none can.
    """

    made_at: str
    rendered = False
    is_part: bool
    tree_tags: Any

    if TYPE_CHECKING:
        # A call of one is an error.
        metric: None  # type: ignore[assignment]
        metric_failed: None  # type: ignore[assignment]
        metric_heartbeat_timed_out: None  # type: ignore[assignment]
        metric_run_time: None  # type: ignore[assignment]
        metric_schedule_time: None  # type: ignore[assignment]
        metric_scheduled: None  # type: ignore[assignment]
        metric_started: None  # type: ignore[assignment]
        metric_succeeded: None  # type: ignore[assignment]
        metric_time: None  # type: ignore[assignment]
        metric_timed_out: None  # type: ignore[assignment]

    @jsii.member(jsii_name="_renderTask")
    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        """The fields of the state that are its own: ``Resource`` and ``Parameters`` or ``Arguments``."""
        raise NotImplementedError

    @property
    def request(self) -> Mapping[str, Any]:
        """The request that the state makes, with runtime values in it."""
        raise NotImplementedError

    @property
    def policies(self) -> Policies | None:
        """The statements of the state machine's role for this state."""
        raise NotImplementedError

    @property
    @jsii.member(jsii_name="taskPolicies")
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        """The statements that the role of the state machine gets."""
        return None

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def _cdk_tag_manager(self) -> TagManager | None:
        """The receiver of tags of the construct tree: the member of ``ITaggableV2``, which is not a member of the base."""
        return None

    @property
    @jsii.member(jsii_name="taskMetrics")
    def _task_metrics(self) -> sfn.TaskMetricsConfig | None:
        """The metrics of the state. SageMaker's integrations publish none."""
        return None


# jsii.JSIIMeta resets this to None on every undecorated subclass. Setting it makes NativeTask the declaring class for the
# discovery of overrides, without registering the type again (which passing jsii_type= to the metaclass would do).
cast("Any", NativeTask).__jsii_declared_type__ = cast("Any", sfn.TaskStateBase).__jsii_type__
# The interfaces of a state are those of its base in Node. Each class inherits the list, and for each state made jsii looks up
# every name of every class in each interface of each list.
cast("Any", NativeTask).__jsii_ifaces__ = []


_OURS = ("constructs_ml", "aws_cdk", "constructs", "jsii")


def users_line() -> str:
    """Return the line of the user's code that called this library, ``example/penguins.py:38``; empty if only the library called.

    The path is relative to the folder that the app runs in, if it is below it.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack reads the sources of all frames
    while frame.f_globals.get("__name__", "").split(".")[0] in _OURS:
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    file = Path(frame.f_code.co_filename)
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown.as_posix()}:{frame.f_lineno}"
