"""Serves a script's ``model_fn``: a program that a transform job runs in its sandbox, with the standard library alone.

The script's contract is that of SageMaker's framework containers: ``model_fn(model_dir)``, and as far as it has them
``input_fn(body, content_type)``, ``predict_fn(data, model)``, ``output_fn(prediction, accept)``, or ``transform_fn(model,
body, content_type, accept)`` in place of the three.

Sources: the SageMaker Python SDK's documentation, "Load a Model" and "Serve a Model" of Scikit-learn and PyTorch.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import socket
import socketserver
import sys
import traceback
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class Handlers:
    """A script's functions, or defaults in their place.

    Args:
        script: The module.
        model_dir: Where the model's files are.
    """

    def __init__(self, script: Any, model_dir: str) -> None:  # noqa: ANN401 - a module of the user's
        if not hasattr(script, "model_fn"):
            message = f"{script.__file__} has no model_fn(model_dir), by which a container loads the model"
            raise AttributeError(message)
        self._script = script
        self._model = script.model_fn(model_dir)

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """One inference: the answer and its content type."""
        script = self._script
        data: Any = body.decode("utf-8") if _is_text(content_type) else body
        if hasattr(script, "transform_fn"):
            return _response(script.transform_fn(self._model, data, content_type, accept), accept)
        data = script.input_fn(data, content_type) if hasattr(script, "input_fn") else decoded(body, content_type)
        if hasattr(script, "predict_fn"):
            prediction = script.predict_fn(data, self._model)
        else:
            prediction = self._model.predict(data)
        output = script.output_fn if hasattr(script, "output_fn") else encoded
        return _response(output(prediction, accept), accept)


def decoded(body: bytes, content_type: str) -> Any:  # noqa: ANN401 - whatever the model takes
    """A request's rows: an array if numpy is installed, else lists."""
    kind = content_type.split(";", 1)[0].strip()
    if kind == "text/csv":
        rows: Any = [[_number(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode())) if row]
    elif kind in {"application/json", "application/jsonlines"}:
        lines = body.decode().splitlines() if kind.endswith("lines") else [body.decode()]
        found = [json.loads(line) for line in lines if line.strip()]
        rows = found if kind.endswith("lines") else found[0]
    else:
        message = f"the default input_fn reads text/csv and application/json, got {content_type!r}; write an input_fn"
        raise ValueError(message)
    if importlib.util.find_spec("numpy") is None or isinstance(rows, dict):
        return rows
    import numpy as np

    return np.array(rows)


def encoded(prediction: Any, accept: str) -> str:  # noqa: ANN401 - whatever the model gives
    """A prediction as text: CSV or JSON."""
    values = prediction.tolist() if hasattr(prediction, "tolist") else prediction
    if accept.split(";", 1)[0].strip() != "text/csv":
        # A list may hold numbers and arrays of numpy's.
        return json.dumps(values, default=lambda value: value.tolist())
    rows = values if isinstance(values, list) else [values]
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(row if isinstance(row, list) else [row] for row in rows)
    return lines.getvalue()


def _response(result: Any, accept: str) -> tuple[bytes, str]:  # noqa: ANN401 - whatever the script gives
    body, kind = result if isinstance(result, tuple) else (result, accept)
    if isinstance(body, str):
        return body.encode(), kind
    return (bytes(body), kind) if isinstance(body, (bytes, bytearray)) else (encoded(body, kind).encode(), kind)


def _is_text(content_type: str) -> bool:
    kind = content_type.split(";", 1)[0].strip()
    return kind.startswith(("text/", "application/json"))


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _load(program: str) -> Any:  # noqa: ANN401 - a module of the user's
    path = Path(program).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        message = f"{program} is no Python module"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _handler(handlers: Handlers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(200 if self.path == "/ping" else 404, b"", "text/plain")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            accept = (
                self.headers.get("Accept")
                or os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT")
                or "application/json"
            )
            try:
                answer, kind = handlers.answer(body, self.headers.get("Content-Type") or "application/json", accept)
            except Exception as error:  # noqa: BLE001 - the user's; the client is told
                traceback.print_exc()
                self._send(500, f"{type(error).__name__}: {error}".encode(), "text/plain")
            else:
                self._send(200, answer, kind)

        def log_message(self, *_arguments: object) -> None:
            """Requests are not logged."""

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


class SocketServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves HTTP at a socket in a folder that only the user may enter: there is no port that others could call."""

    address_family = socket.AF_UNIX
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Loads the script and its model, and serves until it is ended."""
    program, model_dir, address = sys.argv[1:]
    handlers = Handlers(_load(program), model_dir)
    SocketServer(address, _handler(handlers)).serve_forever()  # type: ignore[arg-type] # a path, for this family


if __name__ == "__main__":
    main()
