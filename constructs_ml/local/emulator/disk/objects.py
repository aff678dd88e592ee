"""Makes the emulator's S3 keep objects in files, and send them from there, by private names that ``pinned`` lists.

Its handlers take a ``Content`` for the ``bytes`` that they were written for: they measure, slice, hash and store a body, and
nothing else. Where they join bodies, the join is replaced; other services that ask for an object get its bytes.
"""

from __future__ import annotations

import ast
import asyncio
import contextvars
import hashlib
import importlib
import inspect
import textwrap
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.interpreter.corrections import wrap
from constructs_ml.local.emulator.disk.content import Content, kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The emulator ships no types.
_Data = Any
_HASHED = ("md5", "sha1", "sha256")
_CHECKSUMS = {"SHA256": "sha256", "SHA1": "sha1", "CRC32": "crc32", "CRC32C": "crc32c", "CRC64NVME": "crc64nvme"}
_JOIN = "_constructs_ml_joined"
_whole: contextvars.ContextVar[bool] = contextvars.ContextVar("whole", default=False)


def install(folder: Path) -> None:
    """Change the emulator's modules.

    Args:
        folder: The folder for the files of objects.
    """
    app, s3, sigv4, actions, states = (
        importlib.import_module(f"ministack.{name}")
        for name in ("app", "services.s3", "core.sigv4", "core.iam_actions", "services.stepfunctions")
    )
    for module in (s3, sigv4):
        vars(module)["hashlib"] = _Hashes()
    wrap(s3, "md5_hash", lambda original, data: original(data) if isinstance(data, bytes) else data.digest("md5").hex())
    wrap(s3, "_compute_s3_checksum", _checksum)
    wrap(s3, "_read_body", _read)
    wrap(s3, "_get_object_data", _as_bytes)
    wrap(s3, "_put_object", partial(_store, folder))
    wrap(s3, "_upload_part", partial(_store, folder))
    wrap(states, "_s3_object_text", _with_bytes)
    _replace_join(s3, "_complete_multipart_upload", folder)
    _replace_join(app, "_decode_aws_chunked_body", folder)
    wrap(app, "_routing_params", _without_content)
    for name in ("extract_iam_action", "extract_resource_arn", "request_tag_context", "s3_additional_checks"):
        wrap(actions, name, _without_content)
    wrap(app, "_read_request_body", partial(_receive, app))
    wrap(app, "_send_response", partial(_send, app))


class _Digest:
    """The hash of a content, as of ``hashlib``."""

    def __init__(self, content: Content, name: str) -> None:
        self._content, self._name = content, name

    def digest(self) -> bytes:
        return self._content.digest(self._name)

    def hexdigest(self) -> str:
        return self.digest().hex()


class _Hashes:
    """The module ``hashlib``, whose functions hash contents too."""

    def __getattr__(self, name: str) -> _Data:
        original = getattr(hashlib, name)
        if name not in _HASHED:
            return original
        return lambda data=b"", **options: (
            _Digest(data, name) if isinstance(data, Content) else original(data, **options)
        )


def _checksum(original: Callable[..., _Data], algorithm: str, body: _Data) -> _Data:
    name = _CHECKSUMS.get((algorithm or "").upper().replace("_", ""))
    return body.checksum(name) if name and isinstance(body, Content) else original(algorithm, body)


def _store(folder: Path, original: Callable[..., _Data], bucket: str, key: str, body: _Data, *rest: _Data) -> _Data:
    return original(bucket, key, kept(body, folder), *rest)


def _read(original: Callable[..., _Data], *arguments: _Data) -> _Data:
    found = original(*arguments)
    return bytes(found) if isinstance(found, Content) and _whole.get() else found


def _as_bytes(original: Callable[..., _Data], *arguments: _Data, **options: _Data) -> _Data:
    found = original(*arguments, **options)
    return bytes(found) if isinstance(found, Content) else found


def _with_bytes(original: Callable[..., _Data], *arguments: _Data) -> _Data:
    """Run a reader that takes the answer of S3's handler itself for text."""
    token = _whole.set(True)
    try:
        return original(*arguments)
    finally:
        _whole.reset(token)


def _without_content(original: Callable[..., _Data], *arguments: _Data, **options: _Data) -> _Data:
    """Route a request without looking at its object, whose content type may be that of a form."""
    return original(*(b"" if isinstance(found, Content) else found for found in arguments), **options)


def _replace_join(module: _Data, name: str, folder: Path) -> None:
    """Compile a function of the emulator again, with a join of contents in the place of its one ``b"".join``."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(module, name))))
    joins = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_join(node.func)]
    if len(joins) != 1:
        message = f"{name} of the emulator joins bytes {len(joins)} times, and not once"
        raise LocalRunError(message)
    joins[0].func = ast.copy_location(ast.Name(_JOIN, ast.Load()), joins[0].func)
    # Its annotations are not evaluated, as in the module.
    code = compile(tree, module.__file__, "exec", flags=annotations.compiler_flag, dont_inherit=True)
    setattr(module, _JOIN, lambda pieces: Content.joined(pieces, folder))
    exec(code, module.__dict__)  # noqa: S102 - the emulator's own source


def _is_join(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "join"
        and isinstance(function.value, ast.Constant)
        and function.value.value == b""
    )


async def _receive(app: _Data, original: Callable[..., _Data], receive: _Data, method: str, headers: _Data) -> _Data:
    """Take a request's body from the front, which has read it."""
    message = await receive()
    body = message.get("body")
    if not isinstance(body, Content):
        messages = iter([message])

        async def again() -> _Data:
            return next(messages, None) or await receive()

        return await original(again, method, headers)
    app.pin_signed_body(body)
    length = str(headers.get("content-length", len(body))).strip()
    if length != str(len(body)):
        raise app._IncompleteRequestBody(length)  # noqa: SLF001 - in PRIVATE_NAMES
    return app._decode_aws_chunked_body(body, headers)  # noqa: SLF001


async def _send(app: _Data, original: Callable[..., _Data], send: _Data, *arguments: _Data, head: bool = False) -> None:
    """Send an object as fast as its reader reads."""
    status, headers, body = arguments
    if not isinstance(body, Content):
        await original(send, status, headers, body, head=head)
        return
    if "content-length" not in {name.lower() for name in headers}:
        headers["Content-Length"] = str(len(body))
    listed = app._asgi_header_list(headers)  # noqa: SLF001 - in PRIVATE_NAMES
    await send({"type": "http.response.start", "status": status, "headers": listed})
    for chunk in body.chunks():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(0)  # others are answered as well
    await send({"type": "http.response.body", "body": b"", "more_body": False})
