"""A CDK app on disk, and the settings in its cdk.json."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from constructs_ml.documents.files import is_file, is_folder, read_object
from constructs_ml.documents.node import Node
from constructs_ml.errors import RunInputError
from constructs_ml.local.runner.given import as_run_errors
from constructs_ml.local.runner.outside import Outside
from constructs_ml.terminal import shortened

_SETTINGS = "constructs-ml:run"
_ONE_WORD = re.compile(r"[\w./+-]+")
_APP, _CONFIG = "app.py", "cdk.json"


@dataclass(frozen=True)
class App:
    """A CDK app on disk.

    Attributes:
        directory: The directory of its cdk.json, in which its command runs.
        command: The command that synthesizes it; None if ``assembly`` exists already.
        context: The context of cdk.json and cdk.context.json.
        assembly: A synthesized assembly to use unchanged.
    """

    directory: Path
    command: str | None
    context: dict[str, Any] = field(default_factory=dict)
    assembly: Path | None = None

    @property
    def data(self) -> dict[str, str | list[str]]:
        """The data that cdk.json names for a local run: file to S3 URI, or several."""
        with as_run_errors():
            return {file: _places(each) for file, each in self._settings["data"].members().items()}

    @property
    @as_run_errors()
    def input(self) -> dict[str, Any]:
        """The execution's input that cdk.json names for a local run."""
        return self._settings["input"].object()

    @property
    def outside(self) -> Outside:
        """The existing resources that cdk.json gives for a local run."""
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


def _places(uris: Node) -> str | list[str]:
    return [each.text() for each in uris.items()] if isinstance(uris.value, list) else uris.text()


def _words(command: Node) -> list[str]:
    """Return a command, given as a string or as a list of words."""
    if isinstance(command.value, list):
        return [each.text() for each in command.items()]
    try:
        return shlex.split(command.text())
    except ValueError as error:
        raise command.must_be(f"a command ({str(error).lower()})") from error


@as_run_errors()
def find(app: str | Path) -> App:
    """Return the app that a user means.

    Args:
        app: A folder with a cdk.json or an app.py, a cdk.json, a Python file, a synthesized cdk.out, or a command as ``cdk
            --app`` takes it: ``python3 app.py``.

    Raises:
        LocalRunError: If there is none.
    """
    path = Path(app)
    if is_file(path / "manifest.json"):
        return App(Path.cwd(), None, assembly=_real(path))
    if path.name == _CONFIG or is_folder(path):
        directory = _real(path.parent if path.name == _CONFIG else path)
        if not is_file(directory / _CONFIG) and is_file(directory / _APP):
            return App(directory, f"python3 {_APP}", _context(directory, _nothing(directory)))
        if not is_file(directory / _CONFIG):
            raise RunInputError(f"there is no {directory / _CONFIG}; name the app (--app)")
        config = _config(directory)
        command = config["app"]
        if command.value is None:
            raise RunInputError(f'{directory / _CONFIG} names no "app" to run')
        return App(directory, command.text(), _context(directory, config))
    if path.suffix == ".py":
        if is_file(path):
            directory = _real(path).parent
            return App(directory, f"python3 {shlex.quote(path.name)}", _context(directory, _config(directory)))
        if len(str(app).split()) == 1:
            message = f"there is no app {path}"
            raise RunInputError(message)
    return _of_command(str(app))


def _of_command(command: str) -> App:
    """The app of a command, in the working directory."""
    if not command.strip():
        raise RunInputError("the app's command is empty; name a folder, a file or a command (--app)")
    if _ONE_WORD.fullmatch(command) and shutil.which(command) is None:
        raise RunInputError(f"there is no folder, file or command {shortened(command)}; name the app")
    directory = Path.cwd()
    return App(directory, command, _context(directory, _config(directory)))


def _context(directory: Path, config: Node) -> dict[str, Any]:
    context = _optional(directory / "cdk.context.json")
    return {**config["context"].object(), **context.object()}


def _config(directory: Path) -> Node:
    return _optional(directory / _CONFIG)


def _nothing(directory: Path) -> Node:
    return Node({}, directory / _CONFIG)


def _optional(path: Path) -> Node:
    """The content of a file; an empty object if there is no such file."""
    return read_object(path) if is_file(path) else Node({}, path)


def _real(path: Path) -> Path:
    """Return the path with all links followed; unlike resolve(), a loop of links is not an error."""
    return Path(os.path.realpath(path))
