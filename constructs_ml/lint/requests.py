"""The requests that a state machine sends to SageMaker, and what the API's model has against them."""

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
"""The functions of CloudFormation that put a text together."""


def with_images(value: Json, template: Mapping[str, Any]) -> Json:
    """Properties of a resource with the texts of its images, in the place of the functions that put them together.

    Args:
        value: The properties, or what is in them.
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
    """The same with a value known only later for each choice: an example of it would prove nothing."""
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
"""The resources of CloudFormation whose properties are the members of an operation."""
_LATER_TEXT = "{% known only when it runs %}"


def violations(machine: Machine, *rules: FindingKind) -> Iterator[Violation]:
    """What the model of the API has against the requests, of these rules."""
    for request, finding in _findings(machine):
        if finding.rule in rules:
            severity = finding.severity
            member = f"{request.root}.{finding.member}"
            problem = finding.problem
            if " " in finding.member.split("[")[0]:
                # "the key 'x' of Environment": words, not a path.
                member, problem = request.root, f"{finding.member} {problem}"
            # Findings speak of Python; a definition is JSON.
            fix = finding.fix.lower() if finding.fix in {"pass True", "pass False"} else finding.fix
            yield Violation(request.state.name, member, problem, fix, severity)


def relation_violations(machine: Machine, *topics: str) -> Iterator[Violation]:
    """What relations between members, of these topics, are broken: in the requests, and in resources of the template."""
    for request, finding in _findings(machine):
        if finding.rule is FindingKind.RELATION and finding.topic in topics:
            yield _violation(request.state.name, request.root, finding)
    for name, finding in _resource_findings(machine):
        if finding.rule is FindingKind.RELATION and finding.topic in topics:
            yield _violation("", f"{name}.Properties", finding)


def resource_violations(machine: Machine, rule: FindingKind) -> Iterator[Violation]:
    """What is wrong with SageMaker's resources of the template, by a rule."""
    for name, finding in _resource_findings(machine):
        if finding.rule is rule:
            yield _violation("", f"{name}.Properties", finding)


def _violation(state: str, root: str, finding: Finding) -> Violation:
    severity = finding.severity
    member = root if finding.member == WHOLE else f"{root}.{finding.member}"
    return Violation(state, member, finding.problem, finding.fix, severity)


@per_machine_cache
def _resource_findings(machine: Machine) -> tuple[tuple[str, Finding], ...]:
    """What is wrong with SageMaker's resources in the template; told with the first of its state machines."""
    if machine.name != next(iter(machine.siblings), machine.name):
        return ()
    return tuple(
        (name, finding)
        for name, operation, properties in resource_requests(machine)
        for finding in check_request(operation, properties)
        if finding.rule in {FindingKind.RELATION, FindingKind.IMAGE}
    )


def resource_requests(machine: Machine) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """SageMaker's resources in the template: their logical ids, the operations that make them, and their properties."""
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
        # A path that is misplaced is told by the rules about data flow; a member that is misspelt is not missing too.
        if finding.rule is not FindingKind.RUNTIME and not (
            finding.rule is FindingKind.REQUIRED and finding.member in meant
        ):
            yield _with_null(finding, request.body)


def _with_null(finding: Finding, body: Any) -> Finding:  # noqa: ANN401 - JSON
    """The finding that a member is missing, as what it is if the member is there and null, which counts as left out."""
    if finding.rule is not FindingKind.REQUIRED:
        return finding
    value = body
    for step in member_steps(finding.member):
        value = value[step] if isinstance(step, int) else fields_of(value).get(step, _ABSENT)
    return replace(finding, problem="is null, but required") if value is None else finding


def _meant(finding: Finding) -> str:
    """The member that was probably meant by an unknown one."""
    above, dot, _ = finding.member.rpartition(".")
    meant = re.match(r"did you mean (\w+)\?", finding.fix)
    return above + dot + meant[1] if meant else ""


def _without_paths(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with a runtime value instead of each text that is put in later, or was meant as a path."""
    if isinstance(value, Mapping):
        return {key: item if str(key).endswith(".$") else _without_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_paths(item) for item in value]
    return _LATER_TEXT if is_path(value) or (isinstance(value, str) and is_open(value)) else value
