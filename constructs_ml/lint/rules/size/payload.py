"""How large the data can be that states hand on: what they keep of results, along every way.

It is a sum of what is known to be kept, so it is never too large by what nobody can know: the execution's input, the results
of functions and of other services count nothing. Where ways meet, each part counts with the most that it has on any way.

What states read is what the data flow found them to read, and their order is its order. Its fixed point is not shared: around
a loop a sum of bytes has none, so that each state is visited once, and ways back carry nothing.
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
"""What a state may take and give. Source: "Step Functions service quotas" of the Step Functions developer guide."""

_WHOLE: Steps = ()
_ERROR = 33_000
"""An error's name and cause, which may have 32,768 characters. Source: the SendTaskFailure API."""

Parts = dict["Steps", int]
"""Bytes, by the steps to where they are kept."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a state hands on.

    Attributes:
        state: The state.
        result: What it keeps of its own result, in bytes.
        of: The operation whose response that is of; empty if it is none of SageMaker's.
        before: The bytes that came in.
        after: The bytes that it hands on.
    """

    state: State
    result: int
    of: str
    before: int
    after: int


@per_machine_cache
def handed(machine: Machine) -> tuple[Handed, ...]:
    """Return what each state hands on, in the order in which they run."""
    sizes = _Sizes(machine)
    sizes.run(machine.definition, {})
    return tuple(sizes.found)


class _Sizes:
    """Carries sizes through a machine."""

    def __init__(self, machine: Machine) -> None:
        self._facts = flow_of(machine).facts
        self.found: list[Handed] = []

    def run(self, scope: Scope, given: Parts) -> Parts:
        """Return what comes out of a scope, given what goes in."""
        arriving: dict[str, Parts] = {scope.start: given}
        out: Parts = {}
        for name in visiting_order(scope):
            state, before = scope.states[name], arriving.pop(name, {})
            result, of = self._result(state, before)
            # What is too much by itself is told of its own state, and not again of those after it.
            alone = result > LIMIT and state.type in {"Task", "Pass"}
            after = self._after(state, before, 0 if alone else result)
            self.found.append(Handed(state, result, of, sum(before.values()), sum(after.values())))
            if state.body.get("End") is True or state.type == "Succeed":
                _merge(out, after)
            for way in state.transitions:
                if (target := scope.states.get(way.target)) is None or target.type == "Fail":
                    continue  # It hands nothing on.
                # What is carried along a way back was there the first time.
                parts = after if not way.member.startswith("Catch") else self._caught(state, way, before)
                _merge(arriving.setdefault(way.target, {}), parts)
        return out

    def _read(self, state: State, field: str, root: Root) -> list[PlainSteps]:
        """Return what the expressions in a field read, each place once in an expression, up to where it is several places."""
        found: dict[tuple[str, PlainSteps], None] = {}
        facts = self._facts.get(state)
        for read in facts.reads if facts else ():
            if read.root is root and (read.member == field or read.member.startswith((f"{field}.", f"{field}["))):
                found[read.member, plain_start(read.steps)] = None
        return [steps for _, steps in found]

    def _result(self, state: State, before: Parts) -> tuple[int, str]:
        """Return the size of what a state makes, and the operation that it is of."""
        if state.type == "Task":
            call = integration_of(state)
            # Of a job that it has waited for the request is known, and so what most of the description can be.
            known = call is not None and call.service == "sagemaker" and call.waits
            result = result_of(call, state.payload) if call is not None and known else None
            return (0, "") if result is None else (self._kept(state, result), result.operation)
        if state.type == "Pass":
            return self._made(state, before), ""
        given: Parts = {} if state.type == "Map" else before
        outs = [sum(self.run(scope, dict(given)).values()) for scope in state.inner]
        return sum(outs) if self._keeps_all(state) else 0, ""

    def _keeps_all(self, state: State) -> bool:
        """Return whether the results of branches or iterations are kept; what an expression takes of them is not looked into."""
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
        """Return the size of what a Pass state makes."""
        fields = ("Output",) if state.language is Language.JSONATA else ("Result", "Parameters")
        field = next((name for name in fields if name in state.body), "")
        read = self._read(state, field, Root.INPUT) if field == "Parameters" else ()
        return _size(state.body.get(field)) + sum(_under(before, steps) for steps in read)

    def _after(self, state: State, before: Parts, result: int) -> Parts:
        """Return what a state hands on, given what came in and what it made of it."""
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
        """Return what an ``Output`` makes in JSONata: something, with the whole input beside it if it reads that."""
        return {**before, (name,): size} if _WHOLE in self._read(state, field, Root.INPUT) else {_WHOLE: size}


def _merge(into: Parts, parts: Parts) -> None:
    if not into:
        into.update(parts)
        return
    for path, size in parts.items():
        if size > into.get(path, -1):
            into[path] = size


def _put(parts: Parts, path: Any, size: int) -> Parts:  # noqa: ANN401 - JSON
    """Return the same with some bytes at a path, in the place of what was there."""
    if not isinstance(path, str):
        return parts
    steps = _steps(path)
    return {**parts, steps: size} if steps else {steps: size}


def _steps(path: str) -> Steps:
    try:
        found = read_path(path)
    except PathError:  # told by a rule about data flow
        return (path,)
    return found.steps if found.is_plain else (path,)


def _under(parts: Parts, steps: Steps) -> int:
    """Return the bytes of what steps lead to."""
    return sum(size for at, size in parts.items() if at[: len(steps)] == steps)


def _size(value: Any) -> int:  # noqa: ANN401 - JSON
    """Return the bytes of a value as it is written."""
    return 0 if value is None else len(json.dumps(value, separators=(",", ":")))
