"""The size of the data that states pass on: the results that they keep, along every path.

Only data that is known to be kept counts: the execution's input and the results of functions and of other services
count as 0. Where paths meet, each part counts with its maximum over the paths.

The reads of states and their visiting order are those of the data flow. Its fixed point is not: around a loop a sum of
bytes has none, so each state is visited once, and back edges carry nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.jsonpath import PathError, Root, plain_start, read_path
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.worklist import visiting_order
from constructs_ml.lint.rules.size.result_size import result_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope, State, Transition
    from constructs_ml.asl.jsonpath import PlainSteps, Steps
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.rules.size.result_size import Result

LIMIT = 262_144
"""The size limit of inputs and outputs. Source: "Step Functions service quotas" of the developer guide."""

_WHOLE: Steps = ()
_ERROR = 33_000
"""The size of an error's name and cause, which may have 32,768 characters. Source: the SendTaskFailure API."""

Parts = dict["Steps", int]
"""Sizes in bytes, by the steps to their places."""


@dataclass(frozen=True, slots=True)
class Handed:
    """The data that a state passes on.

    Attributes:
        state: The state.
        result: The bytes that it keeps of its own result.
        of: The operation of which that is the response; empty if it is not SageMaker's.
        before: The bytes of its input.
        after: The bytes of its output.
    """

    state: State
    result: int
    of: str
    before: int
    after: int


@per_machine_cache
def handed(machine: Machine) -> tuple[Handed, ...]:
    """Return the data that each state passes on, in the order in which they run."""
    sizes = _Sizes(machine)
    sizes.run(machine.definition, {})
    return tuple(sizes.found)


class _Sizes:
    """A walk that carries sizes through a machine."""

    def __init__(self, machine: Machine) -> None:
        self._facts = flow_of(machine).facts
        self.found: list[Handed] = []

    def run(self, scope: Scope, given: Parts) -> Parts:
        """Return the output sizes of a scope, given those of its input."""
        arriving: dict[str, Parts] = {scope.start: given}
        out: Parts = {}
        for name in visiting_order(scope):
            state, before = scope.states[name], arriving.pop(name, {})
            result, of = self._result(state, before)
            # A result that is too large by itself is reported for its own state, not again for later ones.
            alone = result > LIMIT and state.type in {"Task", "Pass"}
            after = self._after(state, before, 0 if alone else result)
            self.found.append(Handed(state, result, of, sum(before.values()), sum(after.values())))
            if state.body.get("End") is True or state.type == "Succeed":
                _merge(out, after)
            for way in state.transitions:
                if (target := scope.states.get(way.target)) is None or target.type == "Fail":
                    continue  # It passes nothing on.
                # Data carried along a back edge was already there the first time.
                parts = after if not way.member.startswith("Catch") else self._caught(state, way, before)
                _merge(arriving.setdefault(way.target, {}), parts)
        return out

    def _read(self, state: State, field: str, root: Root) -> list[PlainSteps]:
        """Return the reads of a field's expressions, each place once per expression, up to a wildcard."""
        found: dict[tuple[str, PlainSteps], None] = {}
        facts = self._facts.get(state)
        for read in facts.reads if facts else ():
            if read.root is root and (read.member == field or read.member.startswith((f"{field}.", f"{field}["))):
                found[read.member, plain_start(read.steps)] = None
        return [steps for _, steps in found]

    def _result(self, state: State, before: Parts) -> tuple[int, str]:
        """Return the size of a state's result, and the operation that it belongs to."""
        if state.type == "Task":
            call = integration_of(state)
            # The request of a job that was waited for is known, and with it a bound on most of the description.
            known = call is not None and call.service == "sagemaker" and call.waits
            result = result_of(call, state.payload) if call is not None and known else None
            return (0, "") if result is None else (self._kept(state, result), result.operation)
        if state.type == "Pass":
            return self._made(state, before), ""
        given: Parts = {} if state.type == "Map" else before
        outs = [sum(self.run(scope, dict(given)).values()) for scope in state.inner]
        return sum(outs) if self._keeps_all(state) else 0, ""

    def _keeps_all(self, state: State) -> bool:
        """Return whether the results of branches or iterations are kept; selections from them count as 0."""
        if "ResultSelector" in state.body or "ResultWriter" in state.body:
            return False
        if state.language is Language.JSONPATH or "Output" not in state.body:
            return True
        return _WHOLE in self._read(state, "Output", Root.RESULT)

    def _kept(self, state: State, result: Result) -> int:
        field = "Output" if state.language is Language.JSONATA else "ResultSelector"
        selector = state.body.get(field)
        if field not in state.body or (field == "ResultSelector" and not isinstance(selector, Mapping)):
            return 0 if state.body.get("ResultPath", "$") is None else result.bytes
        return _size(selector) + sum(map(result.of, self._read(state, field, Root.RESULT)))

    def _made(self, state: State, before: Parts) -> int:
        """Return the size of a Pass state's result."""
        fields = ("Output",) if state.language is Language.JSONATA else ("Result", "Parameters")
        field = next((name for name in fields if name in state.body), "")
        read = self._read(state, field, Root.INPUT) if field == "Parameters" else ()
        return _size(state.body.get(field)) + sum(_under(before, steps) for steps in read)

    def _after(self, state: State, before: Parts, result: int) -> Parts:
        """Return the output sizes of a state, given its input and its result."""
        makes = state.type in {"Task", "Parallel", "Map"}
        if state.language is Language.JSONATA:
            if "Output" not in state.body:
                return {_WHOLE: result} if makes else before
            return self._beside_input(state, "Output", before, state.name, result)
        makes = makes or "Result" in state.body or "Parameters" in state.body
        after = _put(before, state.body.get("ResultPath", "$"), result) if makes else before
        output = state.body.get("OutputPath", "$")
        if output == "$" or not isinstance(output, str):
            return {} if output is None else after
        return {_WHOLE: _under(after, _steps(output))}

    def _caught(self, state: State, way: Transition, before: Parts) -> Parts:
        if state.language is Language.JSONPATH:
            return _put(before, way.rule.get("ResultPath", "$"), _ERROR)
        field = way.member.removesuffix("Next") + "Output"
        return self._beside_input(state, field, before, f"{state.name} error", _ERROR)

    def _beside_input(self, state: State, field: str, before: Parts, name: str, size: int) -> Parts:
        """Return the sizes of a JSONata ``Output``: a value, together with the whole input if it reads that."""
        return {**before, (name,): size} if _WHOLE in self._read(state, field, Root.INPUT) else {_WHOLE: size}


def _merge(into: Parts, parts: Parts) -> None:
    if not into:
        into.update(parts)
        return
    for path, size in parts.items():
        if size > into.get(path, -1):
            into[path] = size


def _put(parts: Parts, path: Any, size: int) -> Parts:  # noqa: ANN401 - JSON
    """Return the sizes after a write at a path, which replaces what was there."""
    if not isinstance(path, str):
        return parts
    steps = _steps(path)
    return {**parts, steps: size} if steps else {steps: size}


def _steps(path: str) -> Steps:
    try:
        found = read_path(path)
    except PathError:  # reported by a rule about data flow
        return (path,)
    return found.steps if found.is_plain else (path,)


def _under(parts: Parts, steps: Steps) -> int:
    """Return the bytes below a path."""
    return sum(size for at, size in parts.items() if at[: len(steps)] == steps)


def _size(value: Any) -> int:  # noqa: ANN401 - JSON
    """Return the bytes of a value as written."""
    return 0 if value is None else len(json.dumps(value, separators=(",", ":")))
