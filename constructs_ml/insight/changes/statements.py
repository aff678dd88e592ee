"""Policies as single grants that can be compared, however they are spread over statements.

One grant covers another if all that the other allows is allowed by it: a wildcard covers names, and a grant without a condition covers
one with it. A grant that only several others cover together counts as not covered.

Source: "IAM JSON policy elements" of the IAM user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import listed
from constructs_ml.iam.wildcards import matches
from constructs_ml.insight.changes.canonical import HASH

Json = Any
_ACCOUNT = re.compile(r"[0-9]{12}|\$\{Token\[AWS::AccountId\]\}")
_PARTITION = "${Token[AWS::Partition]}"
_KEPT = 65_536
_ANYBODY = "*"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of actions or resources: those that match a pattern, or all that match none of some.

    Attributes:
        patterns: The patterns; one if they are not excluded.
        excluded: True for all names but these.
        written: The patterns as they were written; the names of actions have no case.
    """

    patterns: tuple[str, ...]
    excluded: bool = False
    written: tuple[str, ...] = field(default=(), compare=False)

    def covers(self, other: Names) -> bool:
        """Return whether all of the other's names are among these."""
        if not self.excluded:
            return "*" in self.patterns or (
                not other.excluded
                and all(any(_contains(one, each) for one in self.patterns) for each in other.patterns)
            )
        if other.excluded:
            return all(any(_contains(each, one) for each in other.patterns) for one in self.patterns)
        return not any(matches(one, each) for one in self.patterns for each in other.patterns)

    def __str__(self) -> str:
        names = ", ".join(self.written or self.patterns)
        return f"anything but {names}" if self.excluded else names


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a condition.

    Attributes:
        operator: The operator: ``StringLike``.
        key: The key: ``s3:prefix``.
        values: The values, as strings.
    """

    operator: str
    key: str
    values: frozenset[str]

    def follows_from(self, other: Test) -> bool:
        """Return whether it holds whenever the other one holds."""
        if self.key.lower() != other.key.lower():
            return False
        mine, theirs = self.operator.lower(), other.operator.lower()
        if mine not in {theirs, f"{theirs}ifexists"}:
            mine, theirs = mine.removesuffix("ifexists"), theirs.removesuffix("ifexists")
            if (theirs, mine) not in {
                ("stringequals", "stringlike"),
                ("arnequals", "arnlike"),
                ("arnlike", "arnequals"),
            }:
                return False
        if "not" in mine.rpartition(":")[2]:
            return self.values <= other.values
        if mine.removesuffix("ifexists").endswith(("like", "arnequals")):
            return all(any(_contains(one, each) for one in self.values) for each in other.values)
        return other.values <= self.values

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {', '.join(sorted(self.values))}"


@dataclass(frozen=True, slots=True)
class Grant:
    """One effect on one resource and action, for one principal.

    Attributes:
        effect: ``Allow`` or ``Deny``.
        principal: Its holder: ``Service: states.amazonaws.com``; empty for a role's own.
        action: The actions.
        resource: The resources; without patterns in a trust policy.
        tests: The conditions, all of which must hold.
    """

    effect: str
    principal: str
    action: Names
    resource: Names
    tests: frozenset[Test] = frozenset()

    def covers(self, other: Grant) -> bool:
        """Return whether the other one allows or denies nothing that this one does not."""
        return (
            self.effect == other.effect
            and self._has_principal_of(other)
            and self.action.covers(other.action)
            and self.resource.covers(other.resource)
            and all(any(test.follows_from(each) for each in other.tests) for test in self.tests)
        )

    def denies(self, other: Grant) -> bool:
        """Return whether this one, a denial, leaves nothing of the other."""
        return (
            not self.tests
            and self._has_principal_of(other)
            and self.action.covers(other.action)
            and self.resource.covers(other.resource)
        )

    def _has_principal_of(self, other: Grant) -> bool:
        return self.principal in {other.principal, _ANYBODY}


def grants_in(documents: Iterable[Json]) -> set[Grant]:
    """Return the grants of policy documents without intrinsic functions."""
    return {
        grant
        for document in documents
        for statement in listed(fields_of(document).get("Statement", []))
        if isinstance(statement, Mapping)
        for grant in _grants(statement)
    }


def uncovered(grants: Iterable[Grant], others: Iterable[Grant]) -> list[Grant]:
    """Return the grants that no other one covers, without those that one of them covers."""
    known = set(others)
    found = [grant for grant in set(grants) - known if not any(other.covers(grant) for other in known)]
    widest: list[Grant] = []
    for at, grant in enumerate(found):
        is_covered = any(
            other.covers(grant) and (not grant.covers(other) or place < at)
            for place, other in enumerate(found)
            if place != at
        )
        if not is_covered:
            widest.append(grant)
    return widest


def _grants(statement: Mapping[str, Json]) -> Iterator[Grant]:
    effect = str(statement.get("Effect", "Allow"))
    tests = frozenset(
        Test(str(operator), str(key), frozenset(_without_hash(_text(value)) for value in listed(values)))
        for operator, keys in fields_of(statement.get("Condition")).items()
        for key, values in fields_of(keys).items()
    )
    actions = _names(statement, "Action", "NotAction", lower=True)
    resources = _names(statement, "Resource", "NotResource") or [Names(())]
    for principal, action, resource in product(_principals(statement), actions, resources):
        yield Grant(effect, principal, action, resource, tests)


def _names(statement: Mapping[str, Json], member: str, but: str, *, lower: bool = False) -> list[Names]:
    if but in statement:
        written = tuple(sorted(map(_name, listed(statement[but]))))
        return [Names(tuple(each.lower() for each in written) if lower else written, excluded=True, written=written)]
    names = map(_name, listed(statement.get(member, [])))
    return [Names((each.lower() if lower else _without_hash(each),), written=(each,)) for each in names]


def _name(value: Json) -> str:
    return re.sub(r"\*+", "*", _text(value).replace(_PARTITION, "aws"))


def _without_hash(value: str) -> str:
    """Return a value without the digests of assets: a new version of the code is no other permission."""
    return HASH.sub("#", value)


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True)


def _principals(statement: Mapping[str, Json]) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield f"anybody but {_text(statement['NotPrincipal'])}"
        return
    principal = statement.get("Principal", "")
    if not isinstance(principal, Mapping):
        yield _text(principal)
        return
    for kind, names in principal.items():
        for name in map(_text, listed(names)):
            if kind == "AWS" and name == _ANYBODY:
                yield _ANYBODY
            elif kind == "AWS" and _ACCOUNT.fullmatch(name):
                yield f"AWS: arn:aws:iam::{name}:root"
            else:
                yield f"{kind}: {name.replace(_PARTITION, 'aws')}"


@lru_cache(_KEPT)
def _contains(pattern: str, other: str) -> bool:
    """Return whether a pattern matches all that another one matches, and knows of no case that is certain."""
    # row[j]: whether what has been read of the pattern covers the first j characters of the other.
    row = [True] + [False] * len(other)
    for mine in pattern:
        above, row = row, [row[0] and mine == "*"]
        for at, char in enumerate(other, 1):
            if mine == "*":
                row.append(above[at] or row[-1])
            elif mine == "?":
                row.append(above[at - 1] and char != "*")
            else:
                row.append(above[at - 1] and mine == char)
    return row[-1]
