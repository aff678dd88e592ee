"""The inputs that workflows declare: they are checked before anything is started, and listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.inputs import allowed_values, input_shape
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import RunInputError
from constructs_ml.local.runner.deployment import machine_path

if TYPE_CHECKING:
    from constructs_ml.asl.inputs import InputField
    from constructs_ml.cfn.assemblies import StackArtifact


def check_input(stack: StackArtifact, state_machine: str | None, given: Mapping[str, Any]) -> None:
    """Make sure that a workflow with typed inputs takes an input, before anything is done.

    Args:
        stack: The stack that it is in.
        state_machine: Its name; None if there is one only. Where it is not clear, whoever starts it says so.
        given: The input; strings with a ``${name}`` in them are known only when the stack is deployed.

    Raises:
        RunInputError: In the words of the workflow's first state.
    """
    found = {
        construct: input_shape(template["Resources"][machine.name])
        for template in (stack.body, *stack.nested.values())
        for machine in machines_of(template)
        for construct in [machine_path(template, machine.name, stack.path)]
        if state_machine is None or _is_called(state_machine, machine.name, construct, stack)
    }
    if len(found) != 1:
        return
    ((construct, shape),) = found.items()
    faults = [] if shape is None else shape.faults_of(given, is_later=_is_resolved_later)
    if faults:
        raise RunInputError(f"the input is refused by {construct}: {'; '.join(faults)}")


def _is_called(name: str, logical_id: str, path: str, stack: StackArtifact) -> bool:
    own = name.removeprefix(f"{stack.path}/")
    return own in {logical_id, path} or path.rpartition("/")[2] == name


def _is_resolved_later(value: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return any(map(_is_resolved_later, value.values()))
    return any(map(_is_resolved_later, value)) if isinstance(value, list) else isinstance(value, str) and "${" in value


def field_text(field: InputField) -> str:
    """Describe a declared field: ``depth: an integer from 1 to 32, 6 by default (How deep the trees are)``.

    Args:
        field: The field.
    """
    default = "" if field.is_required else f", {json.dumps(field.default, ensure_ascii=False)} by default"
    description = f" ({field.description})" if field.description else ""
    return f"{field.name}: {allowed_values(field)}{default}{description}"
