"""Parallel: MiniStack ignores its ``Arguments``, ``Output`` and ``Assign`` in JSONata."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.wrapping import Data, Sfn


def arguments(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """What a state sends: the branches of a Parallel in JSONata get its ``Arguments``."""
    if state.get("Type") == "Parallel" and sfn._state_query_language(state, ctx) == "JSONata":  # noqa: SLF001 - in pinned.LANGUAGE
        return sfn._apply_jsonata_arguments(state, data, ctx)  # noqa: SLF001
    return original(state, data, ctx)


def run(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, *rest: Data) -> Data:
    """Runs the branches of a Parallel, and gives its ``Output`` if it is in JSONata."""
    results, following = original(state, data, *rest)
    ctx = rest[-1]
    if sfn._state_query_language(state, ctx) != "JSONata":  # noqa: SLF001
        return results, following
    output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)  # noqa: SLF001
    sfn._apply_state_assign(state, data, ctx, result=results)  # noqa: SLF001
    return output, following
