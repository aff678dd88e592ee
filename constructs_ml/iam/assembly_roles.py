"""The roles that the stacks of an assembly use, with what each must be allowed: as documents for who grants it.

Roles of a template have their policies there. Those of ``iam.Role.customize_roles`` and imported ones that get no policy in a
template are in aws-cdk-lib's policy report. What is known only at deployment becomes a pattern, as the names that CloudFormation
draws, or stays a placeholder: ``${AWS::AccountId}``, ``${Key.Arn}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import (
    NESTED_STACK,
    POLICY_REPORT,
    StackArtifact,
    nested_address,
    read_stack,
    stacks_of,
)
from constructs_ml.cfn.generated_names import NamePatterns
from constructs_ml.cfn.granted import POLICIES, ROLE, listed
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.cfn.physical_values import Place
from constructs_ml.cfn.template import STATE_MACHINES
from constructs_ml.documents.files import read_object
from constructs_ml.iam.statements import POLICY_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from constructs_ml.documents.node import Node

Json = Any
_VERSION = "2012-10-17"
_LATER = re.compile(r"\$\{Token\[([^\]]+)\]\}")
_IN_REPORT = re.compile(r"\(([^()]+)\)")
_REPORTED = {"ACCOUNT": "AWS::AccountId", "PARTITION": "AWS::Partition", "REGION": "AWS::Region"}
_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")
_OF_IAM = re.compile(r"\$\{(?!AWS::)(aws|s3|ec2|saml|sts|iam|kms|cognito-identity\.amazonaws\.com)[:.]", re.IGNORECASE)
_BY_REGION = re.compile(r"^FindInMap\((\w+),.*?([\w-]+)\)$")
"""An entry of a mapping that depends on the region, which is not known."""
_NUMBER = re.compile(r"\$\{TOKEN\.\d+\}|\(NOVALUE\)")
_NAMELESS = re.compile(r'stateMachineArn": "[^"]*:stateMachine:\$\{Token')
"""The statement of aws-cdk-lib's own for the key of a state machine without a name, which allows nothing."""
_DEEPEST = 20
_ANY_ACCOUNT = "${AWS::AccountId}"


@dataclass(frozen=True)
class AssemblyRole:
    """A role, and what it must be allowed.

    Attributes:
        stack: The construct path of the stack that uses it.
        path: Its construct's path; of an imported role its name.
        name: Its name, or a pattern of the one that CloudFormation will draw; empty if customize_roles has none for it yet.
        logical_id: Its logical id; empty if it is in no template.
        trust: Its trust policy.
        statements: The statements of all its policies.
        managed: The ARNs of its managed policies.
        boundary: The ARN of its permissions boundary.
        account: The account of the stack, or a placeholder for it.
        region: The region of the stack, likewise.
        arn: Its ARN, as far as the app uses it; empty of a role of a template.
        dropped: Whether a template makes it, and leaves out what it must be allowed.
    """

    stack: str
    path: str
    name: str = ""
    logical_id: str = ""
    trust: Mapping[str, Json] = field(default_factory=dict)
    statements: tuple[Json, ...] = ()
    managed: tuple[str, ...] = ()
    boundary: str = ""
    account: str = ""
    region: str = ""
    arn: str = ""
    dropped: bool = False

    @property
    def file(self) -> str:
        """The start of the names of its files."""
        return re.sub(r"[^\w+=,.@-]+", "-", self.path)

    @property
    def policy(self) -> dict[str, Json]:
        """All of its statements as one document."""
        return {"Version": _VERSION, "Statement": list(self.statements)}

    @property
    def placeholders(self) -> list[str]:
        """The names in ``${…}`` that somebody has to fill in."""
        return placeholders_in([self.policy, self.trust, self.managed, self.boundary])


def placeholders_in(documents: Json) -> list[str]:
    """Return the names in ``${…}`` of documents, without those that are IAM's own variables."""
    found = dict.fromkeys(_PLACEHOLDER.findall(json.dumps(documents)))
    return [name[2:-1] for name in found if not _OF_IAM.match(name) and name not in {"${*}", "${?}", "${$}"}]


def roles_of(
    assembly: Path,
    *,
    account: str | None = None,
    region: str | None = None,
    values: Mapping[str, str] | None = None,
    unknown_account: str | None = None,
) -> list[AssemblyRole]:
    """Return the roles that the stacks of an assembly use.

    Args:
        assembly: Its folder, ``cdk.out``.
        account: The account of stacks that may be deployed to any.
        region: The region of such stacks.
        values: Values for placeholders, by their names.
        unknown_account: The account passed to the app in place of an unknown one.

    Raises:
        UnreadableFileError: If a file cannot be read, or is not what it should be.
    """
    replaced = {} if unknown_account is None else {unknown_account: _ANY_ACCOUNT}
    return _Assembly(assembly, account, region, values or {}, replaced).roles()


@dataclass(frozen=True)
class _Template:
    """A template of a stack, or of one nested in it."""

    stack: StackArtifact
    body: Mapping[str, Json]
    place: Place
    given: Mapping[str, tuple[_Template, Json]] = field(default_factory=dict)

    @cached_property
    def resolver(self) -> Resolver:
        place = self.place
        pseudo = {
            "AWS::AccountId": place.account,
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackName": place.stack,
            "AWS::URLSuffix": "${AWS::URLSuffix}" if place.partition.startswith("$") else place.suffix,
        }
        return Resolver(self.body, pseudo)

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Json]]:
        found = fields_of(self.body.get("Resources"))
        return {str(name): fields_of(resource) for name, resource in found.items()}

    def path_of(self, name: str) -> str:
        path = fields_of(self.resources[name].get("Metadata")).get("aws:cdk:path")
        known = {logical_id: path for path, logical_id in self.stack.logical_ids.items()}
        return str(path or known.get(name) or f"{self.stack.path}/{name}")


class _Assembly:
    """The templates of an assembly and its policy report."""

    def __init__(
        self,
        folder: Path,
        account: str | None,
        region: str | None,
        values: Mapping[str, str],
        replaced: Mapping[str, str],
    ) -> None:
        self._folder, self._account, self._region, self._values = folder, account, region, values
        self._replaced = replaced
        self._tokens: dict[str, tuple[_Template, Json]] = {}
        self._templates: list[_Template] = []
        for artifact in stacks_of(folder):
            stack = read_stack(artifact)
            template = _Template(stack, stack.body, self._place(stack))
            self._templates += self._with_nested(template)
            for _, tokens in artifact.metadata(POLICY_TOKENS):
                self._tokens |= {str(name): (template, value) for name, value in fields_of(tokens).items()}

    def _place(self, stack: StackArtifact) -> Place:
        region = stack.region or self._region
        partition = "${AWS::Partition}" if region is None else _partition(region)
        account = self._replaced.get(stack.account or "", stack.account) or self._account or _ANY_ACCOUNT
        return Place(account, region or "${AWS::Region}", partition, stack.name)

    def _with_nested(self, template: _Template) -> Iterator[_Template]:
        yield template
        for resource in template.resources.values():
            body = template.stack.nested.get(nested_address(dict(resource)))
            if resource.get("Type") == NESTED_STACK and body is not None:
                given = fields_of(fields_of(resource.get("Properties")).get("Parameters"))
                values = {str(name): (template, value) for name, value in given.items()}
                # CloudFormation names a nested stack after the one that it is in.
                yield from self._with_nested(_Template(template.stack, body, template.place, values))

    # Roles -------------------------------------------------------------------------------------------------------

    def roles(self) -> list[AssemblyRole]:
        """Return the roles: by stacks, those of templates first."""
        found = [role for template in self._templates for role in self._of_template(template)]
        paths = {role.path for role in found}
        found += [role for role in self._of_report() if role.dropped or role.path not in paths]
        merged = _merged(found)
        order = {stack.path: at for at, stack in enumerate(template.stack for template in self._templates)}
        return sorted(self._with_uses(merged), key=lambda role: order.get(role.stack, len(order)))

    def _of_template(self, template: _Template) -> Iterator[AssemblyRole]:
        attached: dict[str, list[Json]] = {}
        for name, resource in template.resources.items():
            if resource.get("Type") in POLICIES:
                properties = fields_of(template.resolver.resolve(_names(resource.get("Properties"))))
                named = [*listed(properties.get("Roles", [])), *listed(properties.get("RoleName", []))]
                for role in named:
                    attached.setdefault(_logical(role), []).extend(_statements(properties.get("PolicyDocument")))
                attached.setdefault(name, []).extend(_statements(properties.get("PolicyDocument")))
        kinds = {name: resource.get("Type") for name, resource in template.resources.items()}
        for name, resource in template.resources.items():
            if resource.get("Type") == ROLE:
                yield self._own_role(template, name, attached)
        for name, statements in attached.items():
            if name not in kinds:
                told = _own_name(self._filled(name, template))
                yield self._role(template, told, told, statements=self._all(statements, template))

    def _own_role(self, template: _Template, name: str, attached: Mapping[str, list[Json]]) -> AssemblyRole:
        own = fields_of(template.resolver.resolve(template.resources[name].get("Properties")))
        statements = [
            statement
            for policy in listed(own.get("Policies", []))
            for statement in _statements(fields_of(policy).get("PolicyDocument"))
        ]
        arns = [arn for arn in listed(own.get("ManagedPolicyArns", [])) if isinstance(arn, str)]
        inside = [arn for arn in arns if template.resources.get(_logical(arn), {}).get("Type") in POLICIES]
        for arn in inside:
            statements += attached.get(_logical(arn), [])
        statements += attached.get(name, [])
        return self._role(
            template,
            template.path_of(name).removesuffix("/Resource"),
            self._of_resource(name, template, 0),
            logical_id=name,
            trust=self._json(own.get("AssumeRolePolicyDocument") or {}, template),
            statements=self._all(statements, template),
            managed=tuple(self._filled(arn, template) for arn in arns if arn not in inside),
            boundary=self._filled(str(own.get("PermissionsBoundary", "")), template),
        )

    def _role(self, template: _Template, path: str, name: str, **members: Json) -> AssemblyRole:
        place = template.place
        return AssemblyRole(template.stack.path, path, name, account=place.account, region=place.region, **members)

    def _of_report(self) -> Iterator[AssemblyRole]:
        file = self._folder / POLICY_REPORT
        for role in read_object(file)["roles"].items() if file.is_file() else ():
            path = role["roleConstructPath"].text()
            template = self._stack_of(path)
            if template is None:
                continue
            reported = [*_reported(role, "identityPolicyStatements"), *_reported(role, "managedPolicyStatements")]
            statements = [each for each in reported if not _NAMELESS.search(json.dumps(each))]
            trust = [template.resolver.resolve(_mended(each)) for each in _reported(role, "assumeRolePolicy")]
            made = self._made(role["roleName"].text(), template)
            if made is not None:
                told = tuple(_told(self._of_reported(each, template)) for each in statements)
                yield self._role(made[0], made[1], "", statements=told, dropped=True)
                continue
            missing = role["missing"].value is True
            name = "" if missing else _own_name(self._of_reported(role["roleName"].text(), template))
            yield self._role(
                template,
                name if not trust and name else path,
                name,
                trust={"Version": _VERSION, "Statement": trust} if trust else {},
                statements=tuple(_told(self._of_reported(each, template)) for each in statements),
                managed=tuple(self._of_reported(arn, template) for arn in _reported(role, "managedPolicyArns")),
            )

    def _made(self, name: str, template: _Template) -> tuple[_Template, str] | None:
        """The role of a template that a name in the report stands for, by its template and its path."""
        found, source = _LATER.fullmatch(name), template
        if found is None or found[1] not in self._tokens:
            return None
        for _ in range(_DEEPEST):
            known = self._tokens.get(found[1]) or source.given.get(found[1])
            if known is None and found[1].startswith("ImportValue("):
                known = self._exports.get(found[1][len("ImportValue(") : -1])
            if known is None:
                break
            source, value = known
            found = _LATER.fullmatch(str(source.resolver.resolve(value)))
            if found is None:
                return None
        own = found[1].partition(".")[0]
        is_role = source.resources.get(own, {}).get("Type") == ROLE
        return (source, source.path_of(own).removesuffix("/Resource")) if is_role else None

    def _stack_of(self, path: str) -> _Template | None:
        found = [each for each in self._templates if path.startswith(f"{each.stack.path}/")]
        return max(found, key=lambda each: len(each.stack.path), default=None)

    def _with_uses(self, roles: list[AssemblyRole]) -> Iterator[AssemblyRole]:
        """Yield the roles, those that are in no template with their ARNs and the services that they are used by."""
        uses: dict[str, dict[tuple[str, str], None]] = {}
        for template in self._templates:
            for resource in template.resources.values():
                if resource.get("Type") in STATE_MACHINES:
                    properties = fields_of(resource.get("Properties"))
                    given = template.resolver.resolve(properties.get("RoleArn", properties.get("Role")))
                    arn = self._filled(str(given), template)
                    uses.setdefault(_own_name(arn), {})[arn, "states.amazonaws.com"] = None
        for statement in (statement for role in roles for statement in role.statements):
            for arn, service in _passed(statement):
                uses.setdefault(_own_name(arn), {})[arn, service] = None
        for role in roles:
            used = [] if role.logical_id or not role.name else list(uses.get(role.name, ()))
            if not used:
                # An imported role that neither gets nor has anything to do is none of the app's.
                if role.logical_id or role.statements or role.trust:
                    yield role
                continue
            services = list(dict.fromkeys(service for _, service in used))
            yield replace(role, arn=used[0][0], trust=role.trust or _trust(services))

    # Values ------------------------------------------------------------------------------------------------------

    def _all(self, statements: Iterable[Json], template: _Template) -> tuple[Json, ...]:
        return tuple(self._json(each, template) for each in statements)

    def _json(self, value: Json, template: _Template, depth: int = 0) -> Json:
        if isinstance(value, str):
            return self._filled(value, template, depth)
        if isinstance(value, Mapping):
            return {name: self._json(item, template, depth) for name, item in value.items()}
        return [self._json(item, template, depth) for item in value] if isinstance(value, list) else value

    def _filled(self, text: str, template: _Template, depth: int = 0) -> str:
        """A resolved text with patterns, or placeholders, for what is known only later."""
        text = _LATER.sub(lambda found: self._later(found[1], template, depth), text)
        for one, other in self._replaced.items():
            text = text.replace(one, other)
        return _PLACEHOLDER.sub(lambda found: self._values.get(found[0][2:-1], found[0]), text)

    def _later(self, name: str, template: _Template, depth: int) -> str:
        name = _BY_REGION.sub(r"\1.\2", name)
        if name in self._values:
            return self._values[name]
        known: tuple[_Template, Json] | None = self._tokens.get(name) or template.given.get(name)
        parameter = fields_of(fields_of(template.body.get("Parameters")).get(name))
        if known is None and parameter:
            stored = str(parameter.get("Type", "")).startswith("AWS::SSM::")
            value = template.stack.parameters.get(name, None if stored else parameter.get("Default"))
            return f"${{{name}}}" if value is None else str(value)
        if known is None and name.startswith("ImportValue("):
            known = self._exports.get(name[len("ImportValue(") : -1])
        if known is not None and depth < _DEEPEST:
            source, value = known
            return str(self._json(source.resolver.resolve(value), source, depth + 1))
        return self._of_resource(name, template, depth)

    def _of_resource(self, name: str, template: _Template, depth: int) -> str:
        own, _, attribute = name.partition(".")
        resource = template.resources.get(own)
        if resource is None or depth >= _DEEPEST:
            return f"${{{name}}}"
        if resource.get("Type") == NESTED_STACK and attribute.startswith("Outputs."):
            body = template.stack.nested.get(nested_address(dict(resource)), {})
            inner = next((each for each in self._templates if each.body is body), None)
            output = fields_of(fields_of(body.get("Outputs")).get(attribute.removeprefix("Outputs.")))
            if inner is not None and output:
                return str(self._json(inner.resolver.resolve(output.get("Value")), inner, depth + 1))
        given = fields_of(template.resolver.resolve(resource.get("Properties")))
        # A name may be made of other values; a value that is the resource's own again would never end.
        texts = {str(key): value for key, value in given.items() if isinstance(value, str) and f"[{own}" not in value}
        properties = {key: self._filled(value, template, depth + 1) for key, value in texts.items()}
        found = NamePatterns(str(resource.get("Type")), own, template.place, properties).pattern(attribute)
        return f"${{{name}}}" if found is None else found

    @cached_property
    def _exports(self) -> dict[str, tuple[_Template, Json]]:
        return {
            str(template.resolver.resolve(fields_of(output.get("Export")).get("Name"))): (template, output.get("Value"))
            for template in self._templates
            for output in map(fields_of, fields_of(template.body.get("Outputs")).values())
        }

    @cached_property
    def _elements(self) -> dict[str, tuple[_Template, str]]:
        found = {
            path: (template, name)
            for template in reversed(self._templates)
            for path, name in template.stack.logical_ids.items()
        }
        return found | {
            template.path_of(name): (template, name) for template in self._templates for name in template.resources
        }

    def _of_reported(self, value: Json, template: _Template) -> Json:
        """A value of the report, where ``(ACCOUNT)`` and ``(Stack/Bucket/Resource.Arn)`` stand for references."""
        if isinstance(value, Mapping):
            return {name: self._of_reported(item, template) for name, item in value.items()}
        if isinstance(value, list):
            return [self._of_reported(item, template) for item in value]
        if not isinstance(value, str):
            return value
        text = _IN_REPORT.sub(lambda found: self._reference(found, template), value)
        return self._filled(text, template)

    def _reference(self, found: re.Match[str], template: _Template) -> str:
        if found[1] in _REPORTED:
            return str(template.resolver.pseudo[_REPORTED[found[1]]])
        path, _, attribute = found[1].rpartition(".")
        for each in self._templates:
            if each.stack is template.stack and path in fields_of(each.body.get("Mappings")):
                value = {"Fn::FindInMap": [path, {"Ref": "AWS::Region"}, attribute]}
                return self._filled(str(each.resolver.resolve(value)), each)
        if path not in self._elements:
            return found[0]
        source, name = self._elements[path]
        return self._later(name if attribute == "Ref" else f"{name}.{attribute}", source, 0)


def _names(value: Json) -> Json:
    """A value with the name of a state machine in the place of its part of the ARN, as grants on executions have it."""
    match value:
        case {"Fn::Select": [6 | "6", {"Fn::Split": [":", {"Ref": str(machine)}]}]}:
            return {"Fn::GetAtt": [machine, "Name"]}
        case {**members}:
            return {name: _names(item) for name, item in members.items()}
        case [*items]:
            return [_names(item) for item in items]
    return value


def _told(statement: Json) -> Json:
    """A statement of the report without resources of which it has a number only, next to others: grants add such to no effect."""
    found = fields_of(statement)
    resources = listed(found.get("Resource", []))
    known = [each for each in resources if not _NUMBER.fullmatch(str(each))]
    return {**found, "Resource": known} if known and len(known) < len(resources) else statement


def _merged(roles: Iterable[AssemblyRole]) -> list[AssemblyRole]:
    """Join the entries of one role, as of an imported one that several stacks grant something."""
    found: dict[str, AssemblyRole] = {}
    for role in roles:
        known = found.get(role.path)
        statements = role.statements if known is None else known.statements + role.statements
        unique = {json.dumps(each, sort_keys=True): each for each in statements}
        dropped = role.dropped or (known is not None and known.dropped)
        found[role.path] = replace(known or role, statements=tuple(unique.values()), dropped=dropped)
    return list(found.values())


def _statements(document: Json) -> list[Json]:
    found = fields_of(document).get("Statement")
    return [] if found is None else listed(found)


def _logical(value: Json) -> str:
    """The logical id that a resolved value refers to; the value itself if it refers to none."""
    found = _LATER.fullmatch(str(value))
    return found[1] if found else str(value)


def _own_name(arn: str) -> str:
    """The name of a role, of its ARN too."""
    return arn.rpartition("/")[2]


def _reported(role: Node, member: str) -> list[Json]:
    return [each.value for each in role[member].items()]


def _mended(value: Json) -> Json:
    """A value of the report in which aws-cdk-lib has put empty lists in the place of empty strings."""
    if isinstance(value, Mapping):
        joined = value.get("Fn::Join")
        if isinstance(joined, list) and joined[:1] == [[]]:
            return {"Fn::Join": ["", _mended(joined[1])]}
        return {name: _mended(item) for name, item in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value


def _passed(statement: Json) -> Iterator[tuple[str, str]]:
    """The roles that a statement lets be passed, each with the service."""
    found = fields_of(statement)
    conditions = [fields_of(keys) for keys in fields_of(found.get("Condition")).values()]
    services = [each for keys in conditions for each in listed(keys.get("iam:PassedToService", []))]
    if "iam:PassRole" in listed(found.get("Action")):
        yield from ((str(arn), str(service)) for arn in listed(found.get("Resource")) for service in services)


def _trust(services: list[str]) -> dict[str, Json]:
    principal = {"Service": services[0] if len(services) == 1 else services}
    return {
        "Version": _VERSION,
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
