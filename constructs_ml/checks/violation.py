"""What a rule found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from constructs_ml.checks.sources.intrinsics import readable


class Severity(Enum):
    """Whether a violation is certain to do harm."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: ``CML002 Check: Choices[0].Next is 'Trian', which is no state; did you mean 'Train'?``.

    Attributes:
        state: The name of the state; empty if it is about the whole.
        member: The field at fault, as a path from the state: ``Parameters.ProcessingResources``. May be empty.
        problem: What must hold, and what was got.
        fix: What to write instead; empty if the problem says it already.
        severity: Whether it is certain to do harm. The rule's, unless the violation says otherwise.
        rule: The id of the rule; filled in by the rule.
        machine: The logical id of the state machine, or what a definition alone is called; filled in by the rule.
        line: The line of the file, if it is known.
        cause: The state that is at fault, if that is another one: an acknowledgement on it counts too.
    """

    state: str
    member: str
    problem: str
    fix: str = ""
    severity: Severity | None = None
    rule: str = ""
    machine: str = ""
    line: int | None = None
    cause: str = ""

    @property
    def message(self) -> str:
        """What is wrong, and what to do: ``Check: Choices[0].Next is 'Trian', …``."""
        subject = ": ".join(part for part in (self.state, f"{self.member} {self.problem}".strip()) if part)
        return readable(subject + (f"; {self.fix}" if self.fix else ""))

    def __str__(self) -> str:
        return f"{self.rule} {self.message}".strip()
