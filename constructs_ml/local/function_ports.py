"""Closes the ports that the emulator opens for Lambda functions of its own runtimes (``provided.*``) to strangers.

Such a function asks for its events over HTTP on the loopback interface, by the Lambda runtime API, which knows no
credentials: whoever connects could take an event or give an answer. So only processes of this user may connect, and no page
in a browser.
"""

from __future__ import annotations

import http.server
import os
import socketserver
from pathlib import Path
from typing import Any

_CONNECTIONS = Path("/proc/net/tcp")
_LOCAL, _UID = 1, 7
_FORBIDDEN = 403


def close_to_strangers() -> None:
    """Guards every port that this process serves by ``socketserver`` from now on."""
    verify = socketserver.BaseServer.verify_request
    parse = http.server.BaseHTTPRequestHandler.parse_request

    def verify_request(server: socketserver.BaseServer, request: Any, address: Any) -> bool:  # noqa: ANN401
        return _is_own(address) and verify(server, request, address)

    def parse_request(handler: http.server.BaseHTTPRequestHandler) -> bool:
        if not parse(handler):
            return False
        if any(name.lower() == "origin" or name.lower().startswith("sec-fetch-") for name in handler.headers):
            handler.send_error(_FORBIDDEN)
            return False
        return True

    socketserver.BaseServer.verify_request = verify_request  # type: ignore[method-assign, assignment]
    http.server.BaseHTTPRequestHandler.parse_request = parse_request  # type: ignore[method-assign, assignment]


def _is_own(address: tuple[str, int]) -> bool:
    """Return whether a connection comes from this user; where the system does not tell, from this machine."""
    if not _CONNECTIONS.is_file():
        return True
    ip, port = address
    # The kernel writes addresses in its own byte order, here little-endian: 127.0.0.1:80 is 0100007F:0050.
    packed = "".join(f"{int(part):02X}" for part in reversed(ip.split(".")))
    wanted = f"{packed}:{port:04X}"
    for line in _CONNECTIONS.read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[_LOCAL] == wanted:
            return int(fields[_UID]) in {os.getuid(), 0}
    return False
