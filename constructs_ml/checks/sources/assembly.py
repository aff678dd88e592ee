"""The templates of a synthesized cloud assembly, and what its authors acknowledged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.checks import PLUGIN, SECURITY_PLUGIN
from constructs_ml.checks.sources.files import Checkable, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.checks.violation import Violation

REPORT = "validation-report.json"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly.

    Attributes:
        templates: The templates that have state machines, those of nested stages and nested stacks too.
        acknowledged: The rules and messages that were acknowledged, as the report of the synthesis has them.
        origins: What the report knows of the lines of the app, by rule and message.
    """

    templates: tuple[Checkable, ...]
    acknowledged: frozenset[tuple[str, str]]
    origins: dict[tuple[str, str], str]

    def is_acknowledged(self, violation: Violation) -> bool:
        """Whether the authors of the app acknowledged it."""
        return (violation.rule, violation.message) in self.acknowledged

    def origin_of(self, violation: Violation) -> str:
        """The line of the app, ``app.py:12``, that the state was defined in; empty if that is not known."""
        return self.origins.get((violation.rule, violation.message), "")


def read_assembly(directory: Path) -> Assembly:
    """Reads an assembly.

    Args:
        directory: Its folder, ``cdk.out``.
    """
    files = [read_file(path) for path in sorted(directory.rglob("*.template.json"))]
    acknowledged: set[tuple[str, str]] = set()
    origins: dict[tuple[str, str], str] = {}
    report = directory / REPORT
    reports = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.is_file() else ()
    for plugin in reports:
        if plugin["pluginName"] not in {PLUGIN, SECURITY_PLUGIN}:
            continue
        for found in [*plugin.get("violations", ()), *plugin.get("suppressedViolations", ())]:
            told = found.get("ruleMetadata", {})
            key = (found["ruleName"], told.get("message", found["description"]))
            if told.get("line"):
                origins[key] = told["line"]
            if "acknowledgedId" in found:
                acknowledged.add(key)
    return Assembly(tuple(file for file in files if file.machines), frozenset(acknowledged), origins)
