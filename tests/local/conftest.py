"""One embedded AWS for the tests of a module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from local_bench import Bench

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    logs: list[str] = []
    notes: list[str] = []
    with LocalAws(
        on_log=lambda line: logs.append(line.text),
        on_note=notes.append,
        stop_grace=1,
        simulated_seconds=0.2,
        outcomes={"ends-failed": "Failed", "ends-back": "RolledBack", "ends-stuck": "RollbackFailed"},
        images={"my-server": ["python3", str(Path(__file__).with_name("fake_server.py"))]},
    ) as aws:
        yield Bench(aws, tmp_path_factory.mktemp("assemblies"), logs, notes)
