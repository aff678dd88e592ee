"""The JSONPath that DataProcessing knows, on JSON and on rows of CSV.

Source: SageMaker Developer Guide, "Associate Prediction Results with Input Records", supported JSONPath operators.
"""

from __future__ import annotations

import re
from typing import Any

from constructs_ml.local.aws.faults import JobError

_NAME = re.compile(r"\.([A-Za-z_][\w-]*)|\.(\*)")
_NAMES = re.compile(r"\.?\[\s*((?:'[^']*'|\"[^\"]*\")(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"))*)\s*\]")
_INDICES = re.compile(r"\.?\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
_SLICE = re.compile(r"\.?\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]")
_ALL = re.compile(r"\.?\[\s*\*\s*\]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def select(path: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """What a path selects.

    Args:
        path: As ``$.features``, ``$['id','SageMakerOutput']``, ``$[1:]`` or ``$[0,-1]``.
        value: JSON; a row of CSV is a list.

    Raises:
        JobError: If it is no such path, or the value lacks what it names.
    """
    if not path.startswith("$"):
        message = f"{path!r} is no path: it must begin with $"
        raise JobError(message)
    at = 1
    try:
        while at < len(path):
            value, at = _step(path, at, value)
    except (KeyError, IndexError, TypeError) as error:
        message = f"{path} selects nothing from a record: {type(error).__name__}: {error}"
        raise JobError(message) from error
    return value


def _step(path: str, at: int, value: Any) -> tuple[Any, int]:  # noqa: ANN401 - any JSON
    if found := _NAME.match(path, at):
        return (value[found[1]] if found[1] else _everything(value)), found.end()
    if found := _NAMES.match(path, at):
        names = [single or double for single, double in _QUOTED.findall(found[1])]
        return (value[names[0]] if len(names) == 1 else {name: value[name] for name in names}), found.end()
    if found := _INDICES.match(path, at):
        indices = [int(index) for index in found[1].split(",")]
        return (value[indices[0]] if len(indices) == 1 else [value[index] for index in indices]), found.end()
    if found := _SLICE.match(path, at):
        first, last = (int(bound) if bound else None for bound in found.groups())
        return value[first:last], found.end()
    if found := _ALL.match(path, at):
        return _everything(value), found.end()
    message = (
        f"{path!r} is no path of DataProcessing, from {path[at:]!r} on; write $.name, $['a','b'], $[0,-1] or $[1:]"
    )
    raise JobError(message)


def _everything(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return list(value.values()) if isinstance(value, dict) else list(value)
