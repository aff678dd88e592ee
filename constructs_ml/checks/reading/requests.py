"""The requests that a state machine sends to SageMaker, and what the API's model has against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.checks.reading.composed_images import with_images
from constructs_ml.checks.reading.integration import SDK, integration_of
from constructs_ml.checks.reading.once import once
from constructs_ml.checks.reading.text import resources
from constructs_ml.checks.reading.values import fields_of, is_open
from constructs_ml.checks.violation import Severity, Violation
from constructs_ml.sagemaker.finding import Rule
from constructs_ml.sagemaker.finding import Severity as Certainty
from constructs_ml.sagemaker.model import ModelError, input_shape
from constructs_ml.sagemaker.request import WHOLE, check_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.machine import Machine
    from constructs_ml.checks.reading.definition import State
    from constructs_ml.sagemaker.finding import Finding

_SERVICES = {"sagemaker", f"{SDK}sagemaker"}
_PATH = re.compile(r"\$|\$\$?[.\[].*|States\.\w+\(.*", re.DOTALL)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
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


class Later(Enum):
    """Stands for a value that is known only when the template is deployed or the workflow runs."""

    VALUE = "known only later"


LATER = Later.VALUE


@dataclass(frozen=True, slots=True)
class Request:
    """What a state sends.

    Attributes:
        state: The state.
        operation: ``CreateTrainingJob``.
        body: The request. A member whose name ends in ``.$`` is known only at run time.
    """

    state: State
    operation: str
    body: Mapping[str, Any]

    @property
    def root(self) -> str:
        """The field that holds it."""
        return "Arguments" if self.state.language is Language.JSONATA else "Parameters"

    def get(self, *names: str) -> Any:  # noqa: ANN401 - JSON
        """The member that these names lead to; ``LATER`` if it is known only later, None if it is not there."""
        return get(self.body, *names)

    def violation(self, member: str, problem: str, fix: str = "", severity: Severity | None = None) -> Violation:
        """What is wrong with a member."""
        return Violation(self.state.name, f"{self.root}.{member}", problem, fix, severity)


def get(value: Any, *names: str) -> Any:  # noqa: ANN401 - JSON
    """The member of a value that these names lead to; ``LATER`` if it is known only later, None if it is not there."""
    for name in names:
        if not isinstance(value, Mapping) or is_open(value):
            return LATER
        if f"{name}.$" in value:
            return LATER
        value = value.get(name)
        if value is None:
            return None
    return LATER if is_open(value) or _is_path(value) else value


@once
def requests_of(machine: Machine) -> tuple[Request, ...]:
    """The requests to SageMaker that can be read, of both its optimized and its SDK integration."""
    return tuple(_requests(machine))


@once
def texts_of_requests(machine: Machine) -> tuple[tuple[Request, str, str], ...]:
    """All texts in the requests to SageMaker, each with its request and its member."""
    return tuple(
        (request, member, text) for request in requests_of(machine) for member, text in _texts(request.body, "")
    )


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(item, f"{path}[{at}]")


def violations(machine: Machine, *rules: Rule) -> Iterator[Violation]:
    """What the model of the API has against the requests, of these rules."""
    for request, finding in _findings(machine):
        if finding.rule in rules:
            severity = Severity.WARNING if finding.severity is Certainty.WARNING else Severity.ERROR
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
        if finding.rule is Rule.RELATION and finding.topic in topics:
            yield _violation(request.state.name, request.root, finding)
    for name, finding in _resource_findings(machine):
        if finding.rule is Rule.RELATION and finding.topic in topics:
            yield _violation("", f"{name}.Properties", finding)


def resource_violations(machine: Machine, rule: Rule) -> Iterator[Violation]:
    """What is wrong with SageMaker's resources of the template, by a rule."""
    for name, finding in _resource_findings(machine):
        if finding.rule is rule:
            yield _violation("", f"{name}.Properties", finding)


def _violation(state: str, root: str, finding: Finding) -> Violation:
    severity = Severity.WARNING if finding.severity is Certainty.WARNING else Severity.ERROR
    member = root if finding.member == WHOLE else f"{root}.{finding.member}"
    return Violation(state, member, finding.problem, finding.fix, severity)


@once
def _resource_findings(machine: Machine) -> tuple[tuple[str, Finding], ...]:
    """What is wrong with SageMaker's resources in the template; told with the first of its state machines."""
    if machine.name != next(iter(machine.siblings), machine.name):
        return ()
    return tuple(
        (name, finding)
        for name, operation, properties in resource_requests(machine)
        for finding in check_request(operation, properties)
        if finding.rule in {Rule.RELATION, Rule.IMAGE}
    )


def resource_requests(machine: Machine) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """SageMaker's resources in the template: their logical ids, the operations that make them, and their properties."""
    for name, resource in resources(machine).items():
        operation = _RESOURCES.get(str(fields_of(resource).get("Type")))
        properties = fields_of(resource).get("Properties")
        if operation and isinstance(properties, Mapping):
            yield str(name), operation, with_images(properties, machine.template)


def _requests(machine: Machine) -> Iterator[Request]:
    for state in machine.states:
        call = integration_of(state)
        # Without a payload a state sends its input, which is known only at run time.
        if call is None or call.service not in _SERVICES or not isinstance(state.payload, Mapping):
            continue
        try:
            input_shape(call.operation)
        except ModelError:
            continue
        yield Request(state, call.operation, state.payload)


@once
def _findings(machine: Machine) -> tuple[tuple[Request, Finding], ...]:
    return tuple((request, finding) for request in requests_of(machine) for finding in _of_request(request))


def _of_request(request: Request) -> Iterator[Finding]:
    found = check_request(request.operation, _without_paths(request.body))
    meant = {_meant(finding) for finding in found if finding.rule is Rule.UNKNOWN}
    for finding in found:
        # A path that is misplaced is told by the rules about data flow; a member that is misspelt is not missing too.
        if finding.rule is not Rule.RUNTIME and not (finding.rule is Rule.REQUIRED and finding.member in meant):
            yield _with_null(finding, request.body)


def _with_null(finding: Finding, body: Any) -> Finding:  # noqa: ANN401 - JSON
    """The finding that a member is missing, as what it is if the member is there and null, which counts as left out."""
    if finding.rule is not Rule.REQUIRED:
        return finding
    value = body
    for index, name in _STEP.findall(finding.member):
        value = value[int(index)] if index else fields_of(value).get(name, _ABSENT)
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
    return _LATER_TEXT if _is_path(value) or (isinstance(value, str) and is_open(value)) else value


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("$", "States.")) and _PATH.fullmatch(value) is not None
