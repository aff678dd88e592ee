"""CML402."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.machine import definition_length
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

LIMIT = 1_048_576
"""The limit in characters."""


@rule(
    "CML402",
    title="A definition has at most 1,048,576 characters",
    reason="CreateStateMachine refuses a longer one. The limit is in characters, not bytes: an é counts as one. "
    "Source: CreateStateMachine of the Step Functions API; botocore's model of it.",
    bad=definition(Ready={"Type": "Pass", "Comment": "x" * 1_048_576, "End": True}),
    good=definition(Ready={"Type": "Pass", "Comment": "x", "End": True}),
)
def large_definition(machine: Machine) -> Iterator[Violation]:
    """A definition that is too large."""
    length = definition_length(machine)
    if length > LIMIT:
        problem = f"the definition must have at most {LIMIT:,} characters, got {length:,}"
        yield Violation("", "", problem, "run parts of it as separate workflows: states:startExecution.sync:2")
