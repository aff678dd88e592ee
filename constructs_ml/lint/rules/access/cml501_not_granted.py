"""CML501."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Violation
from constructs_ml.iam.required_by_state import lacking_of, needs_of
from constructs_ml.iam.role_usage import is_allowed_by_others
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.iam.policy import Need

# Resources of these services may have policies of their own.
_SHARED = ("dynamodb:", "events:PutEvents", "lambda:", "s3:", "sns:", "sqs:")
_PLACE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"


@rule(
    "CML501",
    title="The role of a state machine allows all that its states do",
    reason="A state without permission fails with an AccessDeniedException, or the state machine cannot be created, "
    "as with the rule for a job that it waits for. A job that it cannot stop keeps running when the execution is "
    "aborted. Source: 'How Step Functions generates IAM policies for integrated services' of the Step Functions "
    "developer guide, and the Service Authorization Reference.",
    bad=template(policy("lambda:InvokeFunction", on="arn:aws:lambda:us-east-1:111122223333:function:other")),
    good=template(policy("lambda:InvokeFunction", on="arn:aws:lambda:us-east-1:111122223333:function:score")),
)
def not_granted(machine: Machine) -> Iterator[Violation]:
    """Needs of states that the machine's role certainly does not allow."""
    states = needs_of(machine).known
    for need, actions in lacking_of(machine):
        if not (actions[0].startswith(_SHARED) and is_allowed_by_others(machine)):
            yield _violation(actions, need, list(dict.fromkeys(states[need])))


def _violation(actions: tuple[str, ...], need: Need, states: list[str]) -> Violation:
    """Return the violation of all states that lack the same permission."""
    others = len(states) - 1
    resource = _written(need.resources[0])
    on = f" on {need.resources[0].rpartition('*:*:')[2]}" if resource != "*" else ""
    to = f" for {need.passed_to}" if need.passed_to else ""
    besides = f" (as do {others} other states)" if others > 1 else " (as does another state)" if others else ""
    problem = f"needs {', '.join(actions)}{on}{to}{besides}, which the role of the state machine does not allow"
    return Violation(states[0], "", problem, f"add {_statement(actions, resource, need)}")


_ROLE = "ARN of the role"


def _statement(actions: tuple[str, ...], resource: str, need: Need) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    if need.passed_to:
        statement["Resource"] = _ROLE if resource == "*" else resource
        statement["Condition"] = {"StringEquals": {"iam:PassedToService": need.passed_to}}
    return json.dumps(statement)


def _written(resource: str) -> str:
    """Return an ARN in the form that a template uses."""
    parts = resource.split(":", 5)
    wild = len(parts) > 5 and parts[1] == parts[3] == parts[4] == "*"  # noqa: PLR2004 - the parts of an ARN
    return _PLACE % parts[2] + parts[5] if wild else resource.replace("arn:*:s3", "arn:${AWS::Partition}:s3")
