"""Intrinsic functions: MiniStack leaves escapes in texts, formats values as Python does, and fails without a name.

A range downwards lacks its last number there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.wrapping import Data, Sfn

_FORMAT, _RANGE = "States.Format", "States.ArrayRange"
FAILURE = "States.IntrinsicFailure"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that could not be made.

    Attributes:
        error: Why.
    """

    error: Exception


def execute(sfn: Sfn, original: Callable[..., Data], node: Data, data: Data, ctx: Data) -> Data:
    """Calls an intrinsic function.

    Args:
        sfn: MiniStack's module.
        original: Its function.
        node: The parsed call: ``("call", name, arguments)``; arguments are ``("str", text)``, ``("path", path)`` and others.
        data: The state's input.
        ctx: The context object.
    """
    kind, name, given = node
    first, rest = ([given[0]], given[1:]) if name == _FORMAT and given else ([], given)
    # States.Format reads the escapes of its template itself.
    arguments = [("str", _plain(text)) if of == "str" else (of, text, *more) for of, text, *more in rest]
    if name == _FORMAT:
        values = (sfn._eval_intrinsic_arg(argument, data, ctx) for argument in arguments)  # noqa: SLF001 - in pinned.LANGUAGE
        arguments = [("str", _as_text(value)) for value in values]
    if name == _RANGE:
        start, end, step = (int(sfn._eval_intrinsic_arg(argument, data, ctx)) for argument in arguments)  # noqa: SLF001
        if step < 0:
            # Its last number is one of it, downwards too.
            return list(range(start, end - 1, step))
    return original((kind, name, [*first, *arguments]), data, ctx)


def evaluate(sfn: Sfn, original: Callable[..., Data], expression: str, data: Data, ctx: Data) -> Data:
    """Evaluates an intrinsic function.

    Raises:
        States.IntrinsicFailure: If it fails.
    """
    try:
        return original(expression, data, ctx)
    except sfn._ExecutionError:  # noqa: SLF001 - in pinned.LANGUAGE
        raise
    except Exception as error:
        cause = f"The function '{expression}' had the following error: {error}"
        raise sfn._ExecutionError(FAILURE, cause) from error  # noqa: SLF001


def make_request(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """What a state sends. MiniStack makes it where no Retry and no Catch reaches: a failure is handed on to the call."""
    if state.get("Parameters") == {}:
        return {}  # MiniStack takes none for left out, and sends the whole input
    try:
        return original(state, data, ctx)
    except sfn._ExecutionError as error:  # noqa: SLF001
        if error.error == FAILURE and state.get("Type") == "Task":
            return Unsent(error)
        raise


def send(sfn: Sfn, original: Callable[..., Data], resource: str, request: Data, *rest: Data) -> Data:  # noqa: ARG001 - as all corrections
    """Calls a service.

    Raises:
        States.IntrinsicFailure: If the request could not be made.
    """
    if isinstance(request, Unsent):
        raise request.error
    return original(resource, request, *rest)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _as_text(value: Data) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
