"""HTTP client of a model's server."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.faults import JobError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOOPBACK = "127.0.0.1"
_PING_SECONDS = 2
_POLL_SECONDS = 0.05
_ENDING_SECONDS = 1


class ServerEndedError(Exception):
    """The process of a model's server ended during a call; its exit code says more."""


class ModelServer:
    """The server of one container, by SageMaker's serve contract: GET /ping, POST /invocations.

    Args:
        address: The socket that it is reached at; a port where it listens on the loopback interface.
        alive: Whether its process still runs.
    """

    def __init__(self, address: Path | int, alive: Callable[[], bool]) -> None:
        self._address, self._alive = address, alive

    def await_ready(self, seconds: float) -> bool:
        """Wait until it answers pings; False if its process ended or the time is over."""
        deadline = time.monotonic() + seconds
        while self._alive() and time.monotonic() < deadline:
            try:
                if self._request("GET", "/ping", None, {}, _PING_SECONDS)[0] == http.client.OK:
                    return True
            except OSError:
                pass
            time.sleep(_POLL_SECONDS)
        return False

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that the container itself asks for; empty if none."""
        try:
            status, _, body = self._request("GET", "/execution-parameters", None, {}, _PING_SECONDS)
            found = json.loads(body) if status == http.client.OK else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def invoke(self, body: bytes, content_type: str, accept: str, seconds: float) -> tuple[bytes, str]:
        """Send one inference request.

        Returns:
            The answer and its content type.

        Raises:
            JobError: If the model refuses.
            ServerEndedError: If its process has ended.
        """
        headers = {"Content-Type": content_type} if content_type else {}
        if accept:
            headers["Accept"] = accept
        try:
            status, answered, answer = self._request("POST", "/invocations", body, headers, seconds)
        except (OSError, http.client.HTTPException) as error:
            message = f"the model did not answer: {type(error).__name__}: {error}"
            if self._has_ended():
                raise ServerEndedError(message) from error
            raise JobError(message) from error
        if status not in {http.client.OK, http.client.NO_CONTENT}:
            said = answer.decode("utf-8", "replace").strip()
            message = f"Received server error ({status}) from model with message: {said[:500]}"
            raise JobError(message)
        return answer, answered

    def _has_ended(self) -> bool:
        """Return whether its process has ended, after a short wait, because its broken connection is noticed first."""
        deadline = time.monotonic() + _ENDING_SECONDS
        while self._alive() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return not self._alive()

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float
    ) -> tuple[int, str, bytes]:
        connection = _connection(self._address, seconds)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type") or "", response.read()
        finally:
            connection.close()


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path, self._seconds = path, seconds

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._seconds)
        self.sock.connect(str(self._path))


def _connection(address: Path | int, seconds: float) -> http.client.HTTPConnection:
    if isinstance(address, int):
        return http.client.HTTPConnection(_LOOPBACK, address, timeout=seconds)
    return _SocketConnection(address, seconds)
