"""Warnings of names that have better ones."""

from __future__ import annotations

import sys
import warnings

_OURS = ("constructs_ml", "aws_cdk", "constructs", "jsii")


def warn_deprecated(old: str, new: str) -> None:
    """Warn of an old name, at the user's own line.

    Args:
        old: The old name, such as ``ModelPackageGroup.arn``.
        new: The name in its place.
    """
    level = 2
    frame = sys._getframe(1)  # noqa: SLF001 - the line of the user's, however deep it calls
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in _OURS:
        frame, level = frame.f_back, level + 1
    warnings.warn(f"{old} is deprecated; use {new}", DeprecationWarning, stacklevel=level)
