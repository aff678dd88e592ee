"""``constructs-ml check``."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_ml.checks.catalogue import every_rule
from constructs_ml.checks.report import Found, as_json, as_sarif, as_text
from constructs_ml.checks.sources.assembly import read_assembly
from constructs_ml.checks.sources.files import DEFINITIONS, Checkable, UnreadableFileError, read_file
from constructs_ml.errors import ConstructsMLError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.checks.catalogue import AnyRule

_ACCOUNT, _REGION = "111122223333", "us-east-1"
_NOT_FAILING = {"@aws-cdk/core:failSynthOnValidationErrors": False}
_WRONG, _UNREADABLE = 1, 2


def _rules(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> frozenset[str]:
    unknown = sorted(set(names) - {rule.id for rule in every_rule()})
    if unknown:
        raise click.BadParameter(f"there is no rule {', '.join(unknown)}; constructs-ml rules lists them")
    return frozenset(names)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write the report to.")
@click.option("--ignore", multiple=True, metavar="ID", callback=_rules, help="A rule that does not matter here.")
@click.option("--security", is_flag=True, help="Ask the security pack too.")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
def check(  # noqa: PLR0917 - click passes them by name
    path: Path, form: str, output: Path | None, ignore: frozenset[str], security: bool, strict: bool
) -> int:
    """Check the workflows in a file, a folder or an app.

    PATH is a definition (.asl.json, .asl.yaml), a CloudFormation template, a synthesized cdk.out, a CDK app (a folder
    with a cdk.json or app.py, or a Python file), or a folder with definitions.

    Exit codes: 0 nothing is wrong (there may be warnings), 1 something is, 2 PATH cannot be read.
    """
    try:
        found, count = _found(path, security=security)
    except ConstructsMLError as error:
        click.echo(f"constructs-ml: {error}", err=True)
        return _UNREADABLE
    found = [item for item in found if item.violation.rule not in ignore]
    reports = {"text": as_text, "json": as_json}
    text = as_sarif(found, version("constructs-ml")) if form == "sarif" else reports[form](found, count)
    if output:
        output.write_text(f"{text}\n", encoding="utf-8")
    else:
        click.echo(text)
    return _WRONG if any(item.is_error or strict for item in found) else 0


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", callback=_rules)
def rules(ids: frozenset[str]) -> int:
    """List the rules of `check`, or explain some: why they hold, and an example."""
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


def _found(path: Path, *, security: bool) -> tuple[list[Found], int]:
    """What is wrong, and how many definitions were looked at."""
    if (path / "manifest.json").is_file():
        return _in_assembly(path, security=security)
    if (path / "cdk.json").is_file() or (path / "app.py").is_file() or path.suffix == ".py":
        return _in_app(path, security=security)
    files = [read_file(file) for file in _definitions(path)] if path.is_dir() else [read_file(path)]
    if not files:
        raise UnreadableFileError(f"{path} has no {', '.join(DEFINITIONS)}, no cdk.json and no app.py")
    return _in_files(files, security=security)


def _definitions(folder: Path) -> list[Path]:
    return sorted({file for pattern in DEFINITIONS for file in folder.rglob(pattern)})


def _in_files(files: Iterable[Checkable], *, security: bool) -> tuple[list[Found], int]:
    files = list(files)
    found = [
        Found(file.path.as_posix(), violation) for file in files for violation in file.violations(security=security)
    ]
    return found, sum(len(file.machines) for file in files)


def _in_app(path: Path, *, security: bool) -> tuple[list[Found], int]:
    from constructs_ml.local.synth import find, synthesize

    app = find(path)
    with tempfile.TemporaryDirectory(prefix="constructs-ml-check-") as into:
        meant = replace(app, context={**app.context, **_NOT_FAILING})
        found, count = _in_assembly(synthesize(meant, Path(into), account=_ACCOUNT, region=_REGION), security=security)
        named = [
            Found(Path(item.file).name if item.file.startswith(into) else item.file, item.violation) for item in found
        ]
    return named, count


def _in_assembly(directory: Path, *, security: bool) -> tuple[list[Found], int]:
    assembly = read_assembly(directory)
    found, count = _in_files(assembly.templates, security=security)
    left = []
    for item in found:
        if not assembly.is_acknowledged(item.file, item.violation):
            file, _, line = assembly.origin_of(item.file, item.violation).rpartition(":")
            known = file and line.isdigit()
            left.append(Found(file, replace(item.violation, line=int(line))) if known else item)
    return left, count
