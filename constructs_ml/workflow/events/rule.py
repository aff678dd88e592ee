"""Rules on state changes of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_events as events
from constructs import Construct

from constructs_ml.core.context import context_of
from constructs_ml.core.job_task import SyncJob
from constructs_ml.core.prop_checks import check_construct
from constructs_ml.errors import Faults
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.result import enum_of, result_shape
from constructs_ml.spelling import did_you_mean
from constructs_ml.workflow.events.delivery import RETRY_ATTEMPTS, RuleProps, delivered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_sqs as sqs

    from constructs_ml.core.cdk_types import AnyTarget
    from constructs_ml.iam.resources import Place


# Event patterns for state changes of jobs, as plain data.
#
# Source: "Events from Amazon SageMaker AI" of the EventBridge and SageMaker guides: source ``aws.sagemaker``, detail-type
# ``SageMaker Processing Job State Change`` and its siblings; "Monitor Labeling Job Status" of the SageMaker developer guide.

SOURCE = "aws.sagemaker"


def state_change_pattern(kind: JobKind, name_filters: Sequence[Any], statuses: Sequence[str]) -> dict[str, Any]:
    """The pattern that matches state changes of jobs of one kind.

    Args:
        kind: The kind of the jobs.
        name_filters: Names, or filters such as ``{"prefix": "Census-"}``; empty for any job.
        statuses: The statuses; empty for any.
    """
    detail: dict[str, Any] = {}
    if name_filters:
        detail[kind.name_member] = list(name_filters)
    if statuses:
        detail[kind.status_member] = list(statuses)
    pattern: dict[str, Any] = {"source": [SOURCE], "detail-type": [kind.event_type]}
    if detail:
        pattern["detail"] = detail
    return pattern


def labeling_change_pattern(
    kind: JobKind, name_filters: Sequence[Any], statuses: Sequence[str], place: Place
) -> dict[str, Any]:
    """Return the pattern for labeling jobs, whose events have their ARN but not their name.

    Args:
        kind: The kind of the jobs.
        name_filters: Names, or filters such as ``{"prefix": "Census-"}``; empty for any job.
        statuses: The statuses; empty for any.
        place: Where the jobs run.
    """
    pattern = state_change_pattern(kind, (), statuses)
    jobs = place.arn("sagemaker", f"{kind.arn_type}/")
    if name_filters:
        pattern["resources"] = [_arn_filter(jobs, name_filter) for name_filter in name_filters]
    return pattern


def _arn_filter(jobs: str, name_filter: str | dict[str, str]) -> dict[str, Any]:
    """Ground Truth takes names that differ only in case for the same."""
    if isinstance(name_filter, str):
        return {"equals-ignore-case": f"{jobs}{name_filter}"}
    return {"prefix": {"equals-ignore-case": f"{jobs}{name_filter['prefix']}"}}


@check_construct
class JobStateChangeRule(Construct):
    """Defines what happens when jobs change their state.

    ::

        ml.JobStateChangeRule(self, "Alert", jobs=[preprocess, train], statuses=["Failed", "Stopped"], targets=[topic])

    EventBridge may deliver one change more than once: targets should distinguish changes by the job's ARN and status.

    Attributes:
        rules: The rule of each kind of job, since the kinds differ in the events' type.
        dead_letter_queue: The queue of events that could not be delivered; None without targets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        jobs: Sequence[SyncJob] = (),
        kinds: Sequence[JobKind] = (),
        statuses: Sequence[str] = (),
        targets: Sequence[AnyTarget] = (),
        dead_letter_queue: sqs.IQueue | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int = RETRY_ATTEMPTS,
        description: str | None = None,
        enabled: bool = True,
    ) -> None:
        """Define the rules.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            jobs: The jobs, at whatever execution and attempt; AutoML jobs send no events.
            kinds: Kinds of jobs, all of the account and region, instead of ``jobs``.
            statuses: Such as ``Failed``. Default: any.
            targets: Topics, queues, Lambda functions, state machines and log groups; or targets of aws_events_targets,
                which bring their own retry policy and dead-letter queue.
            dead_letter_queue: Gets the events that could not be delivered. Default: a new queue, kept for 14 days.
            max_event_age: The time during which delivery is tried. Default: 24 hours.
            retry_attempts: The number of attempts. Default: 185.
            description: A description of the rule.
            enabled: Whether it is in force.

        Raises:
            InvalidPropsError: If no job or kind is given, a status does not exist, or a target is of no known kind.
        """
        super().__init__(scope, construct_id)
        faults = Faults(self.node.path)
        names = _names_by_kind(jobs, kinds, faults)
        _check_statuses(statuses, names, faults)
        props: RuleProps = {"targets": targets, "retry_attempts": retry_attempts}
        if dead_letter_queue is not None:
            props["dead_letter_queue"] = dead_letter_queue
        if max_event_age is not None:
            props["max_event_age"] = max_event_age
        made, self.dead_letter_queue = delivered(self, props, faults)
        self.rules = {
            kind: self._rule(kind, self._pattern(kind, filters, statuses), made, description, enabled=enabled)
            for kind, filters in names.items()
        }

    def _pattern(self, kind: JobKind, filters: Sequence[Any], statuses: Sequence[str]) -> dict[str, Any]:
        if kind is JobKind.LABELING:
            return labeling_change_pattern(kind, filters, statuses, context_of(self).of_stack.place)
        return state_change_pattern(kind, filters, statuses)

    def _rule(
        self,
        kind: JobKind,
        pattern: dict[str, Any],
        targets: list[events.IRuleTarget],
        description: str | None,
        *,
        enabled: bool,
    ) -> events.Rule:
        rule = events.Rule(
            self,
            kind.value,
            description=description,
            enabled=enabled,
            event_pattern=events.EventPattern(
                source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern.get("detail")
            ),
            targets=targets,
        )
        if "resources" in pattern:
            # events.EventPattern takes texts only here, and these are filters.
            resource = cast("events.CfnRule", rule.node.default_child)
            resource.add_property_override("EventPattern.resources", pattern["resources"])
        return rule


def _names_by_kind(jobs: Sequence[Any], kinds: Sequence[JobKind], faults: Faults) -> dict[JobKind, list[Any]]:
    if bool(jobs) == bool(kinds):
        faults.add("jobs", "or kinds is required, and only one of them", "pass jobs=[...]")
    names: dict[JobKind, list[Any]] = {kind: [] for kind in kinds}
    for at, job in enumerate(jobs):
        if not isinstance(job, SyncJob):
            fix = "add a Catch to it, or make a rule on the executions of the state machine"
            faults.add(f"jobs[{at}]", f"is an {type(job).__name__}, which sends no events", fix)
        elif job.name_filter is None:
            faults.add("jobs", f"has {job.node.id}, whose name is known only at run time", "pass it a job_name_prefix")
        else:
            names.setdefault(job.kind, []).append(job.name_filter)
    return names


def _check_statuses(statuses: Sequence[str], kinds: dict[JobKind, list[Any]], faults: Faults) -> None:
    for kind in kinds:
        known = enum_of(result_shape(kind.integration, sync=True), kind.status_member)
        for status in statuses:
            if status not in known:
                hint = did_you_mean(status, known)
                faults.add("statuses", f"must be one of {', '.join(sorted(known))}, got {status!r}{hint}")
