"""Parsing of JSONata with ``jsonata-python``, which is imported for the first expression.

A parse takes a millisecond, and the expressions of a workflow differ mostly in their names and strings: these are
replaced by placeholders first, so that expressions of one form are parsed once.

Source: the Step Functions developer guide, "Transforming data with JSONata": the version is 2.0.6.
"""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Node = Any
"""A node of the syntax tree of ``jsonata-python``."""
_NEWER = {"??": "$exists(a) ? a : b", "?:": "a ? a : b"}
"""Operators of JSONata 2.1, and their equivalents in 2.0."""
_WORDS = {"and", "or", "in", "true", "false", "null", "function"}
_PIECE = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`|\$[\w$]*|\d[\w.]*|([A-Za-z_]\w*)", re.ASCII)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
_STAND_IN = "\ue000"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed expression.

    Attributes:
        tree: Its syntax tree; None if it cannot be parsed.
        fault: The syntax error; empty if none is known.
        taken: The names and strings of the expression, by their placeholders in the tree.
    """

    tree: Node | None
    fault: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)


def inside(text: str) -> str:
    """Return the expression in a string of the form ``{% … %}``."""
    return text[2:-2].strip()


@lru_cache(maxsize=8192)
def parse(text: str) -> Parsed:
    """Parse an expression.

    Args:
        text: The expression, without ``{% %}``.
    """
    if "\\" not in text and _STAND_IN not in text:
        form, taken = _form(text)
        if "/" not in form:
            parsed = _parse(form)
            if not parsed.fault:
                return Parsed(parsed.tree, "", taken)
    return _parse(text)


def _form(text: str) -> tuple[str, dict[str, str]]:
    """Return an expression with placeholders for its names and strings, and the replaced parts."""
    taken: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        single, double, quoted, name = found.groups()
        value = next((part for part in (single, double, quoted, name) if part is not None), None)
        if value is None or name in _WORDS:
            return found[0]
        mark = f"{_STAND_IN}{len(taken)}"
        taken[mark] = value
        return mark if name or quoted else f"'{mark}'"

    return _PIECE.sub(stand_in, text), taken


@lru_cache(maxsize=8192)
def _parse(text: str) -> Parsed:
    parser, fault = _parser()
    parser.ancestor_label = parser.ancestor_index = 0
    parser.ancestry, parser.errors = [], []
    try:
        with warnings.catch_warnings():
            # Python warns about some regular expressions of JavaScript.
            warnings.simplefilter("ignore")
            tree = parser.parse(text)
    except fault as error:
        return Parsed(None, f"{_plain(str(error))} at position {error.location}")
    except (LookupError, AttributeError):
        # The parser crashes on truncated expressions, and on characters that are not operators.
        return Parsed(None, "it is incomplete, or contains a character that is invalid in JSONata")
    except (ValueError, TypeError, RecursionError, OverflowError, re.error):
        return Parsed(None)
    newer = _newer_in(_QUOTED.sub("", text))
    return Parsed(
        tree, f"{newer} requires JSONata 2.1, but Step Functions supports 2.0.6; write {_NEWER[newer]}" if newer else ""
    )


def _newer_in(plain: str) -> str:
    """Return the first operator of a newer JSONata; empty if a regular expression or a comment may contain it."""
    return next((operator for operator in _NEWER if operator in plain and "/" not in plain), "")


def _plain(message: str) -> str:
    """Return a message of the parser in our own style."""
    # The token in the message may be the operator "..".
    plain = message if message.endswith("..") else message.rstrip(".")
    return plain[:1].lower() + plain[1:]


@cache
def _parser() -> tuple[Any, Any]:
    """Return the parser, ten times as slow to create as an expression is to parse, and the error that it raises."""
    limit = sys.getrecursionlimit()
    from jsonata.jexception import JException
    from jsonata.parser import Parser

    # The import changes the recursion limit of the whole process.
    sys.setrecursionlimit(limit)
    return Parser(), JException
