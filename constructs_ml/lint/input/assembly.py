"""The templates of a synthesized cloud assembly, and what its authors acknowledged."""

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
"""The report that the checks write themselves, in the same form, where aws-cdk-lib's cannot have them."""
_FAILING = {"error", "fatal"}
Key = tuple[str, str, str, str]
"""A template, a state machine, a rule and a message: the same may be wrong in several places."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly.

    Attributes:
        templates: The templates, those of nested stages and nested stacks too.
        acknowledged: What was acknowledged, as the report of the synthesis has it.
        origins: What the report knows of the lines of the app.
        others: The errors that plugins of others reported, and where: by the paths of constructs.
    """

    templates: tuple[Checkable, ...]
    acknowledged: frozenset[Key]
    origins: dict[Key, str]
    others: tuple[tuple[str, Violation], ...] = ()

    def is_acknowledged(self, template: str, violation: Violation) -> bool:
        """Whether the authors of the app acknowledged what is wrong with a template."""
        return _key(template, violation) in self.acknowledged

    def origin_of(self, template: str, violation: Violation) -> str:
        """The line of the app, ``app.py:12``, that the state was defined in; empty if that is not known."""
        return self.origins.get(_key(template, violation), "")


def _key(template: str, violation: Violation) -> Key:
    return Path(template).name, violation.machine, violation.rule, violation.message


def read_assembly(directory: Path) -> Assembly:
    """Reads an assembly.

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
            told = found["ruleMetadata"]
            message = told["message"].text("") or found["description"].text()
            key = (told["template"].text(""), told["machine"].text(""), found["ruleName"].text(), message)
            if line := told["line"].text(""):
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
