"""A folder of the user's with the results of cached jobs: their markers, and the objects that these lead to.

Each result is a file of its own, which names contents by their digests; a content is written before what names it, under a
temporary name first. So a run that is killed leaves nothing half written, and several runs can share a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import RunInputError
from constructs_ml.local.host.disk_space import writing
from constructs_ml.local.runner.given import check_writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

MARK = "constructs-ml-warm.json"
"""The file by which such a folder is known."""
_VERSION = 1
_RESULTS, _CONTENTS, _LOCK = "results", "contents", "lock"
_NEW = ".new-"
_CHUNK = 1 << 20
_FIX = "name another folder (--warm)"


@dataclass(frozen=True, slots=True)
class KeptObject:
    """An object in a bucket, and its content in the folder.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        content_type: Its content type.
        digest: The SHA-256 digest of its content, in hexadecimal digits.
    """

    bucket: str
    key: str
    content_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a cached job.

    Attributes:
        marker: The object that the job is looked up by.
        objects: Its outputs.
    """

    marker: KeptObject
    objects: tuple[KeptObject, ...]

    @property
    def all(self) -> tuple[KeptObject, ...]:
        """All objects, the marker last."""
        return (*self.objects, self.marker)


class WarmFolder:
    """The folder; a context manager while a run uses it.

    Args:
        path: Its path.

    Attributes:
        damaged: The files of it that cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = -1
        self.damaged: list[Path] = []

    def check(self) -> None:
        """Check that the folder can be used by a run, before anything starts; it may be missing or empty.

        Raises:
            RunInputError: If it cannot be written, or has other files.
        """
        check_writable(self._path)
        if self._path.is_dir() and any(self._path.iterdir()):
            self._check_version()

    def read(self) -> Iterator[tuple[KeptObject, str]]:
        """Yield the markers with their texts, without a lock, as nothing in the folder is changed in place.

        Raises:
            RunInputError: If it is not such a folder.
        """
        if not self._path.is_dir():
            raise RunInputError(f"there is no folder {self._path}; constructs-ml run --warm {self._path} makes it")
        self._check_version()
        for result in self.results():
            content = self.content(result.marker)
            if content is not None:
                yield result.marker, content.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        """Make the folder if it is missing, and keep it from being swept."""
        with writing("the results of cached jobs", self._path, _FIX):
            for name in (_RESULTS, _CONTENTS):
                (self._path / name).mkdir(parents=True, exist_ok=True)
            if not (self._path / MARK).exists():
                self._write(self._path / MARK, json.dumps({"version": _VERSION}).encode())
            self._lock = os.open(self._path / _LOCK, os.O_CREAT | os.O_RDWR, 0o666)
            fcntl: Any = importlib.import_module("fcntl")
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove contents that no result names, unless another run uses the folder."""
        fcntl: Any = importlib.import_module("fcntl")
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._sweep()
        finally:
            os.close(self._lock)

    def results(self) -> Iterator[Result]:
        """Yield what the folder has; damaged files are left out, and told in ``damaged``."""
        self.damaged = []
        for file in sorted((self._path / _RESULTS).glob("*.json")):
            found = _result(file)
            if found is None:
                self.damaged.append(file)
            else:
                yield found

    def content(self, kept: KeptObject) -> Path | None:
        """Return the file with the content of an object; None if it is missing or damaged."""
        file = self._content(kept.digest)
        try:
            with file.open("rb") as stream:
                digest = hashlib.sha256()
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return None
        return file if digest.hexdigest() == kept.digest else None

    def add(self, chunks: Iterable[bytes]) -> str:
        """Add a content.

        Args:
            chunks: Its bytes.

        Returns:
            Its digest.

        Raises:
            LocalRunError: If it cannot be written.
        """
        with (
            writing("the results of cached jobs", self._path, _FIX),
            self._new(self._path / _CONTENTS) as (file, stream),
        ):
            digest = hashlib.sha256()
            for chunk in chunks:
                digest.update(chunk)
                stream.write(chunk)
            stream.close()
            found = digest.hexdigest()
            file.replace(self._content(found))  # also over a damaged one
        return found

    def put(self, result: Result) -> None:
        """Add a result whose contents are there, in the place of the one with the same marker.

        Args:
            result: The result.

        Raises:
            LocalRunError: If it cannot be written.
        """
        name = hashlib.sha256(f"{result.marker.bucket}/{result.marker.key}".encode()).hexdigest()
        body = {
            "version": _VERSION,
            "marker": asdict(result.marker),
            "objects": [asdict(kept) for kept in result.objects],
        }
        with writing("the results of cached jobs", self._path, _FIX):
            self._write(self._path / _RESULTS / f"{name}.json", json.dumps(body, indent=1).encode())

    def _check_version(self) -> None:
        try:
            found = parse_json((self._path / MARK).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunInputError(
                f"{self._path} has files that are not the results of cached jobs; name an empty or a new folder (--warm)"
            ) from None
        except (OSError, ValueError) as error:
            raise RunInputError(f"{self._path / MARK} cannot be read: {error}; {_FIX}") from error
        version = found.get("version") if isinstance(found, dict) else None
        if version != _VERSION:
            raise RunInputError(
                f"{self._path / MARK} must have version {_VERSION}, got {version!r}: it is of another constructs-ml; {_FIX}"
            )

    def _content(self, digest: str) -> Path:
        return self._path / _CONTENTS / digest

    def _write(self, file: Path, content: bytes) -> None:
        with self._new(file.parent) as (new, stream):
            stream.write(content)
            stream.close()
            new.replace(file)

    @contextlib.contextmanager
    def _new(self, folder: Path) -> Iterator[tuple[Path, Any]]:
        """Provide a new file, which is removed unless it was renamed."""
        descriptor, name = tempfile.mkstemp(prefix=_NEW, dir=folder)
        file = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield file, stream
        finally:
            file.unlink(missing_ok=True)

    def _sweep(self) -> None:
        used = {kept.digest for result in self.results() for kept in result.all}
        if self.damaged:  # what they name may be all right
            return
        left = [file for file in (self._path / _CONTENTS).iterdir() if file.name not in used]
        for file in (*left, *(self._path / _RESULTS).glob(f"{_NEW}*")):
            file.unlink(missing_ok=True)


def _result(file: Path) -> Result | None:
    """Return the result in a file; None if it is not one."""
    try:
        found = parse_json(file.read_text(encoding="utf-8"))
        if found["version"] != _VERSION:
            return None
        marker, *objects = (KeptObject(**each) for each in (found["marker"], *found["objects"]))
    except (OSError, UnicodeDecodeError, InvalidTextError, KeyError, TypeError):
        return None
    result = Result(marker, tuple(objects))
    return result if all(_is_sound(kept) for kept in result.all) else None


def _is_sound(kept: KeptObject) -> bool:
    texts = (kept.bucket, kept.key, kept.content_type, kept.digest)
    is_digest = (
        isinstance(kept.digest, str) and len(kept.digest) == hashlib.sha256().digest_size * 2 and kept.digest.isalnum()
    )
    return is_digest and all(isinstance(text, str) for text in texts)
