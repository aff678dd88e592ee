"""Synthesis of an app as the CDK CLI does it, without the CLI."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.local.runner import lookups
from constructs_ml.local.runner.app_process import Deadline, execute, require_node, without_node
from constructs_ml.local.runner.tracebacks import explain
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.local.runner.app import App

# An environment variable has at most 128 KiB on Linux; what is longer goes where the CLI puts it too.
_LONGEST_VARIABLE = 100_000
# What the CLI passes besides the project's own context; paths are what ${…} is resolved with.
_CLI_CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:bundling-stacks": ["**"],
}
# aws-cdk-lib's own linter of templates takes 5 s of each synthesis; the plugins of the app, this library's among them, stay.
_LINTER = "CDK_VALIDATION"
# What errors of the plugins do is up to the caller, who reads their report.
_NOT_FAILING = {"@aws-cdk/core:failSynthOnValidationErrors": False}
_LIBRARY = str(Path(__file__).resolve().parents[2])


def synthesize(
    app: App,
    into: Path,
    *,
    account: str,
    region: str,
    parameters: Mapping[str, str] | None = None,
    timeout: float | None = None,
    complete: bool = True,
    variables: Mapping[str, str] | None = None,
) -> Path:
    """Run the app's command, and again with answers to the look-ups of the first run.

    Args:
        app: The app.
        into: The folder for its assembly.
        account: The value of CDK_DEFAULT_ACCOUNT.
        region: The value of CDK_DEFAULT_REGION.
        parameters: The values of SSM parameters, for ``StringParameter.value_from_lookup``.
        timeout: Seconds after which to give up.
        complete: True if every look-up of a value needs an answer.
        variables: Variables of the environment that the command gets besides this process's.

    Returns:
        The assembly's directory.

    Raises:
        LocalRunError: If the command fails, makes no assembly, or looks up a value without an answer.
    """
    deadline = Deadline(timeout)
    made = _synthesize(app, into, timeout=deadline.left, account=account, region=region, variables=variables or {})
    missing = lookups.missing(made)
    known = lookups.known(missing, parameters or {})
    if known:
        again = replace(app, context={**app.context, **known})
        made = _synthesize(
            again, into, timeout=deadline.left, account=account, region=region, variables=variables or {}
        )
        missing = lookups.missing(made)
    if complete:
        lookups.check(missing)
    return made


def dummies(assembly: Path) -> list[str]:
    """Return the look-ups of an assembly that have dummy values."""
    return lookups.described(lookups.missing(assembly))


def _synthesize(
    app: App, into: Path, *, account: str, region: str, timeout: float | None, variables: Mapping[str, str]
) -> Path:
    """Run the app's command.

    Errors of validation plugins fail nothing here: they are in the assembly's report.

    Args:
        app: The app.
        into: The folder for its assembly.
        account: The value of CDK_DEFAULT_ACCOUNT.
        region: The value of CDK_DEFAULT_REGION.
        timeout: Seconds after which to give up.
        variables: Further variables of its environment.

    Returns:
        The assembly's directory.

    Raises:
        LocalRunError: If the command fails, or makes no assembly.
    """
    if app.assembly:
        return app.assembly
    command = str(app.command)
    environment = {
        _LINTER: "false",
        **os.environ,
        **variables,
        # "python3" is the interpreter that has this library, whether or not its environment is activated.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CDK_OUTDIR": str(into),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    if _is_plain_python(command):
        require_node(environment)
    temporary = into.with_name(f"{into.name}.tmp")
    context = json.dumps({**_CLI_CONTEXT, **app.context, **_NOT_FAILING})
    if len(context) > _LONGEST_VARIABLE:
        overflow = into.with_name(f"{into.name}.context.json")
        overflow.write_text(context, encoding="utf-8")
        environment |= {"CONTEXT_OVERFLOW_LOCATION_ENV": str(overflow), "CDK_CONTEXT_JSON": "{}"}
    else:
        environment["CDK_CONTEXT_JSON"] = context
    try:
        ended = execute(command, directory=app.directory, environment=environment, temporary=temporary, seconds=timeout)
    except (OSError, ValueError) as error:  # a ValueError: no command has a NUL
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise RunInputError(f"the app cannot be started ({shortened(command)}): {reason}") from error
    if ended is None:
        message = f"the app did not end within {timeout:.1f} s ({command}); allow more time (--timeout)"
        raise LocalRunError(message)
    if ended.code:
        if absent := without_node(ended.said):
            raise absent
        failed = f"was killed by {ended.signal}" if ended.signal else "failed to synthesize"
        message = (
            f"the app {failed} ({command}):\n{explain(ended.said, directory=str(app.directory), library=_LIBRARY)}"
            f"{ended.full_disk}"
        )
        raise LocalRunError(message)
    if not (into / "manifest.json").is_file():
        message = (
            f"the app made no cloud assembly ({command}): does it call app.synth(), "
            "and leave the outdir of its App to the command?"
        )
        raise LocalRunError(message)
    return into


def _is_plain_python(command: str) -> bool:
    """Return whether a command uses this process's PATH; any other may bring a PATH, and a Node.js, of its own."""
    return re.match(r"(?:\S*/)?python[\d.]*\s", command) is not None and not re.search(r"[;&|`$<>(]", command)
