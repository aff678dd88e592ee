"""What is a secret, as far as that shows."""

from __future__ import annotations

import re

# Each is a format of one issuer's credentials: nothing else looks like it.
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
# What a tokenizer is told (PAD_TOKEN, EOS_TOKEN) is no secret.
_TOKENS = frozenset({"access", "api", "auth", "bearer", "git", "github", "gitlab", "hf", "hub", "refresh", "session"})
_TOKEN_LENGTH = 16
# A place to read the secret from is what should stand there.
_PLACES = ("$.", "$$.", "/", "arn:", "env:", "file:", "s3://", "ssm:", "vault:", "{{resolve:")
_WORDS_FOR_NONE = frozenset({"", "false", "none", "null", "true"})


def credential(text: str) -> str:
    """Whose credentials a text has in it, as ``an AWS access key``; empty if it has none that show."""
    if _ANY_CREDENTIAL.search(text) is None:
        return ""
    return next((name for name, form in _CREDENTIALS.items() if form.search(text)), "")


def is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret by its name: ``DB_PASSWORD``, ``apiKey``; a place to read it from is none."""
    if value.strip().lower() in _WORDS_FOR_NONE or value.startswith(_PLACES):
        return False
    words = tuple(word.lower() for word in _WORD.findall(name))
    if words[-1:] == ("token",):
        # A token of a text is a word: [CLS].
        return len(value) >= _TOKEN_LENGTH if words == ("token",) else words[-2] in _TOKENS
    # 'prod/database' under SECRET is a name in Secrets Manager.
    return any(words[-len(ends) :] == ends for ends in _NAMES) and not (words[-1] == "secret" and "/" in value)
