"""The members of a request as a state writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonata

from support.intrinsics import UUID, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator


MAPS = {
    "Aggregation",
    "CollectionParameters",
    "CustomerMetadataProperties",
    "Environment",
    "Filling",
    "HookParameters",
    "HyperParameters",
    "ProfilingParameters",
    "RuleParameters",
    "StaticHyperParameters",
    "TextGenerationHyperParameters",
}
"""The members of requests whose keys are the user's; in ``Filling`` those of what is below them too."""


def members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a request with its path, as ``constructs_ml.sagemaker.leaves`` writes paths."""
    if isinstance(value, dict):
        for key, item in value.items():
            name = "*" if path.removesuffix(".*").rsplit(".", 1)[-1] in MAPS else key.removesuffix(".$")
            yield from members(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from members(item, f"{path}[]")
    else:
        yield path, value


def request_of(state: dict[str, Any], state_input: Any, execution: dict[str, Any] | None = None) -> Any:
    """The request that a state makes of an input, in whichever query language it is written."""
    context = {"Execution": {"Name": "run-1", "Input": state_input, **(execution or {})}}
    if "Arguments" in state:
        return _jsonata(state["Arguments"], {"input": state_input, "context": context})
    return _jsonpath(state["Parameters"], state_input, context)


def _jsonpath(value: Any, state_input: Any, context: Any) -> Any:
    if isinstance(value, list):
        return [_jsonpath(item, state_input, context) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key.removesuffix(".$"): evaluate(item, state_input, context)
        if key.endswith(".$")
        else _jsonpath(item, state_input, context)
        for key, item in value.items()
    }


def _jsonata(value: Any, states: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _jsonata(item, states) for key, item in value.items()}
    if isinstance(value, list):
        return [_jsonata(item, states) for item in value]
    if isinstance(value, str) and value.startswith("{%"):
        text = value[2:-2].replace("$uuid()", f"'{UUID}'")  # Step Functions' own, not JSONata's
        return jsonata.Jsonata(text).evaluate(None, {"states": states})
    return value
