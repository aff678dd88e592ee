"""CML208."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import is_text
from constructs_ml.lint.examples import training
from constructs_ml.lint.rule import rule
from constructs_ml.sagemaker.task_requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


# Each is the format of one issuer's credentials: nothing else looks like it.
_CREDENTIALS = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})\b"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{34}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
}
_ANY_CREDENTIAL = re.compile(r"AKIA|ASIA|-----BEGIN|gh[pousr]_|github_pat_|hf_|xox")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMES = (
    ("access", "key"),
    ("api", "key"),
    ("apikey",),
    ("passphrase",),
    ("passwd",),
    ("password",),
    ("private", "key"),
    ("secret",),
    ("secret", "key"),
)
# The words given to a tokenizer (PAD_TOKEN, EOS_TOKEN) are not secrets.
_TOKENS = frozenset({"access", "api", "auth", "bearer", "git", "github", "gitlab", "hf", "hub", "refresh", "session"})
_TOKEN_LENGTH = 16
# A location to read the secret from is the right value.
_PLACES = ("$.", "$$.", "/", "arn:", "env:", "file:", "s3://", "ssm:", "vault:", "{{resolve:")
_WORDS_FOR_NONE = frozenset({"", "false", "none", "null", "true"})


def credential(text: str) -> str:
    """Return the kind of credentials in a string, such as ``an AWS access key``; empty if none is recognised."""
    if _ANY_CREDENTIAL.search(text) is None:
        return ""
    return next((name for name, form in _CREDENTIALS.items() if form.search(text)), "")


def is_secret(name: str, value: str) -> bool:
    """Return whether a value is a secret by its name, such as ``DB_PASSWORD``; a location to read one from is not."""
    if value.strip().lower() in _WORDS_FOR_NONE or value.startswith(_PLACES):
        return False
    words = tuple(word.lower() for word in _WORD.findall(name))
    if words[-1:] == ("token",):
        # A token of a text is a word: [CLS].
        return len(value) >= _TOKEN_LENGTH if words == ("token",) else words[-2] in _TOKENS
    # 'prod/database' under SECRET is a name in Secrets Manager.
    return any(words[-len(ends) :] == ends for ends in _NAMES) and not (words[-1] == "secret" and "/" in value)


_NAMED = {"Environment", "HyperParameters", "StaticHyperParameters"}
_FIX = "keep it in Secrets Manager, pass its ARN, and let the job's role read it"


@rule(
    "CML208",
    title="No request contains a secret",
    reason="Requests are visible in the Describe calls, in the console, in the execution's history and in logs, and "
    "SageMaker refuses training requests in which it finds credentials. Source: CreateTrainingJob of the API: 'Do not "
    "include any security-sensitive information including account access IDs, secrets, or tokens in any "
    "hyperparameter fields', nor in environment fields.",
    bad=training(Environment={"DB_PASSWORD": "hunter2"}),
    good=training(Environment={"DB_PASSWORD_ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-Ab12Cd"}),
)
def plain_secret(machine: Machine) -> Iterator[Violation]:
    """Credentials anywhere in a request, and environment variables and hyperparameters that are secrets by their names."""
    for request in requests_of(machine):
        for member, name, text in _texts(request.body, "", ""):
            whose = credential(text)
            if whose:
                yield request.violation(member, f"contains {whose}", _FIX)
            elif name and is_secret(name, text):
                yield request.violation(member, "is a secret in plain text", _FIX)


def _texts(value: Any, path: str, owner: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    """Yield the known strings, each with its path and, for variables and hyperparameters, its name."""
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
