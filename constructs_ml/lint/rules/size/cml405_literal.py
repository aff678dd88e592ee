"""CML405."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.machine import definition_size, size
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.size.payload import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_PAYLOADS = ("Parameters", "Arguments", "Result", "ResultSelector", "ItemSelector", "Items", "Output")


@rule(
    "CML405",
    title="A literal payload in a definition has at most 262,144 bytes",
    reason="The state fails with States.DataLimitExceeded, which States.ALL does not catch. Source: 'Step Functions service "
    "quotas' of the Step Functions developer guide.",
    bad=definition(Table={"Type": "Pass", "Result": {"rows": "x" * 262_144}, "End": True}),
    good=definition(Table={"Type": "Pass", "Result": {"rows": "s3://churn/rows.json"}, "End": True}),
)
def large_literal(machine: Machine) -> Iterator[Violation]:
    """Literal payloads that are too large."""
    if definition_size(machine) <= LIMIT:
        return
    for state in machine.states:
        for member in _PAYLOADS:
            got = size(state.body[member]) if member in state.body else 0
            # An expression's size is not that of its result.
            if got > LIMIT and not isinstance(state.body[member], str):
                problem = f"must have at most {LIMIT:,} bytes, got {got:,}"
                yield Violation(state.name, member, problem, "keep it in S3, and pass its location on")
