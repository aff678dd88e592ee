"""Opens files of users safely: nothing blocks, fills the memory or is misread."""

from __future__ import annotations

import os
import select
import stat
import time
from typing import TYPE_CHECKING

from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.documents.node import Node
from constructs_ml.errors import UnreadableFileError, UnusableInputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 32 * 1024 * 1024
"""The greatest size of a file: a template and a definition have a megabyte on AWS, a manifest of a large app a few."""
_CHUNK = 1024 * 1024
_PATIENCE = 5.0
"""Seconds within which the other end of a pipe must have written everything."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Windows has none, and no pipes among its files.
_NONBLOCK, _BINARY = getattr(os, "O_NONBLOCK", 0), getattr(os, "O_BINARY", 0)


def is_file(path: Path) -> bool:
    """Return whether a path is a file; a text that is longer than any name is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; a text that is longer than any name is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path, *, lenient: bool = False) -> str:
    """Read the text of a file or of a pipe.

    Args:
        path: The file.
        lenient: True to replace bytes that are not UTF-8.

    Raises:
        UnreadableFileError: If it cannot be read, is not a file, is too large or is not UTF-8.
    """
    try:
        content = _content(path)
    except UnreadableFileError:
        raise
    except (OSError, ValueError) as error:  # a ValueError: no path has a NUL
        raise UnreadableFileError(f"{path} cannot be read: {_reason(error)}") from error
    if content.startswith(_UTF16) and not lenient:
        raise UnreadableFileError(f"{path} is not UTF-8 but UTF-16; save it as UTF-8")
    try:
        # Editors on Windows begin with a byte order mark.
        return content.decode("utf-8-sig", "replace" if lenient else "strict")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(
            f"{path}:{line} is not UTF-8: the byte 0x{content[error.start]:02x}; save it as UTF-8"
        ) from error


def read_object(path: Path) -> Node:
    """Read the object in a JSON file.

    Args:
        path: The file.

    Raises:
        UnreadableFileError: If it cannot be read, is not JSON or contains another value.
    """
    text = read_text(path)
    try:
        found = Node(parse_json(text), path)
    except InvalidTextError as error:
        raise UnreadableFileError(error.of(path)) from error
    if not isinstance(found.value, dict):
        raise found.must_be("an object")
    return found


def write_text(path: Path, text: str) -> None:
    """Write a file, or into a pipe that somebody reads.

    Raises:
        UnusableInputError: If it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    try:
        # Without waiting for a reader of a pipe, who may never come.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NONBLOCK | _BINARY, 0o666)
        if _NONBLOCK:
            os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        raise UnusableInputError(f"{path} cannot be written: {_reason(error)}") from error


def _content(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | _NONBLOCK | _BINARY)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a device or a socket"
            raise UnreadableFileError(f"{path} is {kind}; name a file")
        found = bytearray()
        end = time.monotonic() + _PATIENCE
        while chunk := _next(descriptor, is_pipe=stat.S_ISFIFO(mode), end=end, path=path):
            found += chunk
            if len(found) > MOST_BYTES:
                limit = MOST_BYTES // 1024 // 1024
                raise UnreadableFileError(
                    f"{path} is larger than {limit} MB, more than any definition or template may have"
                )
        return bytes(found)
    finally:
        os.close(descriptor)


def _next(descriptor: int, *, is_pipe: bool, end: float, path: Path) -> bytes:
    if is_pipe:
        left = max(0.0, end - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            raise UnreadableFileError(f"{path} is a pipe that was not closed within {_PATIENCE:.0f} s; name a file")
    return os.read(descriptor, _CHUNK)


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
