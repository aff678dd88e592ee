"""Reading of the simulated definition from a state machine's stack, a template or a definition."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.template import PLACES, STATE_MACHINE, STATE_MACHINES, machines_of, with_definitions
from constructs_ml.errors import SimulationError
from constructs_ml.testing.deployed_app import DeployedApp
from constructs_ml.testing.uses import Uses

if TYPE_CHECKING:
    from aws_cdk import CfnElement, Stack
    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.testing.template_values import TemplateValues

    Workflow = sfn.StateMachine | Stack | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A definition in its deployed form.

    Attributes:
        body: The definition, without intrinsic functions of CloudFormation.
        made: The origins of its generated values.
    """

    body: Mapping[str, Any]
    made: Mapping[str, str] = field(default_factory=dict)


def read(workflow: Workflow, logical_id: str | None = None) -> Deployed:
    """Return the definition that a test means, in its deployed form.

    Args:
        workflow: A state machine, a stack, a template or a definition.
        logical_id: The logical id of the state machine in a stack or a template.

    Raises:
        SimulationError: If there is none, it is not clear which, or something in it has no value.
    """
    try:
        return _read(workflow, logical_id)
    except RecursionError as error:
        raise SimulationError("values of the template refer to each other in a circle") from error


def _read(workflow: Workflow, logical_id: str | None) -> Deployed:
    if isinstance(workflow, Mapping):
        if "Resources" not in workflow:
            return _filled(workflow, DeployedApp())
        app = DeployedApp.of_template(workflow)
        return _of_template(app, app.stacks[0], workflow, logical_id)
    cdk: Any = sys.modules.get("aws_cdk.aws_stepfunctions")
    if cdk is not None and isinstance(workflow, cdk.StateMachine):
        return _of_construct(workflow.node.default_child)
    if cdk is not None and isinstance(workflow, sys.modules["aws_cdk"].Stack):
        machines = _named([each for each in workflow.node.find_all() if isinstance(each, cdk.CfnStateMachine)])
        return _of_construct(machines[_meant(machines, logical_id)])
    fix = "pass a Workflow, an sfn.StateMachine, a stack, a template or a definition"
    raise SimulationError(f"{workflow!r} cannot be simulated; {fix}")


def _named(machines: list[CfnElement]) -> dict[str, CfnElement]:
    """Return state machines by their logical ids, or by their paths if nested stacks use the same logical id."""
    ids = [_logical_id(each) for each in machines]
    return {
        str(each.node.path) if ids.count(name) > 1 else name: each for name, each in zip(ids, machines, strict=True)
    }


def _logical_id(element: CfnElement) -> str:
    from aws_cdk import Stack

    logical_id: str = Stack.of(element).resolve(element.logical_id)
    return logical_id


def _of_construct(machine: CfnElement) -> Deployed:
    """Return the definition of a state machine, whose stack is synthesized once for all simulations."""
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
    root, *inner = _way_to(machine.stack)
    app = DeployedApp(directory, (str(directory / root), *inner))
    return _of_template(app, app.simulated, with_definitions(template, file), logical_id)


def _way_to(stack: Stack) -> tuple[str, ...]:
    """Return the file of the outermost stack around a nested one, and the logical ids that lead to it."""
    parent = stack.nested_stack_parent
    if parent is None or stack.nested_stack_resource is None:
        return (stack.template_file,)
    return (*_way_to(parent), _logical_id(cast("CfnElement", stack.nested_stack_resource)))


def _of_template(
    app: DeployedApp, values: TemplateValues, template: Mapping[str, Any], logical_id: str | None
) -> Deployed:
    resources = {
        name: _deployed(resource, values) if fields_of(resource).get("Type") in STATE_MACHINES else resource
        for name, resource in fields_of(template["Resources"]).items()
    }
    machines = {machine.name: machine for machine in machines_of({**template, "Resources": resources})}
    machine = machines[_meant(machines, logical_id)]
    if machine.unreadable:
        raise SimulationError(f"{machine.name}: the definition {machine.unreadable}")
    return _filled(machine.body, app)


def _deployed(resource: Mapping[str, Any], values: TemplateValues) -> Mapping[str, Any]:
    """A state machine without intrinsic functions; a definition that is in a file has none."""
    properties = fields_of(resource.get("Properties"))
    is_file = any(place in properties for place in PLACES)
    kept = {key: value for key, value in properties.items() if is_file and key == "DefinitionString"}
    resolved = values.resolve({key: value for key, value in properties.items() if key not in kept})
    return {**resource, "Properties": {**resolved, **kept}}


def _filled(body: Mapping[str, Any], app: DeployedApp) -> Deployed:
    return Deployed(Uses(app).fill(body), app.stand_ins.made)


def _meant(machines: Collection[str], logical_id: str | None) -> str:
    """Return the logical id of the requested state machine: given in full, by its beginning, or not at all."""
    start = logical_id or ""
    meant = [start] if start in machines else [name for name in machines if name.startswith(start)]
    if len(meant) != 1:
        known = ", ".join(machines) or f"no {STATE_MACHINE} whose definition is in it"
        wanted = f"no state machine {logical_id}" if logical_id else "several state machines" if machines else "none"
        raise SimulationError(f"the template has {wanted}; name one with logical_id=, it has {known}")
    return meant[0]
