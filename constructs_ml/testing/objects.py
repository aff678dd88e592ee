"""The objects of a simulated S3, which last over simulations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from constructs_ml.errors import SimulationError

if TYPE_CHECKING:
    from constructs_ml.interpreter.clock import Clock

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""The default start of a simulated execution."""
_URI = re.compile(r"s3://[^/]+/.+", re.DOTALL)
_NO_TYPE = "binary/octet-stream"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object.

    Attributes:
        content: Its bytes.
        content_type: Its media type.
        modified: The time at which it was written.
        number: The number of the write, over the whole store.
    """

    content: bytes
    content_type: str
    modified: datetime
    number: int

    @property
    def etag(self) -> str:
        """Its entity tag as S3 has it: the MD5 digest, in quotes."""
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


class SimulatedObjects(MutableMapping[str, bytes]):
    """The objects of S3 in simulations, by their URIs: they last from one simulation to the next.

    ::

        objects = SimulatedObjects({"s3://data/raw/a.csv": "1,2"})
        simulate(workflow, objects=objects)
        objects["s3://data/raw/a.csv"] = "1,3"
        simulate(workflow, objects=objects)

    States read, write and list them (``getObject``, ``headObject``, ``putObject`` and ``listObjectsV2``), and jobs that succeed
    write their outputs. All buckets exist. An object that a test writes has the time of the last simulation, or of the running one.

    Args:
        given: Objects by their URIs, as text or bytes.

    Raises:
        SimulationError: If a key is not the URI of an object.
    """

    def __init__(self, given: Mapping[str, str | bytes] | None = None) -> None:
        self._stored: dict[str, Stored] = {}
        self._clock: Clock | None = None
        self.writes = 0
        for uri, content in (given or {}).items():
            self[uri] = content

    def __getitem__(self, uri: str) -> bytes:
        """Return the content of an object."""
        return self._stored[uri].content

    def __setitem__(self, uri: str, content: str | bytes) -> None:
        """Write an object."""
        self.write(uri, content)

    def __delitem__(self, uri: str) -> None:
        """Delete an object."""
        del self._stored[uri]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the URIs, in the order in which S3 lists them."""
        return iter(sorted(self._stored, key=str.encode))

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self._stored)

    def __repr__(self) -> str:
        """Return the URIs."""
        return f"SimulatedObjects({list(self)})"

    def under(self, prefix: str) -> list[str]:
        """Return the URIs that begin with a prefix, in the order in which S3 lists them.

        Args:
            prefix: The beginning of a URI: ``s3://bucket/prefix``.
        """
        return [uri for uri in self if uri.startswith(prefix)]

    def text(self, uri: str) -> str:
        """Return the content of an object as text.

        Args:
            uri: Its URI.

        Raises:
            KeyError: If there is no such object.
        """
        return self[uri].decode()

    def write(self, uri: str, content: str | bytes, content_type: str = _NO_TYPE) -> None:
        """Write an object, also in the place of another.

        Args:
            uri: Its URI: ``s3://bucket/key``.
            content: Its content.
            content_type: Its media type.

        Raises:
            SimulationError: If this is not the URI or the content of an object.
        """
        if not isinstance(uri, str) or not _URI.fullmatch(uri):
            raise SimulationError(f"objects: an object's URI must be s3://bucket/key, got {uri!r}")
        if not isinstance(content, (str, bytes)):
            raise SimulationError(f"objects: {uri} must be text or bytes, got {content!r}; write json.dumps(...)")
        self.writes += 1
        now = self._clock.now if self._clock else START
        content = content.encode() if isinstance(content, str) else content
        self._stored[uri] = Stored(content, content_type, now, self.writes)

    def keep_time(self, clock: Clock) -> None:
        """Take the time of writes from the clock of a simulation.

        Args:
            clock: The clock.
        """
        self._clock = clock

    def find(self, uri: str) -> Stored | None:
        """Return an object with its entity tag and time; None if there is no such object.

        Args:
            uri: Its URI.
        """
        return self._stored.get(uri)
