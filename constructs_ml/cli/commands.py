"""What ``constructs-ml`` can do. Whatever is slow to import is imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_ml.cli import options
from constructs_ml.cli.checking import check, known_rules, rules
from constructs_ml.cli.init import init
from constructs_ml.errors import RunInputError
from constructs_ml.terminal import printable

if TYPE_CHECKING:
    from constructs_ml.local.runner.report import RunReport


@click.group()
def emulator() -> None:
    """Install the emulator that local runs and simulations need, in an environment of its own."""


@emulator.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="A folder of your choice.")
@click.option("--index-url", metavar="URL", help="A package index of your own.")
@click.option(
    "--find-links", type=click.Path(exists=True, file_okay=False), help="A folder with the wheels; no index is asked."
)
def install(into: Path | None, index_url: str | None, find_links: str | None) -> int:
    """Install it, from a lock file with hashes.

    Its packages are pinned exactly, and so are kept apart from yours. Default folder: one for each version below your data;
    CONSTRUCTS_ML_EMULATOR names another one to runs and simulations.
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
        click.echo(f"tell it to runs and simulations: export {VARIABLE}={folder}")
    return 0


@emulator.command()
def where() -> int:
    """Tell where it is."""
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
cli.add_command(emulator)
cli.add_command(rules)


@cli.command()
@click.option(
    "--app",
    default=".",
    show_default=True,
    help="Folder with a cdk.json or an app.py, a Python file, a cdk.out, or a command, as 'python3 app.py'.",
)
@click.option("--stack", help="The stack to deploy, if there are several.")
@click.option("--state-machine", help="The state machine to execute, if there are several.")
@click.option("--input", "input_", metavar="JSON|@FILE", callback=options.json_object, help="The execution's input.")
@click.option(
    "--data", multiple=True, metavar="FROM=TO", callback=options.uploads, help="A file to upload first, to an S3 URI."
)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="A folder to put the models into.")
@click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    callback=options.seconds,
    help="Give up after this time, the synthesis included.",
)
@click.option("--approve", is_flag=True, help="Approve every model package that waits for it.")
@click.option(
    "--outcome", multiple=True, metavar="NAME=ENDING", callback=options.outcomes, help="How what is simulated ends."
)
@click.option(
    "--bucket", multiple=True, metavar=_NAMED, callback=options.named, help="A bucket that lives elsewhere [=FOLDER]."
)
@click.option(
    "--role", multiple=True, metavar=_NAMED, callback=options.named, help="A role that lives elsewhere [=POLICY.json]."
)
@click.option("--parameter", multiple=True, metavar="NAME=VALUE", callback=options.valued, help="A parameter's value.")
@click.option(
    "--secret", multiple=True, metavar="NAME=VALUE", callback=options.valued, help="A secret that lives elsewhere."
)
@click.option(
    "--image", multiple=True, metavar="PART=COMMAND", callback=options.commands, help="A command for an image."
)
@click.option("--table", multiple=True, metavar=_NAMED, callback=options.named, help="A DynamoDB table [=ITEMS.json].")
@click.option(
    "--queue", multiple=True, metavar="NAME", callback=options.named, help="An SQS queue that lives elsewhere."
)
@click.option(
    "--topic", multiple=True, metavar="NAME", callback=options.named, help="An SNS topic that lives elsewhere."
)
@click.option("--stand-in", multiple=True, metavar="TYPE", help="A resource type that does not matter here.")
@click.option("--ignore", multiple=True, metavar="ID", callback=known_rules, help="A rule that does not matter here.")
@click.option("--install-emulator", is_flag=True, help="Install the emulator first, where it is not yet.")
@click.option(
    "--list", "listed", is_flag=True, help="List the workflows, their inputs and what is simulated; run none."
)
@click.option(
    "--verbose", is_flag=True, help="Show what the jobs write, and the inner states of deployments and gates."
)
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
    parameter: dict[str, str],
    secret: dict[str, str],
    image: dict[str, list[str]],
    table: dict[str, str],
    queue: dict[str, str],
    topic: dict[str, str],
    stand_in: tuple[str, ...],
    ignore: frozenset[str],
    install_emulator: bool,
    listed: bool,
    verbose: bool,
) -> int:
    """Run a workflow on this machine.

    The app is synthesized, checked as by `constructs-ml check`, and its template deployed to an AWS that is embedded in this
    process; its jobs are run as processes, with a true /opt/ml and under their roles' permissions. Data and input default
    to those of cdk.json, context "constructs-ml:run".

    What lives elsewhere, and no stack of the app makes, is given by its name (--bucket, --role, ...), here or in cdk.json's
    context "constructs-ml:run" under the same names.

    What is simulated, such as an endpoint, ends well, unless --outcome says otherwise of a part of its name: Failed; for
    the update of an endpoint RolledBack or RollbackFailed too.

    Exit codes: 0 it succeeded, 1 it failed, the checks find errors or the app fails, 2 what was given cannot be used.
    """
    from constructs_ml.local.host.requirements import require_system

    require_system("constructs-ml run")
    from constructs_ml.local.host.processes import forbid_dumps
    from constructs_ml.local.runner import progress
    from constructs_ml.local.runner.run import run as run_locally

    if listed:
        return _list(app, stand_in, parameter)
    if install_emulator:
        _install_emulator()
    forbid_dumps()  # this process has the run's key

    report = run_locally(
        app,
        stack=stack,
        state_machine=state_machine,
        input=input_,
        data=data,
        keep_model=keep,
        timeout=timeout,
        progress=progress.for_stream(verbose=verbose),
        approve=approve,
        outcomes=outcome,
        bucket=bucket,
        role=role,
        parameter=parameter,
        secret=secret,
        image=image,
        table=table,
        queue=queue,
        topic=topic,
        stand_in=stand_in,
        ignore=ignore,
    )
    _show(report)
    if report.unmatched and report.succeeded:  # one that failed may not have come so far
        known = "; ".join(report.simulated) or "nothing"
        raise RunInputError(
            f"--outcome {', '.join(report.unmatched)}: nothing of that name was simulated; there is {known}"
        )
    return 0 if report.succeeded else 1


@cli.command()
@click.argument("model_package_arn")
@click.option("--reject", is_flag=True, help="Reject it instead.")
@click.option("--description", help="Why.")
@click.option("--endpoint-url", callback=options.loopback, help="Where the run listens; found out when left out.")
def approve(model_package_arn: str, reject: bool, description: str | None, endpoint_url: str | None) -> int:
    """Approve a model package that a run on this machine waits for."""
    from constructs_ml.local.host.requirements import require_system

    require_system("constructs-ml approve")
    from constructs_ml.local.runner.approval import decide

    status = decide(model_package_arn, approve=not reject, description=description, endpoint_url=endpoint_url)
    click.echo(f"{status}: {model_package_arn}")
    return 0


def _install_emulator() -> None:
    from constructs_ml.errors import MissingRequirementError
    from constructs_ml.interpreter import environment
    from constructs_ml.interpreter.environment import install

    try:
        environment.find()
    except MissingRequirementError:
        click.echo(f"install the emulator (ministack {environment.VERSION})")
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
            "must be given": each.needs,
            "simulated": each.simulated,
            "cannot run": [each.problem] if each.problem else [],
        }
        for name, values in lines.items():
            for value in [", ".join(values)] if name == "input" and values else values:
                click.echo(f"  {name}: {value}")
    return 0


def _show(report: RunReport) -> None:
    from constructs_ml.local.runner.report import reasons

    lines = [f"{report.status} in {report.seconds:.1f} s", *reasons(report)]
    for state, metrics in report.metrics.items():
        values = ", ".join(f"{name}={value:g}" for name, value in metrics.items())
        lines.append(f"{report.within.get(state, state)}: {values}")
    lines += [f"model: {model}" for model in report.models]
    lines += [f"kept: {path}" for path in report.model_files]
    lines += [f"simulated: {what}" for what in report.simulated]
    for line in lines:
        click.echo(printable(line))
