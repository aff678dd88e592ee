"""Archives of models and code: what is hostile or too large is refused, and costs neither memory nor disk."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.archives import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

_MEGABYTE = 1 << 20


class _Storage:
    """Storage whose one object is a file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def download(self, objects: list[Any], directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        (directory / objects[0].path).write_bytes(self._content)


def _tar(*members: tuple[str, dict[str, Any], bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, attributes, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _unpack(content: bytes, directory: Path, **options: Any) -> dict[str, bytes]:
    storage: Any = _Storage(content)
    into = directory / "into"
    unpack(storage, "s3://b/model.tar.gz", into, by_way_of=directory / "model.tar.gz", **options)
    return {file.relative_to(into).as_posix(): file.read_bytes() for file in into.rglob("*") if file.is_file()}


_LINK, _HARD = {"type": tarfile.SYMTYPE}, {"type": tarfile.LNKTYPE}


def test_files_links_and_long_names_are_extracted(tmp_path: Path) -> None:
    long = "/".join(["d" * 100] * 4)
    found = _unpack(
        _tar(
            ("a.txt", {}, b"a"),
            ("code/x.py", {"mode": 0o755}, b"x"),
            (long, {}, b"long"),
            ("link", {**_LINK, "linkname": "a.txt"}, b""),
            ("again", {**_HARD, "linkname": "a.txt"}, b""),
        ),
        tmp_path,
    )
    assert found == {"a.txt": b"a", "code/x.py": b"x", long: b"long", "link": b"a", "again": b"a"}
    assert os.access(tmp_path / "into" / "code/x.py", os.X_OK)
    assert not (tmp_path / "model.tar.gz").exists()


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (("../x", {}, b"x"), "outside the destination"),
        (("a/../../x", {}, b"x"), "outside the destination"),
        (("link", {**_LINK, "linkname": "../.."}, b""), "link"),
        (("link", {**_LINK, "linkname": "/etc"}, b""), "link"),
        (("link", {**_HARD, "linkname": "../../etc/passwd"}, b""), "link"),
        (("pipe", {"type": tarfile.FIFOTYPE}, b""), "special"),
        (("null", {"type": tarfile.CHRTYPE}, b""), "special"),
    ],
)
def test_what_leads_out_or_is_no_file_is_refused(tmp_path: Path, member: Any, said: str) -> None:
    with pytest.raises(JobError, match=rf"s3://b/model.tar.gz is refused: .*{said}.*; make the archive without it"):
        _unpack(_tar(("good.txt", {}, b"good"), member), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["into"]


def test_a_file_below_a_link_stays_inside(tmp_path: Path) -> None:
    """The two steps of a traversal: a link, then a file below it."""
    members = [("d", {**_LINK, "linkname": "."}, b""), ("d/x", {}, b"x")]
    assert _unpack(_tar(*members), tmp_path)["x"] == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["into"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no archive"), _tar(("a", {}, b"a" * 5000))[:-20], b"\x1f\x8b\x08"],
    ids=["empty", "text", "gzip", "truncated", "header"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(JobError, match=r"s3://b/model\.tar\.gz is not a \.tar\.gz archive"):
        _unpack(content, tmp_path)


def _sparse() -> bytes:
    """A file of 64 GB in a few bytes: GNU's format of sparse files."""
    headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "s", "GNU.sparse.map": "0,1"}
    return _tar(("s", {"pax_headers": {**headers, "GNU.sparse.size": str(64 << 30)}}, b"x"))


def _long_header() -> bytes:
    entry = tarfile.TarInfo("header")
    entry.type, entry.size = tarfile.XHDTYPE, 900 * _MEGABYTE
    return gzip.compress(entry.tobuf() + bytes(2 * _MEGABYTE))


@pytest.mark.parametrize(
    ("make", "said"), [(_sparse, "unpacks to more than 1 GB"), (_long_header, "one of its headers")]
)
def test_sizes_that_are_only_claimed_are_refused(tmp_path: Path, make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(JobError, match=rf"an archive of \d+ bytes, is refused: .*{said}"):
        _unpack(make(), tmp_path)
    assert not (tmp_path / "model.tar.gz").exists()


def test_an_archive_may_not_hold_more_than_the_jobs_volume(tmp_path: Path) -> None:
    content = _tar(("a", {}, bytes(3 * _MEGABYTE)))
    assert _unpack(content, tmp_path / "1", gigabytes=1)
    with pytest.raises(JobError, match="unpacks to more than 0 GB"):
        _unpack(content, tmp_path / "2", gigabytes=0)


_BOMB = r"""
    import gzip, pathlib, re, sys, tarfile
    sys.path[:0] = [TESTS]
    from test_archives import _unpack
    directory = pathlib.Path(sys.argv[1])
    with gzip.open(directory / "bomb.gz", "wb", compresslevel=9) as bomb:
        entry = tarfile.TarInfo("zeros")
        entry.size = 4 << 30
        bomb.write(entry.tobuf())
        for _ in range(4 << 6):
            bomb.write(bytes(1 << 24))
    content = (directory / "bomb.gz").read_bytes()
    try:
        _unpack(content, directory)
    except Exception as error:
        print(len(content), error)
    # Of this program alone: what getrusage knows begins with what the process that was forked had.
    print(re.search(r"VmHWM:\s*(\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.stress
def test_a_bomb_of_4_gigabytes_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    program = textwrap.dedent(_BOMB).replace("TESTS", repr(str(Path(__file__).parent)))
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    said, memory = done.stdout.splitlines()
    assert "is refused: it unpacks to more than 1 GB" in said
    assert int(said.split()[0]) < 5 * _MEGABYTE
    assert int(memory) < 300 * 1024
    assert sum(file.stat().st_size for file in (tmp_path / "into").rglob("*")) <= 1 << 30
