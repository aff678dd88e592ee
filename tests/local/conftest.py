"""One embedded AWS for the tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_bench import Bench

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    logs: list[str] = []
    with LocalAws(on_log=lambda line: logs.append(line.text), stop_grace=1) as aws:
        yield Bench(aws, tmp_path_factory.mktemp("assemblies"), logs)
