"""The comparison with other engines can start, also where they are not installed: what it needs of the tests is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_comparison_with_other_engines_can_be_collected() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/conformance/engine"],
        cwd=ROOT,
        env={**os.environ, "CONFORMANCE_ENGINE": "not started"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "test_engine_synthesized.py::" in done.stdout
