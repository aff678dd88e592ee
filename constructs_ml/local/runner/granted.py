"""Policies as they were granted: a run enforces them in the place of those that the template has.

Beside them are the roles that are made elsewhere, of which the app says what they need: the run makes them, allowed just that.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.generated_names import DeployedValues
from constructs_ml.cfn.physical_values import Place
from constructs_ml.documents.files import read_object
from constructs_ml.errors import RunInputError
from constructs_ml.iam.assembly_roles import AssemblyRole, placeholders_in, roles_of
from constructs_ml.local.aws.arns import partition_of
from constructs_ml.local.runner.given import as_run_errors
from constructs_ml.local.runner.outside import make_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from constructs_ml.cfn.assemblies import StackArtifact
    from constructs_ml.documents.node import Node
    from constructs_ml.local.runner.aws import LocalAws
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.outside import Outside

_ENDING = ".policy.json"
_ARN_PARTS = 6
_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_OWN = {"iam": False, "events": True, "logs": True, "sagemaker": True, "states": True}
"""Services whose ARNs in a policy are of the workflow's account, and whether they have a region."""


@dataclass(frozen=True)
class GrantedRoles:
    """The roles of a run's stacks, and what was granted to them.

    Attributes:
        roles: The roles.
        documents: The policies that were given, by the paths of their roles.
        given: The names of the roles that the run is given otherwise.
        values: The values of placeholders that are known before anything is deployed, by their names.
    """

    roles: tuple[AssemblyRole, ...]
    documents: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    @as_run_errors()
    def read(
        cls, assembly: Path, order: Iterable[StackArtifact], outside: Outside, folder: Path | None, place: Place
    ) -> GrantedRoles:
        """Read the granted policies.

        Args:
            assembly: The app's assembly.
            order: The stacks that are deployed.
            outside: The roles that are given otherwise.
            folder: The folder that ``constructs-ml policy --out`` has written, with the policies as they were granted.
            place: Where the run is.

        Raises:
            RunInputError: If a file of the folder belongs to no role, is not a policy, or has a placeholder that the run cannot fill in.
        """
        every = roles_of(assembly, account=place.account, region=place.region)
        paths = {stack.path for stack in order}
        roles = tuple(role for role in every if role.stack in paths and role.name)
        given = frozenset(role.name for role in roles if not role.logical_id and outside.has_role(role.name))
        documents = {} if folder is None else dict(_documents(folder, every, place))
        for role in roles:
            if role.name in given and role.path in documents:
                raise RunInputError(
                    f"role {role.name} is passed twice: by --role and by {role.file}{_ENDING} of --policies"
                )
        templates = [body for stack in order for body in (stack.body, *stack.nested.values())]
        values = _known_values(templates, place, outside.parameter)
        made = {name for body in templates for name in body.get("Resources", {})}
        for role in roles:
            unknown = [
                name
                for name in placeholders_in(documents.get(role.path))
                if name not in values and name.partition(".")[0] not in made
            ]
            if unknown:
                raise _not_filled_in(folder, role, unknown)
        return cls(roles, documents, given, values)

    @property
    def elsewhere(self) -> list[AssemblyRole]:
        """The roles that the run makes, as no template does."""
        return [role for role in self.roles if not role.logical_id and role.name not in self.given]

    @property
    def accounts(self) -> set[str]:
        """The accounts of these."""
        return {role.arn.split(":")[4] for role in self.elsewhere if role.arn.count(":") >= _ARN_PARTS - 1}

    def make(self, aws: LocalAws) -> list[str]:
        """Make the roles that no template makes; return the assumptions about roles without a policy in a template."""
        for role in self.elsewhere:
            make_role(aws, role.arn or role.name, role.policy if role.statements else None)
        return [
            f"role {role.name} has the permissions here that the app derives; pass the policies it has "
            f"(--policies, --role {role.name}=policy.json)"
            for role in self.elsewhere
            if role.path not in self.documents
        ] + [
            f"role {role.path} has none of what the app derives, as without_policy_updates() leaves it out; "
            "give what it may (constructs-ml policy --out DIR, --policies DIR)"
            for role in self.roles
            if role.dropped and role.path not in self.documents
        ]

    def unknown_boundaries(self, aws: LocalAws) -> list[str]:
        """Return the boundaries of roles that live elsewhere, so that they limit nothing here, in words."""
        iam = aws.client("iam")
        arns = dict.fromkeys(role.boundary for role in self.roles if role.boundary and "*" not in role.boundary)
        return [
            f"the permissions boundary {arn} lives elsewhere and limits nothing here"
            for arn in arns
            if not _is_policy(iam, arn)
        ]

    def enforce(self, aws: LocalAws, deployments: Iterable[Deployment], stacks: Iterable[StackArtifact]) -> None:
        """Replace all policies of the roles by those that were granted.

        Args:
            aws: Where.
            deployments: The deployment.
            stacks: Its stacks.
        """
        names = {stack.path: stack.name for stack in stacks}
        deployed = {each.name: each for each in deployments}
        values = {**self.values, **_deployed_values(aws, deployed.values())}
        for role in self.roles:
            if role.path not in self.documents:
                continue
            name = role.name
            if role.logical_id:
                deployment = deployed[names[role.stack]]
                name = deployment.paths.get(role.path.removeprefix(f"{role.stack}/"), "")
                name = name or deployment.physical_ids[role.logical_id]
            account = role.arn.split(":")[4] if role.arn else aws.account
            _put(aws.client_in(account, "iam"), name, _filled(self.documents[role.path], values))


def _documents(folder: Path, roles: list[AssemblyRole], place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
    if not folder.is_dir():
        raise RunInputError(f"there is no folder {folder}; write it: constructs-ml policy --out {folder}")
    files = sorted(folder.glob(f"*{_ENDING}"))
    if not files:
        raise RunInputError(f"{folder} has no *{_ENDING}; write them: constructs-ml policy --out {folder}")
    known = {role.file: role for role in roles}
    for file in files:
        role = known.get(file.name.removesuffix(_ENDING))
        if role is None:
            there = ", ".join(f"{name}{_ENDING}" for name in known) or "none"
            raise RunInputError(f"{file} is of no role of the app; its roles have {there}")
        document = read_object(file)
        _check(document)
        _check_place(file, document.object(), place)
        yield role.path, document.object()


def _check(document: Node) -> None:
    """Check that a document is a policy of a role."""
    if "Statement" not in document.object():
        raise document.must_be("a policy, with a Statement")
    statement = document["Statement"]
    for each in statement.items() if isinstance(statement.value, list) else [statement]:
        if each["Effect"].text() not in {"Allow", "Deny"}:
            raise each["Effect"].must_be("Allow or Deny")
        if "Principal" in each.object():
            raise each.must_be("a statement of a role's policy, without a Principal")
        for names in (("Action", "NotAction"), ("Resource", "NotResource")):
            values = [each[name].value for name in names if name in each.object()]
            if len(values) != 1 or not _are_texts(values[0]):
                raise each.must_be(f"a statement with {names[0]} or {names[1]}, a string or a list of strings")


def _are_texts(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _check_place(file: Path, document: Mapping[str, Any], place: Place) -> None:
    """Check that a policy is for the run's account and region, as nothing in it would match otherwise."""
    parts = [arn.split(":", _ARN_PARTS - 1) for arn in re.findall(r'"(arn:[^"]+)"', json.dumps(document))]
    own = [each for each in parts if len(each) == _ARN_PARTS and each[2] in _OWN]
    accounts = {each[4] for each in own if each[4].isdigit()}
    regions = {each[3] for each in own if _OWN[each[2]] and each[3].islower()}
    for kind, found, here in (("account", accounts, place.account), ("region", regions, place.region)):
        if found and here not in found:
            there = ", ".join(sorted(found))
            raise RunInputError(
                f"{file} is for the {kind} {there}, and the run is in {here}; pass --{kind} {min(found)}"
            )


def _known_values(
    templates: Iterable[Mapping[str, Any]], place: Place, parameters: Mapping[str, str]
) -> dict[str, str]:
    """The values of placeholders that are known before anything is deployed: of the place, of parameters and of mappings."""
    place = replace(place, partition=partition_of(place.region))
    found = {
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
        "AWS::Partition": place.partition,
        "AWS::URLSuffix": place.suffix,
    }
    for template in templates:
        for name, mapping in fields_of(template.get("Mappings")).items():
            of_region = fields_of(fields_of(mapping).get(place.region))
            found |= {f"{name}.{key}": value for key, value in of_region.items() if isinstance(value, str)}
    return found | dict(parameters)


def _not_filled_in(folder: Path | None, role: AssemblyRole, names: list[str]) -> RunInputError:
    told = ", ".join(f"${{{name}}}" for name in names)
    values = " ".join(f"--value '{name}=...'" for name in names)
    return RunInputError(
        f"{folder}/{role.file}{_ENDING} has {told}, which the run does not know; fill it in there, or write the files with "
        f"constructs-ml policy --out {folder} {values}"
    )


def _deployed_values(aws: LocalAws, deployments: Iterable[Deployment]) -> dict[str, DeployedValues]:
    """The values of placeholders for resources, by the names of the resources."""
    found = {}
    for deployment in deployments:
        place = Place(aws.account, aws.region, partition_of(aws.region), deployment.name)
        for each in deployment.resources:
            found[each.logical_id] = DeployedValues(each.type, each.logical_id, place, {}, each.physical_id)
    return found


def _filled(document: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        name, _, attribute = found[1].partition(".")
        known = values.get(found[1], values.get(name))
        if isinstance(known, DeployedValues):
            return str(known.attribute(attribute) if attribute else known.reference)
        return found[0] if known is None else str(known)

    return _PLACEHOLDER.sub(value, json.dumps(document))


def _is_policy(iam: Any, arn: str) -> bool:  # noqa: ANN401 - boto3 ships no types
    try:
        iam.get_policy(PolicyArn=arn)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _put(iam: Any, name: str, policy: str) -> None:  # noqa: ANN401 - boto3 ships no types
    for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=each)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.put_role_policy(RoleName=name, PolicyName="granted", PolicyDocument=policy)
