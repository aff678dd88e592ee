"""Protection of the ports that the emulator opens for Lambda functions with custom runtimes (``provided.*``).

Such a function asks for its events over HTTP on the loopback interface, by the Lambda runtime API, which knows no
credentials: whoever connects could take an event or give an answer. So only processes of this user may connect, and no page
in a browser.
"""

from __future__ import annotations

import http.server
import ipaddress
import os
import socketserver
import sys
from pathlib import Path
from typing import Any

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _STATE, _UID, _INODE = 1, 3, 7, 9
_ESTABLISHED = "01"
_FORBIDDEN = 403


def close_to_strangers() -> None:
    """Guard every port that this process serves with ``socketserver`` from now on."""
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


def _is_own(address: tuple[Any, ...]) -> bool:
    """Return whether a connection belongs to this user or root; if the system does not say, whether it exists."""
    if not _TABLES[0].is_file():
        return True
    wanted = {f"{form}:{int(address[1]):04X}" for form in _forms(str(address[0]))}
    for table in _TABLES:
        for line in table.read_text(encoding="ascii").splitlines()[1:] if table.is_file() else ():
            fields = line.split()
            # A connection that its holder has closed is listed as nobody's, and that is written as root's.
            held = fields[_STATE] == _ESTABLISHED and fields[_INODE] != "0"
            if fields[_LOCAL] in wanted and held:
                return int(fields[_UID]) in {os.getuid(), 0}
    return False


def _forms(ip: str) -> tuple[str, ...]:
    """Return an address as the kernel writes it, in its own byte order: as IPv4, and as the IPv6 that maps it."""
    found = ipaddress.ip_address(ip)
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is None:
            return (_grouped(found.packed),)
        found = mapped
    return _grouped(found.packed), _grouped(ipaddress.IPv6Address(f"::ffff:{found}").packed)


def _grouped(packed: bytes) -> str:
    words = [packed[at : at + 4] for at in range(0, len(packed), 4)]
    ordered = (word[::-1] if sys.byteorder == "little" else word for word in words)
    return b"".join(ordered).hex().upper()
