"""The state machine that a user means: a workflow, a stack, a template or a definition."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.asl.values import with_text_keys
from constructs_ml.cfn.template import STATE_MACHINE, machines_of, parse_body
from constructs_ml.documents.json_text import InvalidTextError
from constructs_ml.errors import UnusableInputError
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIX = "pass a Workflow, an sfn.StateMachine, a stack, a template or a definition"


def machine_of(source: Any, state_machine: str | None = None) -> tuple[Machine, str]:  # noqa: ANN401 - any of these
    """Return a state machine and its name.

    Args:
        source: A state machine or a stack of aws-cdk-lib, a template or a definition, as data or as text.
        state_machine: The logical id of the state machine, if there are several; its beginning is enough.

    Raises:
        UnusableInputError: If it is none of these, or it is not clear which state machine is meant.
    """
    if isinstance(source, Machine):
        return source, source.name
    if isinstance(source, (str, bytes)):
        source = _parsed(source)
    if isinstance(source, Mapping):
        if "Resources" not in source:
            return Machine(with_text_keys(source)), ""
        return named(list(machines_of(source)), state_machine)
    cdk: Any = sys.modules.get("aws_cdk")
    if cdk is not None and "aws_cdk.aws_stepfunctions" in sys.modules:
        if isinstance(source, cdk.aws_stepfunctions.StateMachine):
            return _of_construct(source.node.default_child, cdk), str(source.node.id)
        if isinstance(source, cdk.Stack):
            resource = cdk.aws_stepfunctions.CfnStateMachine
            found = [_of_construct(each, cdk) for each in source.node.find_all() if isinstance(each, resource)]
            return named(found, state_machine)
    raise UnusableInputError(f"{shortened(repr(source))} cannot be drawn; {_FIX}")


def named(machines: Sequence[Machine], state_machine: str | None) -> tuple[Machine, str]:
    """Return the state machine of a name, and its name.

    Args:
        machines: Those to choose from.
        state_machine: Its logical id, or the beginning; None if there is one only.

    Raises:
        UnusableInputError: If there is none, or it is not clear which.
    """
    start = state_machine or ""
    found = [each for each in machines if each.name == start] or [
        each for each in machines if each.name.startswith(start)
    ]
    if len(found) != 1:
        known = ", ".join(each.name for each in machines) or f"no {STATE_MACHINE} whose definition is in it"
        wanted = (
            f"no state machine {start}" if start and not found else "several state machines" if machines else "none"
        )
        raise UnusableInputError(f"the template has {wanted}; name one as state machine, it has {known}")
    (machine,) = found
    if machine.unreadable:
        raise UnusableInputError(f"{machine.name}: the definition {machine.unreadable}")
    return machine, machine.name


def _parsed(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    read = text.decode(errors="replace") if isinstance(text, bytes) else text
    try:
        found = parse_body(read)
    except InvalidTextError as error:
        raise UnusableInputError(f"{shortened(read)} {error.problem}; {_FIX}") from error
    if not isinstance(found, Mapping):
        raise UnusableInputError(f"{shortened(read)} is not a definition; {_FIX}")
    return found


def _of_construct(machine: Any, cdk: Any) -> Machine:  # noqa: ANN401 - a resource and the module
    """Return the machine of a construct, whose definition is resolved without a synthesis."""
    stack = cdk.Stack.of(machine)
    logical_id = str(stack.resolve(machine.logical_id))
    places = {"DefinitionString": machine.definition_string, "Definition": machine.definition}
    properties = {name: stack.resolve(value) for name, value in places.items() if value is not None}
    template = {"Resources": {logical_id: {"Type": STATE_MACHINE, "Properties": properties}}}
    found = next(machines_of(template), None)
    if found is None:
        raise UnusableInputError(f"{machine.node.path}: its definition is in a file; pass its content")
    return found
