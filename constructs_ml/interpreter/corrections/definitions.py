"""Definitions that Step Functions refuses where they are created, beside those whose expressions cannot be parsed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.variable_names import refused_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.wrapping import Data, Sfn


def refusal(
    sfn: Sfn,  # noqa: ARG001 - as all corrections
    original: Callable[..., str | None],
    definition: Data,
) -> str | None:
    """Why a definition is refused; None if it is not.

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
