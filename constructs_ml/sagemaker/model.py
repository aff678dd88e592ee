"""botocore's description of the SageMaker API, read from its data file.

The file is found next to botocore without importing botocore: that costs a tenth of what a botocore session costs. It
is read once, at the first question.

Source: ``botocore/data/sagemaker/2017-07-24/service-2.json.gz``.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import ConstructsMLError
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UPDATE = "pip install --upgrade botocore"
_FILE = "data/sagemaker/2017-07-24/service-2.json"


class ModelError(ConstructsMLError, LookupError):
    """botocore's model of SageMaker is missing, or lacks an operation."""


@dataclass(frozen=True, eq=False)
class Shape:
    """One type of the API, with the constraints that the service puts on its values.

    There is one of each name.

    Attributes:
        name: Its name in the API, such as ``ProcessingClusterConfig``.
        type: ``structure``, ``list``, ``map``, ``string``, ``integer``, ``long``, ``float``, ``double``, ``boolean``
            or ``timestamp``.
        required: The members that must be there. Of an output: those that always are.
        enum: The values a string may have; empty if any.
        pattern: The Java regular expression that a whole string must match, or None.
        min: The least value of a number, or the least length of anything else, or None.
        max: The greatest value or length, or None.
        union: Whether exactly one member must be set.
    """

    name: str
    type: str
    required: tuple[str, ...]
    enum: tuple[str, ...]
    pattern: str | None
    min: float | None
    max: float | None
    union: bool
    _members: tuple[tuple[str, str], ...]
    _parts: tuple[tuple[str, str], ...]

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure; empty for other types."""
        return {member: shape(shape_name) for member, shape_name in self._members}

    @cached_property
    def is_flat(self) -> bool:
        """True for a structure whose members are all scalars."""
        return not any(each.type in {"structure", "list", "map"} for each in self.members.values())

    @cached_property
    def member(self) -> Shape:
        """The type of a list's items."""
        return self._part("member")

    @cached_property
    def key(self) -> Shape:
        """The type of a map's keys."""
        return self._part("key")

    @cached_property
    def value(self) -> Shape:
        """The type of a map's values."""
        return self._part("value")

    def _part(self, part: str) -> Shape:
        for name, shape_name in self._parts:
            if name == part:
                return shape(shape_name)
        raise ModelError(f"{self.name} is a {self.type}: it has no {part}")


@cache
def installed() -> str:
    """Return the installed botocore: ``botocore 1.40.1``."""
    try:
        return f"botocore {version('botocore')}"
    except PackageNotFoundError:
        return "the installed botocore"


def if_newer() -> str:
    """Return the fix for a model that is older than SageMaker."""
    return f"if it is newer than {installed()}, run {UPDATE}"


def operations() -> tuple[str, ...]:
    """Return the names of all operations.

    Raises:
        ModelError: If botocore's model is missing.
    """
    return tuple(_model()["operations"])


@cache
def input_shape(operation: str) -> Shape:
    """Return the input of an operation such as ``CreateProcessingJob``.

    Raises:
        ModelError: If botocore's model is missing or has no such operation.
    """
    return _side(operation, "input")


@cache
def output_shape(operation: str) -> Shape:
    """Return the output of an operation such as ``DescribeProcessingJob``.

    Raises:
        ModelError: If botocore's model is missing, has no such operation, or the operation gives nothing.
    """
    return _side(operation, "output")


@cache
def shape(name: str) -> Shape:
    """Return the shape of this name.

    Raises:
        ModelError: If botocore's model is missing or has no such shape.
    """
    raw = _model()["shapes"].get(name)
    if raw is None:
        raise ModelError(f"botocore's model of SageMaker has no shape {name}{_or_newer(name, _model()['shapes'])}")
    return Shape(
        name=name,
        type=raw["type"],
        required=tuple(raw.get("required", ())),
        enum=tuple(raw.get("enum", ())),
        pattern=raw.get("pattern"),
        min=raw.get("min"),
        max=raw.get("max"),
        union=raw.get("union", False),
        _members=tuple((member, part["shape"]) for member, part in raw.get("members", {}).items()),
        _parts=tuple((part, raw[part]["shape"]) for part in ("member", "key", "value") if part in raw),
    )


def _side(operation: str, side: str) -> Shape:
    known = _model()["operations"]
    if operation not in known:
        raise ModelError(f"botocore's model of SageMaker has no {operation}{_or_newer(operation, known)}")
    if side not in known[operation]:
        raise ModelError(f"{operation} has no {side}")
    return shape(known[operation][side]["shape"])


def _or_newer(name: str, known: Iterable[str]) -> str:
    return f"{did_you_mean(name, known)}; {if_newer()}"


@cache
def _model() -> dict[str, Any]:
    return _read(_botocore_folders())


_chosen: list[Path] = []


def use(folder: Path) -> None:
    """Read the model of another botocore, not of the one in this environment.

    Args:
        folder: The package's folder.
    """
    _chosen[:] = [folder]
    _model.cache_clear()
    forget()


def forget() -> None:
    """Forget the shapes that were read."""
    for kept in (shape, input_shape, output_shape):
        kept.cache_clear()


def folder() -> Path | None:
    """Return the folder of the botocore whose model is read; None if there is none."""
    return next(iter(_botocore_folders()), None)


def _botocore_folders() -> list[Path]:
    spec = None if _chosen else find_spec("botocore")
    return _chosen or [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def _read(folders: list[Path]) -> dict[str, Any]:
    for folder in folders:
        packed, plain = folder / f"{_FILE}.gz", folder / _FILE
        if packed.is_file():
            return _parsed(gzip.decompress(packed.read_bytes()))
        if plain.is_file():
            return _parsed(plain.read_bytes())
    where = ", ".join(map(str, folders)) or "no installed botocore"
    raise ModelError(
        f"botocore's model of SageMaker ({_FILE}) was not found in {where}; run pip install 'botocore>=1.40'"
    )


def _parsed(content: bytes) -> dict[str, Any]:
    model: dict[str, Any] = json.loads(content)
    return model
