"""``constructs-ml why``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_ml.errors import UnusableInputError
from constructs_ml.markers.reasons import reasons, taken
from constructs_ml.spelling import did_you_mean
from constructs_ml.terminal import one_line, printable, shortened

if TYPE_CHECKING:
    from constructs_ml.cli.recorded import Recorded
    from constructs_ml.markers.reasons import Reason


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[EXECUTION] STATE")
@click.option(
    "--warm",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of `run --warm`, to ask it and not AWS.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def why(words: tuple[str, ...], warm: Path | None, as_json: bool) -> int:
    """Say why a cached job ran, or from where its result was taken.

    STATE is the job's state. EXECUTION is an execution on AWS, by its ARN, or with --warm one of a local run, by its ARN or name; then
    it can be left out for the one that ran the job last.

    The record of the run is compared with that of the run before: which data, hyperparameters, image, code or other parts of the
    request differ. Where the output of another cached job differs, that job's reason follows.

    Exit codes: 0 there is an answer, 1 nothing is recorded, 2 an argument cannot be used.
    """
    *before, state = words
    if len(before) > 1:
        raise click.UsageError(f"takes an execution and a state, got {len(words)} words; quote a name with spaces")
    execution = before[0] if before else None
    recorded = _recorded(execution, warm)
    if state not in recorded.jobs:
        names = ", ".join(map(shortened, recorded.jobs)) or "none"
        near = did_you_mean(state, recorded.jobs)
        raise UnusableInputError(f"{shortened(state)} is not a cached job{near}; there are: {names}")
    found = reasons(recorded, state, execution)
    if not found and execution:
        others = [name for name in recorded.jobs if name != state]
        found = [each for each in [taken(recorded, state, execution, others)] if each]
    _show(state, execution, found, recorded, as_json=as_json)
    return 0 if found else 1


def _recorded(execution: str | None, warm: Path | None) -> Recorded:
    from constructs_ml.cli.recorded import in_aws, in_folder

    if warm is not None:
        return in_folder(warm, execution)
    if execution is None:
        raise UnusableInputError("name an execution on AWS by its ARN, or the folder of local runs (--warm)")
    return in_aws(execution)


def _show(state: str, execution: str | None, found: list[Reason], recorded: Recorded, *, as_json: bool) -> None:
    if as_json:
        answer = {"reasons": [reason.data() for reason in found], "unreadable": recorded.unreadable}
        click.echo(json.dumps(answer, indent=2))
        return
    for reason in found:
        for line in reason.lines():
            click.echo(line)
    if not found and execution:
        click.echo(
            printable(
                f"{state}: {shortened(execution)} recorded no result of it: it took that of an earlier execution, the job "
                "failed, or the execution did not come to it"
            )
        )
    elif not found:
        click.echo(printable(f"{state}: no result is recorded"))
    for problem in recorded.unreadable:
        click.echo(f"not read: {one_line(problem)}")
