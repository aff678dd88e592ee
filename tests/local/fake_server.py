"""A container with a serve contract of its own: reverses what it gets, and says how it wants to be called."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers as a container would."""

    def do_GET(self) -> None:
        found = self.path in {"/ping", "/execution-parameters"}
        parameters = {"BatchStrategy": "SINGLE_RECORD", "MaxConcurrentTransforms": 2}
        self._send(200 if found else 404, json.dumps(parameters).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        suffix = Path("/opt/ml/model/suffix.txt").read_bytes()
        self._send(200, body[::-1] + suffix)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


assert sys.argv[1:] == ["serve"]
HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
