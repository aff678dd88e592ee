"""The only entrance to a run: it refuses strangers, answers SageMaker requests, and forwards others to the emulator.

Requests that do not come from a known caller of the run are refused: see "Who can call a run" in docs/local.md.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from constructs_ml.local.aws.describe import as_seconds
from constructs_ml.local.emulator.authentication import RefusedRequestError
from constructs_ml.local.emulator.routes import SAGEMAKER
from constructs_ml.local.jobs.call import ApiError, Call

if TYPE_CHECKING:
    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.emulator.authentication import Authenticator
    from constructs_ml.local.emulator.bodies import Bodies
    from constructs_ml.local.emulator.disk.content import Content
    from constructs_ml.local.emulator.principals import Principals
    from constructs_ml.local.emulator.routes import Routes

_TARGET = "SageMaker."
_JSON = b"application/x-amz-json-1.1"
_BAD_REQUEST, _FORBIDDEN = 400, 403
_POLICY_VIOLATION = 1008
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# A request with several of one of these could mean one thing here and another to the emulator.
_SINGLE = ("host", "origin", "authorization", "content-length", "content-type", "date")
# No bucket begins with an underscore, or is called v2: below these are the emulator's own endpoints, and a registry of
# images. Only those that invoke a function of the user's, under the caller's permissions, are left.
_CONTROL, _INVOKED = ("/_", "/v2/"), ("/_aws/execute-api/", "/_aws/lambda-url/")

_Asgi = Any
"""Scopes, messages and applications: ASGI has no types of its own."""


class HttpFrontend:
    """An ASGI application in front of the emulator.

    Args:
        app: The emulator.
        api: SageMaker.
        authenticator: Verifies who calls.
        principals: The callers of the run.
        routes: The emulator's ways, and what is not answered on them.
        bodies: Reads what requests carry.
        port: The port on which it listens.
    """

    def __init__(
        self,
        app: _Asgi,
        api: SageMaker,
        authenticator: Authenticator,
        *,
        principals: Principals,
        routes: Routes,
        bodies: Bodies,
        port: int,
    ) -> None:
        self._app, self._api, self._authenticator = app, api, authenticator
        self._principals, self._routes, self._bodies, self._port = principals, routes, bodies, port

    async def __call__(self, scope: _Asgi, receive: _Asgi, send: _Asgi) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        elif scope["type"] == "http":
            await self._answer_http(scope, receive, self._forgetting(_without_cors(send)))

    async def _answer_http(self, scope: _Asgi, receive: _Asgi, send: _Asgi) -> None:
        headers = headers_of(scope)
        problem = self._foreign(scope, headers)
        if problem:
            await _send_json(scope, send, _FORBIDDEN, {"message": problem})
            return
        if scope["path"].startswith(_CONTROL) and not scope["path"].startswith(_INVOKED):
            if self._routes.is_capability(scope["method"], scope["path"]):
                await self._app(scope, receive, send)
            else:
                message = "the emulator's own endpoints are closed during a run"
                await _send_json(scope, send, _FORBIDDEN, {"message": message})
            return
        try:
            self._authenticator.claim(scope)  # before a stranger's body is read
            body = await self._bodies.read(scope, headers, receive)
            if body is None:
                return
            target = headers.get("x-amz-target", "")
            route = SAGEMAKER if target.startswith(_TARGET) else self._routes.find(scope, headers, body)
            # What is not answered may be signed for any service: services have several names.
            service = None if route.stood_in else route.service
            principal = self._authenticator.verify(scope, headers, body, service)
            if route is not SAGEMAKER:
                self._routes.check(route, principal)
        except RefusedRequestError as error:
            await self._refuse(scope, headers, send, error)
            return
        if route is SAGEMAKER:
            # In a thread: an operation may ask the emulator itself.
            call = Call(self._principals.caller(principal))
            operation = target.removeprefix(_TARGET)
            content = bytes(body)
            await _send_json(scope, send, *await asyncio.to_thread(self._call_sagemaker, operation, content, call))
        else:
            await self._app(scope, _replayed(body, receive), send)

    def _forgetting(self, send: _Asgi) -> _Asgi:
        """Release a request's body when it is answered, because the server's keep-alive timer would hold it."""

        async def sent(message: Any) -> None:  # noqa: ANN401 - a message
            self._authenticator.forget_body()
            await send(message)

        return sent

    def _foreign(self, scope: _Asgi, headers: dict[str, str]) -> str:
        """Return the reason that a request is foreign: another host name, or a page in a browser; empty if not."""
        counted = Counter(name.decode("latin-1").lower() for name, _ in scope.get("headers") or [])
        single = (name for name in counted if name in _SINGLE or name.startswith("x-amz-"))
        several = next((name for name in single if counted[name] > 1), None)
        if several:
            return f"the header {several} must be sent exactly once"
        host = headers.get("host", "")
        if _hostname(f"//{host}") not in _LOOPBACK:
            # A name that an attacker's DNS server answers with 127.0.0.1 would make this run the page's own origin.
            return f"Host must be 127.0.0.1 or localhost, got {host!r}"
        origin = headers.get("origin")
        if origin is not None and not self._own(origin):
            return f"web pages have no access to a run, and this one is of {origin!r}"
        return ""

    def _own(self, origin: str) -> bool:
        try:
            return _hostname(origin) in _LOOPBACK and urlsplit(origin).port == self._port
        except ValueError:
            return False

    async def _refuse(self, scope: _Asgi, headers: dict[str, str], send: _Asgi, error: RefusedRequestError) -> None:
        if headers.get("x-amz-target", "").startswith(_TARGET):
            await _send_json(scope, send, _BAD_REQUEST, {"__type": error.code, "message": error.message})
        else:
            status, answered, content = self._routes.refusal(scope, headers, error)
            sent = [(name.encode(), value.encode()) for name, value in answered.items()]
            await _send(scope, send, status, sent, content)

    def _call_sagemaker(self, operation: str, body: bytes, call: Call) -> tuple[int, Any]:
        try:
            return 200, as_seconds(self._api.call(operation, json.loads(body or b"{}"), call))
        except ApiError as error:
            return _BAD_REQUEST, {"__type": error.code, "message": error.message}
        except ValueError as error:
            return _BAD_REQUEST, {"__type": "SerializationException", "message": str(error)}


def headers_of(scope: _Asgi) -> dict[str, str]:
    """A request's headers by their names in lower case, repeated ones joined as the emulator joins them."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers") or []:
        name, value = raw_name.decode("latin-1").lower(), _decoded(raw_value)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _replayed(body: Content | bytes, receive: _Asgi) -> _Asgi:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Any:  # noqa: ANN401 - a message
        return next(messages, None) or await receive()

    return replay


def _without_cors(send: _Asgi) -> _Asgi:
    async def sent(message: Any) -> None:  # noqa: ANN401 - a message
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not bytes(name).lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": kept}
        await send(message)

    return sent


async def _send_json(scope: _Asgi, send: _Asgi, status: int, answer: Any) -> None:  # noqa: ANN401 - any JSON
    headers = [(b"content-type", _JSON), (b"x-amzn-requestid", str(uuid.uuid4()).encode())]
    await _send(scope, send, status, headers, json.dumps(answer).encode())


async def _send(scope: _Asgi, send: _Asgi, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*kept, length]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
