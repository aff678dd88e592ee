"""Map: MiniStack knows no paths for its limits and no batches, and a distributed one has neither Items nor Output."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.wrapping import Data, Sfn

_LIMITS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
_ITEMS = ("ItemBatcher", "ItemReader", "ItemSelector", "Items", "ItemsPath", "Parameters")


def run(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, *rest: Data) -> Data:
    """Runs a Map.

    Raises:
        States.Runtime: If its items are no list.
    """
    ctx = rest[-1]
    state = {**state, **_limits(sfn, state, data, ctx)}
    if "ItemReader" not in state and "Items" not in state:
        path = state.get("ItemsPath", "$")
        items = sfn._resolve_path_or_ctx(path, sfn._apply_input_path(state, data, ctx), ctx)  # noqa: SLF001 - in pinned.LANGUAGE
        if not isinstance(items, list):
            cause = f"Reference path '{path}' must point to an array, but it points to {json.dumps(items)[:200]}"
            raise sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001
    return original(state, data, *rest)


def run_distributed(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], *rest: Data) -> Data:
    """Runs a distributed Map over items that are read, selected and batched here."""
    data, effective, iterator, execution, ctx = rest
    jsonata = sfn._state_query_language(state, ctx) == "JSONata"  # noqa: SLF001

    def fill(template: Data, context: dict[str, Data]) -> Data:
        if jsonata:
            return sfn._apply_jsonata_template(template, data, context)  # noqa: SLF001
        return sfn._resolve_params_obj(template, effective, context)  # noqa: SLF001

    items = _selected(state, _items(sfn, state, effective, ctx, fill), ctx, fill)
    plain = {name: field for name, field in state.items() if name not in _ITEMS}
    batches = _batched(state.get("ItemBatcher"), items, lambda template: fill(template, ctx))
    results, following = original(plain, data, batches, iterator, execution, ctx)
    if not jsonata:
        return results, following
    output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)  # noqa: SLF001
    sfn._apply_state_assign(state, data, ctx, result=results)  # noqa: SLF001
    return output, following


def _limits(sfn: Sfn, state: dict[str, Data], data: Data, ctx: Data) -> dict[str, Data]:
    """The limits of a Map, as numbers."""
    found: dict[str, Data] = {}
    for limit in _LIMITS:
        if f"{limit}Path" in state:
            effective = sfn._apply_input_path(state, data, ctx)  # noqa: SLF001
            found[limit] = sfn._resolve_path_or_ctx(state[f"{limit}Path"], effective, ctx)  # noqa: SLF001
        elif isinstance(state.get(limit), str):
            found[limit] = sfn._jsonata_state_field(state, limit, "number", data, ctx)  # noqa: SLF001
    return found


def _items(sfn: Sfn, state: dict[str, Data], effective: Data, ctx: Data, fill: Callable[..., Data]) -> list[Data]:
    if "ItemReader" in state:
        reader = state["ItemReader"]
        given = reader.get("Parameters") or reader.get("Arguments") or {}
        filled = {**reader, "Parameters": None, "Arguments": fill(given, ctx)}
        return list(sfn._read_map_items(filled, effective, ctx))  # noqa: SLF001
    items = (
        fill(state["Items"], ctx)
        if "Items" in state
        else sfn._resolve_path_or_ctx(state.get("ItemsPath", "$"), effective, ctx)  # noqa: SLF001
    )
    if not isinstance(items, list):
        cause = f"The items of a Map must be an array, but they are {json.dumps(items)[:200]}"
        raise sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001
    return items


def _selected(state: dict[str, Data], items: list[Data], ctx: dict[str, Data], fill: Callable[..., Data]) -> list[Data]:
    selector = state.get("ItemSelector") or state.get("Parameters")
    if not selector:
        return items
    selected = []
    for index, item in enumerate(items):
        context = copy.deepcopy(ctx)
        context["Map"] = {"Item": {"Index": index, "Value": item}}
        selected.append(fill(selector, context))
    return selected


def _batched(batcher: dict[str, Data] | None, items: list[Data], fill: Callable[[Data], Data]) -> list[Data]:
    if not batcher:
        return items
    common = {"BatchInput": fill(batcher["BatchInput"])} if "BatchInput" in batcher else {}
    most = int(batcher.get("MaxItemsPerBatch") or len(items) or 1)
    largest = batcher.get("MaxInputBytesPerBatch")
    batches: list[list[Data]] = []
    for item in items:
        last = batches[-1] if batches else None
        full = last is None or len(last) >= most
        if not full and largest is not None:
            full = len(json.dumps({**common, "Items": [*(last or []), item]}).encode()) > int(largest)
        if full:
            batches.append([])
        batches[-1].append(item)
    return [{**common, "Items": batch} for batch in batches]
