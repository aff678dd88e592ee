"""What the SageMaker SDK would have uploaded, as assets of the stack.

An asset is one file. A script that the container's entry point names is shipped as it is, under its own name; everything
else is packed, and unpacked in its place before the entry point runs.
"""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from constructs_ml.jobs.archive import content_hash, files_of, write_archive
from constructs_ml.jobs.named_file import named_file
from constructs_ml.jobs.shipped import ship_archive, shipped_once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.jobs.data import S3Data
    from constructs_ml.jobs.home import Home

ARCHIVE = ".tar.gz"
_UNPACK = 'for f in {}; do python3 -m tarfile -e $f ${{f%/*}} || exit 1; done; exec "$0" "$@"'


class Shipment:
    """The assets of one job.

    Args:
        home: Where the job stands.
        uploads: Copies of what would have been uploaded, by URI.
    """

    def __init__(self, home: Home, uploads: Mapping[str, Path]) -> None:
        self._home = home
        self._uploads = uploads
        self._unpack: list[str] = []

    def has(self, uri: str) -> bool:
        """Whether anything at the URI, or below it, would have been uploaded."""
        return bool(self._files(uri))

    def file(self, uri: str) -> S3Data:
        """An asset of the one file at a URI."""
        return _script(self._home, self._uploads[uri])

    def into(self, folder: str, uri: str, entrypoint: Sequence[str]) -> S3Data:
        """An asset of all files at a URI, for a folder of the container.

        Args:
            folder: The folder.
            uri: The URI.
            entrypoint: What the container runs.
        """
        folder = folder.rstrip("/")
        if uri in self._uploads and f"{folder}/{self._uploads[uri].name}" in entrypoint:
            return _script(self._home, self._uploads[uri])
        data = _packed(self._home, self._files(uri))
        # An item of an entry point has at most 256 characters: the start of a hash has to do.
        self._unpack.append(f"{folder}/{_last_part(data.location)[:8]}*.gz")
        return data

    def entrypoint(self, given: Sequence[str]) -> list[str] | None:
        """What the container runs; None if it cannot unpack what is packed."""
        if not self._unpack:
            return list(given)
        if not given:
            return None
        return ["sh", "-c", _UNPACK.format(" ".join(self._unpack)), *given]

    def _files(self, uri: str) -> dict[str, Path]:
        """The files at a URI by their names below it."""
        if uri in self._uploads:
            return {self._uploads[uri].name: self._uploads[uri]}
        below = f"{uri.rstrip('/')}/"
        return {item[len(below) :]: path for item, path in sorted(self._uploads.items()) if item.startswith(below)}


def _script(home: Home, path: Path) -> S3Data:
    with tempfile.TemporaryDirectory() as folder:
        return named_file(home, _same_every_day(path, Path(folder)))


def _packed(home: Home, files: Mapping[str, Path]) -> S3Data:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, f"packed{ARCHIVE}")
        same = {}
        for at, (name, path) in enumerate(files.items()):
            own = Path(folder, str(at))
            own.mkdir()
            same[name] = _same_every_day(path, own)
        content = content_hash(same)
        write_archive(same, archive)
        return shipped_once(home, "archive", content, lambda: ship_archive(home, archive, content)).data()


def _same_every_day(path: Path, folder: Path) -> Path:
    """The file; an archive, in which the SDK leaves times and owners, is packed again."""
    if not path.name.endswith(ARCHIVE):
        return path
    unpacked, again = folder / "unpacked", folder / path.name
    with tarfile.open(path) as archive:
        archive.extractall(unpacked, filter="data")
    write_archive(files_of(unpacked), again)
    return again


def _last_part(location: str | Runtime) -> str:
    return PurePosixPath(str(location)).name
