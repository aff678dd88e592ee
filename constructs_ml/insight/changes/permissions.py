"""The permissions of roles and of resources' policies, by action and resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import POLICIES, ROLE, listed
from constructs_ml.cfn.template import SAM_STATE_MACHINE, STATE_MACHINES
from constructs_ml.insight.changes.kinds import ABSENT, PERMISSIONS, Kind
from constructs_ml.insight.changes.model import Change
from constructs_ml.insight.changes.statements import Grant, grants_in, uncovered

if TYPE_CHECKING:
    from constructs_ml.insight.changes.resources import Side

Json = Any
DOCUMENTS = ("PolicyDocument", "KeyPolicy", "ResourcePolicy", "RepositoryPolicyText", "FileSystemPolicy")
_GUARDED = ("Bucket", "Queues", "Topics", "SecretId", "FunctionName", "Queue", "Topic", "TableArn")
"""The members of a policy resource that name what it is about."""
PERMISSION = "AWS::Lambda::Permission"
TRUST = "trust"


@dataclass
class Grantee:
    """The holder of permissions: a role, or a resource with a policy.

    Attributes:
        name: The name in words: ``role JobRole``.
        documents: The policy documents.
        trust: The trust policy of a role.
        managed: The ARNs and names of policies from elsewhere.
        boundary: The permissions boundary.
        about: The logical id of the resource that its policies protect.
    """

    name: str
    documents: list[Json] = field(default_factory=list)
    trust: Json = None
    managed: set[str] = field(default_factory=set)
    boundary: str = ""
    about: str = ""

    @property
    def grants(self) -> set[Grant]:
        """Everything that its policies allow and deny."""
        return grants_in(self.documents)


def changes_of_permissions(old: Side, new: Side) -> Iterator[Change]:
    """Yield the differences between what two templates allow."""
    mine, theirs = _grantees(old), _grantees(new)
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        one, other = mine.get(key), theirs.get(key)
        name = (other or one or Grantee("")).name
        is_role = name.startswith("role ") and key in {*old.resources, *new.resources}
        if is_role and (one is None or other is None):
            yield Change(Kind.ROLE, name, old=ABSENT if one is None else name, new=ABSENT if other is None else name)
        is_whole = one is None or other is None
        one, other = one or Grantee(name), other or Grantee(name)
        if is_whole and one.about + other.about in {*old.resources} ^ {*new.resources}:
            # A resource that comes or goes with its policy: a denial about it neither takes nor gives anything.
            allowed = (_of_effect(each.grants, "Allow") for each in (one, other))
            yield from _between(name, "", *allowed)
        else:
            yield from _between(name, "", one.grants, other.grants)
        yield from _between(name, TRUST, grants_in([one.trust]), grants_in([other.trust]))
        for arn in sorted(one.managed ^ other.managed):
            was, now = (arn if arn in each.managed else ABSENT for each in (one, other))
            yield Change(Kind.MANAGED, name, old=was, new=now)
        if one.boundary != other.boundary:
            yield Change(Kind.BOUNDARY, name, old=one.boundary or ABSENT, new=other.boundary or ABSENT)
    yield from _changed_roles(old, new, mine, theirs)
    for name, resource in new.resources.items():
        documents = {"Policies", "AssumeRolePolicyDocument", "ManagedPolicyArns", "PermissionsBoundary", *DOCUMENTS}
        holds = documents & set(fields_of(resource.get("Properties"))) or resource.get("Type") == PERMISSION
        parts = old.conditional_parts(name), new.conditional_parts(name)
        if holds and parts[0] != parts[1] and name in old.resources:
            yield Change(Kind.CONDITIONAL, new.display(name), member=PERMISSIONS, old=parts[0], new=parts[1])


def _changed_roles(
    old: Side, new: Side, mine: Mapping[str, Grantee], theirs: Mapping[str, Grantee]
) -> Iterator[Change]:
    """Yield the differences between what state machines may do that run as another role now."""
    for name, resource in new.resources.items():
        before = old.resources.get(name, {})
        if resource.get("Type") not in STATE_MACHINES or before.get("Type") not in STATE_MACHINES:
            continue
        was, now = (
            _role(side.resolved(fields_of(fields_of(each).get("Properties"))))
            for side, each in ((old, before), (new, resource))
        )
        if was != now and was and now:
            machine, one, other = new.display(name), _resource(was), _resource(now)
            if one in mine and other in theirs:
                yield from _between(machine, "", mine[one].grants, theirs[other].grants)
            else:
                yield Change(Kind.UNCERTAIN, machine, old=was, new=now)


def _role(properties: Mapping[str, Json]) -> str:
    value = properties.get("RoleArn", properties.get("Role"))
    return value if isinstance(value, str) else ""


def _resource(value: str) -> str:
    """Return the logical id that a resolved value refers to; the value itself if it refers to none."""
    if value.startswith("${Token[") and value.endswith("]}"):
        return value[len("${Token[") : -len("]}")].partition(".")[0]
    return value


def _grantees(side: Side) -> dict[str, Grantee]:
    found: dict[str, Grantee] = {}
    resources = {name: fields_of(side.resolved(each.get("Properties"))) for name, each in side.resources.items()}
    kinds = {name: str(each.get("Type")) for name, each in side.resources.items()}
    for name, properties in resources.items():
        if kinds[name] == ROLE:
            role = found[name] = Grantee(f"role {side.display(name)}", trust=properties.get("AssumeRolePolicyDocument"))
            role.documents += [fields_of(each).get("PolicyDocument") for each in listed(properties.get("Policies", []))]
            arns = [str(arn) for arn in listed(properties.get("ManagedPolicyArns", []))]
            role.managed = {arn for arn in arns if kinds.get(_resource(arn)) not in POLICIES}
            role.documents += [
                resources[own].get("PolicyDocument") for own in map(_resource, arns) if kinds.get(own) in POLICIES
            ]
            role.boundary = str(properties.get("PermissionsBoundary", ""))
    for name, properties in resources.items():
        kind = kinds[name]
        if kind in POLICIES:
            for holder in _holders(properties):
                grantee = found.setdefault(holder, Grantee(_holder_name(holder, side)))
                grantee.documents.append(properties.get("PolicyDocument"))
        elif kind == PERMISSION:
            about = str(properties.get("FunctionName"))
            grantee = found.setdefault(f"{PERMISSION} {about}", Grantee(f"function {_shown(about, side)}"))
            grantee.documents.append({"Statement": _of_permission(properties)})
        elif kind == SAM_STATE_MACHINE and "Policies" in properties:
            grantee = found[name] = Grantee(f"role of {side.display(name)}")
            policies = listed(properties["Policies"])
            grantee.documents = [each for each in policies if "Statement" in fields_of(each)]
            grantee.managed = {str(each) for each in policies if "Statement" not in fields_of(each)}
        elif kind != ROLE:
            documents = [properties[member] for member in DOCUMENTS if isinstance(properties.get(member), Mapping)]
            if documents:
                about = next((value for member in _GUARDED for value in listed(properties.get(member, []))), name)
                made = Grantee(f"policy of {_shown(str(about), side)}", about=_resource(str(about)))
                found.setdefault(f"{kind} {about}", made).documents.extend(documents)
    return found


def _holders(properties: Mapping[str, Json]) -> Iterator[str]:
    for member in ("Roles", "RoleName", "Users", "UserName", "Groups", "GroupName"):
        for value in listed(properties.get(member, [])):
            if isinstance(value, str):
                yield _resource(value)


def _holder_name(holder: str, side: Side) -> str:
    return f"role {side.display(holder)}" if holder in side.resources else f"role {holder}"


def _shown(value: str, side: Side) -> str:
    name = _resource(value)
    return side.display(name) if name in side.resources else value


def _of_permission(properties: Mapping[str, Json]) -> dict[str, Json]:
    """Return a permission of Lambda as a statement."""
    principal = str(properties.get("Principal"))
    keys = {"SourceArn": "aws:SourceArn", "SourceAccount": "aws:SourceAccount", "PrincipalOrgID": "aws:PrincipalOrgID"}
    tests = {key: properties[name] for name, key in keys.items() if name in properties}
    return {
        "Effect": "Allow",
        "Principal": {"Service" if "amazonaws.com" in principal else "AWS": principal},
        "Action": properties.get("Action"),
        "Resource": "*",
        "Condition": {
            "ArnLike" if key.endswith("Arn") else "StringEquals": {key: value} for key, value in tests.items()
        },
    }


def _between(name: str, member: str, old: set[Grant], new: set[Grant]) -> Iterator[Change]:
    for effect in ("Allow", "Deny"):
        was, now = _of_effect(old, effect), _of_effect(new, effect)
        for told in _joined(uncovered(now, was), was):
            yield Change(Kind.PERMISSION, name, member=member, new=told[0], partly=told[1])
        for told in _joined(uncovered(was, now), now):
            yield Change(Kind.PERMISSION, name, member=member, old=told[0], partly=told[1])


def _of_effect(grants: set[Grant], effect: str) -> set[Grant]:
    """Return the grants of an effect, without what is denied anyway."""
    found = {grant for grant in grants if grant.effect == effect}
    if effect == "Deny":
        return found
    denials = [grant for grant in grants if grant.effect == "Deny"]
    return {grant for grant in found if not any(denial.denies(grant) for denial in denials)}


def _joined(grants: Iterable[Grant], others: Iterable[Grant]) -> Iterator[tuple[Json, tuple[Json, ...]]]:
    """Yield grants as data, those together that differ only in their actions, then only in their resources.

    Each has the grants of the other version that it covers: what is already or still there.
    """
    known = list(others)
    by_resource: dict[Json, list[Grant]] = {}
    for grant in grants:
        parts = frozenset(_part(other, grant) for other in known if grant.covers(other))
        by_resource.setdefault((grant.effect, grant.principal, grant.resource, grant.tests, parts), []).append(grant)
    by_actions: dict[Json, list[str]] = {}
    for (effect, principal, resource, tests, parts), alike in by_resource.items():
        actions = tuple(sorted(str(grant.action) for grant in alike))
        by_actions.setdefault((effect, actions, tests, principal, parts), []).append(str(resource))
    found = [
        (
            {
                "effect": effect,
                **({"principal": principal} if principal else {}),
                "actions": list(actions),
                "resources": sorted(filter(None, resources)),
                "conditions": sorted(map(str, tests)),
            },
            tuple({name: list(values) for name, values in part} for part in sorted(parts)),
        )
        for (effect, actions, tests, principal, parts), resources in by_actions.items()
    ]
    yield from sorted(found, key=str)


def _part(other: Grant, grant: Grant) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what makes another grant only a part of this one."""
    found: list[tuple[str, tuple[str, ...]]] = []
    if other.action != grant.action:
        found.append(("actions", (str(other.action),)))
    if other.resource != grant.resource:
        found.append(("resources", (str(other.resource),)))
    if other.principal != grant.principal:
        found.append(("principals", (other.principal,)))
    if other.tests != grant.tests:
        found.append(("conditions", tuple(sorted(map(str, other.tests)))))
    return tuple(found)
