"""YAML as CloudFormation and the Amazon States Language use it, with the short forms of intrinsic functions."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.json_text import (
    DEEPEST,
    MOST_DIGITS,
    InvalidTextError,
    Written,
    long_number,
    refuse_excess,
    too_deep,
)
from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Iterator


MOST_NODES = 1_000_000
"""The greatest number of nodes once aliases are followed: ten lines can make billions of them."""
_NUMBERS = ("int", "float")
_FOREIGN = ("binary", "set", "omap", "pairs")


def read_yaml(text: str) -> Any:  # noqa: ANN401 - any YAML
    """Read YAML, with ``!Sub x`` as ``{"Fn::Sub": "x"}``.

    Args:
        text: The text.

    Raises:
        InvalidTextError: If it is not YAML, or more than a reader on AWS would take.
        MissingRequirementError: If PyYAML is not installed.
    """
    if not has_yaml():
        raise MissingRequirementError("reading YAML needs pyyaml: pip install 'constructs-ml[check]'")
    import yaml

    try:
        _refuse_excess(text)
        found = yaml.load(text, Loader=_loader())  # noqa: S506 - derived from SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
        raise InvalidTextError(f"is not YAML: {problem}", mark.line + 1 if mark else 0) from error
    except InvalidTextError:
        raise
    except (ValueError, OverflowError) as error:  # of numbers and of characters
        raise InvalidTextError(f"is not YAML: {error}") from error
    except RecursionError as error:
        raise too_deep() from error
    refuse_excess(found, halves=True)
    return found


@dataclass
class _Open:
    """A list or a mapping that is being read.

    Attributes:
        anchor: Its anchor, if it has one.
        line: The line that it begins in.
        nodes: The nodes in it so far, those of aliases too.
        height: The depth of nesting so far.
    """

    anchor: str | None
    line: int
    nodes: int = 1
    height: int = 1


def _refuse_excess(text: str) -> None:
    """Refuse a document that is too large before it is built: PyYAML's C code crashes on one that is too deep.

    Raises:
        InvalidTextError: If it is nested too deeply, has an alias of what it stands in, or grows beyond bounds.
    """
    import yaml

    anchors: dict[str, _Open] = {}
    around: list[_Open] = []
    for event in yaml.parse(text, Loader=base_loader()):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            around.append(_Open(event.anchor, line))
            if event.anchor:
                anchors.pop(event.anchor, None)
        elif isinstance(event, yaml.AliasEvent):
            if any(each.anchor == event.anchor for each in around):
                raise InvalidTextError(f"is not YAML: the alias *{event.anchor} is inside its own anchor", line)
            _add(around, anchors.get(event.anchor, _Open(None, line, height=0)), line)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = around.pop()
            if ended.anchor:
                anchors[ended.anchor] = ended
            _add(around, ended, ended.line)
        elif isinstance(event, yaml.ScalarEvent):
            _add(around, _Open(None, line, height=0), line)
        if len(around) > DEEPEST:
            raise too_deep()


def _add(around: list[_Open], inner: _Open, line: int) -> None:
    if not around:
        return
    last = around[-1]
    last.nodes += inner.nodes
    last.height = max(last.height, inner.height + 1)
    if last.height + len(around) - 1 > DEEPEST:
        raise too_deep()
    if last.nodes > MOST_NODES:
        raise InvalidTextError(f"has more than {MOST_NODES:,} values once its aliases are followed", line)


@cache
def has_yaml() -> bool:
    """Return whether PyYAML is installed."""
    return importlib.util.find_spec("yaml") is not None


@cache
def base_loader() -> Any:  # noqa: ANN401 - a class of PyYAML's, which ships no types
    """Return PyYAML's loader of plain data; the one in C if it is available."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def _loader() -> Any:  # noqa: ANN401 - a class of PyYAML's, which ships no types
    class Loader(base_loader()):  # type: ignore[misc]
        """Reads the short forms of intrinsic functions."""

    Loader.add_multi_constructor("!", _short_form)
    Loader.add_constructor("tag:yaml.org,2002:map", _with_texts_as_keys)
    # Dates stay texts: a template's AWSTemplateFormatVersion is one.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
    for kind in _NUMBERS:
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", _number)
    for kind in _FOREIGN:
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", _refuse)
    return Loader


def _number(loader: Any, node: Any) -> float:  # noqa: ANN401 - of PyYAML's
    """Return a number that JSON can represent too."""
    kind = node.tag.rpartition(":")[2]
    text = loader.construct_scalar(node)
    if len(text) > MOST_DIGITS:
        raise InvalidTextError(f"is not YAML: {long_number(len(text))}", node.start_mark.line + 1)
    found: float = getattr(loader, f"construct_yaml_{kind}")(node)
    if found != found or abs(found) > sys.float_info.max:  # noqa: PLR0124 - NaN
        raise InvalidTextError(f"has {text}, which is not a JSON number", node.start_mark.line + 1)
    return found


def _refuse(_loader: Any, node: Any) -> Any:  # noqa: ANN401 - of PyYAML's
    name = node.tag.rpartition(":")[2]
    raise InvalidTextError(f"has a value of type !!{name}, which JSON does not have", node.start_mark.line + 1)


def _with_texts_as_keys(loader: Any, node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - of PyYAML's
    """Yield a mapping with its keys as they are written: a state may be called 1 or Yes."""
    made = Written()
    yield made
    # Before what << merges in, which a mapping may write anew.
    made.note(str(key.value) for key, _ in node.value if key.id == "scalar")
    loader.flatten_mapping(node)
    for key, value in node.value:
        name = key.value if key.id == "scalar" else str(loader.construct_object(key, deep=True))
        made[name] = loader.construct_object(value, deep=True)


def _short_form(loader: Any, name: str, node: Any) -> dict[str, Any]:  # noqa: ANN401 - of PyYAML's
    makers = {"scalar": loader.construct_scalar, "sequence": loader.construct_sequence}
    make = makers.get(node.id, loader.construct_mapping)
    value = make(node) if node.id == "scalar" else make(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}
