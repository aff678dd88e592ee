"""Access keys that a run makes for itself."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from typing import Any

_KEY_CHARACTERS = string.ascii_uppercase + "234567"
_KEY_LENGTH = 16
_SECRET_BYTES = 30
APPROVER = "federated-user/approver"
"""How the ARN of who may only approve ends."""


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
        """Makes a random access key of a session."""
        key = "ASIA" + "".join(secrets.choice(_KEY_CHARACTERS) for _ in range(_KEY_LENGTH))
        return cls(key, secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def from_response(cls, response: dict[str, Any]) -> Credentials:
        """Reads ``Credentials`` of an AssumeRole response."""
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
        """Shows the key's id only."""
        return f"Credentials({self.access_key_id!r})"


def root_session(credentials: Credentials, account: str) -> dict[str, Any]:
    """A session of the account's root, as the emulator's STS keeps it: it may do everything.

    The emulator verifies no signature of the access keys that it takes for root's itself (an account id, ``test``), so
    that a run signs with a session instead, and those keys are refused.

    Args:
        credentials: Its access key.
        account: The account.
    """
    return {
        "Arn": f"arn:aws:iam::{account}:root",
        "UserId": account,
        "AccountId": account,
        "PrincipalType": "Root",
        "SecretAccessKey": credentials.secret_access_key,
        # With a token, so that no further sessions can be had of it: they would outlive what it signed.
        "SessionToken": credentials.session_token,
    }


def approver_session(credentials: Credentials, account: str) -> dict[str, Any]:
    """A federated session that may decide on model packages, and nothing else.

    Args:
        credentials: Its access key.
        account: The account.
    """
    statement = {"Effect": "Allow", "Action": "sagemaker:UpdateModelPackage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return {
        "Arn": f"arn:aws:sts::{account}:{APPROVER}",
        "UserId": f"{account}:approver",
        "AccountId": account,
        "PrincipalType": "FederatedUser",
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "SessionPolicies": {"Policy": policy, "PolicyArns": []},
    }


def function_session(credentials: Credentials, *, account: str, role: str, function: str) -> dict[str, Any]:
    """A session of a Lambda function's execution role.

    Args:
        credentials: Its access key.
        account: The account.
        role: The role's name.
        function: The function's name.
    """
    return {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{function}",
        "UserId": f"{role}:{function}",
        "AccountId": account,
        "PrincipalType": "AssumedRole",
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
    }
