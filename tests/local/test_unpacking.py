"""Gzip inputs: unpacked as they are read, whole, and no further than the limits."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host import unpacking
from constructs_ml.local.host.unpacking import gunzipped

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEGABYTE = 1 << 20


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(0, 3), st.integers(1, 50))
def test_members_and_padding_in_any_chunks(members: list[bytes], padding: int, size: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members) + bytes(padding)
    chunks = (packed[start : start + size] for start in range(0, len(packed), size))
    assert b"".join(gunzipped(chunks, "s3://b/k")) == b"".join(members)


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("content", [bytes(5 * _MEGABYTE), b"ab" * 3_000_001, b"x" * _MEGABYTE, b""])
def test_long_runs_come_in_small_chunks(content: bytes, level: int) -> None:
    chunks = list(gunzipped([gzip.compress(content, level)], "s3://b/k"))
    assert b"".join(chunks) == content
    assert max(map(len, chunks), default=0) <= _MEGABYTE


@pytest.mark.parametrize(
    "packed",
    [b"plain text", gzip.compress(b"x" * 100)[:-1], gzip.compress(b"x")[:5], gzip.compress(b"x") + b"rest"],
    ids=["none", "without its last byte", "five bytes", "with a rest"],
)
def test_what_is_no_gzip_file_is_refused(packed: bytes) -> None:
    with pytest.raises(JobError, match="s3://b/k is not a gzip file"):
        list(gunzipped([packed], "s3://b/k"))


def test_a_bomb_is_refused_where_it_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_SMALL", 20 * _MEGABYTE)
    deflater = zlib.compressobj(9, wbits=31)

    def bomb() -> Iterator[bytes]:
        for _ in range(4000):
            yield deflater.compress(bytes(_MEGABYTE))

    taken: list[int] = []
    with pytest.raises(JobError, match=r"s3://b/k is refused: its first \d+ bytes unpack to more than 0.02 GB"):
        taken.extend(len(chunk) for chunk in gunzipped(bomb(), "s3://b/k"))
    assert 19 * _MEGABYTE <= sum(taken) <= 20 * _MEGABYTE


def test_what_does_not_fit_the_volume_is_refused() -> None:
    packed = gzip.compress(bytes(3 * _MEGABYTE))
    with pytest.raises(JobError, match="is refused"):
        list(gunzipped([packed], "s3://b/k", fitting=2 * _MEGABYTE))
    assert sum(map(len, gunzipped([packed], "s3://b/k", fitting=3 * _MEGABYTE))) == 3 * _MEGABYTE
