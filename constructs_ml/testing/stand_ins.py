"""Stand-ins for values that are known only after a deployment.

What a template says of a value may be its name only: the output of a custom resource, an export of another app. A mark holds
its place in strings until it is seen where the value goes; ``uses`` chooses one that fits there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from constructs_ml.cfn.physical_values import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Read like a token of the CDK, so that nothing that reads the definition takes it for a value.
MARK = re.compile(r"\$\{Token\[Unknown(\d+)\]\}")
_ARN_FIELDS = {0: "arn", 1: "{partition}", 3: "{region}", 4: "{account}"}
_LISTED = 2
_DIGITS = 6
_SEPARATES_ITEMS = ",;| \n"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a template does not determine.

    Attributes:
        origin: Its origin in messages: ``the parameter KeyArn``.
        names: Its names, the most significant first.
        guess: A value that it likely has.
        pattern: The regular expression that it must match.
        problem: The reason that it has no value at all.
    """

    origin: str
    names: tuple[str, ...] = ()
    guess: str = ""
    pattern: str = ""
    problem: str = ""

    @property
    def identity(self) -> str:
        """The seed of its values: its first name, and digits that distinguish it from others of that name."""
        digits = hashlib.sha256(self.origin.encode()).hexdigest()[:_DIGITS]
        return f"{self.names[0] if self.names else 'simulated'} {digits}"


class MadeList(list[str]):
    """A generated list with as many items as are requested.

    Args:
        make: Makes an item.
    """

    def __init__(self, make: Callable[[int], str], items: Sequence[str] | None = None) -> None:
        super().__init__([make(at) for at in range(_LISTED)] if items is None else items)
        self._make = make

    def item(self, at: int) -> str:
        """Return an item, generated if it is missing."""
        return self[at] if at < len(self) else self._make(at)


@dataclass(slots=True)
class StandIns:
    """The stand-ins of one simulation.

    Attributes:
        place: The environment of the simulated stack.
        made: The origins of the generated values.
    """

    place: Place = field(default_factory=Place)
    made: dict[str, str] = field(default_factory=dict)
    _unknown: list[Unknown] = field(default_factory=list)

    def mark(self, unknown: Unknown) -> str:
        """Return the mark in a string for a value."""
        if unknown not in self._unknown:
            self._unknown.append(unknown)
        return f"${{Token[Unknown{self._unknown.index(unknown)}]}}"

    def of(self, found: re.Match[str]) -> Unknown:
        """Return the value of a mark."""
        return self._unknown[int(found[1])]

    def guessed(self, text: str) -> str:
        """Return a string with likely values in the place of its marks."""
        return MARK.sub(self._guess, text)

    def split(self, separator: str, text: str) -> list[str]:
        """Return the parts of a string, more of which can be generated if its end is unknown.

        Args:
            separator: The separator; not empty.
            text: The text.
        """
        parts = self.guessed(text).split(separator)
        found = MARK.fullmatch(parts[-1])
        if found is None:
            return parts
        known, whole = parts[:-1], self.of(found)

        def make(at: int) -> str:
            return self._part(whole, separator, at - len(known))

        if known and separator not in _SEPARATES_ITEMS:
            return MadeList(make, parts)
        count = _LISTED if separator in _SEPARATES_ITEMS else 1
        return MadeList(make, [*known, *(make(len(known) + at) for at in range(count))])

    def item(self, text: str, at: int) -> str | None:
        """Return an item of a list that is unknown as a whole; None if it is no such list."""
        found = MARK.fullmatch(text)
        return self._part(self.of(found), ",", at) if found else None

    def _guess(self, found: re.Match[str]) -> str:
        unknown = self.of(found)
        if unknown.guess:
            self.made[unknown.guess] = unknown.origin
        return unknown.guess or found[0]

    def _part(self, whole: Unknown, separator: str, at: int) -> str:
        if whole.problem:
            return self.mark(whole)
        origin = f"part {at} of {whole.origin}"
        if separator == ":" and at in _ARN_FIELDS:
            place = self.place
            return _ARN_FIELDS[at].format(partition=place.partition, region=place.region, account=place.account)
        if separator in _SEPARATES_ITEMS:
            return self.mark(replace(whole, origin=origin, pattern=""))
        # A part of an ARN or an address is a name, unless it is an id.
        names = tuple(f"{re.sub('(?i)(arn|name|uri|url)s?$', '', name)}Name" for name in whole.names)
        return self.mark(Unknown(origin, names))
