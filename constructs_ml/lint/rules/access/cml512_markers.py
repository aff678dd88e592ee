"""CML512."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.job_cache import cache_of
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import ROLE, listed
from constructs_ml.cfn.resources import Resources
from constructs_ml.errors import Violation
from constructs_ml.iam.policy import texts
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.iam.wildcards import matches
from constructs_ml.lint.examples import cached, policy
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.job_cache import JobCache
    from constructs_ml.asl.machine import Granted, Machine

_WRITE = "s3:PutObject"
_SAGEMAKER = "sagemaker.amazonaws.com"
_POLICY = "AWS::S3::BucketPolicy"
_TRANSPORT = {"aws:securetransport", "s3:tlsversion"}
"""The keys of conditions under which requests by other means are denied, of which jobs make none."""
_REFERENCE = re.compile(r"\$\{Token\[(\w+)\.Arn\]\}")
_ARN = re.compile(r"arn:[\w-]+:s3:::")


@rule(
    "CML512",
    title="No job may write the markers of cached jobs",
    reason="A marker says that a job has run and where its outputs are. A job that can write markers, or whoever has its role, can "
    "have other jobs taken from the cache with results of its choice. Only the role of the state machine writes them, below cache/ "
    "of the bucket. Statements with conditions and roles outside the template are not judged. Source: 'Security best practices in "
    "IAM' of the IAM user guide (apply least-privilege permissions).",
    bad=cached(policy(_WRITE, on="arn:aws:s3:::churn-results/*")),
    good=cached(policy(_WRITE, on="arn:aws:s3:::churn-results/Churn-1a2B/*")),
)
def markers(machine: Machine) -> Iterator[Violation]:
    """Roles of jobs whose statements certainly cover the markers of a cache."""
    caches = [found for state in machine.states if (found := cache_of(state)) is not None]
    if not caches:
        return
    for role, job in _roles(machine).items():
        for found in caches:
            owner = _writer(machine, role, found)
            if owner:
                problem = (
                    f"has its markers in {found.folder}, where the role {role} of {job} may write ({_WRITE} in {owner}), "
                    "so that they prove nothing"
                )
                yield Violation(found.state.name, "", problem, "limit the role to the folders of its jobs")
                break


def _roles(machine: Machine) -> dict[str, str]:
    """Return the roles of the template that its state machines pass to SageMaker, each with a state that does."""
    kinds = Resources(machine.template).kinds
    found: dict[str, str] = {}
    for each in {**machine.siblings, machine.name: machine}.values():
        for need, states in needs_of(each).known.items() if not each.unreadable else ():
            role = _REFERENCE.fullmatch(need.resources[0]) if need.passed_to == _SAGEMAKER else None
            if role and kinds.get(role[1]) == ROLE:
                found.setdefault(role[1], states[0])
    return found


def _writer(machine: Machine, role: str, found: JobCache) -> str:
    """Return the owner of the statement by which a role may write markers; empty if it certainly may not."""
    resources = Resources(machine.template)
    if "PermissionsBoundary" in resources[role].properties:
        return ""
    marker = f"{_place(found.bucket)}/{found.folder}{'0' * 64}.json"
    statements = [each for each in resources.grants.shown(role) if _covers(each, marker)]
    if any(each.effect == "Deny" for each in statements) or found.bucket in _guarded(machine):
        return ""
    allowing = (each for each in statements if each.effect == "Allow" and not each.conditions)
    return next((each.policy for each in allowing), "")


def _covers(statement: Granted, marker: str) -> bool:
    but, actions = texts(statement.but_actions), texts(statement.actions)
    if but and any(matches(pattern, _WRITE) for pattern in but):
        return False
    if not but and not any(matches(pattern, _WRITE) for pattern in actions):
        return False
    if statement.but_resources:
        return not any(matches(_place(pattern), marker) for pattern in texts(statement.but_resources))
    return any(matches(_place(pattern), marker) for pattern in texts(statement.resources))


def _place(text: str) -> str:
    """Return a bucket, or a pattern of ARNs, with the same text for the bucket's name and its ARN."""
    return _ARN.sub("", _REFERENCE.sub(r"${Token[\1]}", text))


@per_machine_cache
def _guarded(machine: Machine) -> frozenset[str]:
    """Return the buckets whose policies deny some writes that are made by TLS."""
    return frozenset(
        str(each.properties.get("Bucket"))
        for each in Resources(machine.template).of(_POLICY)
        for statement in listed(fields_of(each.properties.get("PolicyDocument")).get("Statement"))
        if _denies_writes(fields_of(statement))
    )


def _denies_writes(statement: Mapping[str, Any]) -> bool:
    actions = texts(listed(statement.get("Action", "*")))
    keys = {key.lower() for tests in fields_of(statement.get("Condition")).values() for key in fields_of(tests)}
    denies = statement.get("Effect") == "Deny" and any(matches(pattern, _WRITE) for pattern in actions)
    return denies and not keys & _TRANSPORT
