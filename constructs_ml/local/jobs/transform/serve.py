"""A server of a script's ``model_fn``: a program that a transform job runs in its sandbox, with the standard library.

The script's contract is that of SageMaker's framework containers: ``model_fn(model_dir)``, and as far as it has them
``input_fn(body, content_type)``, ``predict_fn(data, model)``, ``output_fn(prediction, accept)``, or ``transform_fn(model,
body, content_type, accept)`` in place of the three. Each may take the request's context after its other arguments.

Sources: ``sagemaker-inference``, which serves in the containers of PyTorch, MXNet, Hugging Face and XGBoost (``make
conformance-inference`` compares with it); the SageMaker Python SDK's documentation, "Load a Model" and "Serve a Model" of
Scikit-learn and PyTorch.
"""

from __future__ import annotations

import importlib.util
import inspect
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

_TEXTS = ("application/json", "text/csv")
"""The content types whose bodies are strings to a script; all others are bytes, also those with parameters."""
_DEFAULTS = ("input_fn", "predict_fn", "output_fn")


class Context:
    """The context of a request, for a script's functions.

    Attributes:
        system_properties: Of the server: the folder of the model, and no GPU.
    """

    def __init__(self, model_dir: str) -> None:
        self.system_properties: dict[str, Any] = {"model_dir": model_dir, "gpu_id": None, "batch_size": 1}


class Handlers:
    """A script's functions, with defaults for missing ones.

    Args:
        script: The module.
        model_dir: The directory of the model's files.
    """

    def __init__(self, script: Any, model_dir: str) -> None:  # noqa: ANN401 - a module of the user's
        if not hasattr(script, "model_fn"):
            message = f"{script.__file__} has no model_fn(model_dir), by which a container loads the model"
            raise AttributeError(message)
        beside = [name for name in _DEFAULTS if hasattr(script, name)]
        if hasattr(script, "transform_fn") and beside:
            message = (
                f"{script.__file__} has transform_fn and {beside[0]}; containers take transform_fn alone, or the others"
            )
            raise ValueError(message)
        self._script, self._context = script, Context(model_dir)
        if hasattr(script, "pre_model_fn"):
            self._called(script.pre_model_fn, model_dir)
        self._model = self._called(script.model_fn, model_dir)
        if hasattr(script, "model_warmup_fn"):
            self._called(script.model_warmup_fn, model_dir, self._model)

    def answer(self, body: bytes, content_type: str | None, accept: str) -> tuple[bytes, str]:
        """Return the response to one inference request, and its content type."""
        script = self._script
        data: Any = body.decode("utf-8") if content_type in _TEXTS else body
        if hasattr(script, "transform_fn"):
            return _response(self._called(script.transform_fn, self._model, data, content_type, accept), accept)
        data = self._called(script.input_fn if hasattr(script, "input_fn") else decoded, data, content_type)
        if hasattr(script, "predict_fn"):
            prediction = self._called(script.predict_fn, data, self._model)
        else:
            prediction = self._model.predict(data)
        return _response(
            self._called(script.output_fn if hasattr(script, "output_fn") else encoded, prediction, accept), accept
        )

    def _called(self, function: Any, *arguments: Any) -> Any:  # noqa: ANN401 - of the user's
        """Return the result of a function, which gets the context if it takes one more argument."""
        taken = len(inspect.signature(function).parameters)
        if taken not in {len(arguments), len(arguments) + 1}:
            raise TypeError(f"{function.__name__} takes {taken} arguments, and gets {len(arguments)}")
        return function(*arguments, self._context) if taken > len(arguments) else function(*arguments)


def accepted(accept: str | None) -> str:
    """Return the content type that a request accepts; by default, that of the server's environment."""
    if accept and accept != "*/*":
        return accept
    return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json"


def decoded(data: str | bytes, content_type: str | None) -> Any:  # noqa: ANN401 - whatever the model takes
    """Return a request's rows as a numpy array."""
    np = _numpy("input_fn")
    if content_type == "text/csv":
        return np.genfromtxt(io.StringIO(str(data)), dtype=None, delimiter=",")
    if content_type == "application/json":
        return np.array(json.loads(data))
    if content_type == "application/x-npy" and isinstance(data, bytes):
        return np.load(io.BytesIO(data), allow_pickle=True)
    message = f"the default input_fn reads text/csv, application/json and application/x-npy, got {content_type!r}; write an input_fn"
    raise ValueError(message)


def encoded(prediction: Any, accept: str) -> tuple[str | bytes, str]:  # noqa: ANN401 - whatever the model gives
    """Return a prediction as CSV, JSON or a numpy file, by the first accepted type."""
    for kind in accept.replace(" ", "").split(","):
        if kind == "application/json":
            return json.dumps(prediction, default=_plain), kind
        if kind == "text/csv":
            lines = io.StringIO()
            _numpy("output_fn").savetxt(lines, prediction, delimiter=",", fmt="%s")
            return lines.getvalue(), kind
        if kind == "application/x-npy":
            file = io.BytesIO()
            _numpy("output_fn").save(file, prediction)
            return file.getvalue(), kind
    message = f"the default output_fn writes text/csv, application/json and application/x-npy, got {accept!r}; write an output_fn"
    raise ValueError(message)


def _plain(value: Any) -> Any:  # noqa: ANN401 - of numpy's
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _numpy(handler: str) -> Any:  # noqa: ANN401 - a module
    try:
        import numpy as np
    except ImportError as error:
        message = f"the default {handler} needs numpy, which containers have: pip install numpy, or write one"
        raise ImportError(message) from error
    return np


def _response(result: Any, accept: str) -> tuple[bytes, str]:  # noqa: ANN401 - whatever the script gives
    body, kind = result if isinstance(result, tuple) else (result, accept)
    if isinstance(body, str):
        return body.encode(), kind
    return (bytes(body), kind) if isinstance(body, (bytes, bytearray)) else (json.dumps(body).encode(), kind)


def _load(program: str) -> Any:  # noqa: ANN401 - a module of the user's
    path = Path(program).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        message = f"{program} is not a Python module"
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
            accept = accepted(self.headers.get("Accept"))
            try:
                answer, kind = handlers.answer(body, self.headers.get("Content-Type"), accept)
            except Exception as error:  # noqa: BLE001 - the user's; sent to the client
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
    """Load the script and its model, and serve until the process is ended."""
    program, model_dir, address = sys.argv[1:]
    handlers = Handlers(_load(program), model_dir)
    SocketServer(address, _handler(handlers)).serve_forever()  # type: ignore[arg-type] # a path, for this family


if __name__ == "__main__":
    main()
