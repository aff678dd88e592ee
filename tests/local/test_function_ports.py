"""The ports of functions of their own runtimes: closed to other users and to pages in a browser."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVER = """
    import http.server, socketserver
    from constructs_ml.local.emulator.function_ports import close_to_strangers

    close_to_strangers()

    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            answer = b"event" if self.path != "/seen" else b"taken" if "/taken" in seen else b""
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""
_ASKS = "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1])); c.request('GET', '/'); print(c.getresponse().read())"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    command = [sys.executable, "-c", textwrap.dedent(_SERVER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def _asked(port: int, path: str = "/2018-06-01/runtime/invocation/next", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_the_users_own_processes_are_answered(port: int) -> None:
    assert _asked(port) == (200, b"event")


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site", "sec-fetch-mode"])
def test_a_page_is_refused(port: int, header: str) -> None:
    status, body = _asked(port, **{header: "cross-site"})
    assert status == 403
    assert b"event" not in body


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_is_refused(port: int) -> None:
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", _ASKS, str(port)],
        env={"PATH": "/usr/bin:/bin"},
        user=65534,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "event" not in done.stdout
    assert done.returncode != 0
    assert "Permission" not in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_who_does_not_wait_for_an_answer_is_refused(port: int) -> None:
    """A closed connection has no owner any more, and is written as root's."""
    sends = (
        "import socket, sys\n"
        "for _ in range(50):\n"
        "    c = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
        "    c.sendall(b'GET /taken HTTP/1.0\\r\\n\\r\\n'); c.close()\n"
    )
    command = ["/usr/bin/env", "python3", "-c", sends, str(port)]
    subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, user=65534, check=False, stderr=subprocess.DEVNULL)
    assert _asked(port, path="/seen") == (200, b"")


def test_a_runtime_that_speaks_by_way_of_ipv6_is_answered(port: int) -> None:
    with socket.socket(socket.AF_INET6) as connection:
        connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        connection.connect(("::ffff:127.0.0.1", port))
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with connection.makefile("rb") as answer:
            assert answer.read().endswith(b"event")
