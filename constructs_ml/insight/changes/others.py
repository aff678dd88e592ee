"""The resources without words of their own, counted by type."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import NESTED_STACK
from constructs_ml.cfn.granted import POLICIES, ROLE
from constructs_ml.cfn.template import STATE_MACHINES
from constructs_ml.insight.changes.canonical import canonical, without_hashes
from constructs_ml.insight.changes.events import EVENT_RULES
from constructs_ml.insight.changes.model import Count
from constructs_ml.insight.changes.permissions import DOCUMENTS, PERMISSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.insight.changes.resources import Side

Json = Any
_UNCOUNTED = {*STATE_MACHINES, *POLICIES, *EVENT_RULES, PERMISSION}
_TOLD = {
    ROLE: {"Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument", "PermissionsBoundary"},
    NESTED_STACK: {"TemplateURL"},
}
_KEPT = ("DeletionPolicy", "UpdateReplacePolicy", "Condition")
_OTHER_PARTS = {"Mappings": "mapping", "Parameters": "parameter", "Conditions": "condition", "Outputs": "output"}
_OF_BOOTSTRAP = "BootstrapVersion"


def counts_of_others(old: Side, new: Side) -> dict[str, Count]:
    """Return the other elements of two templates that differ, by type."""
    mine, theirs = _elements(old), _elements(new)
    counts: Counter[tuple[str, str]] = Counter()
    for key in mine.keys() | theirs.keys():
        if key not in mine or key not in theirs:
            counts[key[0], "removed" if key in mine else "added"] += 1
        elif mine[key] != theirs[key]:
            counts[key[0], "changed"] += 1
    counts.update(_changed_parts(old, new))
    kinds = sorted({kind for kind, _ in counts})
    return {kind: Count(*(counts[kind, what] for what in ("added", "removed", "changed"))) for kind in kinds}


def _elements(side: Side) -> dict[tuple[str, str], str]:
    found = {}
    for name, resource in side.resources.items():
        kind = str(resource.get("Type"))
        if kind in _UNCOUNTED:
            continue
        given = fields_of(side.resolved(resource.get("Properties")))
        told = {key: item for key, item in given.items() if key not in {*DOCUMENTS, *_TOLD.get(kind, ())}}
        kept = {key: resource[key] for key in _KEPT if key in resource}
        found[kind, name] = json.dumps([canonical(told), kept], sort_keys=True, default=str)
    return found


def _changed_parts(old: Side, new: Side) -> Counter[tuple[str, str]]:
    """Count what else a template consists of by its content: names of it are generated."""
    found: Counter[tuple[str, str]] = Counter()
    for part, kind in _OTHER_PARTS.items():
        was, now = (_contents(side, part) for side in (old, new))
        lost, gained = (was - now).total(), (now - was).total()
        both = min(lost, gained)
        for what, count in (("changed", both), ("removed", lost - both), ("added", gained - both)):
            if count:
                found[kind, what] = count
    return found


def _contents(side: Side, part: str) -> Counter[str]:
    members: Mapping[str, Json] = fields_of(side.template.get(part))
    return Counter(
        json.dumps(without_hashes(side.resolved(value)), sort_keys=True)
        for name, value in members.items()
        if name != _OF_BOOTSTRAP
    )
