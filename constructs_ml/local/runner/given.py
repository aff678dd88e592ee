"""The user's files for a run; unreadable ones are errors of the run."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import RunInputError, UnreadableFileError
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def as_run_errors() -> Iterator[None]:
    """Raise errors about unreadable files as errors of the run; also a decorator.

    Raises:
        RunInputError: In the place of ``UnreadableFileError``.
    """
    try:
        yield
    except UnreadableFileError as error:
        raise RunInputError(str(error)) from error


def check_writable(folder: Path) -> None:
    """Check that a folder can be written to or created, before a run whose results would be lost.

    Args:
        folder: The folder.

    Raises:
        RunInputError: If it cannot.
    """
    real = Path(os.path.realpath(folder))
    try:
        there = next(place for place in (real, *real.parents) if place.exists())
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise RunInputError(f"{shortened(str(folder))} cannot be a folder: {reason}") from error
    if not there.is_dir():
        raise RunInputError(f"{folder} cannot be a folder: {there} is a file")
    if real.is_symlink():
        raise RunInputError(f"{folder} cannot be a folder: it is a link in a circle, or to nothing")
    if not os.access(there, os.W_OK | os.X_OK):
        raise RunInputError(f"{folder} cannot be written: {there} is read-only")


def upload_source(name: str, to: str, directory: Path) -> Path:
    """Return a file or folder to upload.

    Args:
        name: Its name, as ``source`` takes it.
        to: The destination, for messages.
        directory: The folder of cdk.json.

    Raises:
        RunInputError: If there is none; raised before anything starts.
    """
    if not name:
        raise RunInputError(f"a file is needed to upload to {to}, got an empty name")
    found = source(name, directory)
    check_source(found, to)
    return found


def source(name: str, directory: Path) -> Path:
    """Return a file of the user's: relative to cdk.json, or ``package:name/path`` inside an installed package.

    Raises:
        LocalRunError: If the package is not installed.
    """
    if not name.startswith("package:"):
        return directory / name
    import importlib.util

    package, _, inside = name.removeprefix("package:").partition("/")
    # A package is found without importing it.
    try:
        spec = importlib.util.find_spec(package) if package and "\0" not in package else None
    except (ImportError, ValueError):  # a part of a dotted name is none
        spec = None
    if spec is None or not spec.submodule_search_locations:
        message = f"{name}: there is no package {package}; pip install it"
        raise RunInputError(message)
    return Path(spec.submodule_search_locations[0]) / inside


def check_source(source: Path, to: str) -> None:
    """Check that a source can be uploaded.

    Args:
        source: A file or a folder.
        to: The destination, for the message.

    Raises:
        RunInputError: If there is no such file or folder.
    """
    try:
        if source.is_file() or source.is_dir():
            return
        problem = f"{source} is neither a file nor a folder" if source.exists() else f"there is no file {source}"
    except (OSError, ValueError) as error:
        problem = f"{shortened(str(source))} is not a file: {(isinstance(error, OSError) and error.strerror) or error}"
    raise RunInputError(f"{problem} to upload to {to}")
