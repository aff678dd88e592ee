"""CML507."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_later
from constructs_ml.errors import Violation
from constructs_ml.iam.policy import grants_of, texts
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.iam.wildcards import matches, may_be_same
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Granted, Machine
    from constructs_ml.iam.policy import Need

_ON = "arn:aws:lambda:us-east-1:111122223333:function:score"


@rule(
    "CML507",
    title="No policy denies the role of a state machine what its states need",
    reason="An explicit Deny overrides every Allow: the state fails with an AccessDeniedException. A Deny with "
    "conditions, or on other resources, is not checked. Source: 'Policy evaluation logic' of the IAM user guide.",
    bad=template(
        policy("lambda:InvokeFunction", on=_ON), {"Effect": "Deny", "Action": "lambda:Invoke*", "Resource": "*"}
    ),
    good=template(
        policy("lambda:InvokeFunction", on=_ON), {"Effect": "Deny", "Action": "lambda:Delete*", "Resource": "*"}
    ),
)
def denied(machine: Machine) -> Iterator[Violation]:
    """Needs of states that a policy of the machine's role denies unconditionally."""
    denials = [each for each in machine.granted or () if each.effect == "Deny" and not each.conditions]
    kinds = grants_of(machine).kinds if denials else {}
    for need, states in needs_of(machine).known.items() if denials else ():
        for statement in denials if need.required else ():
            actions = [action for action in need.actions if _denies(statement, action, need, kinds)]
            if actions:
                problem = f"needs {', '.join(actions)}, which {statement.policy} denies"
                fix = (
                    "add it to the statement's exceptions"
                    if statement.inverted
                    else "remove it from the statement with Effect Deny"
                )
                yield Violation(states[0], "", problem, fix)


def _denies(statement: Granted, action: str, need: Need, kinds: Mapping[str, Any]) -> bool:
    """Return whether a statement certainly covers an action on the needed resource."""
    if statement.but_actions:
        if any(is_later(each) or matches(each, action) for each in statement.but_actions):
            return False
    elif not any(matches(pattern, action) for pattern in texts(statement.actions)):
        return False
    if statement.but_resources:
        sure = need.is_known and len(texts(statement.but_resources)) == len(statement.but_resources)
        return sure and not any(
            may_be_same(needed, each, kinds) for each in statement.but_resources for needed in need.resources
        )
    denied_on = texts(statement.resources)
    return "*" in denied_on or (need.is_known and any(each in denied_on for each in need.resources))
