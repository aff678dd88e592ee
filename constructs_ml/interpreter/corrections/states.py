"""Parallel: MiniStack ignores its ``Arguments``, ``Output`` and ``Assign`` in JSONata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.variable_names import refused_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn


def arguments(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Return the request of a state: the branches of a Parallel in JSONata get its ``Arguments``."""
    if state.get("Type") == "Parallel" and sfn._state_query_language(state, ctx) == "JSONata":  # noqa: SLF001 - in pinned.LANGUAGE
        return sfn._apply_jsonata_arguments(state, data, ctx)  # noqa: SLF001
    return original(state, data, ctx)


def run(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, *rest: Data) -> Data:
    """Run the branches of a Parallel, and return its ``Output`` if it is in JSONata."""
    results, following = original(state, data, *rest)
    ctx = rest[-1]
    if sfn._state_query_language(state, ctx) != "JSONata":  # noqa: SLF001
        return results, following
    output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)  # noqa: SLF001
    sfn._apply_state_assign(state, data, ctx, result=results)  # noqa: SLF001
    return output, following


TIMEOUT, HEARTBEAT = "States.Timeout", "States.HeartbeatTimeout"


def matches(sfn: Sfn, original: Callable[..., Data], names: list[str], error: str) -> bool:  # noqa: ARG001 - as all corrections
    """Return whether the ``ErrorEquals`` of a retrier or a catcher matches an error.

    ``States.Runtime`` always ends the execution, and ``States.DataLimitExceeded`` is caught by its name only.
    """
    if error == "States.Runtime":
        return False
    if error == "States.DataLimitExceeded":
        return error in names
    if error == HEARTBEAT:
        return bool({HEARTBEAT, TIMEOUT, "States.ALL"} & set(names))
    return bool(original(names, error))


def refusal(
    sfn: Sfn,  # noqa: ARG001 - as all corrections
    original: Callable[..., str | None],
    definition: Data,
) -> str | None:
    """The reason why a definition is refused; None if it is not.

    MiniStack parses the expressions, and does not look at the names of variables.
    """
    problem = original(definition)
    if problem or not isinstance(definition, str):
        return problem
    try:
        body = json.loads(definition)
    except ValueError:
        return None  # as MiniStack, which judges that elsewhere
    name = next(refused_names(read_definition(body)), None) if isinstance(body, dict) else None
    return None if name is None else f"SCHEMA_VALIDATION_FAILED: {name.state.name}: {name.member} {name.problem}"
