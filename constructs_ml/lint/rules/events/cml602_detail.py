"""CML602."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_later, is_open, shown
from constructs_ml.errors import Severity
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.filters import excluded, may_match
from constructs_ml.lint.rules.events.patterns import EITHER, literals, patterns_of
from constructs_ml.sagemaker.events import SAGEMAKER, detail_of
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation
    from constructs_ml.lint.rules.events.patterns import Pattern
    from constructs_ml.sagemaker.events import Detail


def _rule(**detail: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    pattern = {"source": [SAGEMAKER], "detail-type": ["SageMaker Training Job State Change"], "detail": detail}
    return {"Resources": {"Failed": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}}}


@template_rule(
    "CML602",
    title="A pattern's detail matches events of its type",
    reason="A rule that requires a member or a status that no event of its type has is never triggered, without any "
    "notice. Statuses depend on the type: a training job's is Failed, an endpoint's FAILED. An unknown member that "
    "resembles no known one may be new: that is a warning. Source: 'Events that Amazon SageMaker AI sends to Amazon "
    "EventBridge' of the SageMaker developer guide; botocore's model of the API.",
    bad=_rule(TrainingJobStatus=["FAILED"]),
    good=_rule(TrainingJobStatus=["Failed"]),
)
def detail(resources: Resources) -> Iterator[Violation]:
    """Members and statuses that the events of a pattern do not have."""
    for pattern in patterns_of(resources):
        if not pattern.has_types_only:
            continue
        known = [detail_of(name) for name in pattern.types]
        described = [each for each in known if each is not None]
        if len(described) == len(known):
            yield from _of_pattern(pattern, described)


def _of_pattern(pattern: Pattern, details: list[Detail]) -> Iterator[Violation]:
    members = {member for each in details for member in (*each.members, *each.statuses)}
    in_full = all(each.members for each in details)
    for where, asked in pattern.details:
        for name, value in asked.items():
            if name == EITHER or is_later(name):
                continue
            if isinstance(value, (str, int, float)) and not is_later(value):
                problem, fix = f"must be a list, got {shown(value)}", f"write [{shown(value)}]"
                yield pattern.resource.violation(f"{where}.{name}", problem, fix)
            elif name not in members:
                yield from _unknown(pattern, f"{where}.{name}", name, members, in_full=in_full)
            else:
                yield from _statuses(pattern, f"{where}.{name}", name, value, details)


def _unknown(pattern: Pattern, member: str, name: str, members: set[str], *, in_full: bool) -> Iterator[Violation]:
    near = nearest(name, members)
    if near and is_near(name, near[0]):
        problem = f"is not a member of such events; did you mean {near[0]}?"
        yield pattern.resource.violation(member, problem)
    elif in_full:
        problem = "is not known to be a member of such events"
        yield pattern.resource.violation(member, problem, "", Severity.WARNING)


def _statuses(pattern: Pattern, member: str, name: str, value: Any, details: list[Detail]) -> Iterator[Violation]:  # noqa: ANN401 - JSON
    known = sorted({status for each in details for status in each.statuses.get(name, ())})
    if not known or any(name in each.members and name not in each.statuses for each in details):
        return
    items = value if isinstance(value, list) else []
    for item in items:
        if isinstance(item, Mapping) and not is_open(item) and not may_match(item, tuple(known)):
            problem = f"has a filter that matches no status of such events: {', '.join(known)}"
            yield pattern.resource.violation(member, problem)
    for status in literals(value):
        yield from _status(pattern, member, status, known)
    for status in (text for item in items for text in excluded(item)):
        yield from _status(pattern, member, status, known, Severity.WARNING)


def _status(
    pattern: Pattern, member: str, status: str, known: list[str], severity: Severity | None = None
) -> Iterator[Violation]:
    """Yield the violation for a status that does not exist; one that only differs in case is always an error."""
    if status in known:
        return
    plain = status.replace("_", "").lower()
    same = [each for each in known if each.replace("_", "").lower() == plain]
    near = same or nearest(status, known)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    problem = f"is {status!r}, which such events never have{hint}"
    fix = "" if hint else f"write one of {', '.join(known)}"
    yield pattern.resource.violation(member, problem, fix, None if same else severity)
