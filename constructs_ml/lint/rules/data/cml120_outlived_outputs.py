"""CML120."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.job_cache import cache_of
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import listed
from constructs_ml.cfn.resources import Resources
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import cached
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.job_cache import JobCache
    from constructs_ml.asl.machine import Machine

_BUCKET = "AWS::S3::Bucket"
_OWN = re.compile(r"ConstructsMlArtifacts[0-9A-F]{8}")
"""The library's bucket, which deletes no outputs."""
_REFERENCE = re.compile(r"\$\{Token\[(\w+)\]\}")
_DAY = 86_400
_LONGEST = 365 * _DAY
"""The seconds after which an execution ends that has no limit of its own."""
_UNJUDGED = ("ExpirationDate", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "TagFilters")


def _after(days: int) -> dict[str, Any]:
    return {"Rules": [{"Prefix": "Churn-1a2B/cache/", "ExpirationInDays": days, "Status": "Enabled"}]}


@rule(
    "CML120",
    title="The outputs of cached jobs outlive their markers by the longest execution",
    reason="An execution that finds a marker reads the outputs that it names until its end. If a lifecycle rule deletes them before, "
    "its jobs fail or read a part of them; if none deletes them, what expired markers name is paid for ever. The library's own "
    "bucket keeps outputs. Buckets outside the template are not checked. Source: 'Expiring objects' of the Amazon S3 user guide; "
    "'Quotas' of the Step Functions developer guide, by which an execution may take a year.",
    bad=cached(lifecycle=_after(30)),
    good=cached(lifecycle=_after(395)),
    severity=Severity.WARNING,
)
def outlived_outputs(machine: Machine) -> Iterator[Violation]:
    """Buckets whose lifecycle rules delete outputs too early, or never."""
    told: set[str] = set()
    for found in filter(None, map(cache_of, machine.states)):
        name = _REFERENCE.fullmatch(found.bucket)
        if found.expires is None or name is None or _OWN.fullmatch(name[1]) or not found.writes_outputs:
            continue
        resources = Resources(machine.template)
        problem = _problem(resources, name[1], found, _seconds(machine)) if name[1] not in told else None
        if problem is not None:
            told.add(name[1])
            yield Violation(found.state.name, "", *problem)


def _problem(resources: Resources, name: str, found: JobCache, longest: float) -> tuple[str, str] | None:
    """Return the problem of the rules of a bucket, and the fix."""
    if resources.kinds.get(name) != _BUCKET:
        return None
    given = resources[name].properties.get("LifecycleConfiguration", {})
    rules = listed(fields_of(given).get("Rules", []))
    if given and (not isinstance(given, dict) or not all(isinstance(each, dict) for each in rules)):
        return None
    expires = (found.expires or 0) / 1000
    needed = -(-int(expires + longest) // _DAY)
    removing = [each for each in rules if _removes(each, found.outputs)]
    fix = f"expire {found.outputs.rsplit('/', 2)[0]}/ after at least {needed} days"
    if not removing:
        return f"has outputs in {name} that no lifecycle rule deletes, although their markers expire", fix
    days = [each["ExpirationInDays"] for each in removing if _is_judged(each, found.outputs)]
    early = min((day for day in map(_whole, days) if day is not None), default=needed)
    if early >= needed:
        return None
    problem = (
        f"has outputs in {name} that a lifecycle rule deletes after {early} days, although a marker is found for "
        f"{expires / _DAY:g} days and an execution may then read them for {longest / _DAY:g}"
    )
    return problem, fix


def _removes(rule: Mapping[str, Any], outputs: str) -> bool:
    """Return whether a rule may delete some of the outputs."""
    prefix = rule.get("Prefix", "")
    deletes = "ExpirationInDays" in rule or "ExpirationDate" in rule
    if rule.get("Status") == "Disabled" or not deletes:
        return False
    return not isinstance(prefix, str) or "${" in prefix or outputs.startswith(prefix) or prefix.startswith(outputs)


def _is_judged(rule: Mapping[str, Any], outputs: str) -> bool:
    prefix = rule.get("Prefix", "")
    return (
        isinstance(prefix, str)
        and "${" not in prefix
        and outputs.startswith(prefix)
        and not any(member in rule for member in _UNJUDGED)
    )


def _whole(value: Any) -> int | None:  # noqa: ANN401 - JSON
    text = str(value)
    return int(text) if text.isdecimal() and text.isascii() else None


def _seconds(machine: Machine) -> float:
    """Return the seconds that an execution may take."""
    found = machine.body.get("TimeoutSeconds")
    return min(found, _LONGEST) if isinstance(found, int) and not isinstance(found, bool) and found > 0 else _LONGEST
