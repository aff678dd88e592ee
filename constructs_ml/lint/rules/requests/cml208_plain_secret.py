"""CML208."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_text
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.requests.secret import credential, is_secret
from constructs_ml.sagemaker.task_requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

_NAMED = {"Environment", "HyperParameters", "StaticHyperParameters"}
_FIX = "keep it in Secrets Manager, pass its ARN, and let the job's role read it"


@rule(
    "CML208",
    title="No secret stands in a request",
    reason="Requests are shown by the Describe calls, in the console, in the execution's history and in logs, and SageMaker "
    "refuses training requests in which it finds credentials. Source: CreateTrainingJob of the API: 'Do not include any "
    "security-sensitive information including account access IDs, secrets, or tokens in any hyperparameter fields', nor in "
    "environment fields.",
    bad=training(Environment={"DB_PASSWORD": "hunter2"}),
    good=training(Environment={"DB_PASSWORD_ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-Ab12Cd"}),
)
def plain_secret(machine: Machine) -> Iterator[Violation]:
    """Credentials anywhere in a request, and environment variables and hyperparameters that are secrets by their names."""
    for request in requests_of(machine):
        for member, name, text in _texts(request.body, "", ""):
            whose = credential(text)
            if whose:
                yield request.violation(member, f"holds {whose}", _FIX)
            elif name and is_secret(name, text):
                yield request.violation(member, "is a secret in plain text", _FIX)


def _texts(value: Any, path: str, owner: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    """The texts that are known, each with its path and, if it is a variable's or a hyperparameter's, the name of that."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{path}.{key}" if path else str(key)
            if isinstance(item, (Mapping, list)):
                yield from _texts(item, here, str(key))
            elif is_text(item) and not str(key).endswith(".$"):
                yield here, str(key) if owner in _NAMED else "", item
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if isinstance(item, (Mapping, list)):
                yield from _texts(item, f"{path}[{at}]", owner)
            elif is_text(item):
                yield f"{path}[{at}]", "", item
