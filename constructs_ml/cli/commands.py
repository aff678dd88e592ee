"""The subcommands of ``constructs-ml``. Slow imports are made when they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_ml.cli import options
from constructs_ml.cli.checking import check, known_rules, rules
from constructs_ml.cli.diffing import diff
from constructs_ml.cli.init import init
from constructs_ml.cli.policy import policy
from constructs_ml.cli.why import why
from constructs_ml.errors import RunInputError
from constructs_ml.terminal import printable

if TYPE_CHECKING:
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
    "--list", "listed", is_flag=True, help="List the workflows with their inputs and simulated resources, and run none."
)
@click.option(
    "--verbose", is_flag=True, help="Show the output of the jobs, and the inner states of deployments and gates."
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
    listed: bool,
    verbose: bool,
) -> int:
    """Run a workflow on this machine.

    The command synthesizes the app, checks it as `constructs-ml check` does, deploys its template to an AWS that is embedded
    in this process, and executes the workflow. Jobs run as processes, with a real /opt/ml and with the permissions of their
    roles. Data and input default to those in cdk.json, context "constructs-ml:run".

    Resources that no stack of the app creates are given by name (--bucket, --role, ...), here or under the same names in that
    context.

    Simulated resources, such as endpoints, succeed. --outcome PART=Failed makes those with PART in their name fail; the update
    of an endpoint can also end in RolledBack or RollbackFailed.

    Exit codes: 0 the workflow succeeded, 1 it failed, the checks found errors or the app failed, 2 an argument cannot be used.
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
        progress=progress.Plain(verbose=verbose) if debug else progress.for_stream(verbose=verbose),
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
    )
    _show(report)
    if report.unmatched and report.succeeded:  # one that failed may not have come so far
        known = "; ".join(report.simulated) or "nothing"
        raise RunInputError(
            f"--outcome {', '.join(report.unmatched)}: no simulated resource has that name; simulated: {known}"
        )
    return 0 if report.succeeded else 1


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


def _install_emulator() -> None:
    from constructs_ml.errors import MissingRequirementError
    from constructs_ml.interpreter import environment
    from constructs_ml.interpreter.environment import install

    try:
        environment.find()
    except MissingRequirementError:
        click.echo(f"installing the emulator (ministack {environment.VERSION})")
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


def _show(report: RunReport) -> None:
    from constructs_ml.local.runner.report import reasons

    lines = [f"{report.status} in {report.seconds:.1f} s", *reasons(report)]
    for state, metrics in report.metrics.items():
        values = ", ".join(f"{name}={value:g}" for name, value in metrics.items())
        lines.append(f"{report.within.get(state, state)}: {values}")
    lines += [f"model: {model}" for model in report.models]
    lines += [f"kept: {path}" for path in (*report.model_files, *report.kept_outputs.values())]
    lines += [f"given: {state} from {source}" for state, source in report.given.items()]
    lines += [f"taken from the cache: {', '.join(dict.fromkeys(report.cached))}"] if report.cached else []
    lines += [f"not run: {', '.join(report.not_run)}"] if report.not_run else []
    for line in lines:
        click.echo(printable(line))
