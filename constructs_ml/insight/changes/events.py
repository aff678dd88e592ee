"""Event rules and schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.insight.changes.canonical import canonical
from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.insight.changes.members import differing
from constructs_ml.insight.changes.model import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.insight.changes.resources import Side

Json = Any
EVENT_RULES = ("AWS::Events::Rule", "AWS::Scheduler::Schedule")
_DEFAULTS = {"State": "ENABLED", "EventBusName": "default"}


def changes_of_events(old: Side, new: Side) -> Iterator[Change]:
    """Yield the differences between the event rules of two templates."""
    mine, theirs = _rules(old), _rules(new)
    for name in [*theirs, *(name for name in mine if name not in theirs)]:
        subject = (new if name in theirs else old).display(name)
        if name not in mine or name not in theirs:
            was, now = (_described(some.get(name)) for some in (mine, theirs))
            yield Change(Kind.RULE, subject, old=was, new=now)
            continue
        for path, before, after in differing(mine[name], theirs[name], as_sets=True):
            yield Change(Kind.MEMBER, subject, member=path, old=before, new=after)


def _rules(side: Side) -> dict[str, Mapping[str, Json]]:
    found = {}
    for name, resource in side.resources.items():
        if resource.get("Type") in EVENT_RULES:
            given = fields_of(side.resolved(resource.get("Properties")))
            told = {key: value for key, value in given.items() if key != "Tags" and value != _DEFAULTS.get(key)}
            targets = told.get("Targets")
            if isinstance(targets, list):
                # The id of a target is a number, so it is known by what it calls.
                told["Targets"] = [_target(each) for each in targets]
            found[name] = canonical(told)
    return found


def _target(target: Json) -> Json:
    known = fields_of(target)
    return {"Name": known.get("Arn"), **{name: item for name, item in known.items() if name not in {"Id", "Arn"}}}


def _described(rule: Mapping[str, Json] | None) -> Json:
    if rule is None:
        return ABSENT
    targets = rule.get("Targets", [rule.get("Target")])
    return {
        "on": rule.get("ScheduleExpression") or fields_of(rule.get("EventPattern")).get("detail-type") or "events",
        "targets": [each.get("Name", each.get("Arn")) for each in map(fields_of, targets)],
    }
