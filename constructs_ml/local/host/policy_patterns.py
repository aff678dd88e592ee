"""The wildcards of IAM policies, which stand for any characters: a line break in an object's key too.

MiniStack's patterns stop at a line break, and take one at the end of a name for nothing: a role would lack what it is allowed,
and have what it is not.
"""

from __future__ import annotations

import functools
import importlib
import re
from typing import Any

_WILDCARDS = {"*": ".*", "?": "."}


def install() -> None:
    """Replaces the emulator's patterns."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    evaluator._fnmatch_compile = compiled  # noqa: SLF001 - in PRIVATE_NAMES


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """A pattern of a policy as a regular expression of the whole text.

    Args:
        pattern: As ``arn:aws:s3:::bucket/in/*``.
        ignore_case: Whether capitals matter not, as in the names of actions.
    """
    text = "".join(_WILDCARDS.get(character) or re.escape(character) for character in re.sub(r"\*+", "*", pattern))
    return re.compile(rf"{text}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))
