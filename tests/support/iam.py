"""Decides with the emulator's policy engine what the roles of a template may do.

It evaluates what a role's policies allow: actions and resources with wildcards, and conditions. What it does not: whether an
action takes a resource of that type (tests/iam/test_granted_resources.py asks the service authorization reference), which
condition keys a service sends, policy variables such as ``${aws:userid}``, ARNs colon by colon in ``ArnLike``, and service
control policies. Policies of resources, such as those of keys and buckets, are not asked here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator as engine

from support.templates import ACCOUNT, Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGION = "us-east-1"
_UNKNOWN = re.compile(r"\$\{|aws:TagKeys|ForA(?:ny|ll)Value")
_ASSET = re.compile(r"\b[0-9a-f]{64}\b")
_HASH = re.compile(r"^(.+?)[0-9A-F]{8}$")


@dataclass(frozen=True)
class Call:
    """One call that a role makes.

    Attributes:
        action: As ``s3:GetObject``.
        resource: The ARN that it is made on, or ``*``.
        context: The condition keys that the service sends, and their values.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        of = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{f' with {of}' if of else ''}"


@dataclass(frozen=True)
class Role:
    """A role, its policies and who may assume it."""

    arn: str
    trust: dict[str, Any]
    policies: list[dict[str, Any]]

    def may(self, call: Call) -> bool:
        """Whether its policies allow a call."""
        return bool(engine.evaluate(_context(self.arn, call), self._parsed).decision == "Allow")

    @cached_property
    def _parsed(self) -> list[Any]:
        return [engine.parse_policy_document(policy) for policy in self.policies]

    def grants(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """What its policies grant, action by action and resource by resource, with the conditions."""
        for policy in self.policies:
            for statement in policy["Statement"]:
                assert statement["Effect"] == "Allow"
                for action in _listed(statement["Action"]):
                    for resource in _listed(statement["Resource"]):
                        yield action, resource, statement.get("Condition", {})

    def not_for(self, calls: list[Call]) -> list[str]:
        """What its policies grant that no call is made with."""
        made = {(call.action, call.resource) for call in calls}
        return [
            f"{action} on {resource}"
            for action, resource, _ in self.grants()
            if not any(done == action and engine.fnmatch_iam_cs(on, resource) for done, on in made)
        ]

    def may_be_assumed(self, principal: str, context: Mapping[str, str]) -> bool:
        """Whether a service, or whoever has an ARN, may assume it."""
        asked = _context(principal, Call("sts:AssumeRole", self.arn, context))
        return bool(engine.evaluate_resource_policy(self.trust, asked, service=principal).decision == "Allow")


def _context(principal: str, call: Call) -> engine.EvalContext:
    return engine.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=call.action,
        resource_arn=call.resource,
        region=REGION,
        source_ip="192.0.2.1",
        secure_transport=True,
        service_context={key.lower(): value for key, value in call.context.items()},
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def roles_of(template: dict[str, Any]) -> dict[str, Role]:
    """The roles of a template, by the start of their logical ids; their names are these, in lower case."""
    deployed = Deployment(_without_hashes(template))
    resources = deployed.template["Resources"]
    attached: dict[str, list[dict[str, Any]]] = {}
    for name, resource in resources.items():
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for role in resource["Properties"].get("Roles", []):
                # An imported role is named by a text.
                known_as = role["Ref"] if isinstance(role, dict) else role
                document = deployed.resolve(resource["Properties"]["PolicyDocument"])
                assert engine.validate_policy_document(document) is None, name
                assert not _UNKNOWN.search(json.dumps(document)), f"the engine does not read all of {name}"
                attached.setdefault(known_as, []).append(document)
    found = {}
    for name, properties in deployed.resources("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in properties, f"{name} has policies that the template does not show"
        inline = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        arn = deployed.resolve({"Fn::GetAtt": [name, "Arn"]})
        found[name] = Role(arn, properties["AssumeRolePolicyDocument"], [*inline, *attached.pop(name, [])])
    return found | {name: Role(f"imported {name}", {}, policies) for name, policies in attached.items()}


def _without_hashes(template: dict[str, Any]) -> dict[str, Any]:
    """A template whose logical ids and assets can be foretold."""
    text = _ASSET.sub("asset", json.dumps(template))
    for name in template["Resources"]:
        bare = _HASH.match(name)
        if bare is not None and bare[1] not in template["Resources"]:
            text = text.replace(f'"{name}"', f'"{bare[1]}"')
    renamed: dict[str, Any] = json.loads(text)
    assert len(renamed["Resources"]) == len(template["Resources"]), "two resources have the same name without hashes"
    return renamed
