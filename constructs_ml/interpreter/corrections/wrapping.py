"""Puts a function around another of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Sfn = Any
"""MiniStack's module, or a copy of it: it ships no types."""
Data = Any
"""What MiniStack hands to its functions: any JSON."""


def wrap(module: Sfn, name: str, wrapper: Callable[..., Data]) -> None:
    """Replaces a function by one that gets it as its first argument, and the function's own after it.

    Args:
        module: The module that has it.
        name: Its name.
        wrapper: What goes around it.
    """
    original = getattr(module, name)
    setattr(module, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))
