"""CML504."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Violation
from constructs_ml.iam.policy import grants_of, texts
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.iam.wildcards import matches
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_ml.asl.machine import Granted, Machine
    from constructs_ml.iam.policy import Need


@rule(
    "CML504",
    title="Actions are granted on the resources that the states name",
    reason="With * the state machine may do to any resource of the account what it should do only to its own: start "
    "jobs under other teams' names, invoke any function. Source: 'Security best practices in IAM' of the IAM user "
    "guide (apply least-privilege permissions); the Service Authorization Reference for the resources that each "
    "action takes.",
    bad=template(policy("lambda:InvokeFunction", on="*")),
    good=template(policy("lambda:InvokeFunction", on="arn:aws:lambda:us-east-1:111122223333:function:score")),
)
def any_resource(machine: Machine) -> Iterator[Violation]:
    """Actions allowed on any resource although the states name the resource."""
    if machine.granted is None:
        return
    named = _named(needs_of(machine).known)
    for statement in grants_of(machine).statements:
        if "*" in statement.resources and not statement.inverted:
            actions = sorted(action for action in named if _is_spelled(action, statement))
            if actions:
                states = ", ".join(dict.fromkeys(named[action] for action in actions))
                problem = (
                    f"grants {', '.join(actions)} on *, although the states that need it name the resource: {states}"
                )
                yield Violation("", statement.policy, problem, "name the resource in the statement too")


def _named(needs: Mapping[Need, Sequence[str]]) -> dict[str, str]:
    """Return the actions whose resources are known in every state that needs them, each with the first such state."""
    known: dict[str, str] = {}
    open_ended: set[str] = set()
    for need, states in needs.items():
        # CML502 covers passing roles.
        for action in need.actions if not need.passed_to else ():
            if need.is_known:
                known.setdefault(action, states[0])
            else:
                open_ended.add(action)
    return {action: state for action, state in known.items() if action not in open_ended}


def _is_spelled(action: str, statement: Granted) -> bool:
    """Return whether a statement grants an action other than by all actions of its service, which CML503 covers."""
    return any(
        matches(pattern, action)
        for pattern in texts(statement.actions)
        if not pattern.endswith(":*") and pattern != "*"
    )
