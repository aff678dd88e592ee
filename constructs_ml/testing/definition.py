"""Reads what is simulated: from a state machine's stack, a template or a definition."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.checks.reading.values import fields_of
from constructs_ml.checks.sources.definition_files import with_definitions
from constructs_ml.checks.sources.template import SAM_STATE_MACHINE, STATE_MACHINE, machines_of
from constructs_ml.testing.faults import SimulationError

if TYPE_CHECKING:
    from aws_cdk import CfnElement, Stack
    from aws_cdk import aws_stepfunctions as sfn

    Workflow = sfn.StateMachine | Stack | Mapping[str, Any]

_TOKEN = re.compile(r"\$\{Token\[([\w-]+)(?:\.([\w.-]+))?\]\}")
_ACCOUNT, _REGION = "111122223333", "us-east-1"
_ARNS = {
    "AWS::ECR::Repository": "arn:aws:ecr:{region}:{account}:repository/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{id}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::S3::Bucket": "arn:aws:s3:::{id}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{id}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{id}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{id}",
}
_OTHER_ARN = "arn:aws:{service}:{region}:{account}:{id}"
STATE_MACHINES = (STATE_MACHINE, SAM_STATE_MACHINE)
_REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}


def read(workflow: Workflow, logical_id: str | None = None) -> Mapping[str, Any]:
    """The definition that is meant, without intrinsic functions of CloudFormation.

    Args:
        workflow: A state machine, a stack, a template or a definition.
        logical_id: Which state machine of a stack or a template.

    Raises:
        SimulationError: If there is none, or it is not clear which.
    """
    if isinstance(workflow, Mapping):
        return _of_template(workflow, logical_id) if "Resources" in workflow else workflow
    cdk: Any = sys.modules.get("aws_cdk.aws_stepfunctions")
    if cdk is not None and isinstance(workflow, cdk.StateMachine):
        return _of_construct(workflow.node.default_child)
    if cdk is not None and isinstance(workflow, sys.modules["aws_cdk"].Stack):
        machines = {
            _logical_id(each): each for each in workflow.node.find_all() if isinstance(each, cdk.CfnStateMachine)
        }
        return _of_construct(machines[_meant(machines, logical_id)])
    fix = "pass a Workflow, an sfn.StateMachine, a stack, a template or a definition"
    raise SimulationError(f"{workflow!r} is nothing that can be simulated; {fix}")


def _logical_id(element: CfnElement) -> str:
    from aws_cdk import Stack

    logical_id: str = Stack.of(element).resolve(element.logical_id)
    return logical_id


def _of_construct(machine: CfnElement) -> Mapping[str, Any]:
    """The definition of a state machine whose stack is synthesized, once for all that is asked of it."""
    from aws_cdk import Stage

    logical_id = _logical_id(machine)
    stage = cast("Stage", Stage.of(machine))
    template: dict[str, Any] = {}
    for force in (False, True):
        # What was synthesized before may lack what was added since.
        directory = Path(stage.synth(force=force, error_on_duplicate_synth=False).directory)
        file = directory / machine.stack.template_file
        template = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if logical_id in template.get("Resources", {}):
            break
    return _of_template(with_definitions(template, file), logical_id)


def _of_template(template: Mapping[str, Any], logical_id: str | None) -> Mapping[str, Any]:
    resources = {
        name: _named(resource, template) if fields_of(resource).get("Type") in STATE_MACHINES else resource
        for name, resource in fields_of(template["Resources"]).items()
    }
    machines = {machine.name: machine for machine in machines_of({**template, "Resources": resources})}
    machine = machines[_meant(machines, logical_id)]
    if machine.unreadable:
        raise SimulationError(f"{machine.name}: the definition {machine.unreadable}")
    definition: Mapping[str, Any] = _deployed(machine.body, template)
    return definition


def _meant(machines: Collection[str], logical_id: str | None) -> str:
    """The logical id of the state machine that is asked for by it, or by the start of it, or not at all."""
    start = logical_id or ""
    meant = [start] if start in machines else [name for name in machines if name.startswith(start)]
    if len(meant) != 1:
        known = ", ".join(machines) or f"no {STATE_MACHINE} whose definition is in it"
        wanted = f"no state machine {logical_id}" if logical_id else "several state machines" if machines else "none"
        raise SimulationError(f"the template has {wanted}; name one with logical_id=, it has {known}")
    return meant[0]


def _named(value: Any, template: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A value with names and ARNs in the place of references to resources and parameters."""
    if isinstance(value, list):
        return [_named(item, template) for item in value]
    if not isinstance(value, Mapping):
        return value
    if list(value) == ["Ref"] and not str(value["Ref"]).startswith("AWS::"):
        return _name(value["Ref"], None, template)
    if list(value) == ["Fn::GetAtt"]:
        of = value["Fn::GetAtt"]
        name, attribute = of.split(".", 1) if isinstance(of, str) else of
        return _name(name, attribute, template)
    return {key: _named(item, template) for key, item in value.items()}


def _deployed(value: Any, template: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A value with names and ARNs in the place of references in texts (``Fn::Sub``)."""
    if isinstance(value, Mapping):
        return {key: _deployed(item, template) for key, item in value.items()}
    if isinstance(value, list):
        return [_deployed(item, template) for item in value]
    if isinstance(value, str):
        return _TOKEN.sub(lambda found: _name(found[1], found[2], template), value)
    return value


def _name(logical_id: str, attribute: str | None, template: Mapping[str, Any]) -> str:
    parameter = fields_of(fields_of(template.get("Parameters")).get(logical_id))
    if "Default" in parameter and not str(parameter.get("Type")).startswith("AWS::SSM::"):
        return str(parameter["Default"])
    kind = str(fields_of(template["Resources"].get(logical_id)).get("Type", ""))
    place = {"id": logical_id.lower(), "region": _REGION, "account": _ACCOUNT}
    if (attribute or "").endswith("Arn") or (attribute is None and kind in _REF_IS_ARN):
        service = kind.split("::")[1].lower() if "::" in kind else "simulated"
        return _ARNS.get(kind, _OTHER_ARN).format(service=service, **place)
    return "-".join(filter(None, (logical_id, attribute))).lower().replace(".", "-")
