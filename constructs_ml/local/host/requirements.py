"""The requirements of a local run: an operating system, and packages of an extra."""

from __future__ import annotations

import importlib.util
import os
import socket

from constructs_ml.errors import MissingRequirementError

_SYSTEM_CALLS = ("fork", "getuid", "killpg", "mkfifo")


def require_system(by: str = "a local run") -> None:
    """Check that this system has the process groups, sockets and pipes that a run needs.

    Args:
        by: The name of the feature that needs them.

    Raises:
        MissingRequirementError: If it is not.
    """
    if not all(hasattr(os, name) for name in _SYSTEM_CALLS) or not hasattr(socket, "AF_UNIX"):
        message = f"{by} needs Linux or macOS; on Windows, run it in WSL (docs/local.md, Platforms)"
        raise MissingRequirementError(message)


def require(*modules: str, by: str = "a local run", extra: str = "local") -> None:
    """Check that the modules of an extra are installed.

    Args:
        modules: The modules.
        by: The name of the feature that needs them.
        extra: The extra that brings them.

    Raises:
        MissingRequirementError: If one is not.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            message = f"{by} needs {module}: pip install 'constructs-ml[{extra}]'"
            raise MissingRequirementError(message)
