"""What a local run needs to be installed."""

from __future__ import annotations

import importlib.util

from constructs_ml.errors import MissingRequirementError


def require(*modules: str) -> None:
    """Makes sure that the modules of the extra ``local`` are installed.

    Raises:
        MissingRequirementError: If one is not.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            message = f"a local run needs {module}: pip install 'constructs-ml[local]'"
            raise MissingRequirementError(message)
