"""What a user gives to a run: files that cannot be read are told as faults of the run."""

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
    """Raises what cannot be read as an error of the run, which its callers expect; a decorator too.

    Raises:
        RunInputError: In the place of ``UnreadableFileError``.
    """
    try:
        yield
    except UnreadableFileError as error:
        raise RunInputError(str(error)) from error


def check_writable(folder: Path) -> None:
    """Makes sure that a folder can be written into, or be made, before anything is done that would be lost.

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
