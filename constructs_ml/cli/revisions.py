"""Revisions of the user's repository, in temporary checkouts."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import UnusableInputError
from constructs_ml.interrupts import deferred
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "git:"
_ENVIRONMENTS = (".venv", "venv", "node_modules")
"""Folders that no revision has and apps need: those of the working tree are used."""


@dataclass(frozen=True)
class Revision:
    """A revision of the repository that the working directory is in.

    Attributes:
        name: Its name, as it was given.
        path: The path in it, relative to the working directory; None if none was given.
    """

    name: str
    path: str | None


def read_revision(given: str) -> Revision | None:
    """Parse ``git:REVISION`` or ``git:REVISION:PATH``; return None for anything else."""
    if not given.startswith(PREFIX):
        return None
    name, _, path = given.removeprefix(PREFIX).partition(":")
    return Revision(name, path or None)


@dataclass(frozen=True)
class Checkout:
    """A revision in a temporary folder.

    Attributes:
        root: The folder.
        repository: The root of the user's working tree.
    """

    root: Path
    repository: Path

    def path(self, path: Path) -> Path:
        """Return where a path of the working tree is in the revision.

        Raises:
            UnusableInputError: If it is not in the repository.
        """
        inside = Path(os.path.relpath(path.resolve(), self.repository))
        if inside.parts[:1] == ("..",) or inside.is_absolute():
            raise UnusableInputError(
                f"{path} is not in the repository {self.repository}; name a path as git:REVISION:PATH"
            )
        return self.root / inside

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its apps: packages that are imported from the working tree are the revision's."""
        own = [Path(entry).resolve() for entry in sys.path if entry and Path(entry).is_dir()]
        inside = [
            entry for entry in own if self.repository in (entry, *entry.parents) and "site-packages" not in entry.parts
        ]
        places = dict.fromkeys([*(self.path(entry) for entry in inside), self.root / "src"])
        found = [str(place) for place in places if place.is_dir()]
        given = os.environ.get("PYTHONPATH")
        return {"PYTHONPATH": os.pathsep.join([*found, *([given] if given else [])])}


@contextlib.contextmanager
def checkout(revision: Revision, into: Path) -> Iterator[Checkout]:
    """Check out a revision for the block, as a worktree without a branch; no hook of the repository runs.

    Args:
        revision: The revision.
        into: The folder to create.

    Raises:
        UnusableInputError: If there is no such revision, or no repository.
    """
    named = f"{PREFIX}{shortened(revision.name)}"
    repository = Path(_git(named, "rev-parse", "--show-toplevel")).resolve()
    commit = _git(named, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision.name}^{{commit}}")
    with deferred():
        _git(named, "-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--quiet", "--detach", str(into), commit)
    try:
        made = Checkout(into, repository)
        _link_environments(made)
        yield made
    finally:
        with deferred():
            _git(named, "worktree", "remove", "--force", str(into))


def _link_environments(made: Checkout) -> None:
    if os.name == "nt":  # links need a permission there
        return
    here = Path.cwd().resolve()
    for place in {made.repository, *(folder for folder in (here, *here.parents) if made.repository in folder.parents)}:
        for name in _ENVIRONMENTS:
            link = made.path(place) / name
            if (place / name).is_dir() and link.parent.is_dir() and not os.path.lexists(link):
                link.symlink_to((place / name).resolve(), target_is_directory=True)


def _git(named: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=False, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise UnusableInputError(f"{named}: git is not installed") from error
    if done.returncode:
        said = done.stderr.strip().removeprefix("fatal: ") or "there is no such revision"
        raise UnusableInputError(f"{named}: {shortened(said)}")
    return done.stdout.strip()
