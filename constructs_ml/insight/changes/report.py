"""All differences as plain text and as Markdown. What comes from templates is data: characters that do anything are escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from constructs_ml.insight.changes.model import Change, Differences

_LONG = 15
"""The number of lines from which on a section of Markdown is folded."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
_LINKING = re.compile(r"@|(?<=GH)-|://|(?<=www)\.", re.IGNORECASE)
NOTHING = "no differences"


def mark_of(change: Change) -> str:
    """Return the mark of a line: ``!`` if something is widened, ``+`` and ``-`` for what is added and removed, ``~`` otherwise."""
    if change.widens:
        return "!"
    if change.kind in {Kind.STATE, Kind.MACHINE, Kind.ROLE, Kind.RULE}:
        return "+" if change.old is ABSENT else "-"
    return "-" if change.narrows else "~"


def as_text(differences: Differences, style: Callable[[str, str], str] = lambda _mark, text: text) -> str:
    """Return all differences as plain text.

    Args:
        differences: The differences.
        style: Makes the text of a line with its mark, such as one in colour.
    """
    if not differences:
        return NOTHING
    lines: list[str] = []
    for title, changes in _sections(differences):
        lines.append(_line(title))
        for change in changes:
            mark = mark_of(change)
            lines.append(style(mark, f"  {mark} {_line(change.words)}"))
    if others := _others(differences):
        lines.append(_line(others))
    return "\n".join(lines)


def as_markdown(differences: Differences) -> str:
    """Return all differences as Markdown for a pull request; long sections are folded."""
    if not differences:
        return f"**{NOTHING}**"
    lines = ["**Permissions are wider.**" if differences.widened else "No permission is wider."]
    for title, changes in _sections(differences):
        items = [f"- {'**wider:** ' if change.widens else ''}{_escaped(_line(change.words))}" for change in changes]
        heading = f"### {_escaped(_line(title))}"
        if len(items) > _LONG:
            items = [f"<details><summary>{len(items)} differences</summary>", "", *items, "", "</details>"]
        lines += ["", heading, "", *items]
    if others := _others(differences):
        lines += ["", _escaped(_line(others))]
    return "\n".join(lines)


def _sections(differences: Differences) -> Iterator[tuple[str, list[Change]]]:
    by_machine: dict[str, list[Change]] = {}
    for change in differences.workflows:
        by_machine.setdefault(change.subject, []).append(change)
    yield from ((f"State machine {name}" if name else "Definition", changes) for name, changes in by_machine.items())
    for title, changes in (("Permissions", differences.permissions), ("Events", differences.events)):
        if changes:
            yield title, list(changes)


def _others(differences: Differences) -> str:
    if not differences.others:
        return ""
    total = sum(count.all for count in differences.others.values())
    kinds = ", ".join(
        f"{kind} ({_counted(count.added, count.removed, count.changed)})" for kind, count in differences.others.items()
    )
    also = "and " if differences.changes else ""
    return f"{also}{total} other resource{'' if total == 1 else 's'} changed: {kinds}; cdk diff shows them"


def _counted(added: int, removed: int, changed: int) -> str:
    numbers: Iterable[tuple[int, str]] = ((added, "added"), (removed, "removed"), (changed, "changed"))
    return ", ".join(f"{number} {word}" for number, word in numbers if number)


def _line(text: str) -> str:
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is: no formatting, no HTML, no mention of anybody and no link."""
    return _LINKING.sub(lambda at: f"{at[0][0]}<!-- -->{at[0][1:]}", _MARKS.sub(r"\\\1", text))
