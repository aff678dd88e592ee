"""CMS051."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries
from constructs_ml.lint.security.examples import resources
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Resource, Subject

_QUEUE = {"Arn": "arn:aws:sqs:us-east-1:111122223333:DeadLetters"}
_FIX = "pass dead_letter_queue to the target, as ml.JobStateChangeRule does"


def _rule(**target: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    topic = {"Id": "Topic", "Arn": "arn:aws:sns:us-east-1:111122223333:Alerts", **target}
    return resources(
        Failures=("AWS::Events::Rule", {"EventPattern": {"source": ["aws.sagemaker"]}, "Targets": [topic]})
    )


@security_rule(
    "CMS051",
    title="Each target of an EventBridge rule or schedule has a dead-letter queue",
    reason="An event that cannot be delivered is dropped after 24 hours or 185 attempts, without notice, be it of a "
    "job that failed or for a workflow that should start. Source: 'Using dead-letter queues to process undelivered "
    "events in EventBridge' of the EventBridge user guide.",
    controls=("CA-7", "SI-4"),
    bad=_rule(),
    good=_rule(DeadLetterConfig=_QUEUE),
)
def dead_letters(subject: Subject) -> Iterator[Violation]:
    """Targets whose undelivered events are dropped."""
    for rule in subject.resources("AWS::Events::Rule"):
        for at, target in entries(rule.properties.get("Targets")):
            yield from _without_queue(rule, f"Targets[{at}]", target)
    for schedule in subject.resources("AWS::Scheduler::Schedule"):
        yield from _without_queue(schedule, "Target", schedule.get("Target"))


def _without_queue(resource: Resource, member: str, target: Any) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    if not get(target, "DeadLetterConfig", "Arn"):
        yield resource.violation(f"{member}.DeadLetterConfig", "is missing", _FIX)
