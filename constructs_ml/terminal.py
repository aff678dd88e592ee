"""Text of others on the user's terminal: control characters are shown, never sent."""

from __future__ import annotations

import re

# C0 but for line feed and tab, DEL and C1, the marks that end a line or turn the direction of text, and halves of surrogate pairs.
_HARMFUL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def printable(text: str) -> str:
    r"""Returns a text that is safe to print: ``\x1b[2J`` is seen as that, and clears no screen.

    Args:
        text: A message, a log line or a name; line feeds and tabs are kept.
    """
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
