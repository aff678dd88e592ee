"""The output files of a job, with links among them followed as the job saw them.

A job's links are made in its own view of the file system, where ``/opt/ml`` is a folder of the job's. Whoever collects its
files looks from outside: there the same link leads elsewhere, or nowhere.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.sandbox import OPT_ML

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINKS = 40


class _LinkProblemError(Exception):
    """A link that cannot be followed."""


@dataclass(frozen=True)
class OutputFiles:
    """Search for files below a directory of a job.

    Attributes:
        ml: The directory that is the job's /opt/ml.
        hidden: Folders of the run that the job must not see, whatever its links say.
    """

    ml: Path
    hidden: tuple[Path, ...] = ()

    def below(self, directory: Path, *, settled: bool = True) -> dict[str, Path]:
        """The regular files below a directory, sorted, by their names relative to it.

        Links to files and directories are followed, as an upload to S3 follows them.

        Args:
            directory: A directory below ``ml``.
            settled: Whether the job is over. While it runs, what cannot be uploaded yet is left out.

        Raises:
            JobError: If a link leads nowhere, in a circle or to where the job must not look, or if something is not a
            file.
        """
        root = f"{OPT_ML}/{directory.relative_to(self.ml)}".removesuffix("/.")
        real = self._follow(root)
        return dict(sorted(self._files(root, (real,), "", settled=settled))) if Path(real).is_dir() else {}

    def _files(self, folder: str, above: tuple[str, ...], prefix: str, *, settled: bool) -> Iterator[tuple[str, Path]]:
        """The files of a folder that the job sees.

        Args:
            folder: The folder, as the job sees it.
            above: The folders that contain it and itself, by their paths on this machine.
            prefix: The prefix of their names.
            settled: Whether the job is over.
        """
        for entry in sorted(os.listdir(above[-1])):  # noqa: PTH208 - texts are what links are made of
            name, seen = f"{prefix}{entry}", f"{folder}/{entry}"
            try:
                real = self._follow(seen)
                mode = Path(real).stat().st_mode
            except (FileNotFoundError, NotADirectoryError):
                problem = "is a link to a file that is not there; remove it, or write the file"
            except _LinkProblemError as error:
                problem = str(error)
            else:
                if stat.S_ISREG(mode):
                    yield name, Path(real)
                    continue
                if stat.S_ISDIR(mode) and real not in above:
                    yield from self._files(seen, (*above, real), f"{name}/", settled=settled)
                    continue
                problem = (
                    "is a link to a folder that it lies in; remove it"
                    if stat.S_ISDIR(mode)
                    else "is a pipe, a socket or a device, of which there is nothing to upload; remove it"
                )
            if settled:
                message = f"{name!r} among the job's outputs {problem}"
                raise JobError(message)

    def _follow(self, seen: str) -> str:
        """Return the path on this machine of a path that the job sees, with all links followed."""
        rest, at, links = deque(seen.split("/")), "", 0
        while rest:
            part = rest.popleft()
            if part in {"", "."}:
                continue
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            step = f"{at}/{part}"
            if not Path(self._real(step)).is_symlink():
                at = step
                continue
            links += 1
            if links > _MOST_LINKS:
                raise _LinkProblemError("is a link in a circle; remove it")
            target = os.readlink(self._real(step))  # noqa: PTH115 - a path would lose a slash at its end
            rest.extendleft(reversed(target.split("/")))
            at = "" if target.startswith("/") else at
        real = self._real(at or "/")
        if links and not _inside(real, self.ml) and any(_inside(real, folder) for folder in self.hidden):
            raise _LinkProblemError("is a link to a folder of the run; write a copy")
        return real

    def _real(self, seen: str) -> str:
        inside = seen == OPT_ML or seen.startswith(f"{OPT_ML}/")
        return f"{self.ml}{seen[len(OPT_ML) :]}" if inside else seen


def _inside(path: str, folder: Path) -> bool:
    return path == str(folder) or path.startswith(f"{folder}/")
