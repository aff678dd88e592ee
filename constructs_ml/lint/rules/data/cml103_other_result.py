"""CML103."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING

from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.explanations import shown
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.shape import GIVEN, Object, Presence
from constructs_ml.lint.rule import rule
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.jsonpath import Steps
    from constructs_ml.asl.machine import Machine
    from constructs_ml.lint.dataflow.analysis import Flow
    from constructs_ml.lint.dataflow.reads import Read
    from constructs_ml.lint.dataflow.shape import Shape

_LIKE = 0.8
_NUMBER = re.compile(r"[A-Z\d]*")
"""The ends of names that number several things of a kind: ``trainB``, ``data2``."""
_COUNT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "count"},
    "ResultSelector": {"rows.$": "$.Payload.rows"},
    "ResultPath": "$.Counted",
    "Next": "Keep",
}

_OF_AWS = re.compile(r"([A-Z][a-z0-9]+){2,}")
"""The form of AWS's names for members of responses, which few users choose: ``TrainingJobStatus``."""


@rule(
    "CML103",
    title="A path that matches a state's result leads to that result",
    reason="The input of an execution may hold anything, but a path that ends like the result of a state and begins "
    "almost like it, or is read where that state has not run, is meant for that result; so, probably, is a name in "
    "AWS's style that a result has. A path that leads to nothing ends the execution with States.Runtime, which no "
    'Catch catches. Source: "Handling errors in Step Functions workflows".',
    bad={
        "StartAt": "Count",
        "States": {
            "Count": _COUNT,
            "Keep": {"Type": "Pass", "Parameters": {"rows.$": "$.Countd.rows"}, "End": True},
        },
    },
    good={
        "StartAt": "Count",
        "States": {
            "Count": _COUNT,
            "Keep": {"Type": "Pass", "Parameters": {"rows.$": "$.Counted.rows"}, "End": True},
        },
    },
)
def other_result(machine: Machine) -> Iterator[Violation]:
    """Paths into the input that match a state's result under another name, or elsewhere in the workflow."""
    flow = flow_of(machine)
    unknown = [read for read in flow.reads if _is_open(read)]
    made = _made(flow) if unknown else {}
    seen: set[tuple[object, str]] = set()
    for read in unknown:
        meant = _meant(read, made)
        if meant and (read.state, read.text) not in seen and not _is_given(read, unknown, made, flow):
            seen.add((read.state, read.text))
            yield Violation(read.state.name, read.member, f"is {read.text}, but {meant[0]}", *meant[1:])


def _is_open(read: Read) -> bool:
    """Return whether a path leads into an unknown part of the execution's input."""
    found = read.found
    open_ = found.outcome is Outcome.UNKNOWN and isinstance(found.around, Object) and found.around.source == GIVEN
    return open_ and isinstance(read.steps[found.at], str)


def _made(flow: Flow) -> Mapping[str, Object]:
    """Return the objects that states write into the input of others, by name."""
    made: dict[str, Object] = {}
    for shape in (*(frame.input for frame in flow.frames.values()), *flow.outputs):
        for name, member in shape.members.items() if isinstance(shape, Object) else ():
            certain = member.presence is Presence.ALWAYS and not member.given
            if certain and isinstance(member.shape, Object) and not member.shape.open and name not in made:
                made[name] = member.shape
    return made


def _meant(read: Read, made: Mapping[str, Object]) -> tuple[str, str, Severity] | None:
    """Return the problem of a path, the path that is meant, and the severity."""
    at, around = read.found.at, read.found.around
    name, rest = str(read.steps[at]), read.steps[at + 1 :]
    if not isinstance(around, Object) or name in around.members:
        return None
    here = shown(read, read.steps[: at + 1])
    if name in made and rest:
        source = made[name].source or "another state"
        problem = f"no path leads here from the state that makes {here}"
        return (problem, f"{source} has it", Severity.ERROR) if _fits(made[name], rest) else None
    for like in nearest(name, around.members, 3) if rest else ():
        if _is_misspelt(name, like) and _fits(around.members[like].shape, rest):
            there = shown(read, (*read.steps[:at], like, *rest))
            return f"no state makes {here}", f"did you mean {there}?", Severity.ERROR
    for holder, member in around.members.items() if _OF_AWS.fullmatch(name) else ():
        if isinstance(member.shape, Object) and name in member.shape.members and _fits(member.shape, (name, *rest)):
            there = shown(read, (*read.steps[:at], holder, name, *rest))
            return f"no state makes {here}", f"did you mean {there}?", Severity.WARNING
    return None


def _is_misspelt(name: str, like: str) -> bool:
    """Return whether a name is misspelt: ``model_a`` and ``model_b`` are two, as are ``train`` and ``trained``."""
    begin = "".join(one for one, _ in takewhile(lambda both: both[0] == both[1], zip(name, like, strict=False)))
    ends = name[len(begin) :], like[len(begin) :]
    if begin.endswith(("_", "-")) or all(_NUMBER.fullmatch(end) for end in ends):
        return False
    if "" in ends:
        more = "".join(ends)
        return more == begin[-1:] or (len(more) == 1 and more.islower() and more != "s")
    return SequenceMatcher(None, name.lower(), like.lower()).ratio() >= _LIKE


def _fits(shape: Shape, rest: Steps) -> bool:
    closed = isinstance(shape, Object) and not shape.open
    return closed and find(shape, rest).outcome in {Outcome.THERE, Outcome.MAYBE}


def _is_given(read: Read, unknown: list[Read], made: Mapping[str, Object], flow: Flow) -> bool:
    """Return whether the workflow shows that an execution's input has the parent of a path."""
    place = read.steps[: read.found.at + 1]
    tested = any(steps[: len(place)] == place for facts in flow.facts.values() for _, steps in facts.tested)
    return tested or any(other.steps[: len(place)] == place and _meant(other, made) is None for other in unknown)
