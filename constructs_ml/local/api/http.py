"""SageMaker's API over HTTP, beside the emulator's: for SDKs, Lambda functions and the command line."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.call import ApiError, Call
from constructs_ml.local.describe import as_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.service import SageMaker

_TARGET = "SageMaker."
_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")
_JSON = b"application/x-amz-json-1.1"
_BAD_REQUEST = 400


class Front:
    """An ASGI application that answers requests for SageMaker, and hands all others on.

    Args:
        app: The emulator.
        api: SageMaker.
        role: The ARN of the role behind an access key; empty for the account's root.
    """

    def __init__(self, app: Any, api: SageMaker, role: Callable[[str], str]) -> None:  # noqa: ANN401 - ASGI
        self._app, self._api, self._role = app, api, role

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answers one request."""
        headers = {name.decode().lower(): value.decode() for name, value in scope.get("headers") or []}
        target = headers.get("x-amz-target", "")
        if scope["type"] != "http" or not target.startswith(_TARGET):
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = bool(message.get("more_body"))
        # In a thread: an operation may ask the emulator itself.
        status, answer = await asyncio.to_thread(
            self._answer, target.removeprefix(_TARGET), body, headers.get("authorization", "")
        )
        content = json.dumps(answer).encode()
        sent = [
            (b"content-type", _JSON),
            (b"content-length", str(len(content)).encode()),
            (b"x-amzn-requestid", str(uuid.uuid4()).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, operation: str, body: bytes, authorization: str) -> tuple[int, Any]:
        found = _ACCESS_KEY.search(authorization)
        try:
            call = Call(role_arn=self._role(found[1] if found else ""))
            return 200, as_seconds(self._api.call(operation, json.loads(body or b"{}"), call))
        except ApiError as error:
            return _BAD_REQUEST, {"__type": error.code, "message": error.message}
        except ValueError as error:
            return _BAD_REQUEST, {"__type": "SerializationException", "message": str(error)}
