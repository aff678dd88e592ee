"""List of an app's workflows, without running them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.inputs import input_shape
from constructs_ml.asl.written_members import may_write, states_before
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
_READ = re.compile(r"(?:\$\$|\$states\.context)\.Execution\.Input(?:\.(\w+)|\['(\w+)'\])")
# Members of a state's own input.
_OWN_INPUT = re.compile(r"(?:(?<![$\w])\$|\$states\.input)(?:\.(\w+)|\['([^']+)'\]|\.`([^`]+)`)")
_PATHS = {"Variable", "InputPath", "ItemsPath", "SecondsPath", "TimestampPath", "MaxConcurrencyPath"}
_OF_OTHER_DATA = {
    "Branches",
    "ItemProcessor",
    "Iterator",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "Catch",
    "Retry",
}


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
    is_jsonata = definition.get("QueryLanguage") == Language.JSONATA.value
    language = Language.JSONATA if is_jsonata else Language.JSONPATH
    of_context = [next(filter(None, found)) for found in _READ.findall(json.dumps(_of_the_execution(definition)))]
    return sorted(dict.fromkeys([*of_context, *_read_by_states(definition, language, ())]))


def _of_the_execution(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out the iterations of distributed Maps, which are executions of their own."""
    if isinstance(value, dict):
        if (value.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
            return {}
        return {name: _of_the_execution(item) for name, item in value.items()}
    return [_of_the_execution(item) for item in value] if isinstance(value, list) else value


def _read_by_states(
    scope: Mapping[str, Any], language: Language, around: tuple[Mapping[str, Any], ...]
) -> Iterable[str]:
    """Yield the members that states read of their input and that no state before them may have put there.

    Args:
        scope: The state machine, or a branch of a Parallel.
        language: The query language of the state machine.
        around: The states before the Parallel.
    """
    states = scope.get("States") or {}
    for name, state in states.items():
        earlier = (*around, *(states[each] for each in states_before(states, name)))
        for read in _paths(state):
            if not any(may_write(each, read, language) for each in earlier):
                yield read
        if not {"InputPath", "Parameters", "Arguments"} & set(state):
            for branch in state.get("Branches") or ():
                yield from _read_by_states(branch, language, earlier)


def _paths(state: Mapping[str, Any]) -> Iterable[str]:
    """Yield the members of its input that a state's own fields name."""
    shown = state.get("InputPath", "$")
    fields = {name: value for name, value in state.items() if name not in _OF_OTHER_DATA}
    for text in _texts(fields if shown == "$" else {"InputPath": shown}, ""):
        for found in _OWN_INPUT.findall(text):
            yield next(filter(None, found))


def _texts(value: Any, key: str) -> Iterable[str]:  # noqa: ANN401 - any JSON
    """Yield what is evaluated."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str) and (key.endswith(".$") or key in _PATHS or "{%" in value):
        yield value
