"""CML606."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.inputs import METADATA, InputField, InputKind, InputShape, input_shape
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.values import fields_of, is_open
from constructs_ml.cfn.template import machines_of
from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.targets import resource_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation

Json = Any
_EVENT = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
_LATER = {"Ref": "AWS::NoValue"}
"""Stands for a value that is known only later."""


def _daily(given: Json) -> Mapping[str, Json]:
    role = "arn:aws:iam::111122223333:role/Flow"
    shape = InputShape("Inputs", (InputField("depth", InputKind.WHOLE, le=32),))
    flow = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": role,
            "Definition": {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}},
        },
        "Metadata": {METADATA: shape.json_schema()},
    }
    target = {"Arn": {"Ref": "Flow"}, "RoleArn": role, "Input": json.dumps(given)}
    schedule = {
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    return {"Resources": {"Flow": flow, "Daily": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule}}}


@template_rule(
    "CML606",
    title="What starts a workflow gives it an input that it takes",
    reason="A workflow with typed inputs (ml.Workflow(inputs=...)) fails with InvalidInput in its first state when a rule, a schedule "
    "or another workflow starts it with an input that its schema refuses. A rule without Input hands the whole event on. What is "
    "known only later is not judged. Source: the JSON Schema in the state machine's metadata; 'Amazon EventBridge event targets'.",
    bad=_daily({"depth": 64}),
    good=_daily({"depth": 6}),
)
def given_input(resources: Resources) -> Iterator[Violation]:
    """Inputs of workflows with a schema that it refuses."""
    shapes = {
        resource.name: shape
        for resource in resources.of("AWS::StepFunctions::StateMachine")
        if (shape := input_shape(resources.template["Resources"][resource.name])) is not None
    }
    if shapes:
        yield from _of_rules(resources, shapes)
        yield from _of_schedules(resources, shapes)
        yield from _of_workflows(resources, shapes)


def _of_rules(resources: Resources, shapes: Mapping[str, InputShape]) -> Iterator[Violation]:
    for target in targets_of(resources):
        shape = shapes.get(target.name)
        if shape is None or "InputPath" in target.body or "InputTransformer" in target.body:
            continue
        member = f"{target.member}.Input"
        if "Input" in target.body:
            for fault in _faults(shape, _read(target.body["Input"])):
                yield target.rule.violation(member, f"is refused by {target.name}: {fault}")
        elif faults := _faults(shape, dict.fromkeys(_EVENT, _LATER)):
            problem = f"is not given, so that the event is, which {target.name} refuses: {'; '.join(faults)}"
            yield target.rule.violation(
                member, problem, "pass input=events.RuleTargetInput.from_object({...}) to the target"
            )


def _of_schedules(resources: Resources, shapes: Mapping[str, InputShape]) -> Iterator[Violation]:
    for schedule in resources.of("AWS::Scheduler::Schedule"):
        target = fields_of(schedule.properties.get("Target"))
        name, _ = resource_of(resources, target.get("Arn"))
        if name in shapes and "Input" in target:
            for fault in _faults(shapes[name], _read(target["Input"])):
                yield schedule.violation("Target.Input", f"is refused by {name}: {fault}")


def _of_workflows(resources: Resources, shapes: Mapping[str, InputShape]) -> Iterator[Violation]:
    for machine in machines_of(resources.template):
        for state in machine.states:
            call = integration_of(state)
            if call is None or (call.service, call.action) != ("states", "startExecution"):
                continue
            payload = fields_of(state.payload)
            name, _ = resource_of(resources, payload.get("StateMachineArn"))
            if name not in shapes or "Input.$" in payload:
                continue
            given = _plain(_read(payload.get("Input", {})))
            for fault in _faults(shapes[name], given):
                field = "Arguments" if "Arguments" in state.body else "Parameters"
                member = f"{state.name}.{field}.Input"
                yield resources[machine.name].violation(member, f"is refused by {name}: {fault}")


def _read(given: Json) -> Json:
    """An input as data: rules and schedules have it as a string."""
    if not isinstance(given, str):
        return given
    try:
        return parse_json(given)
    except InvalidTextError:
        return _LATER if is_open(given) else given


def _plain(given: Json) -> Json:
    """An input with the names of members whose values are paths."""
    if not isinstance(given, Mapping):
        return given
    return {name.removesuffix(".$"): _LATER if name.endswith(".$") else value for name, value in given.items()}


def _faults(shape: InputShape, given: Json) -> list[str]:
    is_whole_later = is_open(given) if isinstance(given, Mapping) else _is_later(given)
    return [] if is_whole_later else shape.faults_of(given, is_later=_is_later)


def _is_later(value: Json) -> bool:
    """Return whether a value or a part of it is known only later; Scheduler puts some values in, too."""
    if isinstance(value, Mapping):
        return value is _LATER or is_open(value) or any(map(_is_later, value)) or any(map(_is_later, value.values()))
    if isinstance(value, list):
        return any(map(_is_later, value))
    return is_open(value) or (isinstance(value, str) and "<aws.scheduler." in value)
