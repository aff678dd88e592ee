"""Reading of request bodies: S3 objects into files, others into memory, up to a limit."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from constructs_ml.local.emulator.authentication import RefusedRequestError, query_of
from constructs_ml.local.emulator.disk.content import Content, Spool
from constructs_ml.local.host.disk_space import STORAGE_IS_FULL, hint

if TYPE_CHECKING:
    from pathlib import Path

_Asgi = Any
"""Scopes, messages and applications: ASGI has no types of its own."""
_MOST = 128 << 20
"""More than any request that is not an object: the code of a function may have 50 MB, in base64."""
# What the body of a PUT below a key is for when it is not the object: XML or JSON, which the emulator reads.
_OTHERS = frozenset({"acl", "annotation", "legal-hold", "retention", "tagging"})


class Bodies:
    """Reader of request bodies.

    Args:
        folder: The folder for the files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._router: Any = importlib.import_module("ministack.core.router")

    async def read(self, scope: _Asgi, headers: dict[str, str], receive: _Asgi) -> Content | bytes | None:
        """Return a request's whole body; None if the client has disconnected.

        Raises:
            RefusedRequestError: If it is too large, or the disk is full; it is read to its end before, for the client to hear.
        """
        is_object = self._is_object(scope, headers)
        spool, chunks, size = Spool(self._folder), list[bytes](), 0
        problem: RefusedRequestError | None = None
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            if problem is None and is_object:
                problem = self._written(spool, chunk)
            elif problem is None and size > _MOST:
                said = f"a request without an S3 object may have at most {_MOST} bytes in a local run"
                problem = RefusedRequestError("RequestEntityTooLarge", said)
                chunks.clear()
            elif problem is None:
                chunks.append(chunk)
            if not message.get("more_body"):
                break
        if problem:
            raise problem
        return spool.close() if is_object else b"".join(chunks)

    def _is_object(self, scope: _Asgi, headers: dict[str, str]) -> bool:
        """Return whether a request puts an object, or a part of one."""
        path, query = scope["path"], query_of(scope)
        _, _, key = path.lstrip("/").partition("/")
        if scope["method"] != "PUT" or not key or not _OTHERS.isdisjoint(query):
            return False
        # Of these paths the emulator's own routes are the readers.
        if path.startswith(("/_", "/iceberg", "/v20180820/")) or "x-amz-target" in headers:
            return False
        return bool(self._router.detect_service("PUT", path, headers, query) == "s3")

    def _written(self, spool: Spool, chunk: bytes) -> RefusedRequestError | None:
        try:
            spool.write(chunk)
        except OSError as error:
            # Before the file is removed: after that there may be room again.
            where = hint(self._folder) or f"; the disk of {self._folder} takes no more: free space there"
            said = f"the object cannot be kept on this disk: {error.strerror}{where}"
            return RefusedRequestError(STORAGE_IS_FULL, said)
        return None
