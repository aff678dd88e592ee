"""The templates of a synthesized cloud assembly, and its acknowledged findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.cfn.assemblies import templates_of
from constructs_ml.documents.files import read_object
from constructs_ml.errors import PLUGIN, SECURITY_PLUGIN, Severity, Violation
from constructs_ml.lint.input.files import Checkable, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.documents.node import Node

REPORT = "validation-report.json"
OWN_REPORT = "constructs-ml-report.json"
"""The report that the checks write themselves, in the same format, where aws-cdk-lib's cannot hold it."""
_FAILING = {"error", "fatal"}
Key = tuple[str, str, str, str]
"""A template, a state machine, a rule and a message: the same fault can occur in several places."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly.

    Attributes:
        templates: The templates, including those of nested stages and nested stacks.
        acknowledged: The acknowledged findings, as the synthesis report lists them.
        origins: The lines of the app that the report names.
        others: The errors that other plugins reported, each with the path of its construct.
    """

    templates: tuple[Checkable, ...]
    acknowledged: frozenset[Key]
    origins: dict[Key, str]
    others: tuple[tuple[str, Violation], ...] = ()

    def is_acknowledged(self, template: str, violation: Violation) -> bool:
        """Return whether the app's authors acknowledged a violation in a template."""
        return _key(template, violation) in self.acknowledged

    def origin_of(self, template: str, violation: Violation) -> str:
        """Return the line of the app, ``app.py:12``, that defined the state; empty if it is not known."""
        return self.origins.get(_key(template, violation), "")


def _key(template: str, violation: Violation) -> Key:
    return Path(template).name, violation.machine, violation.rule, violation.message


def read_assembly(directory: Path) -> Assembly:
    """Read an assembly.

    Args:
        directory: Its folder, ``cdk.out``.
    """
    files = [read_file(path) for path in sorted(templates_of(directory))]
    acknowledged: set[Key] = set()
    origins: dict[Key, str] = {}
    files_of_reports = [file for name in (REPORT, OWN_REPORT) if (file := directory / name).is_file()]
    reports = [one for file in files_of_reports for one in read_object(file)["pluginReports"].items()]
    others: list[tuple[str, Violation]] = []
    for plugin in reports:
        if plugin["pluginName"].text() not in {PLUGIN, SECURITY_PLUGIN}:
            others += _errors(plugin)
            continue
        for found in [*plugin["violations"].items(), *plugin["suppressedViolations"].items()]:
            metadata = found["ruleMetadata"]
            message = metadata["message"].text("") or found["description"].text()
            key = (metadata["template"].text(""), metadata["machine"].text(""), found["ruleName"].text(), message)
            if line := metadata["line"].text(""):
                origins[key] = line
            if "acknowledgedId" in found.object():
                acknowledged.add(key)
    return Assembly(tuple(files), frozenset(acknowledged), origins, tuple(others))


def _errors(plugin: Node) -> Iterator[tuple[str, Violation]]:
    name = plugin["pluginName"].text()
    for found in plugin["violations"].items():
        if found["severity"].text("") not in _FAILING:
            continue
        rule = found["ruleName"].text()
        known = rule if "::" in rule else f"{name}::{rule}"
        constructs = [construct["constructPath"].text("") for construct in found["violatingConstructs"].items()]
        for where in constructs or [""]:
            yield where or name, Violation("", "", found["description"].text(), severity=Severity.ERROR, rule=known)
