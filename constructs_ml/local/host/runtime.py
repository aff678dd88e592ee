"""The runs on this machine: a small file for each, in a directory that only the user can enter."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from constructs_ml.local.aws.credentials import Credentials

_OWNER_ONLY, _FILE_OWNER_ONLY = 0o700, 0o600


@dataclass(frozen=True)
class Running:
    """A running embedded AWS.

    Attributes:
        endpoint_url: The URL on which it listens.
        pid: Its process.
        access_key_id: A key that may decide on model packages, and nothing else.
        secret_access_key: The key's secret.
        session_token: Its session's token, if it has one.
    """

    endpoint_url: str
    pid: int
    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    @property
    def credentials(self) -> Credentials:
        """The key."""
        return Credentials(self.access_key_id, self.secret_access_key, self.session_token)


def directory() -> Path:
    """The directory of the files: below XDG_RUNTIME_DIR, or the temporary directory."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_dir():
        return Path(given) / "constructs-ml"
    return Path(tempfile.gettempdir()) / f"constructs-ml-{os.getuid()}"


def announce(place: Path, running: Running) -> bool:
    """Write a run's file, for its user only; a directory of another user is not touched.

    Returns:
        Whether it could be written.
    """
    with contextlib.suppress(OSError):
        place.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        if _own(place):
            place.chmod(_OWNER_ONLY)
            file = _file(place, running.pid)
            file.unlink(missing_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_OWNER_ONLY)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(asdict(running), stream)
            return True
    return False


def withdraw(place: Path, pid: int) -> None:
    """Remove a run's file, and the directory with the last one."""
    with contextlib.suppress(OSError):
        _file(place, pid).unlink()
    with contextlib.suppress(OSError):
        place.rmdir()


def running() -> list[Running]:
    """Return the runs of this user, the latest first; files of ended runs are removed."""
    place = directory()
    found: list[Running] = []
    if not place.is_dir() or not _own(place):
        return found
    files = [(file.stat().st_mtime, file) for file in place.glob("*.json")]
    for _, file in sorted(files, reverse=True):
        try:
            run = Running(**json.loads(file.read_text(encoding="utf-8")))
            _must_live(run.pid)
        except (OSError, TypeError, ValueError):
            with contextlib.suppress(OSError):
                file.unlink()
        else:
            found.append(run)
    if not found:
        with contextlib.suppress(OSError):  # a run has just come
            place.rmdir()
    return found


def _must_live(pid: int) -> None:
    """Raise a ProcessLookupError if a process has ended, even if it is still a zombie, as in many containers."""
    os.kill(pid, 0)
    with contextlib.suppress(FileNotFoundError):  # it has ended by now, or this system has no such files
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        if state in {"Z", "X"}:
            raise ProcessLookupError(pid)


def _own(place: Path) -> bool:
    found = place.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _file(place: Path, pid: int) -> Path:
    return place / f"{pid}.json"
