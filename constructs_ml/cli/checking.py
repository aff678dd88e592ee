"""``constructs-ml check``."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_ml.checks.catalogue import every_rule
from constructs_ml.checks.findings import Findings, findings_of, how_to_accept, named_within
from constructs_ml.checks.report import Found, as_json, as_sarif, as_text
from constructs_ml.checks.sources.files import DEFINITIONS, Checkable, UnreadableFileError, read_file
from constructs_ml.errors import ConstructsMLError
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.checks.catalogue import AnyRule

_ACCOUNT, _REGION = "111122223333", "us-east-1"
_WRONG, _UNREADABLE = 1, 2


def known_rules(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> frozenset[str]:
    """Takes the ids of rules that there are."""
    unknown = sorted(set(names) - {rule.id for rule in every_rule()}) if names else []
    if unknown:
        raise click.BadParameter(f"there is no rule {', '.join(unknown)}; constructs-ml rules lists them")
    return frozenset(names)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write the report to.")
@click.option("--ignore", multiple=True, metavar="ID", callback=known_rules, help="A rule that does not matter here.")
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
        findings, is_app = _findings(path, security=security)
    except ConstructsMLError as error:
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
        output.write_text(f"{text}\n", encoding="utf-8")
    else:
        click.echo(text)
    return _WRONG if any(item.is_error or strict for item in found) else 0


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", callback=known_rules)
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


def _findings(path: Path, *, security: bool) -> tuple[Findings, bool]:
    """What is wrong, and whether it was found in an app, where it can be accepted."""
    if (path / "manifest.json").is_file():
        return findings_of(path, security=security), False
    if (path / "cdk.json").is_file() or (path / "app.py").is_file() or path.suffix == ".py":
        return _in_app(path, security=security), True
    files = [read_file(file) for file in _definitions(path)] if path.is_dir() else [read_file(path)]
    if not files:
        raise UnreadableFileError(f"{path} has no {', '.join(DEFINITIONS)}, no cdk.json and no app.py")
    return _in_files(files, security=security), False


def _definitions(folder: Path) -> list[Path]:
    return sorted({file for pattern in DEFINITIONS for file in folder.rglob(pattern)})


def _in_files(files: Iterable[Checkable], *, security: bool) -> Findings:
    files = list(files)
    found = [
        Found(file.path.as_posix(), violation) for file in files for violation in file.violations(security=security)
    ]
    return Findings(tuple(found), sum(len(file.machines) for file in files))


def _in_app(path: Path, *, security: bool) -> Findings:
    from constructs_ml.local.scratch import Kind, scratch
    from constructs_ml.local.synth import find, synthesize

    with scratch(Kind.CHECK) as folder:
        assembly = synthesize(find(path), folder / "cdk.out", account=_ACCOUNT, region=_REGION)
        return named_within(findings_of(assembly, security=security), folder)
