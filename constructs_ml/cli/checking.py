"""``constructs-ml check``."""

from __future__ import annotations

import os
from dataclasses import replace
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import click

from constructs_ml.cfn.assemblies import MANIFEST
from constructs_ml.cfn.template import definitions_of
from constructs_ml.documents.files import write_text
from constructs_ml.errors import ConstructsMLError, UnreadableFileError, UnusableInputError
from constructs_ml.lint.findings import Findings, findings_of, how_to_accept, named_within
from constructs_ml.lint.input.assembly import read_assembly
from constructs_ml.lint.input.files import DEFINITIONS, Checkable, read_file
from constructs_ml.lint.report import Found, as_json, as_sarif, as_text, every_rule
from constructs_ml.terminal import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.lint.report import AnyRule

_ACCOUNT, _REGION = "111122223333", "us-east-1"
_WRONG, _UNREADABLE = 1, 2
_PACKAGES = {"node_modules", "site-packages", "__pycache__"}


def known_rules(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> frozenset[str]:
    """Accept only ids of existing rules."""
    unknown = sorted(set(names) - {rule.id for rule in every_rule()}) if names else []
    if unknown:
        raise click.BadParameter(f"there is no rule {', '.join(unknown)}; constructs-ml rules lists them")
    return frozenset(names)


def path_or_command(context: click.Context, parameter: click.Parameter, given: str) -> Path | str:
    """Accept an existing file or folder, or the command of an app: a program with arguments."""
    if len(words := given.split()) > 1 and which(words[0]) is not None:
        return given
    path: Path = click.Path(exists=True, path_type=Path).convert(given, parameter, context)
    return path


@click.command()
@click.argument("path", callback=path_or_command, default=".")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write the report to.")
@click.option("--ignore", multiple=True, metavar="ID", callback=known_rules, help="A rule to ignore.")
@click.option("--security", is_flag=True, help="Check the security rules too.")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("--no-app", is_flag=True, help="Do not run an app; check only the definitions in the folder.")
def check(  # noqa: PLR0917 - click passes them by name
    path: Path | str, form: str, output: Path | None, ignore: frozenset[str], security: bool, strict: bool, no_app: bool
) -> int:
    """Check the workflows in a file, a folder or an app.

    PATH is a definition (.asl.json, .asl.yaml), a CloudFormation template, a synthesized cdk.out, a CDK app (a folder
    with a cdk.json or app.py, a Python file, or a command such as 'python3 app.py'), or a folder with definitions. An app is run, as `cdk synth` runs it, and the
    definitions below its folder are checked too; with --no-app, only these are checked.

    Exit codes: 0 no errors (there may be warnings), 1 errors, or warnings with --strict, 2 PATH cannot be read.
    """
    try:
        findings, is_app = _findings(path, security=security, no_app=no_app)
    except UnusableInputError:
        raise
    except ConstructsMLError as error:  # an app's errors have several lines
        click.echo(printable(f"constructs-ml: {error}"), err=True)
        return _UNREADABLE
    found = findings.without(ignore).items
    if form == "sarif":
        text = as_sarif(found, version("constructs-ml"))
    elif form == "json":
        text = as_json(found, findings.machines)
    else:
        text = printable(as_text(found, findings.machines))
        text = f"{text}\n{how_to_accept(found)}" if is_app and found else text
    if output:
        write_text(output, f"{text}\n")
    else:
        click.echo(text)
    return _WRONG if any(item.is_error or strict for item in found) else 0


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", callback=known_rules)
def rules(ids: frozenset[str]) -> int:
    """List the rules of `check`, or explain some, with reasons and examples."""
    for rule in every_rule():
        if not ids:
            click.echo(f"{rule.id} {rule.title}")
        elif rule.id in ids:
            click.echo(_explained(rule))
    return 0


def _explained(rule: AnyRule) -> str:
    import json

    bad, good = (json.dumps(example, indent=2) for example in (rule.bad, rule.good))
    return f"{rule.id} {rule.title} ({rule.severity.value})\n\n{rule.reason}\n\nWrong:\n{bad}\n\nRight:\n{good}\n"


def _findings(path: Path | str, *, security: bool, no_app: bool) -> tuple[Findings, bool]:
    """Return the findings, and whether they are from an app, where they can be acknowledged."""
    if isinstance(path, str):
        if no_app:
            raise UnusableInputError(f"--no-app: {shortened(path)} is a command; name a folder or a file")
        return _in_app(path, security=security), True
    if (path / MANIFEST).is_file():
        return findings_of(path, security=security), False
    is_app = (path / "cdk.json").is_file() or (path / "app.py").is_file() or path.suffix == ".py"
    if is_app and not no_app:
        return _in_app(path, security=security), True
    files = [read_file(file) for file in _definitions(path)] if path.is_dir() else [read_file(path)]
    if not files:
        app = "" if no_app else ", no cdk.json and no app.py"
        raise UnreadableFileError(f"{path} has no {', '.join(DEFINITIONS)}{app}")
    return _in_files(files, security=security), False


def _definitions(folder: Path) -> list[Path]:
    """Return the definitions below a folder, except those of packages, environments and assemblies."""
    found = []
    for inside, folders, names in os.walk(folder):
        here = Path(inside)
        folders[:] = [name for name in folders if not _is_foreign(here / name)]
        found += [here / name for name in names if any(fnmatch(name, pattern) for pattern in DEFINITIONS)]
    return sorted(found)


def _is_foreign(folder: Path) -> bool:
    return (
        folder.name.startswith(".")
        or folder.name in _PACKAGES
        or (folder / MANIFEST).is_file()
        or (folder / "pyvenv.cfg").is_file()
    )


def _in_files(files: Iterable[Checkable], *, security: bool) -> Findings:
    files = list(files)
    found = [
        Found(file.path.as_posix(), violation) for file in files for violation in file.violations(security=security)
    ]
    return Findings(tuple(found), sum(len(file.machines) for file in files))


def _in_app(path: Path | str, *, security: bool) -> Findings:
    """Find the faults of an app, and of the definitions below its folder that it does not deploy."""
    from constructs_ml.local.host.scratch import Kind, scratch
    from constructs_ml.local.runner.app import find
    from constructs_ml.local.runner.synth import synthesize

    app = find(path)
    with scratch(Kind.CHECK) as folder:
        assembly = synthesize(app, folder / "cdk.out", account=_ACCOUNT, region=_REGION)
        found = named_within(findings_of(assembly, security=security), folder)
        deployed = [body for template in read_assembly(assembly).templates for body in definitions_of(template.body)]
    files = [read_file(file) for file in _definitions(path)] if isinstance(path, Path) and path.is_dir() else []
    # The findings of a file that the app deploys are the app's, which may have acknowledged them.
    others = _in_files([file for file in files if file.is_template or file.body not in deployed], security=security)
    return replace(found, items=found.items + others.items, machines=found.machines + others.machines)
