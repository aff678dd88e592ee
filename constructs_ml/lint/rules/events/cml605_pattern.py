"""CML605."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_open
from constructs_ml.errors import Severity
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.filters import FILTERS
from constructs_ml.lint.rules.events.patterns import EITHER, patterns_of
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation
    from constructs_ml.lint.rules.events.patterns import Pattern

Json = Any
_ENVELOPE = (
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
)


def _rule(**fields: Json) -> Mapping[str, Json]:
    pattern = {"source": ["aws.sagemaker"], **fields}
    return {"Resources": {"Failed": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}}}


@template_rule(
    "CML605",
    title="A pattern is valid, and uses only fields that events have",
    reason="EventBridge refuses an empty list and an unknown filter. A pattern with a field that no event has never "
    "matches: outside of detail, all events have the same fields. Source: 'Amazon EventBridge event patterns' and "
    "'Comparison operators for use in event patterns in Amazon EventBridge' of the EventBridge user guide; "
    "aws/event-ruler.",
    bad=_rule(detailType=["SageMaker Training Job State Change"]),
    good=_rule(**{"detail-type": ["SageMaker Training Job State Change"]}),
)
def pattern(resources: Resources) -> Iterator[Violation]:
    """Patterns that are refused, or that require something that no event has."""
    for each in patterns_of(resources):
        for name in each.body:
            if name not in _ENVELOPE and name != EITHER and not is_open(name):
                yield _unknown(each, name)
        yield from _within(each, each.body, each.member)


def _unknown(of: Pattern, name: str) -> Violation:
    plain = name.replace("_", "-").lower()
    same = [known for known in _ENVELOPE if known.replace("-", "") == plain.replace("-", "")]
    near = f"; did you mean {same[0]}?" if same else did_you_mean(name, _ENVELOPE)
    severity = None if near else Severity.WARNING
    return of.resource.violation(
        f"{of.member}.{name}", f"is not a field of any event{near}", "" if near else "move it into detail", severity
    )


def _within(of: Pattern, body: Mapping[str, Json], member: str) -> Iterator[Violation]:
    for name, value in body.items():
        here = f"{member}.{name}"
        if is_open(value):
            continue
        if isinstance(value, Mapping):
            yield from _within(of, value, here)
        elif value == []:
            yield of.resource.violation(here, "must not be empty")
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if not isinstance(item, Mapping) or is_open(item):
                    continue
                if name == EITHER:
                    yield from _within(of, item, f"{here}[{at}]")
                else:
                    yield from _filter(of, item, f"{here}[{at}]")


def _filter(of: Pattern, item: Mapping[str, Json], member: str) -> Iterator[Violation]:
    if len(item) > 1 and not any(map(is_open, item)):
        yield of.resource.violation(member, f"combines {len(item)} filters", "write each as an item of its own")
    for name in item:
        if name not in FILTERS and not is_open(name):
            problem = f"has the filter {name!r}, which does not exist in EventBridge{did_you_mean(name, FILTERS)}"
            yield of.resource.violation(member, problem)
