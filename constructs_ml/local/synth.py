"""Synthesizes an app as the CDK CLI would, without the CLI."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import read_object
from constructs_ml.documents.node import Node
from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.local import lookups
from constructs_ml.local.app_process import execute
from constructs_ml.local.deadline import Deadline
from constructs_ml.local.given import as_run_errors
from constructs_ml.local.node import require_node, without_node
from constructs_ml.local.outside import Outside
from constructs_ml.local.tracebacks import explain
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

_SETTINGS = "constructs-ml:run"
_APP, _CONFIG = "app.py", "cdk.json"
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
        return self._texts("data")

    @property
    @as_run_errors()
    def input(self) -> dict[str, Any]:
        """The execution's input that cdk.json names for a local run."""
        return self._settings["input"].object()

    @property
    def outside(self) -> Outside:
        """What lives elsewhere, as cdk.json gives it for a local run."""
        texts = {each.name: self._texts(each.name) for each in fields(Outside) if each.name != "image"}
        return Outside(**texts, image=self._images)

    @property
    def stand_in(self) -> list[str]:
        """The resource types to stand in for that cdk.json names for a local run."""
        with as_run_errors():
            return [each.text() for each in self._settings["stand_in"].items()]

    @property
    def _images(self) -> dict[str, list[str]]:
        with as_run_errors():
            return {part: _words(command) for part, command in self._settings["image"].members().items()}

    def _texts(self, name: str) -> dict[str, str]:
        with as_run_errors():
            return {key: each.text() for key, each in self._settings[name].members().items()}

    @property
    def _settings(self) -> Node:
        return Node(self.context, self.directory / _CONFIG, "context")[_SETTINGS]


def _words(command: Node) -> list[str]:
    """A command, as a text or as its words."""
    if isinstance(command.value, list):
        return [each.text() for each in command.items()]
    try:
        return shlex.split(command.text())
    except ValueError as error:
        raise command.must_be(f"a command ({str(error).lower()})") from error


@as_run_errors()
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
        return App(Path.cwd(), None, assembly=_real(path))
    if path.name == _CONFIG or _is_directory(path):
        directory = _real(path.parent if path.name == _CONFIG else path)
        if not _is_file(directory / _CONFIG) and _is_file(directory / _APP):
            return App(directory, f"python3 {_APP}", _context(directory, _nothing(directory)))
        if not _is_file(directory / _CONFIG):
            raise RunInputError(f"there is no {directory / _CONFIG}; name the app (--app)")
        config = _config(directory)
        command = config["app"]
        if command.value is None:
            raise RunInputError(f'{directory / _CONFIG} names no "app" to run')
        return App(directory, command.text(), _context(directory, config))
    if path.suffix == ".py":
        if _is_file(path):
            directory = _real(path).parent
            return App(directory, f"python3 {shlex.quote(path.name)}", _context(directory, _config(directory)))
        if len(str(app).split()) == 1:
            message = f"there is no app {path}"
            raise RunInputError(message)
    if not str(app).strip():
        raise RunInputError("the app's command is empty; name a folder, a file or a command (--app)")
    directory = Path.cwd()
    return App(directory, str(app), _context(directory, _config(directory)))


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
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    if _is_plain_python(command):
        require_node(environment)
    context = json.dumps({**_CLI_CONTEXT, **app.context, **_NOT_FAILING})
    with tempfile.NamedTemporaryFile("w", prefix="constructs-ml-context-", encoding="utf-8") as overflow:
        if len(context) > _LONGEST_VARIABLE:
            overflow.write(context)
            overflow.flush()
            environment |= {"CONTEXT_OVERFLOW_LOCATION_ENV": overflow.name, "CDK_CONTEXT_JSON": "{}"}
        else:
            environment["CDK_CONTEXT_JSON"] = context
        try:
            ended = execute(command, directory=app.directory, environment=environment, seconds=timeout)
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
    except (OSError, ValueError):  # a command can be longer than a name
        return False


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
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
    try:
        spec = importlib.util.find_spec(package) if package and "\0" not in package else None
    except (ImportError, ValueError):  # a part of a dotted name is none
        spec = None
    if spec is None or not spec.submodule_search_locations:
        message = f"{name}: there is no package {package}; pip install it"
        raise RunInputError(message)
    return Path(spec.submodule_search_locations[0]) / inside


def _context(directory: Path, config: Node) -> dict[str, Any]:
    context = _optional(directory / "cdk.context.json")
    return {**config["context"].object(), **context.object()}


def _config(directory: Path) -> Node:
    return _optional(directory / _CONFIG)


def _nothing(directory: Path) -> Node:
    return Node({}, directory / _CONFIG)


def _optional(path: Path) -> Node:
    """What a file says; an empty object if there is no such file."""
    return read_object(path) if _is_file(path) else Node({}, path)


def _real(path: Path) -> Path:
    """The path itself, all links followed; unlike resolve(), a loop of links is left as it is."""
    return Path(os.path.realpath(path))
