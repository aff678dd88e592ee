"""Where the engines differ: at most fifteen kinds, each with the title of AWS's page that says who is right."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

JSONATA = "Transforming data with JSONata in Step Functions"

EXPRESSIONS: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "A moment beyond the year 9999, of which the reference makes NaN or a year of four digits, fails.": (
            ("$fromMillis(1e20)", '$fromMillis(1e20, "[Y0001]-[M01]-[D01]")', "$fromMillis(1e15)"),
            JSONATA,
        ),
        "A time zone without digits, of which the reference makes NaN, fails.": (
            ('$fromMillis(0, "[H]:[m]", "")', '$fromMillis(0, "[H]:[m]", "b")'),
            JSONATA,
        ),
        "What is no text, but undefined or a function, replaces no text; the reference writes JavaScript's word for it.": (
            (
                '$replace("abcb", "b", $nothing)',
                '$replace("abcb", "b", $states.input.list[$ > 9])',
                '$replace("abcb", "b", function($x) { $x })',
                '$replace("abcb", "b", /b/)',
            ),
            JSONATA,
        ),
        "A text is split into characters; half a character, as the reference gives, is nothing that JSON has.": (
            ("$reverse($split('a\U0001f600', ''))",),
            JSONATA,
        ),
    }
)
"""Differences of expressions: what is right, the expressions, and the page."""
