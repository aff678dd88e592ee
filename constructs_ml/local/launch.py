"""Starts the emulator's process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.local.environment import NO_AWS_PROFILES, allowed
from constructs_ml.local.settings import VARIABLE

if TYPE_CHECKING:
    from constructs_ml.local.run_folders import RunFolders
    from constructs_ml.local.settings import Settings


def start_emulator(folders: RunFolders, settings: Settings) -> subprocess.Popen[str]:
    """Starts the emulator.

    Args:
        folders: Where its files go.
        settings: How it is to run.

    Returns:
        The process; it tells what happens on its standard output, and ends when its standard input is closed.
    """
    environment = {
        **allowed(os.environ),
        **NO_AWS_PROFILES,
        "TMPDIR": str(folders.temporary),
        # This package, from wherever it was imported here.
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        VARIABLE: settings.dumps(),
    }
    with folders.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "constructs_ml.local.emulator"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=folders.workdir,
            # Ctrl-C at the terminal must not reach it before this process has ended its jobs.
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
