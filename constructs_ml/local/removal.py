"""Removes directories that jobs have written into."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path


def remove(directory: Path) -> None:
    """Removes a directory, with folders that a job has closed to everybody; does nothing if there is none."""
    for folder, names, _ in os.walk(directory):
        for name in names:
            inside = Path(folder, name)
            with contextlib.suppress(OSError):
                if not inside.is_symlink() and inside.stat().st_mode & stat.S_IRWXU != stat.S_IRWXU:
                    inside.chmod(stat.S_IRWXU)
    shutil.rmtree(directory, ignore_errors=True)
