"""Variables: MiniStack assigns them in JSONata only, one by one, and lets branches and iterations share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.interpreter.corrections.paths import check_size
from constructs_ml.interpreter.corrections.state_call import current_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn


def assign_result(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], result: Data) -> Data:
    """Apply the ResultSelector of a state, and assign variables from its result."""
    check_size(sfn, result)
    selected = original(state, result)
    assign(sfn, state, result)
    return selected


def assign_caught(sfn: Sfn, original: Callable[..., Data], catcher: dict[str, Data], *rest: Data) -> Data:
    """Make the output of a Catch, and assign variables from the error."""
    _, ctx, language, error = rest
    # MiniStack takes a Catch, which has no query language of its own, to be in the state machine's, not in that of its state.
    output = original({**catcher, "QueryLanguage": language} if language == "JSONata" else catcher, *rest)
    if language != "JSONata":
        assign(sfn, catcher, error, ctx)
    return output


def assign_at_once(
    sfn: Sfn,  # noqa: ARG001 - as all corrections
    original: Callable[..., Data],
    state: dict[str, Data],
    data: Data,
    ctx: Data,
    **results: Data,
) -> None:
    """Assign variables in JSONata; all expressions see the old values."""
    assigned = state.get("Assign")
    if not isinstance(assigned, dict) or ctx is None:
        return
    before, after = ctx.get("variables") or {}, {}
    for name, template in assigned.items():
        own = {**ctx, "variables": dict(before)}
        original({**state, "Assign": {name: template}}, data, own, **results)
        if name in own["variables"]:
            after[name] = own["variables"][name]
    ctx.setdefault("variables", {}).update(after)


def assign(sfn: Sfn, state: dict[str, Data], data: Data, ctx: Data = None) -> None:
    """Assign variables in JSONPath.

    Args:
        sfn: MiniStack's module.
        state: The object with the ``Assign``: a state, a rule of a Choice or a catcher.
        data: The data that its paths refer to.
        ctx: The context object. Default: that of the state that is executed.
    """
    ctx = current_call().context if ctx is None else ctx
    template = state.get("Assign")
    if template and sfn._state_query_language(current_call().state, ctx) != "JSONata":  # noqa: SLF001 - in pinned.LANGUAGE
        ctx.setdefault("variables", {}).update(sfn._resolve_params_obj(template, data, ctx))  # noqa: SLF001


def run_inside(
    sfn: Sfn,  # noqa: ARG001 - as all corrections
    original: Callable[..., Data],
    *args: Data,
) -> Data:
    """Run a branch or an iteration with variables and a context object of its own."""
    *rest, data, execution, ctx = args
    return original(*rest, data, execution, context_inside(ctx, execution, data))


def context_inside(context: dict[str, Data], execution: dict[str, Data], data: Data) -> dict[str, Data]:
    """The context object of states that run in an execution: in an iteration of a distributed Map, that iteration's."""
    around = context.get("Execution") or {}
    if "mapRunArn" not in execution or around.get("Name") == execution["name"]:
        return {**context, "variables": dict(context.get("variables") or {})}
    return {**context, "Execution": {**around, "Name": execution["name"], "Input": data}, "variables": {}}
