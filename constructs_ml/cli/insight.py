"""``constructs-ml graph`` and ``constructs-ml report``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_ml.cfn.assemblies import MANIFEST
from constructs_ml.cli.checking import path_or_command
from constructs_ml.documents.files import write_text
from constructs_ml.errors import UnusableInputError
from constructs_ml.lint.input.assembly import read_assembly
from constructs_ml.lint.input.files import DEFINITIONS, Checkable, read_file
from constructs_ml.terminal import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.asl.machine import Machine

_ACCOUNT, _REGION = "111122223333", "us-east-1"
_FORMATS = ("svg", "html", "mermaid")


@click.command()
@click.argument("source", callback=path_or_command, default=".")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Default: by the ending of --out, else svg.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write (.svg, .html, .mmd).")
@click.option("--stack", help="The stack, if there are several with state machines.")
@click.option("--state-machine", metavar="NAME", help="The state machine, if there are several.")
@click.option("--data", is_flag=True, help="Show the data that each state reads, and where it comes from.")
@click.option(
    "--inner", is_flag=True, help="Show the inside of states that consist of several, such as deployments that poll."
)
def graph(  # noqa: PLR0917 - click passes them by name
    source: Path | str,
    form: str | None,
    out: Path | None,
    stack: str | None,
    state_machine: str | None,
    data: bool,
    inner: bool,
) -> int:
    """Draw a state machine as SVG, as a page or as Mermaid.

    SOURCE is a definition (JSON or YAML), a CloudFormation template, a synthesized cdk.out, or a CDK app (a folder with a cdk.json or
    app.py, a Python file, or a command such as 'python3 app.py'), which is synthesized first.

    Mistakes in the definition, such as a Next without a target, are drawn as far as possible, and told on the standard error.

    Exit codes: 0 it is drawn, 1 the app fails or a requirement is missing, 2 SOURCE or an option cannot be used.
    """
    from constructs_ml.insight.graph.model import graph_of
    from constructs_ml.insight.graph.picture import FORMATS, Picture

    if form is None and out is not None:
        form = FORMATS.get(out.suffix.lower())
        if form is None:
            raise UnusableInputError(f"--out {out}: must end in {', '.join(FORMATS)}, or add --format")
    found = _meant(_drawables(source), stack, state_machine)
    picture = Picture(graph_of(found.machine, inner=inner, data=data, name=found.name))
    text = picture.as_format(form or "svg")
    for problem in picture.problems:
        click.echo(one_line(f"{found.name or source}: {problem}"), err=True)
    if out:
        write_text(out, text)
    else:
        click.echo(text, nl=False)
    return 0


@click.command()
@click.argument("kept", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write. Default: KEPT with the ending .html.",
)
def report(kept: Path, out: Path | None) -> int:
    """Make the page about a run again.

    KEPT is the record that `constructs-ml run --record FILE.json` wrote, or a page of `constructs-ml run --report FILE.html`, which has
    the record in it. The page is one file that needs no other: what each state got, did and returned, when, and why one failed.

    Exit codes: 0 the page is written, 1 a requirement is missing, 2 KEPT or an option cannot be used.
    """
    from constructs_ml.insight.report.kept import kept_record
    from constructs_ml.insight.report.page import page_of

    target = out or kept.with_suffix(".html")
    if out is None and target == kept:
        raise UnusableInputError(f"{shortened(str(kept))} is a page itself; name the page to write (--out)")
    write_text(target, page_of(kept_record(kept)))
    click.echo(f"report: {target}")
    return 0


@dataclass(frozen=True, slots=True)
class _Drawable:
    """A state machine to choose from.

    Attributes:
        stack: The name of its stack's template; empty for a definition.
        name: Its construct's path below the stack, or its logical id; empty for a definition.
        machine: The state machine.
    """

    stack: str
    name: str
    machine: Machine

    def is_called(self, name: str) -> bool:
        """Return whether a name means it: its logical id, its construct's id or path."""
        return name in {self.machine.name, self.name, self.name.rpartition("/")[2], f"{self.stack}/{self.name}"}


def _drawables(source: Path | str) -> list[_Drawable]:
    if isinstance(source, Path):
        if (source / MANIFEST).is_file():
            return _in_files(read_assembly(source).templates)
        is_app = (source / "cdk.json").is_file() or (source / "app.py").is_file() or source.suffix == ".py"
        if not is_app and source.is_dir():
            raise UnusableInputError(
                f"{source} has no cdk.json, no app.py and no {MANIFEST}; name one of {DEFINITIONS}"
            )
        if not is_app:
            return _in_files([read_file(source)])
    return _in_app(source)


def _in_app(source: Path | str) -> list[_Drawable]:
    from constructs_ml.local.host.scratch import Kind, scratch
    from constructs_ml.local.runner.app import find
    from constructs_ml.local.runner.synth import synthesize

    with scratch(Kind.SYNTH) as folder:
        assembly = synthesize(find(source), folder / "cdk.out", account=_ACCOUNT, region=_REGION, complete=False)
        return _in_files(read_assembly(assembly).templates)


def _in_files(files: Iterable[Checkable]) -> list[_Drawable]:
    found = []
    for file in files:
        stack = file.path.name.removesuffix(".template.json") if file.is_template else ""
        found += [_Drawable(stack, _name_of(machine, file.body), machine) for machine in file.machines]
    return found


def _name_of(machine: Machine, template: Any) -> str:  # noqa: ANN401 - JSON
    """Return the path of a state machine's construct below its stack; its logical id if the template has none."""
    resource = (template.get("Resources") or {}).get(machine.name) or {}
    path = str((resource.get("Metadata") or {}).get("aws:cdk:path", ""))
    below = path.partition("/")[2].removesuffix("/Resource")
    return below or machine.name


def _meant(found: list[_Drawable], stack: str | None, state_machine: str | None) -> _Drawable:
    known = ", ".join(f"{each.stack}/{each.name}" if each.stack else each.name for each in found)
    if not found:
        raise UnusableInputError("there is no state machine whose definition can be read")
    of_stack = [each for each in found if stack is None or each.stack == stack]
    if not of_stack:
        raise UnusableInputError(f"--stack {shortened(str(stack))}: no state machine is in it; there are: {known}")
    meant = [each for each in of_stack if state_machine is None or each.is_called(state_machine)]
    if not meant:
        raise UnusableInputError(f"--state-machine {shortened(str(state_machine))}: there is none; there are: {known}")
    if len(meant) > 1:
        raise UnusableInputError(f"name one state machine (--state-machine, --stack); there are: {known}")
    if meant[0].machine.unreadable:
        raise UnusableInputError(f"{meant[0].name}: the definition {meant[0].machine.unreadable}")
    return meant[0]
