"""The files of a user's folder, with links to files and folders followed, as an upload to S3 follows them."""

from __future__ import annotations

import tarfile as _own
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from constructs_ml.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def files_below(
    folder: Path, leave_out: Callable[[PurePosixPath], bool] = lambda _name: False
) -> dict[PurePosixPath, Path]:
    """Return the files below a folder, sorted, by their names relative to it.

    Args:
        folder: The folder.
        leave_out: Return whether a file, or a folder with all that is in it, is left out.

    Raises:
        LinkError: If a link leads nowhere or in a circle.
    """
    return dict(sorted(_files(folder, PurePosixPath(), (folder.resolve(),), leave_out)))


def _files(
    folder: Path, prefix: PurePosixPath, above: tuple[Path, ...], leave_out: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[PurePosixPath, Path]]:
    for path in sorted(folder.iterdir()):
        name = prefix / path.name
        if leave_out(name):
            continue
        if path.is_file():
            yield name, path
        elif path.is_dir():
            real = path.resolve()
            if real in above:
                raise LinkError(f"{path} is a link to a folder that it lies in; remove it")
            yield from _files(path, name, (*above, real), leave_out)
        elif path.is_symlink():
            raise LinkError(f"{path} is a link to {path.readlink()}, which is not there; remove it, or mend it")


# Python's ``tarfile`` with its filters, by which an archive is extracted to nowhere but its folder.
#
# They came with Python 3.10.12 and 3.11.4; for what distributions still have of before, ``backports.tarfile`` is the same code.
# Source: PEP 706.

if TYPE_CHECKING or hasattr(_own, "data_filter"):
    tarfile = _own
else:
    from backports import tarfile

__all__ = ["tarfile"]
