"""The requests that a state machine sends to SageMaker, checked against the API's model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import member_steps
from constructs_ml.asl.machine import per_machine_cache, resources
from constructs_ml.asl.values import fields_of, is_open
from constructs_ml.cfn.intrinsics import Resolver, later
from constructs_ml.errors import FindingKind, Violation
from constructs_ml.sagemaker.registries import IMAGE_MEMBERS
from constructs_ml.sagemaker.request import WHOLE, check_request
from constructs_ml.sagemaker.task_requests import Request, is_path, requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Finding


Json = Any
_TEXTS = {"Fn::Join", "Fn::Sub"}
"""CloudFormation's functions that assemble strings."""


def with_images(value: Json, template: Mapping[str, Any]) -> Json:
    """Resolve the functions that assemble the image URIs of a resource.

    Args:
        value: The resource's properties, or a part of them.
        template: The template that the functions refer to.
    """
    if isinstance(value, list):
        return [with_images(item, template) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: Resolver(template).resolve(_unchosen(item))
        if key in IMAGE_MEMBERS and _puts_together(item)
        else with_images(item, template)
        for key, item in value.items()
    }


def _puts_together(value: Json) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and not _TEXTS.isdisjoint(value)


def _unchosen(value: Json) -> Json:
    """Replace each ``Fn::If`` by a value known only at deployment: one branch as an example would prove nothing."""
    if isinstance(value, list):
        return [_unchosen(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return later("If") if "Fn::If" in value else {key: _unchosen(item) for key, item in value.items()}


_ABSENT = object()
_RESOURCES = {
    "AWS::SageMaker::Endpoint": "CreateEndpoint",
    "AWS::SageMaker::EndpointConfig": "CreateEndpointConfig",
    "AWS::SageMaker::InferenceComponent": "CreateInferenceComponent",
    "AWS::SageMaker::Model": "CreateModel",
    "AWS::SageMaker::ModelPackage": "CreateModelPackage",
    "AWS::SageMaker::FeatureGroup": "CreateFeatureGroup",
}
"""CloudFormation resources whose properties are the members of an operation's request."""
_LATER_TEXT = "{% known only when it runs %}"


def violations(machine: Machine, *rules: FindingKind) -> Iterator[Violation]:
    """Yield the violations of the API's model in the requests, for these kinds of finding."""
    for request, finding in _findings(machine):
        if finding.rule in rules:
            severity = finding.severity
            member = f"{request.root}.{finding.member}"
            problem = finding.problem
            if " " in finding.member.split("[")[0]:
                # "the key 'x' of Environment" is prose, not a path.
                member, problem = request.root, f"{finding.member} {problem}"
            # Findings use Python literals; a definition is JSON.
            fix = finding.fix.lower() if finding.fix in {"pass True", "pass False"} else finding.fix
            yield Violation(request.state.name, member, problem, fix, severity)


def relation_violations(machine: Machine, *topics: str) -> Iterator[Violation]:
    """Yield broken relations between members, for these topics, in requests and in resources of the template."""
    for request, finding in _findings(machine):
        if finding.rule is FindingKind.RELATION and finding.topic in topics:
            yield _violation(request.state.name, request.root, finding)
    for name, finding in _resource_findings(machine):
        if finding.rule is FindingKind.RELATION and finding.topic in topics:
            yield _violation("", f"{name}.Properties", finding)


def resource_violations(machine: Machine, rule: FindingKind) -> Iterator[Violation]:
    """Yield the violations of one kind in the template's SageMaker resources."""
    for name, finding in _resource_findings(machine):
        if finding.rule is rule:
            yield _violation("", f"{name}.Properties", finding)


def _violation(state: str, root: str, finding: Finding) -> Violation:
    severity = finding.severity
    member = root if finding.member == WHOLE else f"{root}.{finding.member}"
    return Violation(state, member, finding.problem, finding.fix, severity)


@per_machine_cache
def _resource_findings(machine: Machine) -> tuple[tuple[str, Finding], ...]:
    """Return the findings about the template's SageMaker resources; only its first state machine reports them."""
    if machine.name != next(iter(machine.siblings), machine.name):
        return ()
    return tuple(
        (name, finding)
        for name, operation, properties in resource_requests(machine)
        for finding in check_request(operation, properties)
        if finding.rule in {FindingKind.RELATION, FindingKind.IMAGE}
    )


def resource_requests(machine: Machine) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the logical id, creating operation and properties of each SageMaker resource in the template."""
    for name, resource in resources(machine).items():
        operation = _RESOURCES.get(str(fields_of(resource).get("Type")))
        properties = fields_of(resource).get("Properties")
        if operation and isinstance(properties, Mapping):
            yield str(name), operation, with_images(properties, machine.template)


@per_machine_cache
def _findings(machine: Machine) -> tuple[tuple[Request, Finding], ...]:
    return tuple((request, finding) for request in requests_of(machine) for finding in _of_request(request))


def _of_request(request: Request) -> Iterator[Finding]:
    found = check_request(request.operation, _without_paths(request.body))
    meant = {_meant(finding) for finding in found if finding.rule is FindingKind.UNKNOWN}
    for finding in found:
        # The data-flow rules report misplaced paths; a misspelt member is not reported as missing as well.
        if finding.rule is not FindingKind.RUNTIME and not (
            finding.rule is FindingKind.REQUIRED and finding.member in meant
        ):
            yield _with_null(finding, request.body)


def _with_null(finding: Finding, body: Any) -> Finding:  # noqa: ANN401 - JSON
    """Reword a finding that a member is missing if the member is there but null, which the API treats as absent."""
    if finding.rule is not FindingKind.REQUIRED:
        return finding
    value = body
    for step in member_steps(finding.member):
        value = value[step] if isinstance(step, int) else fields_of(value).get(step, _ABSENT)
    return replace(finding, problem="is null, but required") if value is None else finding


def _meant(finding: Finding) -> str:
    """Return the member that an unknown one was probably meant to be; empty if there is no suggestion."""
    above, dot, _ = finding.member.rpartition(".")
    meant = re.match(r"did you mean (\w+)\?", finding.fix)
    return above + dot + meant[1] if meant else ""


def _without_paths(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Replace each string that is filled in later, or was meant as a path, by a runtime value."""
    if isinstance(value, Mapping):
        return {key: item if str(key).endswith(".$") else _without_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_paths(item) for item in value]
    return _LATER_TEXT if is_path(value) or (isinstance(value, str) and is_open(value)) else value
