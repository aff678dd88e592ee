"""CML407."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_inline
from constructs_ml.asl.values import is_number
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_INLINE, _DISTRIBUTED = 40, 10_000


def _each(concurrency: int) -> dict[str, Any]:
    inner = {"StartAt": "Look", "States": {"Look": {"Type": "Pass", "End": True}}}
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **inner}
    each = {"Type": "Map", "ItemsPath": "$$.Execution.Input.parts", "MaxConcurrency": concurrency, "End": True}
    return definition(Each={**each, "ItemProcessor": processor})


@rule(
    "CML407",
    title="A Map's MaxConcurrency does not exceed the service's limit",
    reason="An inline Map runs at most 40 iterations at a time, a distributed one 10,000, whatever MaxConcurrency "
    "says. Source: 'Map state processing modes' of the Step Functions developer guide.",
    bad=_each(200),
    good=_each(40),
    severity=Severity.WARNING,
)
def concurrency(machine: Machine) -> Iterator[Violation]:
    """Maps whose MaxConcurrency is too high."""
    for state in machine.states:
        asked = state.body.get("MaxConcurrency") if state.type == "Map" else None
        limit = _INLINE if is_inline(state) else _DISTRIBUTED
        if is_number(asked) and asked > limit:
            fix = "make the Map distributed, or lower MaxConcurrency" if limit == _INLINE else ""
            mode = "an inline Map" if limit == _INLINE else "a distributed Map"
            yield Violation(state.name, "MaxConcurrency", f"must be at most {limit:,} in {mode}, got {asked:,}", fix)
