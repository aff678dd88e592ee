"""CML113."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import Root
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import kind_of
from constructs_ml.lint.dataflow.lookup import Outcome
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Read

_STEP = {"StartAt": "Step", "States": {"Step": {"Type": "Pass", "End": True}}}


def _each(**fields: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    each = {"Type": "Map", "ItemsPath": "$.parts", "ItemProcessor": _STEP, "Next": "Mark", **fields}
    mark = {"Type": "Pass", "Result": {"by": "churn"}, "ResultPath": "$.mark", "End": True}
    return {"StartAt": "Each", "States": {"Each": each, "Mark": mark}}


@rule(
    "CML113",
    title="ResultPath writes a result into an object",
    reason="A result cannot be added to a list or a scalar: the state fails with States.ResultPathMatchFailure. "
    "Usually a preceding Map or Parallel has replaced the input by its list of results. Source: the Amazon States "
    'Language, "ResultPath"; "Handling errors in Step Functions workflows".',
    bad=_each(),
    good=_each(ResultPath=None),
)
def result_path(machine: Machine) -> Iterator[Violation]:
    """Results that are written into values other than objects."""
    flow = flow_of(machine)
    lost = {read.state for read in flow.reads if read.root is Root.INPUT and _is_lost(read)}
    for found in flow.no_objects:
        if found.state in lost:
            # Its reads are missing for the same reason.
            continue
        problem = f"is {found.text}, but the input of the state is {kind_of(found.shape)}"
        fix = "give the preceding state a ResultPath, or null to keep its input"
        yield Violation(found.state.name, found.member, problem, fix)


def _is_lost(read: Read) -> bool:
    return read.found.outcome is Outcome.NEVER and read.found.at == 0
