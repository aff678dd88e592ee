"""What the rule packs of cdk-nag find in stacks, and what the library acknowledges of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import cdk_nag
from aws_cdk import App, Aspects, Environment

import constructs_ml.core.nag as library
from constructs_ml.core.suppressions import nag_reads_templates, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pytest
    from aws_cdk import Stack
    from constructs import IConstruct

PACKS = {
    "AwsSolutions": cdk_nag.AwsSolutionsChecks,
    "HIPAA.Security": cdk_nag.HIPAASecurityChecks,
    "NIST.800.53.R4": cdk_nag.NIST80053R4Checks,
    "NIST.800.53.R5": cdk_nag.NIST80053R5Checks,
    "PCI.DSS.321": cdk_nag.PCIDSS321Checks,
    "Serverless": cdk_nag.ServerlessChecks,
}
"""All packs that cdk-nag has, by the names that their rules start with."""


@dataclass(frozen=True, order=True)
class Finding:
    """What a rule of a pack has against a construct."""

    pack: str
    rule: str
    path: str


def findings(stack: Callable[..., Stack], context: Mapping[str, Any], *, region: str | None = None) -> list[Finding]:
    """What all packs find in a stack that is not acknowledged; also what is only a warning.

    Args:
        stack: Makes the stack.
        context: The flags of the app.
        region: The stack's region. By default it is deployed to any.
    """
    with TemporaryDirectory() as folder:
        app = App(outdir=folder, context=dict(context), analytics_reporting=False)
        packs: list[Any] = [pack() for pack in PACKS.values()]
        if nag_reads_templates():
            for pack in packs:
                Aspects.of(app).add(pack)
        else:
            from aws_cdk import Validations

            Validations.of(app).add_plugins(*packs)
        stack(app, "Penguins", env=Environment(region=region) if region else None)
        try:
            app.synth()
        except RuntimeError as error:
            if "ValidationFailed" not in str(error):
                raise
        return sorted(_annotated(folder) if nag_reads_templates() else _in_report(folder))


def _in_report(folder: str) -> Iterator[Finding]:
    """What the plugins of cdk-nag 3 report. A pack that finds nothing is not in it; if none does, there is none."""
    report = Path(folder, "validation-report.json")
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else ()
    for plugin in plugins:
        for violation in plugin.get("violations", []) if plugin["pluginName"] in PACKS else []:
            for construct in violation["violatingConstructs"]:
                yield Finding(plugin["pluginName"], violation["ruleName"], construct["constructPath"])


def _annotated(folder: str) -> Iterator[Finding]:
    """What the aspects of cdk-nag 2 annotate resources with: ``AwsSolutions-IAM5[Resource::*]: The IAM entity …``."""
    manifest = json.loads(Path(folder, "manifest.json").read_text(encoding="utf-8"))
    for path, entries in manifest["artifacts"]["Penguins"]["metadata"].items():
        for entry in entries:
            found = re.match(rf"(({'|'.join(PACKS)})-\w+(\[.*?\])?): ", str(entry.get("data")))
            if entry["type"] in {"aws:cdk:error", "aws:cdk:warning"} and found:
                yield Finding(found[2], found[1], path.removeprefix("/"))


def users_own(construct: IConstruct, reason: str, *ids: str) -> None:
    """Acknowledges what a user's own resource causes, as its owner would."""
    record(construct, dict.fromkeys(ids, reason))


@dataclass
class Taken:
    """What the library would have acknowledged: where, and by what id."""

    acknowledged: list[tuple[str, str]]

    @classmethod
    def instead(cls, monkeypatch: pytest.MonkeyPatch) -> Taken:
        """Keeps the library from acknowledging anything, and notes what it would have."""
        taken = cls([])

        def note(construct: IConstruct, reasons: Mapping[str, str], *, complete: bool = False) -> None:
            del complete
            assert all(reasons.values())
            taken.acknowledged += [(construct.node.path, name) for name in reasons]

        monkeypatch.setattr(library, "record", note)
        return taken
