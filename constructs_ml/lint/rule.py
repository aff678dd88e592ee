"""A rule: its check, the reason for it, a bad and a good example."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import NotRequired, TypedDict, Unpack

    from constructs_ml.asl.machine import Machine
    from constructs_ml.cfn.resources import Resources

    Run = Callable[[Machine], Iterable[Violation]]
    RunOnTemplate = Callable[[Resources], Iterable[Violation]]

    class About(TypedDict):
        """The keyword arguments of a rule besides its id; see :class:`RuleInfo`."""

        title: str
        reason: str
        bad: Mapping[str, Any]
        good: Mapping[str, Any]
        severity: NotRequired[Severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """A rule's id, title, reason, examples and severity.

    Attributes:
        id: ``CML001``. The hundreds are the topic: 0 structure, 1 data flow, 2 requests, 3 errors and retries, 4 sizes,
            5 permissions, 6 events. Ids of the security pack look like ``CMS001``.
        title: The property that must hold, in one line.
        reason: The consequence of breaking it, and the source for that.
        bad: A definition, or a template, that breaks it.
        good: The same example, corrected.
        severity: The severity of a violation.
    """

    id: str
    title: str
    reason: str
    bad: Mapping[str, Any]
    good: Mapping[str, Any]
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(RuleInfo):
    """A rule about a state machine.

    Attributes:
        run: Finds violations in a state machine.
    """

    run: Run

    def check(self, machine: Machine) -> Iterator[Violation]:
        """Yield the violations of the rule."""
        for found in self.run(machine):
            severity = found.severity or self.severity
            yield replace(found, rule=self.id, severity=severity, machine=machine.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRule(RuleInfo):
    """A rule about other resources of a template, whether or not it has state machines.

    Attributes:
        run: Finds violations in a template's resources.
    """

    run: RunOnTemplate

    def check(self, resources: Resources) -> Iterator[Violation]:
        """Yield the violations of the rule."""
        for found in self.run(resources):
            yield replace(found, rule=self.id, severity=found.severity or self.severity)


def rule(id: str, **about: Unpack[About]) -> Callable[[Run], Rule]:  # noqa: A002 - what a rule calls it
    """Make a rule of a function that finds violations; see :class:`Rule` for the rest."""
    return lambda run: Rule(id=id, run=run, **about)


def template_rule(id: str, **about: Unpack[About]) -> Callable[[RunOnTemplate], TemplateRule]:  # noqa: A002 - likewise
    """Make a rule of a function that finds violations in a template; see :class:`TemplateRule` for the rest."""
    return lambda run: TemplateRule(id=id, run=run, **about)
