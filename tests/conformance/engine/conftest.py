"""The second engines: moto's Step Functions parser and the reference implementation of JSONata.

They are in an environment of their own, which ``make conformance-engine`` makes and names.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = os.environ.get("CONFORMANCE_ENGINE", "")
HERE = Path(__file__).parent

# Without the environment there is nothing to compare with.
collect_ignore_glob = [] if ENVIRONMENT else ["test_*.py"]


class Engine:
    """A program that answers lines of JSON by lines of JSON.

    Args:
        command: How it is started.
    """

    def __init__(self, *command: str) -> None:
        # The reference takes a time without a zone for one of this machine.
        variables = {**os.environ, "TZ": "UTC"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=variables
        )

    def ask(self, question: Any) -> Any:
        """The answer to a question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the engine ended: {self._process.wait()}"
        return json.loads(answer)

    def close(self) -> None:
        """Ends it: its input ends."""
        self._process.communicate(timeout=20)


@pytest.fixture(scope="session")
def reference() -> Iterator[Engine]:
    """The reference implementation of JSONata."""
    engine = Engine("node", str(HERE / "reference.js"), str(Path(ENVIRONMENT) / "node_modules" / "jsonata"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def second() -> Iterator[Engine]:
    """Moto's Step Functions parser."""
    python = Path(ENVIRONMENT) / "bin" / "python"
    engine = Engine(str(python), str(HERE / "moto_engine.py"), str(Path(ENVIRONMENT) / "node_modules" / "jsonata"))
    yield engine
    engine.close()
