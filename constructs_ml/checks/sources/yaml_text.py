"""YAML as CloudFormation and the Amazon States Language use it, with the short forms of intrinsic functions."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.sources.twice import Written
from constructs_ml.errors import ConstructsMLError, MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class InvalidYamlError(ConstructsMLError, ValueError):
    """A file is not YAML."""


def read_yaml(text: str, path: Path) -> Any:  # noqa: ANN401 - any YAML
    """Reads YAML, and ``!Sub x`` as ``{"Fn::Sub": "x"}``.

    Args:
        text: The text.
        path: Its file, for messages.

    Raises:
        InvalidYamlError: If it is not YAML.
        MissingRequirementError: If PyYAML is not installed.
    """
    if not has_yaml():
        raise MissingRequirementError(f"{path} is YAML, which needs pyyaml: pip install 'constructs-ml[check]'")
    import yaml

    try:
        found = yaml.load(text, Loader=_loader())  # noqa: S506 - derived from SafeLoader
        _walk(found)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise InvalidYamlError(f"{path}{line} is not YAML: {getattr(error, 'problem', error)}") from error
    except ValueError as error:
        raise InvalidYamlError(f"{path} is not YAML: {error}") from error
    except RecursionError as error:
        raise InvalidYamlError(f"{path} is nested too deeply, or has an alias of what it stands in") from error
    return found


def _walk(value: Any) -> None:  # noqa: ANN401 - any YAML
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _walk(item)


@cache
def has_yaml() -> bool:
    """Whether PyYAML is installed."""
    return importlib.util.find_spec("yaml") is not None


@cache
def _loader() -> Any:  # noqa: ANN401 - a class of PyYAML's, which ships no types
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads the short forms of intrinsic functions."""

    Loader.add_multi_constructor("!", _short_form)
    Loader.add_constructor("tag:yaml.org,2002:map", _with_texts_as_keys)
    # Dates stay texts: a template's AWSTemplateFormatVersion is one.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
    return Loader


def _with_texts_as_keys(loader: Any, node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - of PyYAML's
    """A mapping whose keys are what is written: a state may be called 1 or Yes."""
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
