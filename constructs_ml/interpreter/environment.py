"""The emulator's own environment, so that its exact pins do not affect other packages.

The search order is: the environment that ``CONSTRUCTS_ML_EMULATOR`` names, this one, the one that ``constructs-ml emulator
install`` creates (``install``) from a lock file with hashes. Nothing else downloads anything.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError, MissingRequirementError, RunInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "1.5.33"
"""The version of MiniStack that this library works with."""
VARIABLE = "CONSTRUCTS_ML_EMULATOR"
"""The environment variable that names another environment."""
PACKAGE = "ministack"
INSTALL = "constructs-ml emulator install"
LOCK = Path(__file__).with_name("emulator.lock")
"""The emulator and all that it needs, each with its hashes; written by ``make lock``."""


@dataclass(frozen=True)
class EmulatorEnvironment:
    """A Python environment that has the emulator.

    Attributes:
        python: Its interpreter.
        packages: The folder of its packages.
    """

    python: Path
    packages: Path

    @property
    def version(self) -> str:
        """The version of MiniStack in it; empty if there is none."""
        found = importlib.metadata.distributions(name=PACKAGE, path=[str(self.packages)])
        return next((each.version for each in found), "")


def own_folder() -> Path:
    """Return the folder of the environment that ``constructs-ml emulator install`` creates, one for each version."""
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "constructs-ml" / f"emulator-{VERSION}"


def in_folder(folder: Path) -> EmulatorEnvironment | None:
    """Return the environment in a folder; None if there is none."""
    windows = folder / "Scripts" / "python.exe"
    python = windows if windows.is_file() else folder / "bin" / "python"
    packages = [folder / "Lib" / "site-packages", *sorted(folder.glob("lib/python3*/site-packages"))]
    found = next((each for each in packages if each.is_dir()), None)
    return EmulatorEnvironment(python, found) if found and python.exists() else None


def this() -> EmulatorEnvironment | None:
    """Return this environment, if it has the emulator.

    A package that :func:`load` took from another environment does not count: this one's Python could not import it.
    """
    spec = PathFinder.find_spec(PACKAGE)
    places = list((spec and spec.submodule_search_locations) or [])
    return EmulatorEnvironment(Path(sys.executable), Path(places[0]).parent) if places else None


def in_use() -> str:
    """Return the version of the emulator whose package this process has loaded or would load; empty if there is none."""
    loaded = sys.modules.get(PACKAGE)
    if loaded is None:
        found = this()
        return found.version if found else ""
    return EmulatorEnvironment(Path(sys.executable), Path(loaded.__path__[0]).parent).version


def find(by: str = "a local run") -> EmulatorEnvironment:
    """Find the emulator.

    Args:
        by: The name of the feature that needs it.

    Raises:
        RunInputError: If the environment that the setting names has no emulator, or another version.
        MissingRequirementError: If there is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        found = in_folder(Path(named))
        version = found.version if found else ""
        if found is None or version != VERSION:
            has = f"has ministack {version}" if version else "has no ministack"
            message = f"{VARIABLE} names {named}, which {has}: it must have {VERSION}; {INSTALL} --into {named}"
            raise RunInputError(message)
        return found
    for candidate in (this(), in_folder(own_folder())):
        if candidate and candidate.version == VERSION:
            return candidate
    message = f"{by} needs the emulator (ministack {VERSION}), in an environment of its own: {INSTALL}"
    raise MissingRequirementError(message)


def load(by: str = "a simulation") -> None:
    """Make the emulator's package importable here, and nothing else of its environment.

    The interpreter of the Amazon States Language imports, apart from itself, only dependencies of this library.

    Args:
        by: The name of the feature that needs it.

    Raises:
        RunInputError: If the environment that the setting names has no emulator, or another version.
        MissingRequirementError: If there is none.
    """
    if PACKAGE in sys.modules:
        return
    folder = find(by).packages / PACKAGE
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:  # pragma: no cover - it is a folder with an __init__.py
        raise MissingRequirementError(f"{folder} is not a package; {INSTALL}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


def install(into: Path | None = None, *, options: Sequence[str] = ()) -> Path:
    """Create an environment with the emulator; do nothing if it exists already.

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
        raise RunInputError(f"{folder} exists and is not an environment of the emulator; name another folder (--into)")
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
