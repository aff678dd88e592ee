"""A Python that stops in the first script that a job starts: with debugpy, or with pdb at a terminal.

A job may start its script through a shell, and other programs before it: the Python first on its PATH is one that looks at its
arguments. Run as a program, this module starts a script under pdb; it uses the standard library alone.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_ml.local.host.part import JobsPart

_TOOLS = ("pip", "tarfile", "venv")
"""Modules that an entry point runs before the script."""
_SCRIPT = """#!/bin/sh
case "$1" in
*.py) stop=1 ;;
-m) case "$2" in {tools}) stop= ;; *) stop=1 ;; esac ;;
*) stop= ;;
esac
if [ -n "$stop" ] && mkdir {once} 2>/dev/null; then exec {debugger} "$@"; fi
exec {python} "$@"
"""


def stopping_python(folder: Path, python: str, part: JobsPart, port: int) -> Path:
    """Write the programs ``python3`` and ``python``, which start the first script under a debugger.

    Args:
        folder: The folder for them, which the job can see.
        python: The Python that the job runs with.
        part: The debugger.
        port: The port that debugpy listens on.

    Returns:
        The folder of the programs.
    """
    programs = folder / "bin"
    programs.mkdir(parents=True)
    if part.debugpy:
        debugger = [python, "-Xfrozen_modules=off", part.debugpy, "--listen", f"127.0.0.1:{port}", "--wait-for-client"]
    else:
        debugger = [python, str(Path(__file__)), part.terminal]
    content = _SCRIPT.format(
        tools="|".join(_TOOLS),
        once=shlex.quote(str(folder / "stopped")),
        debugger=shlex.join(debugger),
        python=shlex.quote(python),
    )
    for name in ("python", "python3"):
        (programs / name).write_text(content, encoding="utf-8")
        (programs / name).chmod(0o755)
    return programs


def main(terminal: str, *arguments: str) -> None:
    """Run a script, or a module after ``-m``, under pdb at a terminal, and stop at its first line."""
    # The terminal belongs to the user's session, and stays there.
    descriptor = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    reader, writer = os.fdopen(descriptor, "r"), os.fdopen(os.dup(descriptor), "w")
    if arguments[0] == "-m":
        import importlib.util

        spec = importlib.util.find_spec(arguments[1])
        if spec is None or spec.origin is None:
            sys.exit(f"No module named {arguments[1]}")
        script, given = spec.origin, arguments[2:]
        sys.path[0] = str(Path.cwd())
    else:
        script, given = arguments[0], arguments[1:]
        sys.path[0] = str(Path(script).resolve().parent)
    sys.argv = [script, *given]
    code = compile(Path(script).read_bytes(), script, "exec")
    import pdb  # noqa: T100 - the user asks for it

    class Debugger(pdb.Pdb):
        def set_quit(self) -> None:
            """End the job as failed: its script did not come to its end."""
            raise SystemExit("ended in pdb")

    debugger = Debugger(stdin=reader, stdout=writer)
    # The script is the main module, with names of its own.
    names, builtins = sys.modules["__main__"].__dict__, __builtins__
    names.clear()
    names.update(__name__="__main__", __file__=script, __builtins__=builtins)
    debugger.run(code, names)


if __name__ == "__main__":
    main(*sys.argv[1:])
