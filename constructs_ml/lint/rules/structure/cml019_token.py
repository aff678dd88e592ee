"""CML019."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.values import is_later
from constructs_ml.errors import Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.structure.resources import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

# The token, or an object that contains it.
_TOKEN = re.compile(r"\$\$(\.Task)?(\.Token)?(?![.\w])|\$states(\.context)?(\.Task)?(\.Token)?(?![.\w])")
_ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
    "TimeoutSeconds": 86400,
    "End": True,
}
_TOPIC = "arn:aws:sns:us-east-1:111122223333:approvals"


@rule(
    "CML019",
    title="A task that waits for its token passes the token on",
    reason="Only the token completes the task: if the request does not contain it, the task waits until it times out, "
    "or for a year. Source: 'Wait for a Callback with Task Token' of the Step Functions developer guide.",
    bad=definition(Ask={**_ASK, "Parameters": {"TopicArn": _TOPIC, "Message": "May it be deployed?"}}),
    good=definition(Ask={**_ASK, "Parameters": {"TopicArn": _TOPIC, "Message.$": "$$.Task.Token"}}),
)
def token(machine: Machine) -> Iterator[Violation]:
    """Tasks that wait for a token without passing it on."""
    for state in machine.states:
        call = integration_of(state)
        if call is None or call.pattern != "waitForTaskToken" or is_later(state.payload) or fault_of(state):
            continue
        if _TOKEN.search(json.dumps(state.payload)) is None:
            field = "Arguments" if "Arguments" in state.body else "Parameters"
            context = "{% $states.context.Task.Token %}" if state.language.name == "JSONATA" else "$$.Task.Token"
            problem = "lacks the token that the state waits for: nothing can complete the task"
            yield Violation(state.name, field, problem, f"add {context} to it")
