"""Makes the environment of the emulator, from a lock file with hashes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.interpreter.environment import VERSION, in_folder, own_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCK = Path(__file__).with_name("emulator.lock")
"""The emulator and all that it needs, each with its hashes; written by ``make lock``."""


def install(into: Path | None = None, *, options: Sequence[str] = ()) -> Path:
    """Makes an environment with the emulator; does nothing where it is there already.

    Args:
        into: Its folder. Default: one for each version below the user's data.
        options: Further options of pip, as ``--index-url URL`` or ``--no-index --find-links FOLDER``.

    Returns:
        The folder.

    Raises:
        LocalRunError: If something else is in the folder, or pip fails.
    """
    folder = (into or own_folder()).absolute()
    found = in_folder(folder)
    if found and found.version == VERSION:
        return folder
    if folder.exists() and not found and any(folder.iterdir()):
        raise RunInputError(f"{folder} is there and no environment of the emulator; name another folder (--into)")
    # Made beside it, so that an interrupted installation leaves no half of one.
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(partial)])
        made = in_folder(partial)
        if made is None:
            raise LocalRunError(f"{sys.executable} -m venv made no environment in {partial}")
        pip = [str(made.python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        _run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK), *options])
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except OSError as error:
        raise LocalRunError(f"{folder} could not be made: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        last = "\n".join(line for line in said[-5:])
        raise LocalRunError(f"{' '.join(command[:4])} failed:\n{last}")
