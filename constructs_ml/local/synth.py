"""Synthesizes an app as the CDK CLI would, without the CLI."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.local import lookups
from constructs_ml.local.outside import Outside

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
        app: A folder with a cdk.json or an app.py, a cdk.json, a Python file, a synthesized cdk.out, or a command.

    Raises:
        LocalRunError: If there is none.
    """
    path = Path(app)
    if (path / "manifest.json").is_file():
        return App(Path.cwd(), None, assembly=path.resolve())
    if path.is_dir() or path.name == "cdk.json":
        directory = (path if path.is_dir() else path.parent).resolve()
        if not (directory / "cdk.json").is_file() and (directory / _APP).is_file():
            return App(directory, f"python3 {_APP}", _context(directory, {}))
        config = _json(directory / "cdk.json", required=True)
        if not isinstance(config.get("app"), str):
            message = f'{directory / "cdk.json"} names no "app" to run'
            raise LocalRunError(message)
        return App(directory, config["app"], _context(directory, config))
    if path.suffix == ".py":
        if not path.is_file():
            message = f"there is no app {path}"
            raise LocalRunError(message)
        directory = path.resolve().parent
        command = f"python3 {shlex.quote(path.name)}"
        return App(directory, command, _context(directory, _json(directory / "cdk.json")))
    directory = Path.cwd()
    return App(directory, str(app), _context(directory, _json(directory / "cdk.json")))


def synthesize(app: App, into: Path, *, account: str, region: str, parameters: Mapping[str, str] | None = None) -> Path:
    """Runs the app's command, again with what the first run looked up and is known.

    Args:
        app: The app.
        into: Where its assembly goes.
        account: What CDK_DEFAULT_ACCOUNT says.
        region: What CDK_DEFAULT_REGION says.
        parameters: The values of SSM parameters, for ``StringParameter.value_from_lookup``.

    Returns:
        The assembly's directory.

    Raises:
        LocalRunError: If the command fails, makes no assembly, or looks up what nobody has said.
    """
    made = _synthesize(app, into, account=account, region=region)
    missing = lookups.missing(made)
    known = lookups.known(missing, parameters or {})
    if known:
        made = _synthesize(replace(app, context={**app.context, **known}), into, account=account, region=region)
        missing = lookups.missing(made)
    lookups.check(missing)
    return made


def dummies(assembly: Path) -> list[str]:
    """What of an assembly was looked up, and has values that only look so."""
    return lookups.described(lookups.missing(assembly))


def _synthesize(app: App, into: Path, *, account: str, region: str) -> Path:
    """Runs the app's command.

    Args:
        app: The app.
        into: Where its assembly goes.
        account: What CDK_DEFAULT_ACCOUNT says.
        region: What CDK_DEFAULT_REGION says.

    Returns:
        The assembly's directory.

    Raises:
        LocalRunError: If the command fails, or makes no assembly.
    """
    if app.assembly:
        return app.assembly
    environment = {
        **os.environ,
        # "python3" is the interpreter that has this library, whether or not its environment is activated.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CDK_OUTDIR": str(into),
        "CDK_CONTEXT_JSON": json.dumps({**_CLI_CONTEXT, **app.context}),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", str(app.command)],
        cwd=app.directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"the app failed to synthesize ({app.command}): {last_words(done.stderr or done.stdout)}"
        raise LocalRunError(message)
    if not (into / "manifest.json").is_file():
        message = f"the app made no cloud assembly ({app.command}): does it call app.synth()?"
        raise LocalRunError(message)
    return into


def last_words(output: str) -> str:
    """What a failed program said last: of a traceback, the exception and its whole message."""
    lines = [line for line in output.rstrip().splitlines() if line.strip()]
    frames = [index for index, line in enumerate(lines) if line.startswith(" ")]
    said = lines[frames[-1] + 1 :] if frames else lines[-5:]
    return "\n".join(said or lines[-1:]) or "it said nothing"


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
    return {**config.get("context", {}), **_json(directory / "cdk.context.json")}


def _json(path: Path, *, required: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if required:
            message = f"there is no {path}; name the app (--app)"
            raise LocalRunError(message)
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        message = f"{path} is not JSON: {error}"
        raise LocalRunError(message) from error
    return found if isinstance(found, dict) else {}
