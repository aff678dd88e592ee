"""CML404."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_inline
from constructs_ml.asl.provenance import LIMIT, events, iterations
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine


def _each(count: int) -> dict[str, Any]:
    inner = {"StartAt": "Look", "States": {"Look": {"Type": "Pass", "End": True}}}
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **inner}
    each = {"Type": "Map", "Items": f"{{% [1..{count}] %}}", "ItemProcessor": processor, "End": True}
    return {"QueryLanguage": "JSONata", **definition(Each=each)}


@rule(
    "CML404",
    title="The iterations of an inline Map fit into the history of an execution",
    reason="An execution whose history reaches 25,000 events fails. The iterations of an inline Map write their "
    "events into it. Source: 'Step Functions service quotas' and 'Map state processing modes' of the Step Functions "
    "developer guide.",
    bad=_each(10_000),
    good=_each(100),
)
def long_history(machine: Machine) -> Iterator[Violation]:
    """Inline Maps that alone write more events than an execution may have."""
    if machine.express:
        return
    for state in machine.states:
        count = iterations(state) if is_inline(state) else None
        if count and (least := events(state)) > LIMIT and not any(events(inner) > LIMIT for inner in _maps(state)):
            problem = (
                f"runs {count:,} iterations with at least {least:,} events, but an execution may have only {LIMIT:,}"
            )
            fix = 'make it distributed: "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}'
            yield Violation(state.name, "ItemProcessor", problem, fix)


def _maps(state: Any) -> Iterator[Any]:  # noqa: ANN401 - a State
    return (inner for scope in state.inner for inner in scope.walk() if inner.type == "Map")
