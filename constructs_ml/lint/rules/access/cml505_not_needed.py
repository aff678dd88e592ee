"""CML505."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity, Violation
from constructs_ml.iam.policy import Need, grants_of, texts
from constructs_ml.iam.required_by_state import lacking_of
from constructs_ml.iam.role_usage import needs_of_role
from constructs_ml.iam.wildcards import matches
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Granted, Machine
    from constructs_ml.iam.required_by_state import Needs

_FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:score"
_OTHER = "arn:aws:sns:us-east-1:111122223333:news"
# The states do not show other needs of a role: logs, traces, keys, data.
_JUDGED = frozenset({"codebuild", "dynamodb", "events", "glue", "iam", "lambda", "sagemaker", "sns", "sqs", "states"})


@rule(
    "CML505",
    title="The role of a state machine is allowed no more than its states need",
    reason="A permission that no state needs only helps whoever takes over the role. It is left behind when a state "
    "is removed. Source: 'Security best practices in IAM' of the IAM user guide (regularly review and remove unused "
    "permissions).",
    bad=template(policy("lambda:InvokeFunction", on=_FUNCTION), policy("sns:Publish", on=_OTHER)),
    good=template(policy("lambda:InvokeFunction", on=_FUNCTION)),
    severity=Severity.WARNING,
)
def not_needed(machine: Machine) -> Iterator[Violation]:
    """Statements with an action that no state needs, or that none needs on that resource."""
    needs = None if machine.granted is None else needs_of_role(machine)
    if needs is None:
        return
    grants, asked = grants_of(machine), _Asked(needs)
    # An action granted on the wrong resource is reported once, by the rule that misses it on the right one.
    misplaced = {action.lower() for _, actions in lacking_of(machine) for action in actions}
    for statement in grants.statements:
        unneeded = [
            action
            for action in texts(statement.actions)
            if action.lower() not in misplaced
            and _is_judged(action, statement, needs)
            and not any(grants.may_serve(statement, need) for need in asked[action.lower()])
        ]
        if unneeded:
            on = ", ".join(texts(statement.resources))
            problem = f"grants {', '.join(unneeded)} on {on}, which no state needs"
            yield Violation("", statement.policy, problem, "remove it")


def _is_judged(action: str, statement: Granted, needs: Needs) -> bool:
    service = action.partition(":")[0].lower()
    return not statement.inverted and "*" not in action and service in _JUDGED and service not in needs.unknown


class _Asked(dict[str, list[Need]]):
    """The needs by their actions, in lower case; a need with a wildcard is found by any action that matches."""

    def __init__(self, needs: Needs) -> None:
        super().__init__()
        self._wild = [need for need in needs.known if any("*" in action for action in need.actions)]
        for need in needs.known:
            for action in need.actions:
                self.setdefault(action.lower(), []).append(need)

    def __missing__(self, action: str) -> list[Need]:
        return [need for need in self._wild if any(matches(pattern, action) for pattern in need.actions)]
