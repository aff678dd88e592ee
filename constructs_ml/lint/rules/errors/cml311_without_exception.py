"""CML311."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.handlers import catchers, retriers
from constructs_ml.asl.integration import SDK, integration_of
from constructs_ml.errors import Violation
from constructs_ml.lint.rule import rule
from constructs_ml.services.model import service
from constructs_ml.services.naming import error_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine

_END = "Exception"


def _make(error: str) -> Mapping[str, Any]:
    make = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:createBucket",
        "Parameters": {"Bucket": "churn"},
        "Catch": [{"ErrorEquals": [error], "Next": "Done"}],
        "Next": "Done",
    }
    return {"StartAt": "Make", "States": {"Make": make, "Done": {"Type": "Succeed"}}}


@rule(
    "CML311",
    title="Errors of the AWS SDK end in Exception",
    reason="Step Functions adds Exception to names of errors that lack it in the API: a retrier or a catcher for the "
    "bare name never applies. Source: 'Learning to use AWS service SDK integrations in Step Functions'; botocore's "
    "models for the names.",
    bad=_make("S3.BucketAlreadyExists"),
    good=_make("S3.BucketAlreadyExistsException"),
)
def without_exception(machine: Machine) -> Iterator[Violation]:
    """Retriers and catchers for names that a service's API has, but its integration does not."""
    for state in machine.states:
        call = integration_of(state)
        if call is None or not call.service.startswith(SDK) or call.service == f"{SDK}sagemaker":
            continue
        for handler in (*retriers(state), *catchers(state)):
            for name in dict.fromkeys(handler.errors):
                prefix, dot, error = name.partition(".")
                if dot and not error.endswith(_END) and prefix != "States" and _has(call.service, error):
                    meant = f"{prefix}.{error_of(error)}"
                    problem = f"is {name!r}, which is not the name of any error; did you mean {meant}?"
                    yield Violation(state.name, handler.path(name), problem)


def _has(name: str, error: str) -> bool:
    found = service(name.removeprefix(SDK))
    return found is not None and error in found.errors
