"""A terminal of a size that keeps what is written to it, as far as the live view of a run moves the cursor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rich.cells import cell_len

_PIECE = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])|\x1b\[[\d;]*m|\x1b.|\r|\n|[^\x1b\r\n]+")


@dataclass
class FakeTerminal:
    """A terminal.

    Attributes:
        width: Its columns; a line that is longer fails the test, as it would wrap and be drawn twice.
        height: Its rows.
        lines: What it shows, with what has scrolled away above.
        has_cursor: Whether the cursor is visible.
        deepest: The highest number of rows that the cursor was moved up by at once.
    """

    width: int = 80
    height: int = 24
    lines: list[str] = field(default_factory=lambda: [""])
    row: int = 0
    has_cursor: bool = True
    deepest: int = 0
    _up: int = 0

    def feed(self, text: str) -> None:
        """Takes what is written."""
        for found in _PIECE.finditer(text):
            piece, private, number, letter = found[0], *found.groups()
            if private:
                self.has_cursor = {"l": False, "h": True}[letter] if number == "25" else self.has_cursor
            elif letter == "A":
                self._up += int(number or 1)
                self.deepest = max(self.deepest, self._up)
                self.row -= int(number or 1)
                assert self.row >= max(0, len(self.lines) - self.height), "the cursor would leave the screen"
            elif letter == "K":
                self.lines[self.row] = ""
            elif piece == "\n":
                self._up = 0
                self.row += 1
                self.lines += [""] * (self.row == len(self.lines))
            elif piece[0] not in "\x1b\r":
                self._up = 0
                self.lines[self.row] += piece
                assert cell_len(self.lines[self.row]) <= self.width, self.lines[self.row]

    @property
    def shown(self) -> list[str]:
        """The lines without spaces at their ends; without empty ones at the end."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip().split("\n")
