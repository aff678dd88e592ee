"""Download and extraction of archives with models and code, within the size of a job's volume."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

from constructs_ml.folders import tarfile
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.keys import split_uri
from constructs_ml.local.host.storage import S3Object
from constructs_ml.local.host.unpacking import GIGABYTE, VOLUME, free, most

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local.host.storage import Storage

_MOST_MEMBERS = 1_000_000
_MOST_HEADER = 1 << 20
_HEADERS = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *tarfile.GNU_TYPES[:2]})


class _LimitError(Exception):
    """An archive exceeds a limit."""


class _Member(tarfile.TarInfo):
    """A member with a header of limited size, because headers are read as a whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Any:  # noqa: ANN401 - as of its base
        """Read a header."""
        made = super().frombuf(buf, encoding, errors)
        if made.type in _HEADERS and made.size > _MOST_HEADER:
            raise _LimitError(f"one of its headers has {made.size} bytes")
        return made


class _Limited:
    """A stream that can be read up to a limit.

    Args:
        stream: The stream.
        limit: The limit in bytes.
    """

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream, self._left, self.limit = stream, limit, limit

    def read(self, size: int) -> bytes:
        """Read some bytes."""
        found = self._stream.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise _LimitError(f"it unpacks to more than {self.limit / GIGABYTE:.2g} GB")
        return found


def unpack(storage: Storage, uri: str, into: Path, *, by_way_of: Path, gigabytes: int = VOLUME) -> None:
    """Download a ``.tar.gz`` and extract it.

    It may unpack to the job's volume, to what is free on this disk, and to a gigabyte or 200 times its own size.

    Args:
        storage: S3 under the job's role.
        uri: Its URI in S3.
        into: The folder for its files, which is created.
        by_way_of: The file to download it to; removed.
        gigabytes: The size of the job's volume.

    Raises:
        JobError: If it is not there, may not be read, is no such archive, or holds too much or what leads out of its folder.
    """
    bucket, key = split_uri(uri)
    storage.download([S3Object(bucket, key, by_way_of.name)], by_way_of.parent)
    try:
        extract_file(by_way_of, into, gigabytes=gigabytes, called=uri)
    finally:
        by_way_of.unlink(missing_ok=True)


def extract_file(archive: Path, into: Path, *, gigabytes: int = VOLUME, called: str = "") -> None:
    """Extract a ``.tar.gz`` on this machine, within the same limits.

    Args:
        archive: The file.
        into: The folder for its files, which is created.
        gigabytes: The size of the job's volume.
        called: Its name in messages. Default: the file's name.

    Raises:
        JobError: If it is no such archive, or holds too much or what leads out of its folder.
    """
    uri = called or archive.name
    into.mkdir(parents=True, exist_ok=True)
    size = archive.stat().st_size
    limit = min(gigabytes * GIGABYTE, free(into), most(size))
    try:
        with gzip.open(archive) as plain:
            extract(_Limited(plain, limit), into)
    except _LimitError as error:
        message = f"{uri}, an archive of {size} bytes, is refused: {error}; see docs/local.md, Archives"
        raise JobError(message) from error
    except tarfile.FilterError as error:
        message = f"{uri} is refused: {error}; make the archive without it"
        raise JobError(message) from error
    except (tarfile.TarError, OSError, EOFError, zlib.error, KeyError, ValueError) as error:
        message = f"{uri} is not a .tar.gz archive: {error}"
        raise JobError(message) from error


def extract(stream: _Limited, into: Path) -> None:
    """Extract a tar archive while it is read, so that its contents need no memory.

    Args:
        stream: The archive, decompressed.
        into: The folder for its files.

    Raises:
        tarfile.FilterError: If a member is not a file, or it or its link leads out of the directory.
    """
    left, readable = stream.limit, cast("IO[bytes]", stream)  # it is read, and nothing else
    with tarfile.open(fileobj=readable, mode="r|", tarinfo=_Member) as tar:
        for number, member in enumerate(tar, 1):
            left -= member.size  # of a sparse file more than is read
            if left < 0 or number > _MOST_MEMBERS:
                raise _LimitError(f"it unpacks to more than {stream.limit / GIGABYTE:.2g} GB or {_MOST_MEMBERS} files")
            tar.extract(member, into, filter="data")
            # It would keep every member that it has read. The attribute is in no stub of its types.
            vars(tar)["members"].clear()
