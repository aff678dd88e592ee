"""Authentication of requests by the emulator's own verification of signatures, before anything else happens.

The emulator verifies SigV4 in headers and queries, chunked uploads, SigV4a and SigV2, for every key except root's. It accepts
unsigned requests and root's keys; here they are refused. It does not check that the executed operation is the signed one;
that is checked here: the service of the signature, the headers that it covers, the body that it is for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from constructs_ml.local.emulator.disk.content import sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.local.emulator.disk.content import Content

_Asgi = Any
"""An ASGI scope: ASGI has no types of its own."""
_UNSIGNED_BODIES = ("UNSIGNED-PAYLOAD", "STREAMING-")
# Services that sign with another's name.
_SIGNED_AS = {"appconfigdata": "appconfig", "dynamodbstreams": "dynamodb"}


class RefusedRequestError(Exception):
    """A request is refused: it has no valid signature, or its service has only a stand-in.

    Attributes:
        code: As ``InvalidClientTokenId``.
        message: The reason.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Authenticator:
    """Verification of requests by the emulator's own functions."""

    def __init__(self) -> None:
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._sigv4: Any = importlib.import_module("ministack.core.sigv4")
        self._s3: Any = importlib.import_module("ministack.services.s3")

    def claim(self, scope: _Asgi) -> str:
        """Read the access key that a request is signed with, before its body is read.

        Returns:
            The id of an access key that the run has given out.

        Raises:
            RefusedRequestError: If it is not signed, or with a key that is not the run's.
        """
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        headers = scope.get("headers", [])
        self._evaluator.pin_signed_request(scope["method"], raw_path.decode("latin-1"), query_of(scope), headers)
        request = self._pinned()
        if request is None or request.unverifiable or not request.access_key_id:
            raise _UNSIGNED
        if request.sigv2 and request.headers.get("authorization"):
            # Its date is not verified, so that it could be sent again for ever; SDKs only presign in this form.
            raise RefusedRequestError("InvalidRequest", "sign with AWS4-HMAC-SHA256 (Signature Version 4)")
        self._resolve(request.access_key_id)
        return str(request.access_key_id)

    def verify(self, scope: _Asgi, headers: Mapping[str, str], body: Content | bytes, service: str | None) -> Any:  # noqa: ANN401 - the emulator's
        """Verify the signature of a claimed request, and that it covers the operation that will be executed.

        Args:
            scope: The request's ASGI scope.
            headers: Its headers, names in lower case.
            body: Its body.
            service: The service that will answer it, by its name in the emulator; None if none will.

        Returns:
            The emulator's ``PrincipalInfo``: the caller's ARN and policies.

        Raises:
            RefusedRequestError: If the signature does not match, is out of date, or covers something else.
        """
        self._evaluator.pin_signed_body(body)
        request = self._pinned()
        key = request.access_key_id
        if request.sigv2:
            _check_scope("s3", service)
        else:
            self._check_coverage(request, scope, headers, body, service)
        if request.s3_scoped:
            # The emulator's S3 verifies its own presigned URLs.
            if self._s3._verify_presigned_sigv4(scope["method"], scope["path"], headers, query_of(scope)):  # noqa: SLF001
                message = "the presigned URL has expired, or its signature does not match"
                raise RefusedRequestError("SignatureDoesNotMatch", message)
        else:
            credential = self._evaluator.authenticate(key, self._responses.get_account_id())
            if credential is None:
                raise _UNSIGNED
            self._checked(credential)
        return self._checked(self._evaluator.resolve_principal(key, self._responses.get_account_id()))

    def forget_body(self) -> None:
        """Release the body of the current request."""
        self._evaluator.pin_signed_body(b"")

    def _pinned(self) -> Any:  # noqa: ANN401 - the emulator's
        return self._evaluator._signed_request.get()  # noqa: SLF001 - in PRIVATE_NAMES

    def _resolve(self, key: str) -> None:
        self._responses.set_request_account_id(key)  # a session's own; the run's for any other key
        try:
            owner = self._evaluator.find_iam_access_key_account(key)
        except self._evaluator.AmbiguousAccessKeyError:
            owner = None
        found = self._evaluator.resolve_credential(key, owner or self._responses.get_account_id())
        if isinstance(found, self._evaluator.CredentialResolutionError):
            raise RefusedRequestError(found.code, found.message)

    def _check_coverage(
        self,
        request: Any,  # noqa: ANN401 - the emulator's
        scope: _Asgi,
        headers: Mapping[str, str],
        body: Content | bytes,
        service: str | None,
    ) -> None:
        """Check that a signature covers this service, every AWS header, and this body."""
        query = query_of(scope)
        read = (
            self._sigv4.parse_query_signature(query)
            if request.presigned
            else self._sigv4.parse_header_signature(headers)
        )
        if isinstance(read, tuple):
            raise RefusedRequestError(*read)
        _check_scope(read.service, service)
        signed = {name.lower() for name in read.signed_headers.split(";")}
        unsigned = sorted(name for name in headers if name.startswith("x-amz-") and name not in signed)
        if unsigned:
            message = f"there were headers present in the request which were not signed: {', '.join(unsigned)}"
            raise RefusedRequestError("AccessDenied", message)
        declared = headers.get("x-amz-content-sha256", "")
        free = service == "s3" and declared.startswith(_UNSIGNED_BODIES)
        if declared and not free and declared != sha256(body):
            message = "the provided x-amz-content-sha256 header does not match what was computed"
            raise RefusedRequestError("XAmzContentSHA256Mismatch", message)
        if request.presigned and not request.s3_scoped:
            self._check_expiry(query)

    def _check_expiry(self, query: Mapping[str, list[str]]) -> None:
        # The emulator honours the lifetime of presigned URLs of S3 and of SigV4a only.
        values = {name.lower(): found[0] for name, found in query.items()}
        try:
            seconds = int(values.get("x-amz-expires") or 0)
            expired = self._sigv4.presigned_request_is_expired(values.get("x-amz-date", ""), seconds)
        except ValueError:
            expired = True
        if expired:
            raise RefusedRequestError("RequestExpired", "the presigned URL has expired")

    def _checked(self, found: Any) -> Any:  # noqa: ANN401 - the emulator ships no types
        if isinstance(found, self._evaluator.AuthError):
            raise RefusedRequestError(found.code, found.message)
        return found


def query_of(scope: _Asgi) -> dict[str, list[str]]:
    """A request's query, as the emulator parses it."""
    return parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)


def _check_scope(signed: str, service: str | None) -> None:
    if service is not None and signed != _SIGNED_AS.get(service, service):
        message = f"Credential should be scoped to correct service: {service!r}, got {signed!r}"
        raise RefusedRequestError("SignatureDoesNotMatch", message)


_UNSIGNED = RefusedRequestError(
    "MissingAuthenticationToken",
    "the request is not signed with a key of this run; sign it with LocalAws.environment, or as a role of the stack",
)
