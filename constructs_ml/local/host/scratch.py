"""Temporary folders of runs, removed at their end; after a SIGKILL, at the start of the next run.

A folder's process holds a lock on a file in it. The system releases it when the process is gone, however it went.
"""

from __future__ import annotations

import contextlib
import enum
import importlib
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.interrupts import deferred
from constructs_ml.local.host.disk_space import temporary, writing
from constructs_ml.local.host.removal import LOCK, remove_scratch

if TYPE_CHECKING:
    from collections.abc import Iterator

# Between the making of a folder and that of its lock.
_YOUNG_SECONDS = 60


class Kind(enum.Enum):
    """The purpose of a folder, which prefixes its name."""

    SYNTH = "constructs-ml-synth-"
    CHECK = "constructs-ml-check-"
    RUN = "constructs-ml-local-"
    SOCKETS = "constructs-ml-s-"  # short, as the path of a socket must be


class Scratch:
    """A temporary folder, readable by its user only.

    Args:
        kind: Its purpose.
        directory: The directory to create it in. Default: the usual one for temporary files.
    """

    def __init__(self, kind: Kind, directory: str | None = None) -> None:
        self._owner = os.getpid()
        with deferred(), writing("temporary files", directory or temporary(), "set TMPDIR to a folder that can"):
            held = False
            while not held:  # another run may take it for a stale one before it is locked
                self.path = Path(tempfile.mkdtemp(prefix=kind.value, dir=directory)).resolve()
                self._lock = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
                held = _locked(self._lock)
                if not held:
                    os.close(self._lock)

    def remove(self) -> None:
        """Remove it; do nothing the second time, or in a forked process."""
        if os.getpid() != self._owner:
            return
        remove_scratch(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@contextlib.contextmanager
def scratch(kind: Kind) -> Iterator[Path]:
    """Provide a temporary folder for the block.

    Args:
        kind: Its purpose.
    """
    made = Scratch(kind)
    try:
        yield made.path
    finally:
        with deferred():
            made.remove()


def remove_stale(*directories: str) -> list[Path]:
    """Remove the folders of this user's runs that were killed.

    Args:
        directories: Directories to search besides the usual one.

    Returns:
        What was removed.
    """
    removed: list[Path] = []
    if _fcntl() is None:
        return removed
    found = {path for place in {tempfile.gettempdir(), *directories} for kind in Kind for path in _made(place, kind)}
    for folder in sorted(found):
        with contextlib.suppress(OSError):  # another run removes it too
            if _is_stale(folder):
                remove_scratch(folder)
                removed.append(folder)
    return removed


def _made(directory: str, kind: Kind) -> Iterator[Path]:
    return Path(directory).glob(f"{kind.value}*")


def _is_stale(folder: Path) -> bool:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return not any(folder.iterdir()) and time.time() - found.st_mtime > _YOUNG_SECONDS
    try:
        return _locked(lock)
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    """Lock a file; return whether that succeeded, and the file is still in its folder."""
    fcntl = _fcntl()
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def _fcntl() -> Any:  # noqa: ANN401 - a module
    """Return the module for locks; None on Windows, where folders of killed runs remain."""
    try:
        return importlib.import_module("fcntl")
    except ImportError:
        return None
