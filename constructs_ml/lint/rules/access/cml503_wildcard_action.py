"""CML503."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity, Violation
from constructs_ml.iam.policy import grants_of, texts
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

_FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:score"
# A state machine needs few of their actions, and aws-cdk-lib grants none with wildcards.
_SPELLED_OUT = ("events:", "iam:", "lambda:", "sagemaker:", "states:")


@rule(
    "CML503",
    title="The role of a state machine names the actions that it allows",
    reason="A wildcard grants every action of the service, even those that AWS adds later: deleting endpoints, "
    "reading other teams' data. Source: 'Security best practices in IAM' of the IAM user guide (apply least-privilege "
    "permissions); control IAM.21 of AWS Foundational Security Best Practices.",
    bad=template(policy("lambda:*", on=_FUNCTION)),
    good=template(policy("lambda:InvokeFunction", on=_FUNCTION)),
)
def wildcard_action(machine: Machine) -> Iterator[Violation]:
    """Statements with all actions of a service; a partial wildcard is a warning."""
    for statement in grants_of(machine).statements:
        for action in texts(statement.actions):
            service, _, name = action.partition(":")
            every = action == "*" or set(name) == {"*"}
            if every or ("*" in action and action.startswith(_SPELLED_OUT)):
                what = (
                    "every action"
                    if action == "*"
                    else f"every action of {service}"
                    if every
                    else "any matching action"
                )
                severity = Severity.ERROR if every else Severity.WARNING
                fix = "name the actions that its states need"
                yield Violation("", statement.policy, f"grants {action!r}, {what}", fix, severity)
