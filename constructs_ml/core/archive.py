"""Archives of code whose bytes depend on nothing but the code."""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.core.shipped import Shipped, ship_file, shipped_once
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import PurePosixPath

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.core.s3_data import S3Data


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
    """Write a ``tar.gz`` of the files, the same bytes on every machine and day."""
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


# Files of the user's as assets that keep their names: the hash is the folder, and the file in it has its own name.
#
# aws-cdk-lib names an asset in S3 by its hash, and SageMaker names a file in the container by its key's last part. A container
# that looks for ``configuration.json`` or imports ``helpers`` would not find it so, and a traceback would name a hash.

_EPOCH = (1980, 1, 1, 0, 0, 0)


def named_file(context: ScopeContext, path: Path, *, endings: Collection[str] = ()) -> S3Data:
    """A file, or a directory as a zip file, as an object with its own name.

    Args:
        context: The context of the job's scope.
        path: The file or directory.
        endings: The endings of such files in other versions of the stack.
    """
    files = files_of(path)
    content = content_hash(files)
    name = f"{path.name}.zip" if path.is_dir() else path.name

    def ship() -> Shipped:
        with tempfile.TemporaryDirectory() as folder:
            file = path
            if path.is_dir():
                file = Path(folder, name)
                _write_zip(files, file)
            return ship_file(context, file, content)

    return shipped_once(context, f"named {name}", content, ship).data(endings)


def _write_zip(files: dict[str, Path], archive: Path) -> None:
    """Write a zip file, the same bytes on every machine and day."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, file.read_bytes())
