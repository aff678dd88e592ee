"""How large the data can be that states hand on: what they keep of results, along every way.

It is a sum of what is known to be kept, so it is never too large by what nobody can know: the execution's input, the results
of functions and of other services count nothing. Where ways meet, each part counts with the most that it has on any way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.machine import once
from constructs_ml.lint.rules.size.result_size import result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.rules.size.result_size import Result

LIMIT = 262_144
"""What a state may take and give. Source: "Step Functions service quotas" of the Step Functions developer guide."""

_ALL = "$"
_ERROR = 33_000
"""An error's name and cause, which may have 32,768 characters. Source: the SendTaskFailure API."""
_WHOLE_INPUT = re.compile(r"\$states\.input(?![\w.\[])")
_WHOLE_RESULT = re.compile(r"\$states\.result(?![\w.\[])")
_RESULT = re.compile(r"\$states\.result((?:\.\w+)*)")
_PATH = re.compile(r"(?<!\$)\$((?:\.\w+|\['[^']*'\]|\[\d+\])*)(?![\w$])")

Parts = dict[str, int]
"""Bytes, by the path that they are kept at."""


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


@once
def handed(machine: Machine) -> tuple[Handed, ...]:
    """What each state hands on, in the order in which they run."""
    found: list[Handed] = []
    _run(machine.definition, {}, found)
    return tuple(found)


def _run(scope: Scope, given: Parts, found: list[Handed]) -> Parts:
    """What comes out of a scope, given what goes in."""
    arriving: dict[str, Parts] = {scope.start: given}
    out: Parts = {}
    for state in _in_order(scope):
        before = arriving.pop(state.name, {})
        result, of = _result(state, before, found)
        # What is too much by itself is told of its own state, and not again of those after it.
        alone = result > LIMIT and state.type in {"Task", "Pass"}
        after = _after(state, before, 0 if alone else result)
        found.append(Handed(state, result, of, sum(before.values()), sum(after.values())))
        if state.body.get("End") is True or state.type == "Succeed":
            _merge(out, after)
        for way in state.transitions:
            # What is carried along a way back was there the first time.
            parts = after if not way.member.startswith("Catch") else _caught(state, way.rule, before)
            _merge(arriving.setdefault(way.target, {}), parts)
    return out


def _in_order(scope: Scope) -> list[State]:
    """The states that can be reached, each after those that lead to it, ways back apart."""
    done: list[State] = []
    seen: set[str] = set()
    ahead: list[tuple[str, bool]] = [(scope.start, False)]
    while ahead:
        name, left = ahead.pop()
        if name not in scope.states:
            continue
        if left:
            done.append(scope.states[name])
        elif name not in seen:
            seen.add(name)
            ahead.append((name, True))
            ahead += [(way.target, False) for way in scope.states[name].transitions]
    return done[::-1]


def _merge(into: Parts, parts: Parts) -> None:
    if not into:
        into.update(parts)
        return
    for path, size in parts.items():
        if size > into.get(path, -1):
            into[path] = size


def _result(state: State, before: Parts, found: list[Handed]) -> tuple[int, str]:
    """What a state makes, and the operation that it is of."""
    if state.type == "Task":
        call = integration_of(state)
        # Of a job that it has waited for the request is known, and so what most of the description can be.
        known = call is not None and call.service == "sagemaker" and call.waits
        result = result_of(call, state.payload) if call is not None and known else None
        return (0, "") if result is None else (_kept(state, result), result.operation)
    if state.type == "Pass":
        return _made(state, before), ""
    outs = [sum(_run(scope, {} if state.type == "Map" else dict(before), found).values()) for scope in state.inner]
    return sum(outs) if _keeps_all(state) else 0, ""


def _keeps_all(state: State) -> bool:
    """Whether all of the results of branches or iterations is kept; what an expression takes of them is not looked into."""
    if "ResultSelector" in state.body or "ResultWriter" in state.body:
        return False
    if state.language is Language.JSONPATH or "Output" not in state.body:
        return True
    return any(_WHOLE_RESULT.search(text) for text in _texts(state.body["Output"]))


def _kept(state: State, result: Result) -> int:
    if state.language is Language.JSONATA:
        output = state.body.get("Output", "{% $states.result %}")
        return sum(
            result.of(_ALL + path) for text in _texts(output) for path in dict.fromkeys(_RESULT.findall(text))
        ) + _size(output)
    selector = state.body.get("ResultSelector")
    if not isinstance(selector, Mapping):
        return 0 if state.body.get("ResultPath", _ALL) is None else result.bytes
    return _size(selector) + sum(result.of(_ALL + path) for text in _texts(selector) for path in _PATH.findall(text))


def _made(state: State, before: Parts) -> int:
    """What a Pass state makes."""
    made = state.body.get("Output") if state.language is Language.JSONATA else None
    for member in ("Parameters", "Result"):
        made = state.body.get(member, made) if state.language is Language.JSONPATH else made
    return _size(made) + sum(_under(before, _ALL + path) for text in _texts(made) for path in _PATH.findall(text))


def _after(state: State, before: Parts, result: int) -> Parts:
    """What a state hands on, given what came in and what it made of it."""
    if state.language is Language.JSONATA:
        return _after_jsonata(state, before, result)
    makes = state.type in {"Task", "Parallel", "Map"} or "Result" in state.body or "Parameters" in state.body
    after = _put(before, state.body.get("ResultPath", _ALL), result) if makes else before
    output = state.body.get("OutputPath", _ALL)
    if output == _ALL or not isinstance(output, str):
        return {} if output is None else after
    return {_ALL: _under(after, output)}


def _after_jsonata(state: State, before: Parts, result: int) -> Parts:
    if "Output" not in state.body:
        return {_ALL: result} if state.type in {"Task", "Parallel", "Map"} else before
    texts = list(_texts(state.body["Output"]))
    if any(_WHOLE_INPUT.search(text) for text in texts):
        return _put(before, f"$.{state.name}", result)
    return {_ALL: result}


def _caught(state: State, catcher: Mapping[str, Any], before: Parts) -> Parts:
    if state.language is Language.JSONPATH:
        return _put(before, catcher.get("ResultPath", _ALL), _ERROR)
    if any(_WHOLE_INPUT.search(text) for text in _texts(catcher.get("Output"))):
        return _put(before, f"$.{state.name} error", _ERROR)
    return {_ALL: _ERROR}


def _put(parts: Parts, path: Any, size: int) -> Parts:  # noqa: ANN401 - JSON
    """The same with some bytes at a path, in the place of what was there."""
    if path == _ALL:
        return {_ALL: size}
    if not isinstance(path, str):
        return parts
    return {**parts, path: size}


def _under(parts: Parts, path: str) -> int:
    """The bytes of what a path leads to."""
    if path == _ALL:
        return sum(parts.values())
    inside = (f"{path}.", f"{path}[")
    return sum(size for at, size in parts.items() if at == path or at.startswith(inside))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The expressions in a value: paths under names that end in ``.$``, and what stands in ``{% %}``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and (str(key).endswith(".$") or item.startswith("{%")):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and value.startswith("{%"):
        yield value


def _size(value: Any) -> int:  # noqa: ANN401 - JSON
    """The bytes of a value as it is written."""
    return 0 if value is None else len(json.dumps(value, separators=(",", ":")))
