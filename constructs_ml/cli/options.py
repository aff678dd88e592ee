"""Parsers of the command's options: a wrong value is reported before anything is done."""

from __future__ import annotations

import re
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
    """Parse a JSON object, or read it from a file."""
    if value is None:
        return None
    try:
        found = read_object(Path(value[1:])).value if value.startswith("@") else parse_json(value)
    except UnreadableFileError as error:
        raise click.BadParameter(str(error)) from error
    except InvalidTextError as error:
        raise click.BadParameter(f"{shortened(value)} {error.problem}") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"must be a JSON object, got {shortened(value)}")
    return found


def seconds(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Parse seconds above 0."""
    if value is not None and not 0 < value < _LONGEST:
        raise click.BadParameter(f"must be seconds above 0, got {value:g}")
    return value


def uploads(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Parse files, and the places that each is uploaded to."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, equals, to) in zip(values, parts, strict=True) if not (name and equals and to)]
    if wrong:
        message = f"must be FROM=TO, such as raw.csv=s3://${{RawData}}/raw.csv, got {shortened(wrong[0])}"
        raise click.BadParameter(message)
    places: dict[str, list[str]] = {}
    for name, _, to in parts:
        places.setdefault(name, []).append(to)
    return places


def outcomes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse parts of names, and the outcome of everything whose name contains one."""
    parts = [value.partition("=") for value in values]
    wrong = [
        value for value, (name, _, ending) in zip(values, parts, strict=True) if not name or ending not in _ENDINGS
    ]
    if wrong:
        message = f"must be NAME=ENDING with an ENDING of {', '.join(_ENDINGS)}, got {shortened(wrong[0])}"
        raise click.BadParameter(message)
    return {name: ending for name, _, ending in parts}


def named(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse names, each with an allowed value."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, _, _) in zip(values, parts, strict=True) if not name]
    if wrong:
        raise click.BadParameter(f"must begin with a name, got {shortened(wrong[0]) or 'an empty string'}")
    return {name: given for name, _, given in parts}


def valued(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse names, each with a value."""
    parts = [value.partition("=") for value in values]
    wrong = [value for value, (name, equals, _) in zip(values, parts, strict=True) if not equals or not name]
    if wrong:
        raise click.BadParameter(f"must be NAME=VALUE, got {shortened(wrong[0])}")
    return {name: given for name, _, given in parts}


def given(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse states, each with the place that its outputs are taken from."""
    found: dict[str, str] = {}
    for value in values:
        name, _, place = value.partition("=")
        if not name or not place:
            message = f"must be STATE=FOLDER or STATE=s3://..., such as Preprocess=out, got {shortened(value)}"
            raise click.BadParameter(message)
        if name in found:
            raise click.BadParameter(f"{name} is given twice: {found[name]} and {place}")
        found[name] = place
    return found


def commands(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Parse parts of image names, and the command for each."""
    found = {}
    for part, command in valued(context, parameter, values).items():
        try:
            found[part] = shlex.split(command)
        except ValueError as error:
            message = f"must be PART=COMMAND, got {shortened(command)} ({str(error).lower()})"
            raise click.BadParameter(message) from error
    return found


def account(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Take the id of an account."""
    if value is not None and not re.fullmatch(r"[0-9]{12}", value):
        raise click.BadParameter(f"must be an account of 12 digits, got {shortened(value)}")
    return value


def region(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Take the name of a region."""
    if value is not None and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", value):
        raise click.BadParameter(f"must be a region such as eu-central-1, got {shortened(value) or 'an empty string'}")
    return value


def loopback(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Parse a URL on this machine."""
    if value is not None and _host(value) not in {"127.0.0.1", "localhost", "::1"}:
        message = f"must be a URL on this machine, such as http://127.0.0.1:PORT, got {shortened(value)}"
        raise click.BadParameter(message)
    return value


def _host(url: str) -> str | None:
    """Return the host of a URL; None if it has none, or is not a URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
