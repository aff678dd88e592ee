"""Access keys that a run generates."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from typing import Any

_KEY_CHARACTERS = string.ascii_uppercase + "234567"
_KEY_LENGTH = 16
_SECRET_BYTES = 30


@dataclass(frozen=True, repr=False)
class Credentials:
    """An access key of the embedded AWS. Its ``repr`` shows no secret.

    Attributes:
        access_key_id: The key's id.
        secret_access_key: Its secret.
        session_token: The token of a session; empty for a key that has none.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    @classmethod
    def generate(cls) -> Credentials:
        """Generate a random access key of a session."""
        key = "ASIA" + "".join(secrets.choice(_KEY_CHARACTERS) for _ in range(_KEY_LENGTH))
        return cls(key, secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def from_response(cls, response: dict[str, Any]) -> Credentials:
        """Read ``Credentials`` of an AssumeRole response."""
        return cls(response["AccessKeyId"], response["SecretAccessKey"], response.get("SessionToken") or "")

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which SDKs and the AWS CLI find the key."""
        token = {"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {}
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **token,
        }

    def __repr__(self) -> str:
        """Show the key's id only."""
        return f"Credentials({self.access_key_id!r})"
