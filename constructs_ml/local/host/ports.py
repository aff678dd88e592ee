"""Free ports of the loopback interface."""

from __future__ import annotations

import socket
import threading

LOOPBACK = "127.0.0.1"
_given: set[int] = set()
_giving = threading.Lock()


def free_port() -> int:
    """Return a port of the loopback interface that is free and was not returned before."""
    while True:
        with socket.create_server((LOOPBACK, 0)) as probe:
            port = int(probe.getsockname()[1])
        with _giving:
            if port not in _given:
                _given.add(port)
                return port
