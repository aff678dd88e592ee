"""Definitions and templates in files, JSON and YAML, with the lines of their states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.cfn.bodies import is_template, read_body
from constructs_ml.cfn.template import machines_of
from constructs_ml.lint.checking import check_machine, check_resources
from constructs_ml.lint.input.lines import Lines, lines_of
from constructs_ml.lint.security.pack import check_security

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.errors import Violation

DEFINITIONS = ("*.asl.json", "*.asl.yaml", "*.asl.yml", "*.asl")
"""Patterns for the names of definition files."""


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
        return is_template(self.body)

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
    text, body = read_body(path)
    return Checkable(path, text, body)
