"""The public names of the library, at the top of the package and in its namespaces."""

from __future__ import annotations

import inspect
from typing import Any

import constructs_ml as ml

TOP = {name: value for name in ml.__all__ if not inspect.ismodule(value := getattr(ml, name))}
"""The names at the top of the package, with what they are."""
NAMESPACES = {name: value for name in ml.__all__ if inspect.ismodule(value := getattr(ml, name))}
"""The namespaces."""
PUBLIC: dict[str, Any] = {
    **TOP,
    **{name: getattr(namespace, name) for namespace in NAMESPACES.values() for name in namespace.__all__},
}
"""Every public name, with what it is."""
