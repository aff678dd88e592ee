"""What the rule packs of cdk-nag find in stacks, and what the library acknowledges of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import cdk_nag
from aws_cdk import Acknowledgment, App, Environment, Validations

import constructs_ml.jobs.acknowledge as library

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
        Validations.of(app).add_plugins(*(pack() for pack in PACKS.values()))
        stack(app, "Penguins", env=Environment(region=region) if region else None)
        try:
            app.synth()
        except RuntimeError as error:
            if "ValidationFailed" not in str(error):
                raise
        # A pack that finds nothing is not in the report; if none does, there is no report.
        report = Path(folder, "validation-report.json")
        return sorted(_found(json.loads(report.read_text(encoding="utf-8")))) if report.exists() else []


def _found(report: dict[str, Any]) -> Iterator[Finding]:
    for plugin in report["pluginReports"]:
        for violation in plugin.get("violations", []) if plugin["pluginName"] in PACKS else []:
            for construct in violation["violatingConstructs"]:
                yield Finding(plugin["pluginName"], violation["ruleName"], construct["constructPath"])


def users_own(construct: IConstruct, reason: str, *ids: str) -> None:
    """Acknowledges what a user's own resource causes, as its owner would."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=name, reason=reason) for name in ids))


@dataclass
class Taken:
    """What the library would have acknowledged: where, and by what id."""

    acknowledged: list[tuple[str, str]]

    @classmethod
    def instead(cls, monkeypatch: pytest.MonkeyPatch) -> Taken:
        """Keeps the library from acknowledging anything, and notes what it would have."""
        taken = cls([])

        class Noted:
            def __init__(self, construct: IConstruct) -> None:
                self._path = construct.node.path

            @classmethod
            def of(cls, construct: IConstruct) -> Noted:
                return cls(construct)

            def acknowledge(self, *found: Acknowledgment) -> None:
                for item in found:
                    assert item.reason
                    taken.acknowledged.append((self._path, item.id))

        monkeypatch.setattr(library, "Validations", Noted)
        return taken
