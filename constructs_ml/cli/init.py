"""``constructs-ml init``."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import click

_STARTER = Path(__file__).parent / "starter"
# Placeholders for the new app's own names in the starter's files, which are valid without a replacement.
_STACK, _VERSION = "MyWorkflow", "0.0.0"
# Git and packagers would obey a file of that name in the starter itself.
_RENAMED = {"gitignore": ".gitignore"}
_LONGEST_STACK_NAME = 100
_SHOWN = 5
_REFUSED = 2


class _Refused(click.ClickException):
    """A folder that no app can be written into."""

    exit_code = _REFUSED


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def init(folder: Path) -> int:
    """Write a starter app into a new or empty FOLDER.

    The workflow preprocesses real data, trains a model on them and reports failures; it comes with tests. No file is ever
    overwritten: a folder that contains anything but hidden files, such as .git and .venv, is refused.

    Exit codes: 0 the app was written, 2 FOLDER cannot be used and is unchanged.
    """
    # Unlike resolve(), it does not raise on a loop of links.
    real = Path(os.path.realpath(folder))
    contents = _contents(stack_name(real.name))
    shown = click.format_filename(folder)
    try:
        _refuse_if_occupied(folder, shown, contents)
        _write(folder, contents)
    except OSError as error:
        raise _Refused(f"{shown} cannot be written to: {error.filename}: {error.strerror}") from error
    click.echo(f"wrote to {shown}:")
    for path in sorted(contents):
        click.echo(f"  {path}")
    enter = "" if real == Path.cwd() else f"cd {shlex.quote(shown)} && "
    click.echo(f"next:\n  {enter}constructs-ml run\n  pip install -r requirements.txt\n  pytest")
    return 0


def stack_name(folder: str) -> str:
    """Derive a stack's name from that of a folder.

    CloudFormation allows letters of ASCII, digits and hyphens, after a letter: ``my-workflow 2`` is ``MyWorkflow2``.

    Args:
        folder: The folder's name; may be empty, as that of the root.
    """
    letters = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    name = "".join(word[0].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", letters))
    return (name if name[:1].isalpha() else f"Workflow{name}")[:_LONGEST_STACK_NAME]


def _contents(stack: str) -> dict[PurePosixPath, bytes]:
    """Return the files of an app by their paths in its folder."""
    contents = {
        PurePosixPath(*(_RENAMED.get(part, part) for part in file.relative_to(_STARTER).parts)): file.read_bytes()
        for file in sorted(_STARTER.rglob("*"))
        if file.is_file() and not _is_cache(file.relative_to(_STARTER))
    }
    named = {
        PurePosixPath("app.py"): (_STACK, stack),
        PurePosixPath("README.md"): (_STACK, stack),
        PurePosixPath("requirements.txt"): (_VERSION, version("constructs-ml")),
    }
    for path, (placeholder, name) in named.items():
        contents[path] = contents[path].replace(placeholder.encode(), name.encode())
    return contents


def _is_cache(file: Path) -> bool:
    """Return whether a file is not part of the starter: installing compiles it, and tools leave hidden caches."""
    return any(part == "__pycache__" or part.startswith(".") for part in file.parts)


def _refuse_if_occupied(folder: Path, shown: str, contents: dict[PurePosixPath, bytes]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise _Refused(f"{shown} is a file; name a new or an empty folder")
    own = {path.parts[0] for path in contents}
    names = sorted(item.name for item in folder.iterdir())
    in_the_way = [name for name in names if name in own or not name.startswith(".")]
    if in_the_way:
        more = f" and {len(in_the_way) - _SHOWN} more" if len(in_the_way) > _SHOWN else ""
        found = ", ".join(in_the_way[:_SHOWN])
        raise _Refused(f"{shown} is not empty, it has {found}{more}; name a new or an empty folder")


@dataclass
class _Written:
    """The files written so far, to be removed if the rest cannot be written."""

    paths: list[Path] = field(default_factory=list)

    def folder(self, path: Path) -> None:
        """Create a folder and its parents."""
        if not path.is_dir():
            self.folder(path.parent)
            path.mkdir()
            self.paths.append(path)

    def file(self, path: Path, content: bytes) -> None:
        """Write a file that does not exist yet."""
        self.folder(path.parent)
        with path.open("xb") as opened:
            self.paths.append(path)
            opened.write(content)

    def take_back(self) -> None:
        """Remove all of it, from the last to the first."""
        for path in reversed(self.paths):
            path.rmdir() if path.is_dir() else path.unlink()


def _write(folder: Path, contents: dict[PurePosixPath, bytes]) -> None:
    written = _Written()
    try:
        for path, content in contents.items():
            written.file(folder / path, content)
    except BaseException:
        written.take_back()
        raise
