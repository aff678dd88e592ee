"""CML007."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_later, shown
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_LONGEST = 80
_LONG = "Trains one model for every market of the region and keeps the one that is best in each of them"


@rule(
    "CML007",
    title="The name of a state has 1-80 characters",
    reason="Step Functions refuses longer names. A control character in a name, such as a line break, breaks tools "
    'that show and search histories. Source: the Amazon States Language, "States".',
    bad={"StartAt": _LONG, "States": {_LONG: {"Type": "Pass", "End": True}}},
    good={"StartAt": "TrainByMarket", "States": {"TrainByMarket": {"Type": "Pass", "Comment": _LONG, "End": True}}},
)
def name_of_a_state(machine: Machine) -> Iterator[Violation]:
    """Names that are too long, empty, or unreadable."""
    for state in machine.states:
        name = state.name
        if is_later(name):
            continue
        if not 1 <= len(name) <= _LONGEST:
            problem = f"must have a name of 1-{_LONGEST} characters, got {len(name)}"
            yield Violation(name, "", problem, "shorten the name; put the rest into Comment")
        elif any(unicodedata.category(letter) == "Cc" for letter in name):
            problem = f"is named {shown(name)}, with a control character"
            yield Violation(ascii(name)[1:-1], "", problem, "remove it", Severity.WARNING)
