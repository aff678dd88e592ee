"""Files that hold a definition or a template, JSON or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.template import parse_body, with_definitions
from constructs_ml.documents.files import read_text
from constructs_ml.documents.json_text import InvalidTextError
from constructs_ml.errors import MissingRequirementError, UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

Json = Any
_SHOWN = 100


def is_template(body: Mapping[str, Json]) -> bool:
    """Return whether a body is a template rather than a definition."""
    return "Resources" in body


def is_body(value: Json) -> bool:
    """Return whether a value is a template or a definition."""
    return isinstance(value, Mapping) and bool({"Resources", "States", "StartAt"} & set(value))


def read_body(path: Path) -> tuple[str, Mapping[str, Json]]:
    """Read a definition or a template; return its text and its data, with definitions that a template has in other files.

    Args:
        path: The file.

    Raises:
        UnreadableFileError: If it cannot be read, or is neither.
        MissingRequirementError: If it is YAML and PyYAML is not installed.
    """
    text = read_text(path)
    try:
        body = parse_body(text)
    except InvalidTextError as error:
        raise UnreadableFileError(error.of(path)) from error
    except MissingRequirementError as error:
        raise MissingRequirementError(f"{path}: {error}") from error
    if not is_body(body):
        wanted = "a definition (StartAt, States) or a CloudFormation template (Resources)"
        raise UnreadableFileError(f"{path} must be {wanted}, got {_what(body)}")
    return text, with_definitions(body, path) if is_template(body) else body


def _what(body: Json) -> str:
    shown = f"an object with {', '.join(map(str, body)) or 'nothing'}" if isinstance(body, Mapping) else repr(body)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
