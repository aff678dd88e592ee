"""Sessions of a run's callers in the emulator's STS, which this library creates itself."""

from __future__ import annotations

import importlib
import json
import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable

APPROVER = "federated-user/approver"
"""The end of the approver's ARN."""


class Sessions:
    """Issuer of access keys.

    Args:
        account: The account that everything is in.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._sts: Any = importlib.import_module("ministack.services.sts")
        self._functions: dict[tuple[str, str], Credentials] = {}
        self._lock = threading.Lock()

    def open_root(self, account: str) -> Credentials:
        """Create the key of the run itself in an account."""
        credentials = Credentials.generate()
        self._sts.register_session(credentials.access_key_id, root_session(credentials, account))
        return credentials

    def open_approver(self) -> Credentials:
        """Create a key that may only decide on model packages, for ``constructs-ml approve``."""
        credentials = Credentials.generate()
        self._sts.register_session(credentials.access_key_id, approver_session(credentials, self._account))
        return credentials

    def function_credentials(self, _original: Callable[..., Any], config: dict[str, Any]) -> dict[str, str]:
        """The credentials of a Lambda function's role.

        The emulator derives their secret from the function's and the role's ARN, which others can know.
        """
        function, role = config.get("FunctionArn", ""), config.get("Role", "")
        with self._lock:
            if (function, role) not in self._functions:
                self._functions[function, role] = self._open_function(config, function, role)
            return self._functions[function, role].environment

    def _open_function(self, config: dict[str, Any], function: str, role: str) -> Credentials:
        credentials = Credentials.generate()
        session = function_session(
            credentials,
            account=(function.split(":") + [""] * 5)[4] or self._account,
            role=role.rpartition("/")[2],
            function=config.get("FunctionName", "function")[:64],
        )
        self._sts.register_session(credentials.access_key_id, session)
        return credentials


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
