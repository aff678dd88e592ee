"""How a Map runs its iterations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State


def processor_config(state: State) -> Mapping[str, Any]:
    """The ``ProcessorConfig`` of a Map; empty if it has none, and of other states."""
    if state.type != "Map":
        return {}
    processor = fields_of(state.body.get("ItemProcessor", state.body.get("Iterator")))
    return fields_of(processor.get("ProcessorConfig"))


def is_distributed(state: State) -> bool:
    """Whether each iteration is an execution of its own."""
    return processor_config(state).get("Mode") == "DISTRIBUTED"


def is_inline(state: State) -> bool:
    """Whether it is a Map whose iterations are part of the execution."""
    return state.type == "Map" and not is_distributed(state)
