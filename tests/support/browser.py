"""Pages in a headless Chromium, for tests that ``make insight-check`` runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PYTHON = _ROOT / ".cache/docs/env/bin/python"
_SCREENSHOTS = "CONSTRUCTS_ML_SCREENSHOTS"


def look(tool: str, *given: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool that looks at pages; the variable CONSTRUCTS_ML_SCREENSHOTS names a folder for what it sees."""
    assert _PYTHON.is_file(), "make insight-check installs selenium, in .cache/docs/env"
    kept = os.environ.get(_SCREENSHOTS)
    more = ["--screenshots", kept] if kept else []
    return subprocess.run([_PYTHON, _ROOT / "tools" / tool, *given, *more], capture_output=True, text=True, check=False)
