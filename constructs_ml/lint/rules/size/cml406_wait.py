"""CML406."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_number
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_YEAR, _EXPRESS = 31_536_000, 300


@rule(
    "CML406",
    title="A Wait ends before the execution times out",
    reason="An execution of a standard workflow may take a year, one of an Express workflow five minutes; then it "
    "fails. Source: 'Step Functions service quotas' of the Step Functions developer guide.",
    bad=definition(Pause={"Type": "Wait", "Seconds": 40_000_000, "Next": "Go"}, Go={"Type": "Pass", "End": True}),
    good=definition(Pause={"Type": "Wait", "Seconds": 86_400, "Next": "Go"}, Go={"Type": "Pass", "End": True}),
)
def endless_wait(machine: Machine) -> Iterator[Violation]:
    """Waits that last as long as an execution may, or longer."""
    limit, kind = (_EXPRESS, "an Express workflow") if machine.express else (_YEAR, "a workflow")
    for state in machine.states:
        seconds = state.body.get("Seconds") if state.type == "Wait" else None
        if is_number(seconds) and seconds >= limit:
            yield Violation(
                state.name, "Seconds", f"must be less than the {limit:,} that {kind} may take, got {seconds:,}"
            )
