"""Definitions and templates in files, JSON and YAML, with the lines of their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.cfn.template import machines_of, parse_json, with_definitions
from constructs_ml.cfn.yaml_text import read_yaml
from constructs_ml.documents.files import read_text
from constructs_ml.documents.json_text import InvalidTextError
from constructs_ml.errors import MissingRequirementError, UnreadableFileError
from constructs_ml.lint.checking import check_machine, check_resources
from constructs_ml.lint.input.lines import Lines, lines_of
from constructs_ml.lint.security.pack import check_security

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.errors import Violation

DEFINITIONS = ("*.asl.json", "*.asl.yaml", "*.asl.yml", "*.asl")
"""Patterns for the names of definition files."""
_SHOWN = 100


@dataclass(frozen=True)
class Checkable:
    """A definition or a template in a file.

    Attributes:
        path: The file.
        text: Its content.
        body: The content as data, including definitions that a template keeps in files of their own.
    """

    path: Path
    text: str
    body: Mapping[str, Any]

    @property
    def is_template(self) -> bool:
        """Return whether it is a template rather than a definition."""
        return "Resources" in self.body

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """The state machines of the template, or the one that is the definition."""
        if not self.is_template:
            return (Machine(self.body),)
        return tuple(machines_of(self.body, written=len(self.text.encode())))

    @cached_property
    def lines(self) -> Lines:
        """The lines of its states."""
        return lines_of(self.text)

    def violations(self, *, security: bool = False) -> Iterator[Violation]:
        """Yield the violations in it, with their lines.

        Args:
            security: Whether to run the security pack too.
        """
        found = [violation for machine in self.machines for violation in check_machine(machine)]
        found += check_resources(self.body) if self.is_template else []
        for violation in [*found, *(check_security(self.body) if security else ())]:
            yield replace(violation, line=self.lines.of(violation))


def read_file(path: Path) -> Checkable:
    """Read a definition or a template.

    Raises:
        UnreadableFileError: If it is neither.
    """
    text = read_text(path)
    try:
        body = parse_json(text) if text.lstrip().startswith("{") else read_yaml(text)
    except InvalidTextError as error:
        raise UnreadableFileError(error.of(path)) from error
    except MissingRequirementError as error:
        raise MissingRequirementError(f"{path}: {error}") from error
    if not isinstance(body, Mapping) or not ({"Resources", "States", "StartAt"} & set(body)):
        wanted = "a definition (StartAt, States) or a CloudFormation template (Resources)"
        raise UnreadableFileError(f"{path} must be {wanted}, got {_what(body)}")
    return Checkable(path, text, with_definitions(body, path) if "Resources" in body else body)


def _what(body: Any) -> str:  # noqa: ANN401 - JSON
    shown = f"an object with {', '.join(map(str, body)) or 'nothing'}" if isinstance(body, Mapping) else repr(body)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
