"""CML601."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_later, shown
from constructs_ml.errors import Severity
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.patterns import literals, patterns_of
from constructs_ml.sagemaker.events import DATED, DETAIL_TYPES, SAGEMAKER
from constructs_ml.spelling import is_near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation
    from constructs_ml.lint.rules.events.patterns import Pattern


_MOST = 2
_SAME = {"state", "status"}


def meant(given: str, known: Iterable[str]) -> str:
    """Return the detail-type that another spelling, or one with a misspelt word or two, means; empty if none does.

    Types differ by their words: a type with another word is another type, which may be new.
    """
    found: dict[str, int] = {}
    for name in known:
        if _squeezed(given) in {_squeezed(name), _squeezed(name.partition(" ")[2])}:
            return name
        wrong = _wrong_words(given.lower().split(), name.lower().split())
        if wrong is not None:
            found[name] = wrong
    return min(found, key=lambda name: (found[name], name)) if found else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).lower()


def _wrong_words(given: list[str], known: list[str]) -> int | None:
    """Return the number of misspelt words; None if there are too many, or other words."""
    if len(given) != len(known):
        return None
    pairs = [(one, other) for one, other in zip(given, known, strict=True) if one != other]
    misspelt = all({one, other} == _SAME or is_near(one, other) for one, other in pairs)
    return len(pairs) if misspelt and len(pairs) <= _MOST else None


_OF_AWS = {
    "sagemaker": SAGEMAKER,
    "states": "aws.states",
    "stepfunctions": "aws.states",
    "aws.stepfunctions": "aws.states",
}

_SENDERS = {name: source for source, names in DETAIL_TYPES.items() for name in names}


def _rule(detail_type: str) -> Mapping[str, Any]:
    pattern = {"source": [SAGEMAKER], "detail-type": [detail_type]}
    return {"Resources": {"Failed": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}}}


@template_rule(
    "CML601",
    title="A pattern for events of SageMaker or Step Functions names an existing source and detail-type",
    reason="A rule whose pattern matches no event is never triggered, without any notice. Types are compared "
    "character by character: those of jobs end in 'Job State Change', those of pipelines in 'Status Change'. An "
    "unknown type that resembles no known one may be new: that is a warning. Source: 'Amazon SageMaker AI events' and "
    "'AWS Step Functions events' of the EventBridge events reference.",
    bad=_rule("SageMaker Training Job Status Change"),
    good=_rule("SageMaker Training Job State Change"),
)
def detail_type(resources: Resources) -> Iterator[Violation]:
    """Sources and detail-types that no event has."""
    for pattern in patterns_of(resources):
        for name in ("source", "detail-type"):
            given = pattern.body.get(name)
            if isinstance(given, (str, int, float)) and not is_later(given):
                fix = f"write [{shown(given)}]"
                yield pattern.resource.violation(f"{pattern.member}.{name}", f"must be a list, got {shown(given)}", fix)
        yield from _sources(pattern)
        yield from _types(pattern)


def _sources(pattern: Pattern) -> Iterator[Violation]:
    given = pattern.body.get("source")
    for at, source in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(source, str) or is_later(source) or source in DETAIL_TYPES:
            continue
        likely = _OF_AWS.get(source.lower(), source.lower())
        if likely not in DETAIL_TYPES:
            continue
        # An application may use that name, but it sends no events of SageMaker's types.
        certain = source.lower().startswith("aws.") or any(meant(name, DETAIL_TYPES[likely]) for name in pattern.types)
        problem = f"is {source!r}, which is not a source of AWS's events; did you mean {likely!r}?"
        severity = None if certain else Severity.WARNING
        yield pattern.resource.violation(f"{pattern.member}.source[{at}]", problem, "", severity)


def _types(pattern: Pattern) -> Iterator[Violation]:
    known = [name for source in sorted(pattern.sources) for name in DETAIL_TYPES[source]]
    others = literals(pattern.body.get("detail-type"))
    if not known or not others:
        return
    for at, name in enumerate(pattern.body["detail-type"]):
        if not isinstance(name, str) or is_later(name) or name in known:
            continue
        likely = meant(name, known)
        member, problem = f"{pattern.member}.detail-type[{at}]", f"is {name!r}, which is not a type of event"
        if likely:
            yield pattern.resource.violation(member, f"{problem}; did you mean {likely!r}?")
        elif pattern.is_of_aws and (sender := _SENDERS.get(name)):
            yield pattern.resource.violation(
                member, f"is {name!r}, which {sender} sends", f"write {sender} as the source"
            )
        elif pattern.is_of_aws:
            fix = "if it is newer than that, acknowledge this finding"
            problem = f"{problem} that {' or '.join(sorted(pattern.sources))} was known to send in {DATED}"
            yield pattern.resource.violation(member, problem, fix, Severity.WARNING)
