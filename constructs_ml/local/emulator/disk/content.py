"""Bytes in files: measured, sliced, hashed and read in parts, never held in memory as a whole."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 1 << 18
"""Bytes that are read at a time."""
SMALL = 1 << 12
"""The greatest size that stays in memory: less than the emulator's own record of an object."""
_FRAME = 1 << 16
_LARGE_PART = 1 << 20
_EAGER = ("sha256", "md5", "crc32")


class _Summer(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc:
    """A cyclic redundancy check by a table of the reflected polynomial, a byte at a time.

    Args:
        polynomial: The polynomial, reflected.
        width: Its bits.
    """

    def __init__(self, polynomial: int, width: int) -> None:
        self._ones, self._bytes = (1 << width) - 1, width // 8
        self._table, self._crc = _crc_table(polynomial), self._ones

    def update(self, data: bytes) -> None:
        crc, table = self._crc, self._table
        for byte in data:
            crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
        self._crc = crc

    def digest(self) -> bytes:
        return (self._crc ^ self._ones).to_bytes(self._bytes, "big")


class _Crc32:
    """As of zlib."""

    def __init__(self) -> None:
        self._crc = 0

    def update(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)

    def digest(self) -> bytes:
        return self._crc.to_bytes(4, "big")


def _crc_table(polynomial: int) -> tuple[int, ...]:
    table = []
    for entry in range(256):
        value = entry
        for _ in range(8):
            value = (value >> 1) ^ polynomial if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


def _summer(name: str) -> _Summer:
    if name == "crc32":
        return _Crc32()
    if name == "crc32c":
        return _Crc(0x82F63B78, 32)
    if name == "crc64nvme":
        return _Crc(0x9A6C9329AC4BC9B5, 64)
    return hashlib.new(name, usedforsecurity=False)


class _File:
    """A file that is removed with its last reference: an object, version, copy, part or running response."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self.digests: dict[str, bytes] = {}

    def __del__(self, suppress: Any = suppress, error: type[OSError] = OSError) -> None:  # noqa: ANN401
        # At the end of the process names of modules may be gone before.
        with suppress(error):
            self.path.unlink()


class _Part(NamedTuple):
    """A section of a file."""

    file: _File
    start: int
    length: int


class Content:
    """Bytes in files, as an immutable sequence.

    It is not ``bytes`` and has no buffer: what would need all of it at once fails, and does not see something else.
    Short slices are ``bytes``. Copies share the files.
    """

    __slots__ = ("_length", "_parts")

    def __init__(self, parts: Iterable[_Part]) -> None:
        self._parts = tuple(part for part in parts if part.length)
        self._length = sum(part.length for part in self._parts)

    def __len__(self) -> int:
        return self._length

    def __deepcopy__(self, _memo: object) -> Content:
        return self

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Content | bytes: ...

    def __getitem__(self, index: int | slice) -> Content | bytes | int:
        if isinstance(index, int):
            at = range(self._length)[index]
            return self._read(at, 1)[0]
        start, stop, step = index.indices(self._length)
        if step != 1:
            message = f"content is sliced in steps of 1, got {step}"
            raise ValueError(message)
        length = max(0, stop - start)
        return self._read(start, length) if length <= SMALL else Content(self._sections(start, length))

    def __bytes__(self) -> bytes:
        return b"".join(self.chunks())

    def find(self, wanted: bytes, start: int = 0) -> int:
        """Return the first position of some bytes from a position on, or -1."""
        at = start
        while at < self._length:
            found = self._read(at, _FRAME if at > start else SMALL).find(wanted)
            if found >= 0:
                return at + found
            at += (_FRAME if at > start else SMALL) - len(wanted) + 1
        return -1

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yield all of it in chunks."""
        for part in self._parts:
            left = part.length
            with part.file.path.open("rb", buffering=0) as file:
                file.seek(part.start)
                while left:
                    chunk = file.read(min(size, left))
                    if not chunk:
                        message = f"{part.file.path} is shorter than it was"
                        raise OSError(message)
                    left -= len(chunk)
                    yield chunk

    def digest(self, name: str) -> bytes:
        """Return a digest, computed once.

        Args:
            name: As of ``hashlib``, or ``crc32``, ``crc32c`` or ``crc64nvme``.
        """
        whole = self._parts[0].file if len(self._parts) == 1 and self._parts[0].file.size == self._length else None
        if whole and name in whole.digests:
            return whole.digests[name]
        summer = _summer(name)
        for chunk in self.chunks():
            summer.update(chunk)
        found = summer.digest()
        if whole:
            whole.digests[name] = found
        return found

    def checksum(self, name: str) -> str:
        """A digest as S3 writes it in its headers."""
        return base64.b64encode(self.digest(name)).decode()

    def _read(self, start: int, length: int) -> bytes:
        return b"".join(Content(self._sections(start, length)).chunks())

    def _sections(self, start: int, length: int) -> Iterator[_Part]:
        """Yield the sections of files that a slice covers."""
        end = start + length
        for part in self._parts:
            if start < part.length and end > 0:
                first = max(0, start)
                yield _Part(part.file, part.start + first, min(end, part.length) - first)
            start, end = start - part.length, end - part.length
            if end <= 0:
                return

    @staticmethod
    def joined(pieces: Iterable[Content | bytes], folder: Path) -> Content | bytes:
        """Return several contents as one: large ones share their files, small ones are copied into a new file."""
        listed = list(pieces)
        parts = [part for piece in listed if isinstance(piece, Content) for part in piece._parts]  # noqa: SLF001 - its own
        plain = any(piece for piece in listed if isinstance(piece, bytes))
        if parts and not plain and (len(parts) == 1 or min(part.length for part in parts[:-1]) >= _LARGE_PART):
            return Content(parts)
        spool = Spool(folder)
        for piece in listed:
            for chunk in piece.chunks() if isinstance(piece, Content) else (piece,):
                spool.write(chunk)
        return spool.close()


class Spool:
    """A buffer for streamed bytes: few stay in memory, more go to a file and are hashed as they arrive.

    Args:
        folder: The folder of the file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first: list[bytes] = []
        self._size = 0
        self._file: _File | None = None
        self._stream: Any = None
        self._summers = {name: _summer(name) for name in _EAGER}

    def write(self, chunk: bytes) -> None:
        """Append some bytes."""
        self._size += len(chunk)
        if self._file is None:
            self._first.append(chunk)
            if self._size > SMALL:
                descriptor, path = tempfile.mkstemp(dir=self._folder)
                self._file = _File(Path(path))
                self._stream = os.fdopen(descriptor, "wb", buffering=0)
                chunk, self._first = b"".join(self._first), []
            else:
                return
        view = memoryview(chunk)
        while view:
            view = view[self._stream.write(view) :]
        for summer in self._summers.values():
            summer.update(chunk)

    def close(self) -> Content | bytes:
        """Return everything that was written."""
        if self._file is None:
            return b"".join(self._first)
        self._stream.close()
        self._file.size = self._size
        self._file.digests = {name: summer.digest() for name, summer in self._summers.items()}
        return Content([_Part(self._file, 0, self._size)])


def kept(content: Content | bytes, folder: Path) -> Content | bytes:
    """Return the same content, in a file unless it is small."""
    if isinstance(content, Content) or len(content) <= SMALL:
        return content
    spool = Spool(folder)
    spool.write(bytes(content))
    return spool.close()


def sha256(content: Content | bytes) -> str:
    """The hash of a body, as it is signed."""
    return content.digest("sha256").hex() if isinstance(content, Content) else hashlib.sha256(content).hexdigest()
