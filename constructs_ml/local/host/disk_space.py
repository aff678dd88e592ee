"""Errors of full disks and read-only folders, with the folder and the fix."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Less is full for any purpose: nothing that a run writes is of use by half.
_FULL_BYTES = 1 << 16
STORAGE_IS_FULL = "InsufficientStorage"
"""The code of the error with which the embedded S3 refuses an object that has no room."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def hint(folder: Path | str) -> str:
    """Return a clause that says that the disk of a folder is full; empty if it is not."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return ""  # the folder is gone: whatever was wrong, it was not this
    free = found.f_bavail * found.f_frsize
    # Some file systems have no number of files, and say 0 of 0.
    if free >= _FULL_BYTES and (found.f_favail or not found.f_files):
        return ""
    return f"; the disk of {folder} is full ({free >> 10} KB, {found.f_favail} files free): free space there"


@contextlib.contextmanager
def writing(what: str, folder: Path | str, fix: str) -> Iterator[None]:
    """Turn errors of writing into a folder into a message with the folder and the fix.

    Args:
        what: The written data, in words: ``the models``.
        folder: The folder.
        fix: The way to name another folder.

    Raises:
        LocalRunError: If it cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
            raise
        why = hint(folder) or (f"; free space there, or {fix}" if error.errno in _FULL else f"; {fix}")
        raise LocalRunError(f"{what} cannot be written to {folder}: {os.strerror(error.errno)}{why}") from error


def temporary() -> str:
    """Return the folder for temporary files.

    Raises:
        LocalRunError: If there is none that can be written.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        places = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - it is named, not used
        message = f"no folder for temporary files can be written ({places}, and others){hint(places)}; set TMPDIR to one that can"
        raise LocalRunError(message) from error
