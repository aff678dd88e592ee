"""Archives of code whose bytes depend on nothing but the code."""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
from typing import TYPE_CHECKING

from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path, PurePosixPath

ALWAYS_EXCLUDED = ("__pycache__", "*.pyc", ".*", "*.egg-info")


def files_of(path: Path, exclude: Sequence[str] = ()) -> dict[str, Path]:
    """The files of a script or a directory by their names in an archive, sorted.

    Raises:
        LinkError: If a link that is not excluded leads nowhere or in a circle.
    """
    if path.is_file():
        return {path.name: path}
    patterns = (*ALWAYS_EXCLUDED, *exclude)

    def left_out(name: PurePosixPath) -> bool:
        part = any(fnmatch.fnmatch(name.name, pattern) for pattern in patterns)
        return part or any(fnmatch.fnmatch(name.as_posix(), item) for item in exclude)

    return {name.as_posix(): file for name, file in files_below(path, left_out).items()}


def content_hash(files: dict[str, Path]) -> str:
    """A hash of names, contents and executability; not of times and owners."""
    total = hashlib.sha256()
    for name, file in files.items():
        content = file.read_bytes()
        total.update(f"{name}\0{_mode(file)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def write_archive(files: dict[str, Path], archive: Path) -> None:
    """Writes a ``tar.gz`` of the files, the same bytes on every machine and day."""
    import tarfile

    with (
        archive.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, file in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = file.stat().st_size
            entry.mode = _mode(file)
            with file.open("rb") as content:
                tar.addfile(entry, content)


def _mode(file: Path) -> int:
    return 0o755 if file.stat().st_mode & 0o100 else 0o644
