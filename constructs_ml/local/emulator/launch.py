"""Start of the emulator's process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.interpreter.environment import find
from constructs_ml.local.host.environment import NO_AWS_PROFILES, allowed
from constructs_ml.local.host.settings import VARIABLE

if TYPE_CHECKING:
    from constructs_ml.local.host.run_folders import RunFolders
    from constructs_ml.local.host.settings import Settings


# The emulator's environment has none of this one's packages on its path, but for this library's modules. The package itself is
# not run: its names need lazy_loader.
_BOOT = """
import importlib.util, sys
package = sys.argv.pop()
spec = importlib.util.spec_from_file_location("constructs_ml", package + "/__init__.py", submodule_search_locations=[package])
sys.modules["constructs_ml"] = importlib.util.module_from_spec(spec)
from constructs_ml.local.emulator.emulator import main
main()
"""


def start_emulator(folders: RunFolders, settings: Settings) -> subprocess.Popen[str]:
    """Start the emulator.

    Args:
        folders: The folders for its files.
        settings: Its settings.

    Raises:
        MissingRequirementError: If the emulator is not installed.

    Returns:
        The process; it reports events on its standard output, and ends when its standard input is closed.
    """
    emulator = find()
    environment = {
        **allowed(os.environ),
        **NO_AWS_PROFILES,
        "TMPDIR": str(folders.temporary),
        VARIABLE: settings.dumps(),
    }
    with folders.log.open("wb") as log:
        return subprocess.Popen(
            [str(emulator.python), "-I", "-c", _BOOT, str(Path(__file__).resolve().parents[2])],
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
