"""Parses JSONata with ``jsonata-python``, which is imported when the first expression is met.

A parse takes a millisecond, and the expressions of a workflow differ mostly in their names and texts: these are taken out
before, so that expressions of one form are parsed once.

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
"""A node of the syntax tree, as ``jsonata-python`` has it."""
_NEWER = {"??": "$exists(a) ? a : b", "?:": "a ? a : b"}
"""Operators of JSONata 2.1, and what says the same in 2.0."""
_WORDS = {"and", "or", "in", "true", "false", "null", "function"}
_PIECE = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`|\$[\w$]*|\d[\w.]*|([A-Za-z_]\w*)", re.ASCII)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
_STAND_IN = "\ue000"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression.

    Attributes:
        tree: Its syntax tree; None if it has none.
        fault: What is wrong with it; empty if nothing is known to be.
        taken: The names and texts of the expression, by what stands in the tree for them.
    """

    tree: Node | None
    fault: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)


def inside(text: str) -> str:
    """The expression in a text of the form ``{% … %}``."""
    return text[2:-2].strip()


@lru_cache(maxsize=8192)
def parse(text: str) -> Parsed:
    """Parses an expression.

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
    """An expression without its names and texts, and these."""
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
            # Python doubts some patterns of JavaScript.
            warnings.simplefilter("ignore")
            tree = parser.parse(text)
    except fault as error:
        return Parsed(None, f"{_plain(str(error))} at {error.location}")
    except (LookupError, AttributeError):
        # The parser stumbles over what ends too early, and over characters that are no operators.
        return Parsed(None, "it is not complete, or has a character that JSONata does not know")
    except (ValueError, TypeError, RecursionError, OverflowError, re.error):
        return Parsed(None)
    newer = _newer_in(_QUOTED.sub("", text))
    return Parsed(
        tree, f"{newer} is of JSONata 2.1, and Step Functions has 2.0.6; write {_NEWER[newer]}" if newer else ""
    )


def _newer_in(plain: str) -> str:
    """The first operator of a newer JSONata; none if a pattern or a comment may be what has it."""
    return next((operator for operator in _NEWER if operator in plain and "/" not in plain), "")


def _plain(message: str) -> str:
    """A message of the parser in the style of ours."""
    # What it got may be the operator of two dots.
    plain = message if message.endswith("..") else message.rstrip(".")
    return plain[:1].lower() + plain[1:]


@cache
def _parser() -> tuple[Any, Any]:
    """The parser, which takes ten times as long to make as an expression takes to parse, and the error that it raises."""
    limit = sys.getrecursionlimit()
    from jsonata.jexception import JException
    from jsonata.parser import Parser

    # The import sets another limit for the whole process.
    sys.setrecursionlimit(limit)
    return Parser(), JException
