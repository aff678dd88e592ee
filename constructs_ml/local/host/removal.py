"""Removal of directories that jobs have written into.

As a program, with the standard library alone, it removes temporary folders of a run, its arguments, and then ends its own
process group: a process becomes it that cannot stop its threads from writing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import sys
from pathlib import Path

LOCK = ".lock"
"""The file in a temporary folder that its process holds locked."""


def remove(directory: Path) -> None:
    """Remove a directory, including folders without permissions; do nothing if there is none."""
    for folder, names, _ in os.walk(directory):
        for name in names:
            inside = Path(folder, name)
            with contextlib.suppress(OSError):
                if not inside.is_symlink() and inside.stat().st_mode & stat.S_IRWXU != stat.S_IRWXU:
                    inside.chmod(stat.S_IRWXU)
    shutil.rmtree(directory, ignore_errors=True)


def remove_scratch(folder: Path) -> None:
    """Remove a temporary folder, its lock last, so that the next run continues an interrupted removal."""
    with contextlib.suppress(FileNotFoundError):
        for entry in list(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                remove(entry)
            elif entry.name != LOCK:
                entry.unlink(missing_ok=True)
        remove(folder)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        remove_scratch(Path(argument))
    os.killpg(0, signal.SIGKILL)
