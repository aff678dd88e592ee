"""Map: MiniStack has no paths for limits, no objects and no batches; a distributed one has neither Items nor Output.

Of an object each pair is an item: ``{"Key": ..., "Value": ...}``, with both in the context object too.

Source: the Step Functions developer guide, "ItemsPath (Map, JSONPath only)" and "Accessing execution data from the Context object in
Step Functions".
"""

from __future__ import annotations

import contextvars
import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn

_LIMITS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
_OF_BATCHES = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
_DISTRIBUTED = ("ItemReader", "ItemBatcher", "ResultWriter")
_ITEMS = ("ItemBatcher", "ItemReader", "ItemSelector", "Items", "ItemsPath", "Parameters")


@dataclass(frozen=True, slots=True)
class Item:
    """The item of an iteration.

    Attributes:
        value: The item, or the value of a pair.
        key: The key of a pair of an object; None if it is not a pair.
    """

    value: Data
    key: str | None = None

    @property
    def given(self) -> Data:
        """The input of the iteration."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}

    def context(self, around: dict[str, Data], index: int) -> dict[str, Data]:
        """The context object of the iteration."""
        context = copy.deepcopy(around)
        key = {} if self.key is None else {"Key": self.key}
        context["Map"] = {"Item": {"Index": index, **key, "Value": self.value}}
        return context


def run(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, *rest: Data) -> Data:  # noqa: ARG001 - as all corrections
    """Run a Map.

    Raises:
        States.Runtime: If its items are neither a list nor an object, or it is inline and reads, batches or writes.
    """
    execution, ctx = rest
    effective = sfn._apply_input_path(state, data, ctx)  # noqa: SLF001 - in pinned.LANGUAGE
    state = {**state, **_numbers(sfn, state, _LIMITS, effective, ctx)}
    processor = state.get("Iterator") or state.get("ItemProcessor", {})
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    if not distributed and any(name in state for name in _DISTRIBUTED):
        cause = "The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps"
        raise sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001
    if distributed:
        return sfn._run_distributed_map(state, data, effective, processor, execution, ctx)  # noqa: SLF001
    fill = _filling(sfn, state, data, effective, ctx)
    items = _items(sfn, state, effective, ctx, fill)
    given = _selected(state, items, ctx, fill)
    results: list[Data] = [None] * len(items)
    errors: list[Exception] = []

    def iterate(index: int) -> None:
        own = items[index].context(ctx, index)
        try:
            states, start = processor["States"], processor["StartAt"]
            results[index] = sfn._run_sub_machine(states, start, given[index], execution, own)  # noqa: SLF001
        except Exception as error:  # noqa: BLE001 - the Map fails by it
            errors.append(error)

    limit = state.get("MaxConcurrency") or len(items) or 1
    with sfn.ThreadPoolExecutor(max_workers=limit) as pool:
        # Each thread needs a context of its own; what is looked up in it is of this execution.
        sfn.futures_wait([pool.submit(contextvars.copy_context().run, iterate, at) for at in range(len(items))])
    for error in errors:
        raise error
    return _handed_on(sfn, state, data, results, ctx)


def run_distributed(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], *rest: Data) -> Data:
    """Run a distributed Map over items that are read, selected and batched here."""
    data, effective, iterator, execution, ctx = rest
    fill = _filling(sfn, state, data, effective, ctx)
    items = _selected(state, _items(sfn, state, effective, ctx, fill), ctx, fill)
    plain = {name: field for name, field in state.items() if name not in _ITEMS}
    batcher = state.get("ItemBatcher") or {}
    batcher = {**batcher, **_numbers(sfn, batcher, _OF_BATCHES, effective, ctx)}
    batches = _batched(batcher, items, lambda template: fill(template, ctx))
    results, following = original(plain, data, batches, iterator, execution, ctx)
    if sfn._state_query_language(state, ctx) != "JSONata":  # noqa: SLF001
        return results, following
    return _handed_on(sfn, state, data, results, ctx)


def _filling(sfn: Sfn, state: dict[str, Data], data: Data, effective: Data, ctx: Data) -> Callable[..., Data]:
    """Fill a template in the language of a Map."""
    jsonata = sfn._state_query_language(state, ctx) == "JSONata"  # noqa: SLF001

    def fill(template: Data, context: dict[str, Data]) -> Data:
        if jsonata:
            return sfn._apply_jsonata_template(template, data, context)  # noqa: SLF001
        return sfn._resolve_params_obj(template, effective, context)  # noqa: SLF001

    return fill


def _handed_on(sfn: Sfn, state: dict[str, Data], data: Data, results: list[Data], ctx: Data) -> Data:
    """Return the output of a Map, and the state that gets it."""
    if sfn._state_query_language(state, ctx) == "JSONata":  # noqa: SLF001
        output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)  # noqa: SLF001
        sfn._apply_state_assign(state, data, ctx, result=results)  # noqa: SLF001
    else:
        selected = sfn._apply_result_selector(state, results)  # noqa: SLF001
        placed = sfn._apply_result_path_raw(state.get("ResultPath", "$"), data, selected)  # noqa: SLF001
        output = sfn._apply_output_path(state, placed, ctx)  # noqa: SLF001
    return output, None if state.get("End") else state.get("Next")


def _numbers(sfn: Sfn, fields: dict[str, Data], names: tuple[str, ...], effective: Data, ctx: Data) -> dict[str, Data]:
    """Return the numbers of a Map's fields that have a path or an expression."""
    found: dict[str, Data] = {}
    for name in names:
        if f"{name}Path" in fields:
            found[name] = sfn._resolve_path_or_ctx(fields[f"{name}Path"], effective, ctx)  # noqa: SLF001
        elif isinstance(fields.get(name), str):
            found[name] = sfn._jsonata_state_field(fields, name, "number", effective, ctx)  # noqa: SLF001
    return found


def _items(sfn: Sfn, state: dict[str, Data], effective: Data, ctx: Data, fill: Callable[..., Data]) -> list[Item]:
    if "ItemReader" in state:
        reader = state["ItemReader"]
        given = reader.get("Parameters") or reader.get("Arguments") or {}
        config = reader.get("ReaderConfig") or {}
        config = {**config, **_numbers(sfn, config, ("MaxItems",), effective, ctx)}
        filled = {**reader, "Parameters": None, "Arguments": fill(given, ctx), "ReaderConfig": config}
        return [Item(each) for each in sfn._read_map_items(filled, effective, ctx)]  # noqa: SLF001
    items = (
        fill(state["Items"], ctx)
        if "Items" in state
        else sfn._resolve_path_or_ctx(state.get("ItemsPath", "$"), effective, ctx)  # noqa: SLF001
    )
    if isinstance(items, dict):
        return [Item(value, key) for key, value in items.items()]
    if not isinstance(items, list):
        cause = f"The items of a Map must be an array or an object, but they are {json.dumps(items)[:200]}"
        jsonata = sfn._state_query_language(state, ctx) == "JSONata"  # noqa: SLF001
        raise sfn._ExecutionError("States.QueryEvaluationError" if jsonata else "States.Runtime", cause)  # noqa: SLF001
    return [Item(each) for each in items]


def _selected(state: dict[str, Data], items: list[Item], ctx: dict[str, Data], fill: Callable[..., Data]) -> list[Data]:
    selector = state.get("ItemSelector") or state.get("Parameters")
    if not selector:
        return [item.given for item in items]
    return [fill(selector, item.context(ctx, index)) for index, item in enumerate(items)]


def _batched(batcher: dict[str, Data], items: list[Data], fill: Callable[[Data], Data]) -> list[Data]:
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
