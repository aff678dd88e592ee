"""Size limits for unpacking, and gzip streams that respect them."""

from __future__ import annotations

import shutil
import zlib
from typing import TYPE_CHECKING

from constructs_ml.local.aws.faults import JobError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

GIGABYTE = 1 << 30
VOLUME = 30
"""The volume in gigabytes of a job that does not say."""
# Weights that are all alike shrink to a thousandth, and so do bombs: small ones may, large ones may not.
_SMALL, _RATIO = GIGABYTE, 200
_CHUNK = 1 << 20
_GZIP_WINDOW = 31  # zlib's number for "expect a gzip header"


def most(packed: int) -> int:
    """Return the greatest number of bytes to which an archive of a given size may unpack."""
    return max(_SMALL, _RATIO * packed)


def free(directory: Path) -> int:
    """Return the free bytes on the disk of a directory."""
    return shutil.disk_usage(directory).free


def gunzipped(chunks: Iterable[bytes], source: str, *, fitting: int | None = None) -> Iterator[bytes]:
    """A gzip stream, decompressed in small chunks.

    Args:
        chunks: The stream, of one member or more.
        source: Its origin, for errors.
        fitting: The bytes that there is room for. Default: no further limit.

    Raises:
        JobError: If it is not a gzip stream, ends too early, or holds too much.
    """
    packed = plain = members = 0
    inflater = None
    try:
        for chunk in chunks:
            packed += len(chunk)
            rest, full = chunk, False
            while rest or full:
                if inflater is None:
                    rest = rest.lstrip(b"\0") if members else rest  # padding may follow a member
                    if not rest:
                        break
                    inflater, members = zlib.decompressobj(_GZIP_WINDOW), members + 1
                found = inflater.decompress(rest, _CHUNK)
                plain += len(found)
                _check(source, packed, plain, fitting)
                yield found
                full = len(found) == _CHUNK and not inflater.eof
                rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
                inflater = None if inflater.eof else inflater
    except zlib.error as error:
        message = f"{source} is not a gzip file, though its compression type is Gzip"
        raise JobError(message) from error
    if inflater is not None:
        message = f"{source} is not a gzip file, though its compression type is Gzip: it ends too early"
        raise JobError(message)


def _check(source: str, packed: int, plain: int, fitting: int | None) -> None:
    limit = most(packed) if fitting is None else min(fitting, most(packed))
    if plain > limit:
        message = (
            f"{source} is refused: its first {packed} bytes unpack to more than {limit / GIGABYTE:.2g} GB; "
            "see docs/local.md, Archives"
        )
        raise JobError(message)
