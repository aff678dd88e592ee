"""Paths of the Amazon States Language, read from JSONPath: ``$.a[0]``, ``$$.Execution.Name``, ``$variable.a``.

Every other module that needs the steps of a path takes them from here.

Source: the Amazon States Language, sections "Paths" and "Reference Paths"; for the rest, the syntax of the Jayway library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import takewhile

from constructs_ml.asl.literals import jsonata_name


class Wild(Enum):
    """A step that selects several places at once."""

    EACH = "*"
    """All items of a list, or some of them; all members of an object."""


Step = str | int | Wild
Steps = tuple[Step, ...]
PlainSteps = tuple[str | int, ...]


class Root(Enum):
    """The value that a path starts from."""

    INPUT = "input"
    RESULT = "result"
    ERROR = "errorOutput"
    OUTPUT = "output"
    CONTEXT = "context"
    VARIABLE = "variable"
    STATES = "states"
    """``$states`` itself in JSONata, and members that it does not have; those that it has are the other roots."""


@dataclass(frozen=True, slots=True)
class ParsedPath:
    """A path.

    Attributes:
        root: The value that it starts from; for a variable, its name is the first step.
        steps: Its steps, up to the first that cannot be followed.
        whole: Whether these are all of its steps.
        definite: Whether it leads to one place: a reference path.
    """

    root: Root
    steps: Steps
    whole: bool = True
    definite: bool = True

    @property
    def is_plain(self) -> bool:
        """True if it consists of names and of indices from 0."""
        return (
            self.whole
            and self.definite
            and all(isinstance(step, str) or (isinstance(step, int) and step >= 0) for step in self.steps)
        )


class PathError(ValueError):
    """A path is malformed."""


_ROOT = re.compile(r"\$(?:\$|([^\W\d]\w*))?")
_NAME = re.compile(r"[^.\[\]()'\"\s,?@]+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_INSIDE = re.compile(r"-?\d+")
_SEVERAL = re.compile(r"[-\d:,\s]+")
_MEMBER_STEP = re.compile(r"\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]|([^.\[\]]+)")


@lru_cache(maxsize=4096)
def read_path(text: str) -> ParsedPath:
    """Parse a path.

    Raises:
        PathError: If it is malformed.
    """
    text = text.strip()
    found = _ROOT.match(text)
    if found is None:
        raise PathError("does not start with $")
    root, steps = Root.INPUT, []
    if found[0] == "$$":
        root = Root.CONTEXT
    elif found[1]:
        root, steps = Root.VARIABLE, [found[1]]
    return _Reader(text, found.end(), root, steps).path()


class _Reader:
    """Parser of the steps of a path."""

    def __init__(self, text: str, at: int, root: Root, steps: list[Step]) -> None:
        self._text, self._start, self._at, self._root, self._steps = text, at, at, root, steps
        self._whole = self._definite = True

    def path(self) -> ParsedPath:
        while self._at < len(self._text):
            self._step()
        return ParsedPath(self._root, tuple(self._steps), self._whole, self._definite)

    def _step(self) -> None:
        mark = self._text[self._at]
        if mark == ".":
            self._dotted()
        elif mark == "[":
            self._bracket()
        elif mark == "(" and self._text[self._at :] == "()" and self._at > self._start:
            # A function such as length(): what it gives is not followed.
            self._at = len(self._text)
            if self._whole:
                self._steps.pop()
            self._unknown()
        else:
            raise PathError(f"has {mark!r} where a step must start, at {self._at + 1}")

    def _dotted(self) -> None:
        deep = self._text.startswith("..", self._at)
        self._at += 2 if deep else 1
        if deep:
            self._unknown()
        if self._text.startswith("[", self._at):
            return
        if self._text.startswith("*", self._at):
            self._at += 1
            self._several()
            return
        name = _NAME.match(self._text, self._at)
        if name is None:
            end = "ends in a dot" if self._at >= len(self._text) else f"has no name after the dot at {self._at}"
            raise PathError(end)
        self._at = name.end()
        self._add(name[0])

    def _bracket(self) -> None:
        start, self._at = self._at, self._at + 1
        end = self._closing(start)
        inside = self._text[start + 1 : end].strip()
        self._at = end + 1
        quoted = _QUOTED.fullmatch(inside)
        if quoted:
            self._add(re.sub(r"\\(.)", r"\1", quoted[1] if quoted[1] is not None else quoted[2]))
        elif _INSIDE.fullmatch(inside):
            self._add(int(inside))
        elif inside == "*" or _SEVERAL.fullmatch(inside) or _is_filter(inside):
            self._several()
        elif inside[:1] in {"'", '"', "("}:
            self._unknown()
        else:
            raise PathError(f"has [{inside}], which is neither a quoted name nor an index nor a filter")

    def _closing(self, start: int) -> int:
        depth, at = 0, start
        while at < len(self._text):
            char = self._text[at]
            if char in "'\"":
                quoted = _QUOTED.match(self._text, at)
                if quoted is None:
                    raise PathError(f"has a quote that is not closed, at {at + 1}")
                at = quoted.end()
                continue
            depth += (char == "[") - (char == "]")
            if depth == 0:
                return at
            at += 1
        raise PathError(f"has a bracket that is not closed, at {start + 1}")

    def _several(self) -> None:
        self._definite = False
        self._add(Wild.EACH)

    def _unknown(self) -> None:
        self._whole = self._definite = False

    def _add(self, step: Step) -> None:
        if self._whole:
            self._steps.append(step)


def _is_filter(inside: str) -> bool:
    """Return whether brackets hold a filter: ``?(@.a == 1)``.

    Raises:
        PathError: If its parentheses are not closed; they may be anything in a regular expression.
    """
    if not inside.startswith("?"):
        return False
    rest = _QUOTED.sub("", inside)
    if "/" not in rest and rest.count("(") != rest.count(")"):
        raise PathError(f"has the filter [{inside}], in which a parenthesis is not closed")
    return True


def plain_start(steps: Steps) -> PlainSteps:
    """Return the steps before the first that selects several places."""
    return tuple(
        step for step in takewhile(lambda step: not isinstance(step, Wild), steps) if isinstance(step, (str, int))
    )


def member_steps(text: str) -> list[str | int]:
    """Return the steps to a member as messages write it, ``Catch[0].Next``; malformed parts are skipped."""
    return [int(index) if index else key or name for key, index, name in _MEMBER_STEP.findall(text)]


def to_jsonata(root: Root, steps: Steps) -> str:
    """Return a path in JSONata syntax."""
    text = "$" if root is Root.VARIABLE else "$states" if root is Root.STATES else f"$states.{root.value}"
    for step in steps:
        if isinstance(step, str):
            text += jsonata_name(step) if text == "$" else f".{jsonata_name(step)}"
        else:
            text += f"[{step}]" if isinstance(step, int) else "[…]"
    return text
