"""What a synthesis reports of the checks, by aws-cdk-lib's plugins or in the report of our own for older versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.core.suppressions import plugins_hold
from constructs_ml.errors import PLUGIN
from constructs_ml.lint.input.assembly import OWN_REPORT, REPORT

if TYPE_CHECKING:
    from aws_cdk import App


def fails() -> pytest.RaisesExc[RuntimeError]:
    """A synthesis that the checks let fail."""
    return pytest.raises(RuntimeError, match=r"ValidationFailed|Validation failed with the following errors")


def report_file(folder: str | Path) -> Path:
    """The report of the checks in an assembly."""
    return Path(folder, REPORT if plugins_hold() else OWN_REPORT)


def plugin_reports(folder: str | Path) -> list[dict[str, Any]]:
    """What each plugin reports in an assembly."""
    found: list[dict[str, Any]] = json.loads(report_file(folder).read_text(encoding="utf-8"))["pluginReports"]
    return found


def reported(app: App, plugin: str = PLUGIN) -> list[dict[str, Any]]:
    """What a plugin has against an app, warnings too."""
    return [
        violation
        for item in plugin_reports(app.outdir)
        if item["pluginName"] == plugin
        for violation in item["violations"]
    ]
