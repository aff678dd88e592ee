"""The command line in this process, and what every end of it must be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from constructs_ml import cli
from constructs_ml.interpreter.environment import VERSION

if TYPE_CHECKING:
    from pathlib import Path

_BEGUN = {"", "synthesize\n", f"installing the emulator (ministack {VERSION})\n"}
"""What a command says that it is about to do."""
LONGEST = 10.0
"""Seconds that nothing bad may take."""


@dataclass(frozen=True)
class End:
    """How a command ended.

    Attributes:
        code: Its exit code.
        out: Its standard output.
        err: Its standard error.
        seconds: How long it took.
    """

    code: int
    out: str
    err: str
    seconds: float

    def is_clean(self) -> bool:
        """Whether it ended by itself: nothing raised, and what cannot be used is told in one line."""
        assert self.code in {0, 1, 2}, self
        assert "Traceback" not in self.err, self.err
        assert "\x1b" not in self.out + self.err
        assert self.seconds < LONGEST, self.seconds
        return self.code != 2 or self.is_refusal()

    def is_refusal(self) -> bool:
        """Whether it is one line, and exit code 2."""
        assert self.code == 2, self
        assert self.out in _BEGUN, self
        assert self.err.startswith("constructs-ml"), self.err
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n"), self.err
        assert len(self.err) < 1500, len(self.err)
        assert self.seconds < LONGEST, self.seconds
        return True


def ended(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> End:
    """Runs a command to its end."""
    capsys.readouterr()
    began = time.monotonic()
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    seconds = time.monotonic() - began
    told = capsys.readouterr()
    return End(int(caught.value.code or 0), told.out, told.err, seconds)
