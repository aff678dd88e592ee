"""Regular expressions of metrics that are none in any dialect."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from constructs_ml.errors import Finding, FindingKind, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_ANY_DIALECT = ("missing )", "nothing to repeat", "unbalanced parenthesis", "unterminated character set")
"""What Python says of an expression that ``java.util.regex.Pattern`` refuses too; of others it may know more."""


def check_expression(expression: str, member: str) -> Iterator[Finding]:
    """The finding that an expression is none, if so: nobody would find the metric by it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(expression)
    except re.error as error:
        if str(error.msg).startswith(_IN_ANY_DIALECT):
            where = "" if error.pos is None else f" at position {error.pos}"
            problem = f"must be a regular expression, got {shown(expression)}: {error.msg}{where}"
            yield Finding(member, problem, "escape what is meant as it is by a backslash", FindingKind.PATTERN)
