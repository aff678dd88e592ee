"""The text of a definition, with the values that are put into it when it is deployed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.sources.twice import like, written
from constructs_ml.checks.sources.yaml_text import InvalidYamlError, has_yaml, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_BARE = re.compile(r"(?<=[:,\[])(\s*)(\$\{[^}]*\})(?=\s*[,\]}])")


def parse_json(text: str) -> Json:
    """JSON whose numbers and objects may be put in later: ``"Seconds": ${Seconds}``.

    Raises:
        JSONDecodeError: If it is none.
    """
    try:
        return json.loads(text, object_pairs_hook=written)
    except json.JSONDecodeError as error:
        try:
            return json.loads(_BARE.sub(r'\1"\2"', text), object_pairs_hook=written)
        except json.JSONDecodeError:
            # Where it stands in what was written.
            raise error from None


def read_text(text: str, values: Mapping[str, Json], *, is_file: bool) -> tuple[Json, str]:
    """A definition as data, or why it cannot be read.

    Args:
        text: JSON; from a file it may be YAML.
        values: What ``DefinitionSubstitutions`` put into it.
        is_file: Whether it is the text of a file.
    """
    text = _VARIABLE.sub(lambda found: _written(values.get(found[1], found[0])), text)
    if is_file and not text.lstrip().startswith("{"):
        if not has_yaml():
            return None, ""
        try:
            return read_yaml(text, Path("the definition")), ""
        except InvalidYamlError as error:
            return None, str(error).removeprefix("the definition")
    try:
        return parse_json(text), ""
    except (json.JSONDecodeError, RecursionError) as error:
        return None, f"is not JSON: {error}"


def substituted(value: Json, values: Mapping[str, Json]) -> Json:
    """A definition that is data already, with its substitutions."""
    if isinstance(value, dict):
        return like(value, {substituted(key, values): substituted(item, values) for key, item in value.items()})
    if isinstance(value, list):
        return [substituted(item, values) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _written(values.get(found[1], found[0])), value)
    return value


def _written(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
