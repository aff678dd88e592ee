"""The page of resource types is what the run does."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_written() -> None:
    written = runpy.run_path(str(ROOT / "tools" / "write_resource_types.py"))
    assert written["PAGE"].read_text(encoding="utf-8") == written["text"](), "run python tools/write_resource_types.py"
