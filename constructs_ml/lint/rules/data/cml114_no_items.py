"""CML114."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import kind_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from constructs_ml.asl.machine import Machine

_STEP = {"StartAt": "Step", "States": {"Step": {"Type": "Pass", "End": True}}}


def _each(**fields: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    split = {"Type": "Pass", "Result": {"parts": [1, 2, 3], "count": 3}, "Next": "Each"}
    each = {"Type": "Map", "ItemProcessor": _STEP, "End": True, **fields}
    return {"StartAt": "Split", "States": {"Split": split, "Each": each}}


@rule(
    "CML114",
    title="A Map iterates over a list or an object",
    reason="A value without items, such as a string, fails the state, and the execution with it. Without ItemsPath, "
    "the whole input must have items. An object's items are its pairs of key and value. Source: the Step Functions "
    'developer guide, "ItemsPath (Map, JSONPath only)".',
    bad=_each(ItemsPath="$.count"),
    good=_each(ItemsPath="$.parts"),
)
def no_items(machine: Machine) -> Iterator[Violation]:
    """Maps over values that certainly have no items."""
    for found in flow_of(machine).no_items:
        given = found.state.body.get("Items")
        if isinstance(given, str) and not is_jsonata(given):
            # CML012 reports an expression without its braces.
            continue
        whole = found.member == "ItemsPath" and found.member not in found.state.body
        what = f"is missing, and the input of the state is {kind_of(found.shape)}, neither a list nor an object"
        problem = what if whole else f"is {found.text}, which is {kind_of(found.shape)}, neither a list nor an object"
        yield Violation(
            found.state.name, found.member, problem, "name the member that holds the items" if whole else ""
        )
