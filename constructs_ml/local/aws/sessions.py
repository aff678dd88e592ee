"""Who may call a run: the sessions of the emulator's STS that this library makes itself."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.credentials import Credentials, approver_session, function_session, root_session

if TYPE_CHECKING:
    from collections.abc import Callable


class Sessions:
    """Gives out access keys.

    Args:
        account: The account that everything is in.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._sts: Any = importlib.import_module("ministack.services.sts")
        self._functions: dict[tuple[str, str], Credentials] = {}
        self._lock = threading.Lock()

    def open_root(self, account: str) -> Credentials:
        """Makes the key of the run itself in an account."""
        credentials = Credentials.generate()
        self._sts.register_session(credentials.access_key_id, root_session(credentials, account))
        return credentials

    def open_approver(self) -> Credentials:
        """Makes a key that may decide on model packages only, for ``constructs-ml approve``."""
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
