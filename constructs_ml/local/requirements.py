"""What has to be installed for a local run."""

from __future__ import annotations

import importlib.util

from constructs_ml.errors import MissingRequirementError


def require(*modules: str, by: str = "a local run", extra: str = "local") -> None:
    """Makes sure that the modules of an extra are installed.

    Args:
        modules: The modules.
        by: What needs them.
        extra: The extra that brings them.

    Raises:
        MissingRequirementError: If one is not.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            message = f"{by} needs {module}: pip install 'constructs-ml[{extra}]'"
            raise MissingRequirementError(message)
