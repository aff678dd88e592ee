"""Synthesizes an app as the CDK CLI would, without the CLI."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.local import lookups
from constructs_ml.local.app_process import execute
from constructs_ml.local.deadline import Deadline
from constructs_ml.local.node import require_node, without_node
from constructs_ml.local.outside import Outside
from constructs_ml.local.tracebacks import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

_SETTINGS = "constructs-ml:run"
_APP = "app.py"
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
_LIBRARY = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True)
class App:
    """A CDK app on disk.

    Attributes:
        directory: Where its cdk.json is, and where its command runs.
        command: What synthesizes it; None if ``assembly`` is there already.
        context: The context of cdk.json and cdk.context.json.
        assembly: A synthesized assembly to use as it is.
    """

    directory: Path
    command: str | None
    context: dict[str, Any] = field(default_factory=dict)
    assembly: Path | None = None

    @property
    def data(self) -> dict[str, str]:
        """The data that cdk.json names for a local run: file to S3 URI."""
        return self._setting("data")

    @property
    def input(self) -> dict[str, Any]:
        """The execution's input that cdk.json names for a local run."""
        return self._setting("input")

    @property
    def outside(self) -> Outside:
        """What lives elsewhere, as cdk.json gives it for a local run."""
        given = {each.name: self._setting(each.name) for each in fields(Outside)}
        given["image"] = {
            part: shlex.split(command) if isinstance(command, str) else list(command)
            for part, command in given["image"].items()
        }
        return Outside(**given)

    @property
    def stand_in(self) -> list[str]:
        """The resource types to stand in for that cdk.json names for a local run."""
        found = self._settings.get("stand_in", [])
        if not isinstance(found, list):
            raise LocalRunError(f'cdk.json: context "{_SETTINGS}": stand_in must be a list, got {found!r}')
        return [str(each) for each in found]

    @property
    def _settings(self) -> dict[str, Any]:
        found = self.context.get(_SETTINGS, {})
        if not isinstance(found, dict):
            raise LocalRunError(f'cdk.json: context "{_SETTINGS}" must be an object, got {found!r}')
        return found

    def _setting(self, name: str) -> dict[str, Any]:
        found = self._settings.get(name, {})
        if not isinstance(found, dict):
            message = f'cdk.json: context "{_SETTINGS}": {name} must be an object, got {found!r}'
            raise LocalRunError(message)
        return found


def find(app: str | Path) -> App:
    """The app that is meant.

    Args:
        app: A folder with a cdk.json or an app.py, a cdk.json, a Python file, a synthesized cdk.out, or a command as ``cdk
            --app`` takes it: ``python3 app.py``.

    Raises:
        LocalRunError: If there is none.
    """
    path = Path(app)
    if _is_file(path / "manifest.json"):
        return App(Path.cwd(), None, assembly=path.resolve())
    if path.name == "cdk.json" or _is_directory(path):
        directory = (path.parent if path.name == "cdk.json" else path).resolve()
        if not (directory / "cdk.json").is_file() and (directory / _APP).is_file():
            return App(directory, f"python3 {_APP}", _context(directory, {}))
        config = _json(directory / "cdk.json", required=True)
        if not isinstance(config.get("app"), str):
            message = f'{directory / "cdk.json"} names no "app" to run'
            raise LocalRunError(message)
        return App(directory, config["app"], _context(directory, config))
    if path.suffix == ".py":
        if _is_file(path):
            directory = path.resolve().parent
            command = f"python3 {shlex.quote(path.name)}"
            return App(directory, command, _context(directory, _json(directory / "cdk.json")))
        if len(str(app).split()) == 1:
            message = f"there is no app {path}"
            raise LocalRunError(message)
    directory = Path.cwd()
    return App(directory, str(app), _context(directory, _json(directory / "cdk.json")))


def synthesize(
    app: App,
    into: Path,
    *,
    account: str,
    region: str,
    parameters: Mapping[str, str] | None = None,
    timeout: float | None = None,
    complete: bool = True,
) -> Path:
    """Runs the app's command, again with what the first run looked up and is known.

    Args:
        app: The app.
        into: Where its assembly goes.
        account: What CDK_DEFAULT_ACCOUNT says.
        region: What CDK_DEFAULT_REGION says.
        parameters: The values of SSM parameters, for ``StringParameter.value_from_lookup``.
        timeout: Seconds after which to give up.
        complete: Whether all data that is looked up must be known.

    Returns:
        The assembly's directory.

    Raises:
        LocalRunError: If the command fails, makes no assembly, or looks up what nobody has said.
    """
    deadline = Deadline(timeout)
    made = _synthesize(app, into, account=account, region=region, timeout=deadline.left)
    missing = lookups.missing(made)
    known = lookups.known(missing, parameters or {})
    if known:
        made = _synthesize(
            replace(app, context={**app.context, **known}), into, account=account, region=region, timeout=deadline.left
        )
        missing = lookups.missing(made)
    if complete:
        lookups.check(missing)
    return made


def dummies(assembly: Path) -> list[str]:
    """What of an assembly was looked up, and has values that only look so."""
    return lookups.described(lookups.missing(assembly))


def _synthesize(app: App, into: Path, *, account: str, region: str, timeout: float | None) -> Path:
    """Runs the app's command.

    Errors of validation plugins fail nothing here: they are in the assembly's report.

    Args:
        app: The app.
        into: Where its assembly goes.
        account: What CDK_DEFAULT_ACCOUNT says.
        region: What CDK_DEFAULT_REGION says.
        timeout: Seconds after which to give up.

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
        # "python3" is the interpreter that has this library, whether or not its environment is activated.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CDK_OUTDIR": str(into),
        "CDK_CONTEXT_JSON": json.dumps({**_CLI_CONTEXT, **app.context, **_NOT_FAILING}),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    if _is_plain_python(command):
        require_node(environment)
    temporary = into.with_name(f"{into.name}.tmp")
    ended = execute(command, directory=app.directory, environment=environment, temporary=temporary, seconds=timeout)
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
    """Whether a command finds what is on this process's PATH; any other may bring a PATH, and a Node, of its own."""
    return re.match(r"(?:\S*/)?python[\d.]*\s", command) is not None and not re.search(r"[;&|`$<>(]", command)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a command can be longer than a name
        return False


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def source(name: str, directory: Path) -> Path:
    """A file of the user's: relative to cdk.json, or ``package:name/path`` inside an installed package.

    Raises:
        LocalRunError: If the package is not installed.
    """
    if not name.startswith("package:"):
        return directory / name
    import importlib.util

    package, _, inside = name.removeprefix("package:").partition("/")
    # A package is found without importing it.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        message = f"{name}: there is no package {package}; pip install it"
        raise LocalRunError(message)
    return Path(spec.submodule_search_locations[0]) / inside


def _context(directory: Path, config: dict[str, Any]) -> dict[str, Any]:
    context = config.get("context", {})
    if not isinstance(context, dict):
        message = f"{directory / 'cdk.json'}: context must be an object, got {context!r}"
        raise LocalRunError(message)
    return {**context, **_json(directory / "cdk.context.json")}


def _json(path: Path, *, required: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if required:
            message = f"there is no {path}; name the app (--app)"
            raise LocalRunError(message)
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows begin with a byte order mark
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path} is not JSON: {error}"
        raise LocalRunError(message) from error
    return found if isinstance(found, dict) else {}
