"""Files that the SageMaker SDK would have uploaded, as assets of the stack.

An asset is one file. What is one file is shipped as it is, under its own name; everything else is packed, and unpacked in its
place before the entry point runs, which then finds there what the user gave and nothing else.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.core.archive import files_of, named_file, write_archive
from constructs_ml.folders import tarfile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.core.s3_data import S3Data

ARCHIVE = ".tar.gz"
PACKED = f"constructs-ml{ARCHIVE}"
_UNPACK = (
    f'while [ "$1" != -- ]; do f="$1"/{PACKED}; python3 -m tarfile -e "$f" "$1" && rm "$f" || exit 1; shift; done; '
    'shift; exec "$@"'
)
"""Unpacks the archive in each folder up to ``--``, leaves the user's files alone there, and runs the rest."""


class CodeUpload:
    """The assets of one job.

    Args:
        context: The context of the job's scope.
        uploads: Copies of what would have been uploaded, by URI.
    """

    def __init__(self, context: ScopeContext, uploads: Mapping[str, Path]) -> None:
        self._home = context
        self._uploads = uploads
        self._unpack: list[str] = []

    def has(self, uri: str) -> bool:
        """Return whether anything at the URI, or below it, would have been uploaded."""
        return bool(self._files(uri))

    def file(self, uri: str) -> S3Data:
        """An asset of the one file at a URI."""
        return _script(self._home, self._uploads[uri])

    def into(self, folder: str, uri: str) -> S3Data:
        """An asset of all files at a URI, for a folder of the container.

        Args:
            folder: The folder.
            uri: The URI.
        """
        files = self._files(uri)
        if len(files) == 1 and "/" not in next(iter(files)):
            return _script(self._home, next(iter(files.values())))
        self._unpack.append(folder.rstrip("/"))
        return _packed(self._home, files)

    def entrypoint(self, given: Sequence[str]) -> list[str] | None:
        """Return the command of the container; None if it cannot unpack what is packed."""
        if not self._unpack:
            return list(given)
        if not given:
            return None
        # An item of an entry point has at most 256 characters, so each folder is one.
        return ["sh", "-c", _UNPACK, "sh", *self._unpack, "--", *given]

    def _files(self, uri: str) -> dict[str, Path]:
        """The files at a URI by their names below it."""
        if uri in self._uploads:
            return {self._uploads[uri].name: self._uploads[uri]}
        below = f"{uri.rstrip('/')}/"
        return {item[len(below) :]: path for item, path in sorted(self._uploads.items()) if item.startswith(below)}


def _script(context: ScopeContext, path: Path) -> S3Data:
    with tempfile.TemporaryDirectory() as folder:
        return named_file(context, _same_every_day(path, Path(folder)))


def _packed(context: ScopeContext, files: Mapping[str, Path]) -> S3Data:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, PACKED)
        same = {}
        for at, (name, path) in enumerate(files.items()):
            own = Path(folder, str(at))
            own.mkdir()
            same[name] = _same_every_day(path, own)
        write_archive(same, archive)
        return named_file(context, archive)


def _same_every_day(path: Path, folder: Path) -> Path:
    """The file; an archive, in which the SDK leaves times and owners, is packed again."""
    if not path.name.endswith(ARCHIVE):
        return path
    unpacked, again = folder / "unpacked", folder / path.name
    with tarfile.open(path) as archive:
        archive.extractall(unpacked, filter="data")
    write_archive(files_of(unpacked), again)
    return again
