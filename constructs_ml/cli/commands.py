"""The subcommands of ``constructs-ml``. Slow imports are made when they are needed."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_ml.cli import options
from constructs_ml.cli.checking import check, known_rules, rules
from constructs_ml.cli.diffing import diff
from constructs_ml.cli.init import init
from constructs_ml.cli.insight import graph, report
from constructs_ml.cli.policy import policy
from constructs_ml.cli.why import why
from constructs_ml.errors import RunInputError
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.runner.progress import Progress
    from constructs_ml.local.runner.report import RunReport


@click.group()
def emulator() -> None:
    """Install the emulator that local runs and simulations need, in an environment of its own."""


@emulator.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="The folder to install into.")
@click.option("--index-url", metavar="URL", help="The package index to install from.")
@click.option(
    "--find-links",
    type=click.Path(exists=True, file_okay=False),
    help="A folder with the wheels, to install without an index.",
)
def install(into: Path | None, index_url: str | None, find_links: str | None) -> int:
    """Install the emulator from a lock file with hashes.

    Its packages are pinned exactly and kept apart from yours. By default, each version has a folder of its own in your data
    directory. With --into, set CONSTRUCTS_ML_EMULATOR to that folder for runs and simulations.
    """
    from constructs_ml.interpreter.environment import VARIABLE, VERSION
    from constructs_ml.interpreter.environment import install as make

    options = ["--index-url", index_url] if index_url else []
    if find_links:
        options += ["--no-index", "--find-links", find_links]
    click.echo(f"installing the emulator (ministack {VERSION})")
    folder = make(into, options=options)
    click.echo(f"the emulator is in {folder}")
    if into:
        click.echo(f"for runs and simulations: export {VARIABLE}={folder}")
    return 0


@emulator.command()
def where() -> int:
    """Show where the emulator is installed."""
    from constructs_ml.interpreter.environment import find

    click.echo(str(find("this command").packages))
    return 0


_NAMED = "NAME[=FILE]"


@click.group()
@click.version_option(package_name="constructs-ml")
def cli() -> None:
    """SageMaker workflows on Step Functions, as CDK constructs."""


cli.add_command(init)
cli.add_command(check)
cli.add_command(diff)
cli.add_command(emulator)
cli.add_command(rules)
cli.add_command(policy)
cli.add_command(why)
cli.add_command(graph)
cli.add_command(report)


@cli.command()
@click.option(
    "--app",
    default=".",
    show_default=True,
    help="A folder with a cdk.json or an app.py, a Python file, a cdk.out, or a command such as 'python3 app.py'.",
)
@click.option("--stack", help="The stack to deploy, if there are several.")
@click.option("--state-machine", help="The state machine to execute, if there are several.")
@click.option("--input", "input_", metavar="JSON|@FILE", callback=options.json_object, help="The execution's input.")
@click.option(
    "--data",
    multiple=True,
    metavar="FROM=TO",
    callback=options.uploads,
    help="A file to upload to an S3 URI before the run.",
)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="The folder to copy the models to.")
@click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    callback=options.seconds,
    help="Stop after this time, which includes the synthesis.",
)
@click.option("--approve", is_flag=True, help="Approve every model package that waits for approval.")
@click.option(
    "--outcome",
    multiple=True,
    metavar="NAME=ENDING",
    callback=options.outcomes,
    help="How simulated resources with NAME in their name end.",
)
@click.option(
    "--bucket",
    multiple=True,
    metavar=_NAMED,
    callback=options.named,
    help="A bucket that the app does not create [=FOLDER].",
)
@click.option(
    "--role",
    multiple=True,
    metavar=_NAMED,
    callback=options.named,
    help="A role that the app does not create [=POLICY.json].",
)
@click.option(
    "--policies",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder of `policy --out` with the granted policies, which are enforced.",
)
@click.option("--account", metavar="ID", callback=options.account, help="The account of stacks without one.")
@click.option("--region", metavar="NAME", callback=options.region, help="The region of stacks without one.")
@click.option(
    "--parameter", multiple=True, metavar="NAME=VALUE", callback=options.valued, help="The value of a parameter."
)
@click.option(
    "--secret",
    multiple=True,
    metavar="NAME=VALUE",
    callback=options.valued,
    help="A secret that the app does not create.",
)
@click.option(
    "--image",
    multiple=True,
    metavar="PART=COMMAND",
    callback=options.commands,
    help="The command of images with PART in their name.",
)
@click.option("--table", multiple=True, metavar=_NAMED, callback=options.named, help="A DynamoDB table [=ITEMS.json].")
@click.option(
    "--queue", multiple=True, metavar="NAME", callback=options.named, help="An SQS queue that the app does not create."
)
@click.option(
    "--topic", multiple=True, metavar="NAME", callback=options.named, help="An SNS topic that the app does not create."
)
@click.option("--stand-in", multiple=True, metavar="TYPE", help="A resource type to replace by a stand-in.")
@click.option("--ignore", multiple=True, metavar="ID", callback=known_rules, help="A rule to ignore.")
@click.option("--install-emulator", is_flag=True, help="Install the emulator first if it is missing.")
@click.option("--until", metavar="STATE", help="End after this state.")
@click.option("--only", metavar="STATE", help="Run this state only; give the outputs of the jobs before it (--given).")
@click.option(
    "--given",
    multiple=True,
    metavar="STATE=FOLDER|S3-URI",
    callback=options.given,
    help="Do not run this job: take its outputs from a folder or an S3 URI of the run.",
)
@click.option("--debug", metavar="STATE", help="Stop in this job's script, and wait for a debugger.")
@click.option(
    "--keep-outputs",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to copy the outputs of all jobs to, for --given.",
)
@click.option(
    "--warm",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that keeps the results of cached jobs between runs.",
)
@click.option(
    "--fresh", multiple=True, metavar="STATE", help="Run this cached job anew; 'all' for all of them. Can be repeated."
)
@click.option(
    "--report",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write a page about the run: what each state got, did and returned.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write the record of the run, which `constructs-ml report` makes the page from.",
)
@click.option(
    "--list", "listed", is_flag=True, help="List the workflows with their inputs and simulated resources, and run none."
)
@click.option(
    "--verbose", is_flag=True, help="Show the output of the jobs, and the inner states of deployments and gates."
)
@click.option(
    "--progress",
    type=click.Choice(["tree", "lines"]),
    help="Show the states as a tree, which needs a terminal, or a line for each event. Default: tree on a terminal.",
)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object a line for each event, the result last.")
def run(  # noqa: PLR0917 - click passes them by name
    app: str,
    stack: str | None,
    state_machine: str | None,
    input_: dict[str, Any] | None,
    data: dict[str, list[str]],
    keep: Path | None,
    timeout: float | None,
    approve: bool,
    outcome: dict[str, str],
    bucket: dict[str, str],
    role: dict[str, str],
    policies: Path | None,
    account: str | None,
    region: str | None,
    parameter: dict[str, str],
    secret: dict[str, str],
    image: dict[str, list[str]],
    table: dict[str, str],
    queue: dict[str, str],
    topic: dict[str, str],
    stand_in: tuple[str, ...],
    ignore: frozenset[str],
    install_emulator: bool,
    until: str | None,
    only: str | None,
    given: dict[str, str],
    debug: str | None,
    keep_outputs: Path | None,
    warm: Path | None,
    fresh: tuple[str, ...],
    page: Path | None,
    record: Path | None,
    listed: bool,
    verbose: bool,
    progress: str | None,
    as_json: bool,
) -> int:
    """Run a workflow on this machine.

    The command synthesizes the app, checks it as `constructs-ml check` does, deploys its template to an AWS that is embedded
    in this process, and executes the workflow. Jobs run as processes, with a real /opt/ml and with the permissions of their
    roles. Data and input default to those in cdk.json, context "constructs-ml:run".

    Resources that no stack of the app creates are given by name (--bucket, --role, ...), here or under the same names in that
    context.

    Simulated resources, such as endpoints, succeed. --outcome PART=Failed makes those with PART in their name fail; the update
    of an endpoint can also end in RolledBack or RollbackFailed.

    On a terminal the states are shown as a tree, elsewhere as plain lines (--progress). --json writes events for programs.

    Exit codes: 0 the workflow succeeded, 1 it failed, the checks found errors or the app failed, 2 an argument cannot be used.
    """
    from constructs_ml.local.host.requirements import require_system

    _check_progress(progress, as_json=as_json, listed=listed, debug=debug)
    require_system("constructs-ml run")
    from constructs_ml.local.host.processes import forbid_dumps

    if listed:
        return _list(app, stand_in, parameter)
    if install_emulator:
        _install_emulator(silent=as_json)
    forbid_dumps()  # this process has the run's key
    run_locally = partial(
        _run_locally,
        app,
        stack=stack,
        state_machine=state_machine,
        input=input_,
        data=data,
        keep_model=keep,
        timeout=timeout,
        approve=approve,
        outcomes=outcome,
        bucket=bucket,
        role=role,
        policies=policies,
        account=account,
        region=region,
        parameter=parameter,
        secret=secret,
        image=image,
        table=table,
        queue=queue,
        topic=topic,
        stand_in=stand_in,
        ignore=ignore,
        until=until,
        only=only,
        given=given,
        debug=debug,
        keep_outputs=keep_outputs,
        warm=warm,
        fresh=fresh,
        report=page,
        record=record,
    )
    if as_json:
        return _run_as_json(run_locally)
    made = run_locally(progress=_shown_by(progress, verbose=verbose, debug=debug))
    _show(made)
    _check_outcomes(made)
    return 0 if made.succeeded else 1


def _run_locally(app: str, *, progress: Progress, **options: Any) -> RunReport:  # noqa: ANN401 - the options of run
    from constructs_ml.local.runner.run import run

    return run(app, progress=progress, **options)


def _check_progress(progress: str | None, *, as_json: bool, listed: bool, debug: str | None) -> None:
    """Check the options that say how a run is shown.

    Raises:
        click.UsageError: If they cannot be combined, or there is no terminal for the tree.
    """
    others = {"--progress": progress, "--list": listed, "--debug": debug}
    for option in [option for option, value in others.items() if value and as_json]:
        raise click.UsageError(f"--json cannot be combined with {option}; leave one of them out")
    if progress != "tree":
        return
    if debug:
        raise click.UsageError("--progress tree cannot be combined with --debug, which may use the terminal")
    from constructs_ml.local.runner.progress import can_draw

    if not can_draw(sys.stdout):
        raise click.UsageError(
            "--progress tree needs a terminal as standard output (TERM other than dumb, CI not set); use --progress lines"
        )


def _shown_by(progress: str | None, *, verbose: bool, debug: str | None) -> Progress:
    from constructs_ml.local.runner.progress import Plain
    from constructs_ml.local.runner.tree import for_stream

    return Plain(verbose=verbose) if debug or progress == "lines" else for_stream(verbose=verbose)


def _run_as_json(run_locally: Callable[..., RunReport]) -> int:
    """Run, and write the result and the exit code's meaning as the last line, also if the run ends with an error."""
    from constructs_ml.cli.endings import ending_of, meaning_of
    from constructs_ml.local.runner.json_lines import JsonLines

    lines, made = JsonLines(), None
    try:
        made = run_locally(progress=lines)
        _check_outcomes(made)
    except (BrokenPipeError, GeneratorExit):
        raise
    except BaseException as error:
        code, text = ending_of(error)
        lines.end(code, meaning_of(code), made, text)
        raise
    code = 0 if made.succeeded else 1
    lines.end(code, meaning_of(code), made)
    return code


def _check_outcomes(made: RunReport) -> None:
    """Check that each outcome was for a simulated resource; an execution that failed may not have come so far.

    Raises:
        RunInputError: If one was not.
    """
    if made.unmatched and made.succeeded:
        known = "; ".join(made.simulated) or "nothing"
        raise RunInputError(
            f"--outcome {', '.join(made.unmatched)}: no simulated resource has that name; simulated: {known}"
        )


@cli.command()
@click.argument("model_package_arn")
@click.option("--reject", is_flag=True, help="Reject the model package instead.")
@click.option("--description", help="The reason for the decision.")
@click.option("--endpoint-url", callback=options.loopback, help="Where the run listens; found out when left out.")
def approve(model_package_arn: str, reject: bool, description: str | None, endpoint_url: str | None) -> int:
    """Approve a model package that a run on this machine waits for."""
    from constructs_ml.local.host.requirements import require_system

    require_system("constructs-ml approve")
    from constructs_ml.local.runner.approval import decide

    status = decide(model_package_arn, approve=not reject, description=description, endpoint_url=endpoint_url)
    click.echo(f"{status}: {model_package_arn}")
    return 0


def _install_emulator(*, silent: bool) -> None:
    from constructs_ml.errors import MissingRequirementError
    from constructs_ml.interpreter import environment
    from constructs_ml.interpreter.environment import install

    try:
        environment.find()
    except MissingRequirementError:
        click.echo(f"installing the emulator (ministack {environment.VERSION})", err=silent)
        install()


def _list(app: str, stand_in: tuple[str, ...], parameter: dict[str, str]) -> int:
    from constructs_ml.local.runner.listing import workflows

    found = workflows(app, stand_in=stand_in, parameter=parameter)
    if not found:
        click.echo("the app has no state machine")
        return 1
    for each in found:
        click.echo(f"{each.state_machine}: --stack {each.stack} --state-machine {each.state_machine}")
        lines = {
            "input": each.inputs,
            "required": each.needs,
            "simulated": each.simulated,
            "cannot run": [each.problem] if each.problem else [],
        }
        for name, values in lines.items():
            is_names = name == "input" and values and not each.is_declared
            for value in [", ".join(values)] if is_names else values:
                click.echo(f"  {name}: {value}")
    return 0


def _show(made: RunReport) -> None:
    from constructs_ml.local.runner.report import reasons

    lines = [f"{made.status} in {made.seconds:.1f} s", *reasons(made)]
    for state, metrics in made.metrics.items():
        values = ", ".join(f"{name}={value:g}" for name, value in metrics.items())
        lines.append(f"{made.within.get(state, state)}: {values}")
    lines += [f"model: {model}" for model in made.models]
    lines += [f"kept: {path}" for path in (*made.model_files, *made.kept_outputs.values())]
    lines += [f"given: {state} from {source}" for state, source in made.given.items()]
    lines += [f"taken from the cache: {', '.join(dict.fromkeys(made.cached))}"] if made.cached else []
    lines += [f"not run: {', '.join(made.not_run)}"] if made.not_run else []
    lines += [f"report: {made.page}"] if made.page else []
    lines += [f"record: {made.record}"] if made.record else []
    for line in lines:
        click.echo(printable(line))
