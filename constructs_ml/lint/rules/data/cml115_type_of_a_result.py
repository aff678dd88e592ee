"""CML115."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.shape import cast_to, named, type_of
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.reads import Facts

_NUMBERS = (
    "HeartbeatSeconds",
    "MaxConcurrency",
    "Seconds",
    "TimeoutSeconds",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)
_TEXTS = ("Cause", "Error", "Timestamp")
_WANTED = {
    **{name: "number" for field in _NUMBERS for name in (field, f"{field}Path")},
    **{name: "string" for field in _TEXTS for name in (field, f"{field}Path")},
}
_CONDITION = re.compile(r"Choices\[(\d+)\]\.Condition")


def _waiting(seconds: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    plan = {"Type": "Pass", "Result": {"pause": seconds}, "Next": "Pause"}
    pause = {"Type": "Wait", "SecondsPath": "$.pause", "End": True}
    return {"StartAt": "Plan", "States": {"Plan": plan, "Pause": pause}}


@rule(
    "CML115",
    title="A field's value at run time has the type that the field takes",
    reason="A string instead of a number of seconds, or a Condition that yields neither true nor false, fails the "
    "state with States.Runtime or States.QueryEvaluationError: nothing is converted. Source: the Amazon States "
    'Language, "Wait State", "Timeouts" and "Choice State".',
    bad=_waiting("60"),
    good=_waiting(60),
)
def type_of_a_result(machine: Machine) -> Iterator[Violation]:
    """Paths, calls and expressions that certainly yield another type than their field takes."""
    for facts in flow_of(machine).facts.values():
        for member, shape in facts.gives.items():
            wanted = _WANTED.get(member) or ("boolean" if _CONDITION.fullmatch(member) else "")
            got = type_of(shape)
            if wanted and got and got != wanted:
                kind = "true or false" if wanted == "boolean" else named(wanted)
                problem = f"is {_written(facts, member)}, which yields {named(got)}, but must be {kind}"
                yield Violation(facts.state.name, member, problem, _fix(facts, member, wanted, got))


def _fix(facts: Facts, member: str, wanted: str, got: str) -> str:
    # A field that holds a path takes no function call.
    only_path = member.endswith("Path") and member not in {"ErrorPath", "CausePath"}
    return "" if only_path else cast_to(wanted, got, facts.state)


def _written(facts: Facts, member: str) -> Any:  # noqa: ANN401 - JSON
    found = _CONDITION.fullmatch(member)
    return facts.state.body["Choices"][int(found[1])]["Condition"] if found else facts.state.body[member]
