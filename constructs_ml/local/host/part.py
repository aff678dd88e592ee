"""The part of a workflow that a run executes, as the jobs need it: a file that the user's process writes for the emulator's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "part.json"
MODEL, OUTPUT, METRICS = "model.tar.gz", "output.tar.gz", "metrics.json"
"""Files of a folder with the outputs of a training job; its metrics are an object of numbers by their names."""


@dataclass(frozen=True)
class JobsPart:
    """The jobs of a run that are not run as usual, by the names of their states.

    Attributes:
        given: The jobs that are not run, each with the folder or S3 URI that its outputs are taken from.
        debugged: The jobs whose script waits for a debugger.
        debugpy: The folder of debugpy; empty for pdb.
        terminal: The terminal that pdb talks to.
    """

    given: dict[str, str] = field(default_factory=dict)
    debugged: list[str] = field(default_factory=list)
    debugpy: str = ""
    terminal: str = ""

    def write(self, workdir: Path) -> None:
        """Write it into the directory of a run."""
        (workdir / _FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(workdir: Path) -> JobsPart:
        """Read it from the directory of a run; all jobs run as usual if there is none."""
        file = workdir / _FILE
        return JobsPart(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else JobsPart()
