"""Whose request it is: the emulator's own verification of signatures, asked before anything else answers.

The emulator verifies SigV4 in headers and queries, chunked uploads, SigV4a and SigV2, of every key but root's. Requests
that are unsigned, and root's keys, it lets through; here they are refused.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Any
"""An ASGI scope."""


class AuthenticationError(Exception):
    """A request is nobody's.

    Attributes:
        code: As ``InvalidClientTokenId``.
        message: The reason.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Authenticator:
    """Verifies requests by the emulator's means."""

    def __init__(self) -> None:
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._sigv4: Any = importlib.import_module("ministack.core.sigv4")
        self._s3: Any = importlib.import_module("ministack.services.s3")

    def claim(self, scope: Scope) -> str:
        """Reads whose key a request is signed with, before its body is read.

        Returns:
            The id of an access key that the run has given out.

        Raises:
            AuthenticationError: If it is not signed, or with a key that is not the run's.
        """
        self._pin(scope)
        request = self._evaluator._signed_request.get()  # noqa: SLF001 - in PRIVATE_NAMES
        if request is None:
            raise _UNSIGNED
        if not request.unverifiable:
            self._resolve(request.access_key_id)
        return str(request.access_key_id)

    def verify(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401 - the emulator's
        """Verifies a request's signature.

        Args:
            scope: The request's ASGI scope.
            headers: Its headers, names in lower case.
            body: Its body.

        Returns:
            The emulator's ``PrincipalInfo``: the caller's ARN and policies.

        Raises:
            AuthenticationError: If the signature does not match, is out of date, or its key is not the run's.
        """
        key = self.claim(scope)
        self._evaluator.pin_signed_body(body)
        request = self._evaluator._signed_request.get()  # noqa: SLF001
        if request.s3_scoped:
            # The emulator's S3 verifies its own presigned URLs.
            self._verify_presigned(scope, headers)
        else:
            credential = self._evaluator.authenticate(key, self._responses.get_account_id())
            if credential is None:
                raise _UNSIGNED
            self._checked(credential)
            if request.presigned:
                self._check_expiry(scope)
        return self._checked(self._evaluator.resolve_principal(key, self._responses.get_account_id()))

    def _pin(self, scope: Scope) -> None:
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        self._evaluator.pin_signed_request(
            scope["method"], raw_path.decode("latin-1"), query_of(scope), scope.get("headers", [])
        )

    def _resolve(self, key: str) -> None:
        self._responses.set_request_account_id(key)  # a session's own; the run's for any other key
        try:
            owner = self._evaluator.find_iam_access_key_account(key)
        except self._evaluator.AmbiguousAccessKeyError:
            owner = None
        found = self._evaluator.resolve_credential(key, owner or self._responses.get_account_id())
        if isinstance(found, self._evaluator.CredentialResolutionError):
            raise AuthenticationError(found.code, found.message)

    def _verify_presigned(self, scope: Scope, headers: Mapping[str, str]) -> None:
        error = self._s3._verify_presigned_sigv4(scope["method"], scope["path"], headers, query_of(scope))  # noqa: SLF001
        if error is not None:
            message = "the presigned URL has expired, or its signature does not match"
            raise AuthenticationError("SignatureDoesNotMatch", message)

    def _check_expiry(self, scope: Scope) -> None:
        # The emulator honours the lifetime of presigned URLs of S3 and of SigV4a only.
        query = {name.lower(): values[0] for name, values in query_of(scope).items()}
        try:
            seconds = int(query.get("x-amz-expires") or 0)
            expired = self._sigv4.presigned_request_is_expired(query.get("x-amz-date", ""), seconds)
        except ValueError:
            expired = True
        if expired:
            raise AuthenticationError("RequestExpired", "the presigned URL has expired")

    def _checked(self, found: Any) -> Any:  # noqa: ANN401 - the emulator ships no types
        if isinstance(found, self._evaluator.AuthError):
            raise AuthenticationError(found.code, found.message)
        return found


def query_of(scope: Scope) -> dict[str, list[str]]:
    """A request's query, as the emulator parses it."""
    return parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)


_UNSIGNED = AuthenticationError(
    "MissingAuthenticationToken",
    "the request is not signed with a key of this run; sign it with LocalAws.environment, or as a role of the stack",
)
