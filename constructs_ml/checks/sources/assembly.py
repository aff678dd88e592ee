"""The templates of a synthesized cloud assembly, and what its authors acknowledged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.checks import PLUGIN, SECURITY_PLUGIN
from constructs_ml.checks.sources.files import Checkable, read_file
from constructs_ml.checks.sources.stack_templates import templates_of
from constructs_ml.checks.violation import Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    reports = [
        one for file in files_of_reports for one in json.loads(file.read_text(encoding="utf-8"))["pluginReports"]
    ]
    others: list[tuple[str, Violation]] = []
    for plugin in reports:
        if plugin["pluginName"] not in {PLUGIN, SECURITY_PLUGIN}:
            others += _errors(plugin)
            continue
        for found in [*plugin.get("violations", ()), *plugin.get("suppressedViolations", ())]:
            told = found.get("ruleMetadata", {})
            message = told.get("message", found["description"])
            key = (told.get("template", ""), told.get("machine", ""), found["ruleName"], message)
            if told.get("line"):
                origins[key] = told["line"]
            if "acknowledgedId" in found:
                acknowledged.add(key)
    return Assembly(tuple(files), frozenset(acknowledged), origins, tuple(others))


def _errors(plugin: Mapping[str, Any]) -> Iterator[tuple[str, Violation]]:
    for found in plugin.get("violations", ()):
        if found.get("severity") not in _FAILING:
            continue
        rule = found["ruleName"]
        known = rule if "::" in rule else f"{plugin['pluginName']}::{rule}"
        for construct in found.get("violatingConstructs") or [{}]:
            where = construct.get("constructPath") or plugin["pluginName"]
            yield where, Violation("", "", found["description"], severity=Severity.ERROR, rule=known)
