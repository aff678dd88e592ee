"""One form for values that are written differently and mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from constructs_ml.asl.expressions import Language, is_jsonata
from constructs_ml.asl.jsonpath import PathError, read_path, to_jsonata
from constructs_ml.asl.values import fields_of, is_number

Json = Any
HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_PIECE = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|\s+|[\w$]+|.", re.DOTALL)
_PATH = re.compile(r"\$[$\w.\[\]]*(?:\[(?:'[^']*'|\"[^\"]*\")\][$\w.\[\]]*)*")
_PATHS = ("InputPath", "OutputPath", "ResultPath", "ItemsPath")
_FORMAT = re.compile(r"States\.Format\('([^'\\]*)'((?:,[^,()'\"]+(?:\(\))?)*)\)")
_PARTITION = "${Token[AWS::Partition]}"
_WORD = re.compile(r"[\w$]")


@dataclass(frozen=True)
class Dynamic:
    """A value that is known only when the workflow runs; equal to others that mean the same.

    Attributes:
        text: The expression as it is written.
        meaning: Its one form.
    """

    text: str = field(compare=False)
    meaning: str

    def __str__(self) -> str:
        return self.text


def dynamic(text: str) -> Dynamic:
    """Return the value of an expression in JSONPath, or in JSONata with its ``{% %}``."""
    if is_jsonata(text):
        return Dynamic(text.strip(), _spaced(text.strip()[2:-2]))
    return Dynamic(text, _call(text.strip()) if "(" in text else _path(text.strip()))


def _call(text: str) -> str:
    """Return a call of an intrinsic function with its paths as in JSONata; of those that join text and make ids, the whole call."""
    spaced = "".join(
        piece if piece[:1] in {"'", '"'} else _PATH.sub(lambda at: _path(at[0]), piece)
        for piece in re.split(r"('(?:[^'\\]|\\.)*')", text)
    )
    meaning = _spaced(spaced).replace("States.UUID()", "$uuid()")
    found = _FORMAT.fullmatch(meaning)
    if found is None:
        return meaning
    values = found[2].split(",")[1:] if found[2] else []
    literals = found[1].split("{}")
    if len(literals) != len(values) + 1:
        return meaning
    pairs = zip([f"'{literal}'" if literal else "" for literal in literals], [*values, ""], strict=True)
    return "&".join(part for pair in pairs for part in pair if part)


def _path(text: str) -> str:
    """Return a path as JSONata writes it, if it can; the path itself otherwise."""
    try:
        path = read_path(text)
    except PathError:
        return text
    return to_jsonata(path.root, path.steps) if path.is_plain else text


def _spaced(text: str) -> str:
    """Return an expression with a space only where two words would become one, and strings as they are."""
    pieces = _PIECE.findall(text.strip())
    found = ""
    for at, piece in enumerate(pieces):
        if not piece.isspace():
            found += piece
        elif _WORD.match(found[-1]) and _WORD.match(pieces[at + 1]):
            found += " "
    return found


def canonical(value: Json) -> Json:
    """Return a value with its expressions as ``Dynamic``, and ``"X.$"`` as ``"X"``."""
    if isinstance(value, Mapping):
        return {
            str(name).removesuffix(".$"): dynamic(item)
            if str(name).endswith(".$") and isinstance(item, str)
            else canonical(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, str) and is_jsonata(value):
        return dynamic(value)
    return int(value) if is_number(value) and value == int(value) else value


def plain(value: Json) -> Json:
    """Return a value as JSON, with its expressions as they are written."""
    if isinstance(value, Dynamic):
        return value.text
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def without_hashes(value: Json) -> Json:
    """Return a value with ``#`` for each digest of an asset, which stands in its name."""
    if isinstance(value, Dynamic):
        return Dynamic(value.text, HASH.sub("#", value.meaning))
    if isinstance(value, Mapping):
        return {HASH.sub("#", name): without_hashes(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_hashes(item) for item in value]
    return HASH.sub("#", value) if isinstance(value, str) else value


# The defaults of the language, which a definition may also say.
_OF_ALL = {"InputPath": "$", "OutputPath": "$", "ResultPath": "$", "ItemsPath": "$", "End": False}
_OF_TYPE: Mapping[str, Mapping[str, Json]] = {
    "Task": {"TimeoutSeconds": 99_999_999},
    "Map": {"MaxConcurrency": 0, "ToleratedFailureCount": 0, "ToleratedFailurePercentage": 0},
}
_OLDER = {"Iterator": "ItemProcessor"}
_RETRIER = {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "MaxDelaySeconds": None, "JitterStrategy": "NONE"}
_SHOWN_ELSEWHERE = {"Next", "End", "Choices", "Default", "Retry", "Catch", "Branches", "ItemProcessor", "QueryLanguage"}


def fields_in(body: Mapping[str, Json], language: Language) -> dict[str, Json]:
    """Return the fields of a state that say what it does: without transitions, handlers, inner states and defaults.

    Args:
        body: The state.
        language: Its query language.
    """
    kind = str(body.get("Type", ""))
    given = {_OLDER.get(name, name): value for name, value in body.items()}
    if kind == "Map" and "ItemSelector" not in given and "Parameters" in given:
        given["ItemSelector"] = given.pop("Parameters")
    if kind == "Map":
        config = {**fields_of(fields_of(given.get("ItemProcessor")).get("ProcessorConfig"))}
        if config.get("Mode", "INLINE") != "INLINE":
            given["ProcessorConfig"] = config
    found: dict[str, Json] = {"QueryLanguage": language.value}
    for name, value in given.items():
        if name in _SHOWN_ELSEWHERE or value == ({**_OF_ALL, **_OF_TYPE.get(kind, {})}).get(name, _SHOWN_ELSEWHERE):
            continue
        is_path = (name in _PATHS or name.endswith("Path")) and isinstance(value, str)
        known = dynamic(value) if is_path else canonical(value)
        if known != dynamic("$") or not is_path:
            found[name] = known.replace(_PARTITION, "aws") if name == "Resource" and isinstance(known, str) else known
    return found


def retrier_in(body: Mapping[str, Json]) -> dict[str, Json]:
    """Return the numbers of a retrier, with the defaults of those that it leaves out."""
    return {name: canonical(body.get(name, default)) for name, default in _RETRIER.items()}


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Json]:
    """Return the values in a value other than objects and lists, by their paths."""
    members: list[tuple[str | int, Json]] = []
    if isinstance(value, Mapping):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    if not members:
        return {path: value if not isinstance(value, (Mapping, list)) else str(value)}
    found: dict[tuple[str | int, ...], Json] = {}
    for name, item in members:
        found |= leaves(item, (*path, name))
    return found
