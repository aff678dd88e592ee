"""Event patterns for state changes of jobs, as plain data.

Source: "Events from Amazon SageMaker AI" of the EventBridge and SageMaker guides: source ``aws.sagemaker``, detail-type
``SageMaker Processing Job State Change`` and its siblings; "Monitor Labeling Job Status" of the SageMaker developer guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.iam.place import Place
    from constructs_ml.sagemaker.kinds import JobKind

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
    """The same for labeling jobs, whose events have their ARN but not their name.

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
