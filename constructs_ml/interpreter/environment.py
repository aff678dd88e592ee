"""Where the emulator is: in an environment of its own, so that its exact pins bind nobody else's packages.

It is looked for in the environment that ``CONSTRUCTS_ML_EMULATOR`` names, then in this one, then in the one that
``constructs-ml emulator install`` makes. Nothing is downloaded here.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from constructs_ml.errors import MissingRequirementError, RunInputError

VERSION = "1.5.33"
"""The version of MiniStack that this library works with."""
VARIABLE = "CONSTRUCTS_ML_EMULATOR"
"""The environment variable that names another environment."""
PACKAGE = "ministack"
INSTALL = "constructs-ml emulator install"


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
    """The folder of the environment that ``constructs-ml emulator install`` makes, one for each version."""
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "constructs-ml" / f"emulator-{VERSION}"


def in_folder(folder: Path) -> EmulatorEnvironment | None:
    """The environment in a folder; None if it is none."""
    windows = folder / "Scripts" / "python.exe"
    python = windows if windows.is_file() else folder / "bin" / "python"
    packages = [folder / "Lib" / "site-packages", *sorted(folder.glob("lib/python3*/site-packages"))]
    found = next((each for each in packages if each.is_dir()), None)
    return EmulatorEnvironment(python, found) if found and python.exists() else None


def this() -> EmulatorEnvironment | None:
    """This environment, if it has the emulator, or the one that it was loaded from."""
    loaded = sys.modules.get(PACKAGE)
    spec = None if loaded else importlib.util.find_spec(PACKAGE)
    places = list(loaded.__path__) if loaded else list((spec and spec.submodule_search_locations) or [])
    return EmulatorEnvironment(Path(sys.executable), Path(places[0]).parent) if places else None


def find(by: str = "a local run") -> EmulatorEnvironment:
    """Finds the emulator.

    Args:
        by: What needs it.

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
    """Makes the emulator's package importable here, and nothing else of its environment.

    The interpreter of the Amazon States Language imports, beside itself, only what this library depends on too.

    Args:
        by: What needs it.

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
        raise MissingRequirementError(f"{folder} is no package; {INSTALL}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)
