"""What looks like a secret, and what does not."""

from __future__ import annotations

import pytest

from constructs_ml.lint.rules.requests.cml208_plain_secret import credential, is_secret

CREDENTIALS = {
    "AKIAIOSFODNN7EXAMPLE": "an AWS access key",
    "--key=ASIAIOSFODNN7EXAMPLE": "an AWS access key",
    "-----BEGIN RSA PRIVATE KEY-----": "a private key",
    f"ghp_{'a1B2' * 9}": "a GitHub token",
    f"hf_{'aB' * 17}": "a Hugging Face token",
    "AKIA": "",
    "s3://AKIAIOSFODNN7EXAMPLES/": "",
    "hf_hub": "",
}
SECRETS = [
    ("DB_PASSWORD", "hunter2"),
    ("dbPassword", "hunter2"),
    ("password", "x"),
    ("API_KEY", "abc"),
    ("apikey", "abc"),
    ("AWS_SECRET_ACCESS_KEY", "a/b+c"),
    ("CLIENT_SECRET", "abc"),
    ("HF_TOKEN", "abc"),
    ("token", "0123456789abcdef"),
    ("SSH_PRIVATE_KEY", "abc"),
]
NONE = [
    ("DB_PASSWORD", ""),
    ("DB_PASSWORD", "arn:aws:secretsmanager:us-east-1:1:secret:db"),
    ("DB_PASSWORD", "/prod/db/password"),
    ("DB_PASSWORD", "$.password"),
    ("USE_PASSWORD", "true"),
    ("DB_PASSWORD_FILE", "password.txt"),
    ("SECRET_NAME", "db"),
    ("SECRET", "prod/db"),
    ("MAX_TOKENS", "512"),
    ("pad_token", "[PAD]"),
    ("eos_token", "</s>"),
    ("TOKENIZERS_PARALLELISM", "false"),
    ("tokenizer", "bert"),
    ("token", "word"),
    ("TOKEN", "[CLS]"),
    ("KEY", "customer_id"),
    ("primary_key", "customer_id"),
]


@pytest.mark.parametrize(("text", "whose"), CREDENTIALS.items())
def test_credentials_are_known_by_their_form(text: str, whose: str) -> None:
    """Wherever in a text they stand."""
    assert credential(text) == whose


@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_secrets_are_known_by_their_names(name: str, value: str) -> None:
    """However the name is written."""
    assert is_secret(name, value)


@pytest.mark.parametrize(("name", "value"), NONE)
def test_what_only_sounds_like_a_secret_is_none(name: str, value: str) -> None:
    """A place to read it from, a tokenizer's settings, a name."""
    assert not is_secret(name, value)
