"""Values of the command's options: what is wrong with one is told before anything is done."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from constructs_ml.documents.files import read_object
from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import UnreadableFileError
from constructs_ml.terminal import shortened

_LONGEST = 1e9
_ENDINGS = ("Failed", "Stopped", "RolledBack", "RollbackFailed")


def json_object(_context: click.Context, _parameter: click.Parameter, value: str | None) -> dict[str, Any] | None:
    """Takes a JSON object, or the file that has one."""
    if value is None:
        return None
    try:
        found = read_object(Path(value[1:])).value if value.startswith("@") else parse_json(value)
    except UnreadableFileError as error:
        raise click.BadParameter(str(error)) from error
    except InvalidTextError as error:
        raise click.BadParameter(f"{shortened(value)} {error.problem}") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"a JSON object is needed, got {shortened(value)}")
    return found


def seconds(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Takes seconds above 0."""
    if value is not None and not 0 < value < _LONGEST:
        raise click.BadParameter(f"seconds above 0 are needed, got {value:g}")
    return value


def uploads(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Takes files, and the places that each is uploaded to."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, equals, to) in zip(values, parts, strict=True) if not (name and equals and to)]
    if wrong:
        message = f"FROM=TO is needed, as raw.csv=s3://${{RawData}}/raw.csv, got {shortened(wrong[0])}"
        raise click.BadParameter(message)
    places: dict[str, list[str]] = {}
    for name, _, to in parts:
        places.setdefault(name, []).append(to)
    return places


def outcomes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Takes names, and how what has them in its name ends."""
    parts = [value.partition("=") for value in values]
    wrong = [
        value for value, (name, _, ending) in zip(values, parts, strict=True) if not name or ending not in _ENDINGS
    ]
    if wrong:
        message = f"NAME=ENDING is needed, with one of {', '.join(_ENDINGS)}, got {shortened(wrong[0])}"
        raise click.BadParameter(message)
    return {name: ending for name, _, ending in parts}


def named(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Takes names, and what may be given for each."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, _, _) in zip(values, parts, strict=True) if not name]
    if wrong:
        raise click.BadParameter(f"a name is needed, got {shortened(wrong[0]) or 'an empty text'}")
    return {name: given for name, _, given in parts}


def valued(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Takes names, each with a value."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, equals, _) in zip(values, parts, strict=True) if not equals or not name]
    if wrong:
        raise click.BadParameter(f"NAME=VALUE is needed, got {shortened(wrong[0])}")
    return {name: given for name, _, given in parts}


def commands(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Takes parts of images, and the command for each."""
    found = {}
    for part, command in valued(context, parameter, values).items():
        try:
            found[part] = shlex.split(command)
        except ValueError as error:
            message = f"PART=COMMAND is needed, got {shortened(command)} ({str(error).lower()})"
            raise click.BadParameter(message) from error
    return found


def loopback(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Takes a URL on this machine."""
    if value is not None and _host(value) not in {"127.0.0.1", "localhost", "::1"}:
        message = f"a run listens on this machine only, as http://127.0.0.1:PORT, got {shortened(value)}"
        raise click.BadParameter(message)
    return value


def _host(url: str) -> str | None:
    """The host of a URL; None if it has none, or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
