"""Safe output of foreign text on the user's terminal: control characters are shown, never sent."""

from __future__ import annotations

import re

_SHOWN = 100
_LONGEST_LINE, _BEGINNING = 1200, 800
# C0 but for line feed and tab, DEL and C1, the marks that end a line or turn the direction of text, and halves of surrogate pairs.
_HARMFUL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def printable(text: str) -> str:
    r"""Return a string that is safe to print: ``\x1b[2J`` shows as that, and clears no screen.

    Args:
        text: A message, a log line or a name; line feeds and tabs are kept.
    """
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    r"""Return a string as one line: a line feed shows as ``\n``, and the middle of a long text is left out.

    Args:
        text: A message.
    """
    line = printable(text).replace("\n", "\\n")
    return line if len(line) <= _LONGEST_LINE else f"{line[:_BEGINNING]} … {line[_BEGINNING - _LONGEST_LINE :]}"


def shortened(text: str) -> str:
    """Return the beginning of a string that a message shows.

    Args:
        text: The user's text, of any length.
    """
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
