"""The text of a definition, with the values that are put into it when it is deployed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.twice import like, written
from constructs_ml.cfn.yaml_text import has_yaml, read_yaml
from constructs_ml.documents import json_text
from constructs_ml.documents.json_text import InvalidTextError

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_BARE = re.compile(r"(?<=[:,\[])(\s*)(\$\{[^}]*\})(?=\s*[,\]}])")


def parse_json(text: str) -> Json:
    """JSON whose numbers and objects may be put in later: ``"Seconds": ${Seconds}``.

    Raises:
        InvalidTextError: If it is none.
    """
    try:
        return json_text.parse_json(text, written)
    except InvalidTextError as error:
        try:
            return json_text.parse_json(_BARE.sub(r'\1"\2"', text), written)
        except InvalidTextError:
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
    is_yaml = is_file and not text.lstrip().startswith("{")
    if is_yaml and not has_yaml():
        return None, ""
    try:
        return (read_yaml if is_yaml else parse_json)(text), ""
    except InvalidTextError as error:
        return None, str(error)


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
