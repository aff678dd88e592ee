"""The line of the user's code that a state was defined in."""

from __future__ import annotations

import sys
from pathlib import Path

_OURS = ("constructs_ml", "aws_cdk", "constructs", "jsii")


def users_line() -> str:
    """Where the user's code called this library: ``example/penguins.py:38``; empty if nothing but the library called.

    The path is relative to the folder that the app runs in, if it is below it.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack reads the sources of all frames
    while frame.f_globals.get("__name__", "").split(".")[0] in _OURS:
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    file = Path(frame.f_code.co_filename)
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown.as_posix()}:{frame.f_lineno}"
