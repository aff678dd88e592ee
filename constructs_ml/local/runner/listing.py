"""List of an app's workflows, without running them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.inputs import input_shape
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import LocalRunError
from constructs_ml.local.host.scratch import Kind, scratch
from constructs_ml.local.runner import assembly as assemblies
from constructs_ml.local.runner import lookups, synth
from constructs_ml.local.runner.app import find
from constructs_ml.local.runner.declared import field_text
from constructs_ml.local.runner.deploy import check, missing_parameters, stood_in_of
from constructs_ml.local.runner.deployment import machine_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from constructs_ml.cfn.assemblies import StackArtifact

_ACCOUNT, _REGION = "111122223333", "us-east-1"
# Members of an execution's input, in JSONPath and JSONata, as a definition reads them wherever it is.
_READ = re.compile(r"(?:\$\$|\$states\.context)\.Execution\.Input(?:\.(\w+)|\['(\w+)'\])|\$states\.input\.(\w+)")
_PATHS = {"Variable", "InputPath", "ItemsPath", "SecondsPath", "TimestampPath", "OutputPath"}


@dataclass(frozen=True)
class Listed:
    """A workflow that can be run.

    Attributes:
        stack: Its stack's construct path, for ``--stack``.
        state_machine: Its construct's path below the stack, or its logical id, for ``--state-machine``.
        inputs: The fields of its input with their types and defaults, if it declares them; else the members of the execution's
            input that it reads, as far as its definition names them.
        needs: The required options of the command.
        simulated: The parts of its stacks that have only stand-ins, in words.
        problem: The reason that it cannot run here; empty if it can.
        is_declared: Whether it declares its input.
    """

    stack: str
    state_machine: str
    inputs: list[str]
    needs: list[str]
    simulated: list[str]
    problem: str = ""
    is_declared: bool = False


def workflows(
    app: str | Path = ".", *, stand_in: Collection[str] = (), parameter: Mapping[str, str] | None = None
) -> list[Listed]:
    """List the workflows of an app.

    Args:
        app: As ``constructs_ml.local.run`` takes it.
        stand_in: Further resource types to stand in for.
        parameter: Values of parameters that are known.

    Returns:
        The workflows, in the order of the app's stacks.

    Raises:
        LocalRunError: If the app cannot be synthesized.
    """
    found = find(app)
    known = {**found.outside.parameter, **(parameter or {})}
    with scratch(Kind.SYNTH) as out:
        made = synth.synthesize(
            found, out / "cdk.out", account=_ACCOUNT, region=_REGION, parameters=known, complete=False
        )
        stacks = assemblies.read(made)
        looked_up = lookups.needed(lookups.missing(made))
        return [
            listed
            for stack in stacks
            for listed in _listed(stack, stacks, {*found.stand_in, *stand_in}, known, looked_up)
        ]


def _listed(
    stack: StackArtifact,
    stacks: list[StackArtifact],
    stand_in: Collection[str],
    known: Mapping[str, str],
    looked_up: list[str],
) -> Iterable[Listed]:
    order = assemblies.in_order(stacks, stack)
    try:
        check(order, stand_in)
        problem = ""
    except LocalRunError as error:
        problem = str(error)
    for template in (stack.body, *stack.nested.values()):
        for machine in machines_of(template):
            shape = input_shape(template["Resources"][machine.name])
            yield Listed(
                stack.path,
                machine_path(template, machine.name, stack.path),
                inputs_of(machine.body) if shape is None else [field_text(each) for each in shape.fields],
                [*looked_up, *missing_parameters(order, known)],
                stood_in_of(order, stand_in),
                problem,
                is_declared=shape is not None,
            )


def inputs_of(definition: Mapping[str, Any]) -> list[str]:
    """Return the members of the execution's input that a definition names.

    Args:
        definition: The definition.
    """
    named = [next(filter(None, found)) for found in _READ.findall(json.dumps(definition))]
    first = (definition.get("States") or {}).get(definition.get("StartAt"), {})
    # What the first state reads of its own input is the execution's.
    named += [text[2:].partition(".")[0].partition("[")[0] for text in _paths(first) if text.startswith("$.")]
    return sorted(dict.fromkeys(named))


def _paths(value: Any, key: str = "") -> Iterable[str]:  # noqa: ANN401 - any JSON
    """Yield the paths in a state's own fields; inner states read the input that it passes to them."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in {"Branches", "ItemProcessor", "Iterator", "ResultSelector", "Catch"}:
                yield from _paths(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, key)
    elif isinstance(value, str) and (key.endswith(".$") or key in _PATHS):
        yield from re.findall(r"(?<![$\w])\$\.\w+", value)
