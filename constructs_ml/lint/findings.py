"""The findings about a synthesized app: the violations that its authors did not acknowledge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import PLUGIN, SECURITY_PLUGIN
from constructs_ml.lint.input.assembly import read_assembly
from constructs_ml.lint.report import Found, as_text
from constructs_ml.lint.security.pack import security_rules

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings about an assembly.

    Attributes:
        items: The violations.
        machines: The number of state machines that were checked.
        others: Errors reported by other plugins, such as cdk-nag, and by annotations of the app.
    """

    items: tuple[Found, ...]
    machines: int
    others: tuple[Found, ...] = ()

    @property
    def errors(self) -> int:
        """The number of errors, including those of other plugins."""
        return sum(item.is_error for item in self.items) + len(self.others)

    def without(self, rules: Collection[str]) -> Findings:
        """Return the findings of all other rules.

        Args:
            rules: The ids of the rules to ignore.
        """
        kept = (
            tuple(item for item in found if item.violation.rule not in rules) for found in (self.items, self.others)
        )
        items, others = kept
        return replace(self, items=items, others=others)

    def __str__(self) -> str:
        everything = (*self.items, *self.others)
        text = as_text(everything, self.machines)
        return f"{text}\n{how_to_accept(everything)}" if everything else text


def findings_of(assembly: Path, *, security: bool = False) -> Findings:
    """Check the templates of an assembly.

    Args:
        assembly: Its folder, ``cdk.out``.
        security: Whether to run the security pack too.

    Raises:
        UnreadableFileError: If a template cannot be read.
    """
    read = read_assembly(assembly)
    items = []
    for file in read.templates:
        name = file.path.as_posix()
        for violation in file.violations(security=security):
            if read.is_acknowledged(name, violation):
                continue
            origin, _, line = read.origin_of(name, violation).rpartition(":")
            known = origin and line.isdigit()
            items.append(Found(origin, replace(violation, line=int(line))) if known else Found(name, violation))
    others = tuple(Found(where, violation) for where, violation in read.others)
    return Findings(tuple(items), sum(len(file.machines) for file in read.templates), others)


def named_within(findings: Findings, folder: Path) -> Findings:
    """Return the findings with files of a temporary folder reduced to their names.

    Args:
        findings: The findings.
        folder: The folder, which is gone by the time the findings are read.
    """
    inside = folder.as_posix()
    items = tuple(
        Found(Path(item.file).name, item.violation) if item.file.startswith(inside) else item for item in findings.items
    )
    return replace(findings, items=items)


def how_to_accept(found: Collection[Found]) -> str:
    """Return the hint that says how to have a rule explained and how to accept a finding.

    Args:
        found: The findings, at least one.
    """
    first = next((item for item in found if item.is_error), next(iter(found))).violation.rule
    security = {rule.id for rule in security_rules()}
    known = first if "::" in first else f"{SECURITY_PLUGIN if first in security else PLUGIN}::{first}"
    own = sorted({item.violation.rule for item in found if "::" not in item.violation.rule})
    explained = [f"constructs-ml rules {' '.join(own)} explains why"] if own else []
    accept = f'ml.acknowledge(construct, "{known}", "...")'
    return "; ".join([*explained, f"to accept an intended finding, use {accept} or --ignore {first}"])
