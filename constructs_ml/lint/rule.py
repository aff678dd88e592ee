"""A rule: what it looks for, why, and an example of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from constructs_ml.asl.machine import Machine
    from constructs_ml.cfn.resources import Resources

    Look = Callable[[Machine], Iterable[Violation]]
    LookAtTemplate = Callable[[Resources], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What every rule says of itself.

    Attributes:
        id: ``CML001``. The hundreds tell what it is about: 0 structure, 1 data flow, 2 requests, 3 errors and retries,
            4 sizes, 5 permissions, 6 events. Those of the security pack are called ``CMS001``.
        title: What must hold, in a line.
        reason: What happens otherwise, and the source of that.
        bad: A definition, or a template, that breaks it.
        good: The same put right.
        severity: How bad a violation is.
    """

    id: str
    title: str
    reason: str
    bad: Mapping[str, Any]
    good: Mapping[str, Any]
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Explained):
    """One rule.

    Attributes:
        look: Finds violations in a state machine.
    """

    look: Look

    def check(self, machine: Machine) -> Iterator[Violation]:
        """What breaks the rule."""
        for found in self.look(machine):
            severity = found.severity or self.severity
            yield replace(found, rule=self.id, severity=severity, machine=machine.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRule(Explained):
    """A rule about resources that stand beside state machines, or in a template without any.

    Attributes:
        look: Finds violations in a template's resources.
    """

    look: LookAtTemplate

    def check(self, resources: Resources) -> Iterator[Violation]:
        """What breaks the rule."""
        for found in self.look(resources):
            yield replace(found, rule=self.id, severity=found.severity or self.severity)


def template_rule(
    id: str,  # noqa: A002 - what a rule calls it
    *,
    title: str,
    reason: str,
    bad: Mapping[str, Any],
    good: Mapping[str, Any],
    severity: Severity = Severity.ERROR,
) -> Callable[[LookAtTemplate], TemplateRule]:
    """Makes a rule of a function that finds violations in a template; see :class:`TemplateRule` for the rest."""

    def made(look: LookAtTemplate) -> TemplateRule:
        return TemplateRule(id=id, title=title, reason=reason, bad=bad, good=good, look=look, severity=severity)

    return made


def rule(
    id: str,  # noqa: A002 - what a rule calls it
    *,
    title: str,
    reason: str,
    bad: Mapping[str, Any],
    good: Mapping[str, Any],
    severity: Severity = Severity.ERROR,
) -> Callable[[Look], Rule]:
    """Makes a rule of a function that finds violations; see :class:`Rule` for the rest."""

    def made(look: Look) -> Rule:
        return Rule(id=id, title=title, reason=reason, bad=bad, good=good, look=look, severity=severity)

    return made
