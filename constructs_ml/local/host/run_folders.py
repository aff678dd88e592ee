"""The folders of a run: readable by their user only, and removed with it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from constructs_ml.errors import LocalRunError
from constructs_ml.local.host.disk_space import writing
from constructs_ml.local.host.scratch import Kind, Scratch
from constructs_ml.local.host.settings import HIDDEN_FROM_JOBS

_OWNER_ONLY, _FILE_OWNER_ONLY, _OTHERS_WRITE = 0o700, 0o600, 0o022
# A socket's path has at most 104 bytes on macOS, 108 on Linux.
_SHORT = 60


@dataclass(frozen=True)
class RunFolders:
    """The folders of one run.

    Attributes:
        workdir: The directory of its files.
        sockets: The directory of its sockets, with a short path.
        temporaries: Those of them that are gone with the run.
    """

    workdir: Path
    sockets: Path
    temporaries: tuple[Scratch, ...]

    @classmethod
    def make(cls, workdir: Path | None) -> RunFolders:
        """Create them.

        Args:
            workdir: A directory of the user's to keep what jobs leave; a temporary one when left out.

        Raises:
            LocalRunError: If others may write into it.
        """
        temporaries = []
        if workdir:
            own = workdir.resolve()
            own.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
            found = own.stat()
            if found.st_uid != os.getuid() or found.st_mode & _OTHERS_WRITE:
                # Whoever may write there could put links in the place of a run's files.
                message = f"workdir {own} can be written by others; chmod go-w it, or name another one"
                raise LocalRunError(message)
        else:
            temporaries.append(Scratch(Kind.RUN))
            own = temporaries[0].path
        temporaries.append(Scratch(Kind.SOCKETS, short_directory()))
        made = cls(own, temporaries[-1].path, tuple(temporaries))
        try:
            with writing("the files of a run", own, "set TMPDIR to a folder that can"):
                made._fill()
        except BaseException:
            made.remove()
            raise
        return made

    def _fill(self) -> None:
        # A directory of the user's may be open to others: what is inside is not.
        for directory in (self.temporary, *(self.workdir / name for name in HIDDEN_FROM_JOBS)):
            directory.mkdir(exist_ok=True)
            directory.chmod(_OWNER_ONLY)
        self.log.touch(_FILE_OWNER_ONLY)
        self.log.chmod(_FILE_OWNER_ONLY)

    @property
    def kept(self) -> bool:
        """True if the working directory is the user's, and remains."""
        return all(each.path != self.workdir for each in self.temporaries)

    @property
    def temporary(self) -> Path:
        """The directory for temporary files."""
        return self.workdir / "tmp"

    @property
    def log(self) -> Path:
        """The emulator's log."""
        return self.workdir / "emulator.log"

    def last_words(self) -> str:
        """The last line of the emulator's log."""
        log = self.log
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
        return lines[-1] if lines else "it wrote no log"

    def remove(self) -> None:
        """Remove them, except a directory of the user's."""
        for each in self.temporaries:
            each.remove()


def short_directory() -> str:
    """Return a directory for temporary files with a short path."""
    candidates = (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp")  # noqa: S108 - mkdtemp is safe
    fitting = (found for found in candidates if found and len(os.fsencode(found)) <= _SHORT)
    return next((found for found in fitting if Path(found).is_dir()), candidates[0])
