"""Makes the emulator keep objects and logs in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.emulator.disk import log_events, objects

if TYPE_CHECKING:
    from pathlib import Path


def install(folder: Path) -> Path:
    """Changes the emulator's modules.

    Args:
        folder: Where the files are; emptied, as those of an earlier run in the same folder are nobody's.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    objects.install(folder)
    log_events.install(folder)
    return folder
