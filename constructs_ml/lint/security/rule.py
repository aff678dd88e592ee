"""Rules of the security pack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_ml.lint.rule import RuleInfo
from constructs_ml.lint.security.control import CONTROLS, Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Unpack

    from constructs_ml.errors import Violation
    from constructs_ml.lint.rule import About
    from constructs_ml.lint.security.subject import Subject

    Run = Callable[[Subject], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRule(RuleInfo):
    """A rule of the security pack. The tens of its id are the topic.

    0 encryption at rest, 1 network, 2 images, 3 endpoints, 4 state machines and their logs, 5 events, 6 buckets, 7 roles,
    8 people.

    Attributes:
        controls: The controls that it serves.
        run: Finds violations in a template.
    """

    controls: tuple[Control, ...]
    run: Run

    def check(self, subject: Subject) -> Iterator[Violation]:
        """Yield the violations of the rule."""
        for found in self.run(subject):
            yield replace(found, rule=self.id, severity=found.severity or self.severity)


def security_rule(
    id: str,  # noqa: A002 - what a rule calls it
    *,
    controls: Iterable[str],
    **about: Unpack[About],
) -> Callable[[Run], SecurityRule]:
    """Make a rule of a function that finds violations; see :class:`SecurityRule` for the rest.

    Raises:
        KeyError: If a control is unknown.
    """
    served = tuple(CONTROLS[name] for name in controls)
    return lambda run: SecurityRule(id=id, controls=served, run=run, **about)
