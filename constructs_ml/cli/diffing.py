"""``constructs-ml diff``."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_ml.cfn.assemblies import MANIFEST
from constructs_ml.cli.revisions import PREFIX, Checkout, checkout, read_revision
from constructs_ml.documents.files import is_file, is_folder
from constructs_ml.errors import UnusableInputError
from constructs_ml.insight.changes.compare import diff as compare
from constructs_ml.insight.changes.report import as_markdown, as_text
from constructs_ml.insight.changes.versions import Version, read_version
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACCOUNT, _REGION = "111122223333", "us-east-1"
_WIDER = 3
_COLOURS = {"!": "yellow", "+": "green", "-": "red"}


@click.command()
@click.argument("old")
@click.argument("new", default=".")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: str, new: str, markdown: bool, as_json: bool) -> int:
    """Say in words how the workflows of NEW differ from those of OLD.

    OLD and NEW are a definition or a CloudFormation template (JSON or YAML), a synthesized cdk.out, an app (a folder with a cdk.json or
    app.py, a Python file, or a command such as 'python3 app.py'), or a revision of the repository: git:REVISION, or
    git:REVISION:PATH. Without a PATH, a revision is taken at the place of the other argument. NEW is the app in this folder by
    default, so that `constructs-ml diff git:main` tells what your changes do.

    An app of a revision runs in a temporary checkout, with the packages that are installed now.

    Exit codes: 0 no permission is wider, 3 permissions may be wider, 1 an app fails, 2 what was given cannot be used.
    """
    if markdown and as_json:
        raise click.UsageError("--markdown and --json cannot be combined")
    with _version(old, new, "old") as mine, _version(new, old, "new") as theirs:
        found = compare(mine, theirs)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
    else:
        click.echo(as_markdown(found) if markdown else as_text(found, _in_colour))
    return _WIDER if found.widened else 0


def _in_colour(mark: str, text: str) -> str:
    """Return a line in the colour of its mark, which click leaves out where no terminal is."""
    return click.style(text, fg=_COLOURS[mark]) if mark in _COLOURS else text


@contextlib.contextmanager
def _version(given: str, other: str, _which: str) -> Iterator[Version]:
    revision = read_revision(given)
    if revision is None:
        yield _read(given, None)
        return
    path = revision.path or _place(other)
    from constructs_ml.local.host.scratch import Kind, scratch

    with scratch(Kind.SYNTH) as folder, checkout(revision, folder / "revision") as made:
        try:
            yield _read(path, made)
        except UnusableInputError as error:
            # The temporary folder says nothing to anybody.
            raise UnusableInputError(str(error).replace(str(made.root), f"{PREFIX}{revision.name}")) from error


def _place(other: str) -> str:
    """Return the place of the other argument, at which a revision without a path is taken."""
    beside = read_revision(other)
    if beside is not None:
        return beside.path or "."
    return "." if is_file(Path(other) / MANIFEST) else other


def _read(given: str, made: Checkout | None) -> Version:
    """Read a version: a file, an assembly, or an app, which is run."""
    if not given.strip():
        raise UnusableInputError("an empty string is no version; name a file, a folder, a command or git:REVISION")
    path = Path(given)
    here = made.path(path) if made and not _is_command(given) else path
    if is_file(here / MANIFEST) or (is_file(here) and here.suffix != ".py" and here.name != "cdk.json"):
        return read_version(here)
    if made and not here.exists() and not _is_command(given):
        raise UnusableInputError(f"{shortened(str(here))} does not exist; name another path as git:REVISION:PATH")
    return _synthesized(given, here, made)


def _synthesized(given: str, here: Path, made: Checkout | None) -> Version:
    from constructs_ml.local.host.scratch import Kind, scratch
    from constructs_ml.local.runner.app import find
    from constructs_ml.local.runner.synth import synthesize

    app = find(given if _is_command(given) else str(here))
    if made and _is_command(given):
        app = replace(app, directory=made.path(app.directory))
    with scratch(Kind.SYNTH) as folder:
        assembly = synthesize(
            app,
            folder / "cdk.out",
            account=_ACCOUNT,
            region=_REGION,
            complete=False,
            variables=made.variables if made else None,
        )
        return read_version(assembly)


def _is_command(given: str) -> bool:
    """Return whether an argument is a command rather than a path."""
    return len(given.split()) > 1 and not (is_file(Path(given)) or is_folder(Path(given)))
