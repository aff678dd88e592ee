"""The roles of a run, as its record has them: what they are granted, and what was asked of the embedded IAM."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from constructs_ml.run_record import Asked, Role, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.local.runner.aws import LocalAws
    from constructs_ml.local.runner.deployment import Deployment

_ROLE = "AWS::IAM::Role"
_MOST_ROLES, _MOST_RESOURCES = 100, 5


def roles_of(aws: LocalAws, deployment: Deployment) -> list[Role]:
    """Return the roles of a deployment and all others that asked for something.

    Args:
        aws: The embedded AWS.
        deployment: The deployment.
    """
    paths = {
        each.physical_id: each.path or each.logical_id
        for stack in (*deployment.dependencies, deployment)
        for each in stack.resources
        if each.type == _ROLE
    }
    asked: dict[str, dict[tuple[str, bool], list[str]]] = defaultdict(dict)
    for decision in aws.event_log.decisions():
        key = (decision.action, decision.allowed)
        asked[decision.role].setdefault(key, []).append(decision.resource)
    iam = aws.client("iam")
    return [
        Role(
            name,
            paths.get(name, ""),
            list(_statements(iam, name)),
            [
                Asked(action, resources[:_MOST_RESOURCES], allowed)
                for (action, allowed), resources in sorted(asked[name].items())
            ],
        )
        for name in list(dict.fromkeys((*paths, *asked)))[:_MOST_ROLES]
    ]


def _statements(iam: Any, role: str) -> Iterator[Statement]:  # noqa: ANN401 - boto3 ships no types
    try:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    except iam.exceptions.NoSuchEntityException:  # of another account
        return
    for name in names:
        yield from _of(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for policy in attached:
        arn = policy["PolicyArn"]
        try:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        except iam.exceptions.NoSuchEntityException:
            continue
        yield from _of(found["Document"])


def _of(document: Any) -> Iterator[Statement]:  # noqa: ANN401 - JSON
    found = json.loads(document) if isinstance(document, str) else document
    for statement in _listed(found.get("Statement")):
        yield Statement(
            str(statement.get("Effect", "")),
            _texts(statement, "Action", "NotAction"),
            _texts(statement, "Resource", "NotResource"),
            json.dumps(statement["Condition"]) if statement.get("Condition") else "",
            "NotAction" in statement or "NotResource" in statement,
        )


def _texts(statement: Mapping[str, Any], *names: str) -> list[str]:
    return [str(each) for name in names for each in _listed(statement.get(name))]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [] if value is None else [value]
