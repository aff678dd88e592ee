"""Makes the emulator's CloudWatch Logs keep events in files, by private names that ``pinned`` lists.

An answer of GetLogEvents has at most a megabyte, as on AWS. GetLogRecord knows the newest events, and those of the last query.
"""

from __future__ import annotations

import contextvars
import importlib
import json
import tempfile
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The emulator ships no types.
_Data = Any
_BLOCK_EVENTS, _BLOCK_CHARACTERS = 512, 1 << 18
_ANSWER = 1 << 20
_RECORDS = 8 << 20
_OVERHEAD = 512
"""The approximate memory of an event in addition to its message."""
_sizes: contextvars.ContextVar[bool] = contextvars.ContextVar("sizes", default=False)


@dataclass(frozen=True)
class _Block:
    """Some events in the file."""

    first: int
    offset: int
    length: int
    count: int
    characters: int


class _Size:
    """Stands for the messages of several events where only their length is asked for."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class TooLargeError(Exception):
    """A page has too many bytes.

    Attributes:
        from_start: The number of its events in a response from the first on.
        from_end: The number of its events in a response from the last back.
    """

    def __init__(self, from_start: int, from_end: int) -> None:
        super().__init__(f"{from_start} events from the start, or {from_end} from the end")
        self.from_start, self.from_end = from_start, from_end


class LogEvents(Sequence[dict[str, Any]]):
    """The events of a stream: the newest in memory, blocks of older ones in a file.

    Args:
        folder: The folder of the file.
        events: The first events.
    """

    def __init__(self, folder: Path, events: Iterable[dict[str, Any]] = ()) -> None:
        self._folder, self._path = folder, None
        self._blocks: list[_Block] = []
        self._newest: list[dict[str, Any]] = []
        self._characters, self._stored, self._end = 0, 0, 0
        self._read: tuple[int, list[dict[str, Any]]] = (-1, [])
        self._lock = threading.RLock()
        self.extend(events)

    _path: Path | None

    def __del__(self) -> None:
        if self._path:
            with suppress(OSError):
                self._path.unlink()

    def extend(self, events: Iterable[dict[str, Any]]) -> None:
        """Append events."""
        with self._lock:
            for event in events:
                self._newest.append(event)
                self._characters += len(event["message"])
                if len(self._newest) >= _BLOCK_EVENTS or self._characters >= _BLOCK_CHARACTERS:
                    self._store()

    def __len__(self) -> int:
        return self._stored + len(self._newest)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if _sizes.get():
            with self._lock:
                yield {"message": _Size(self._characters + sum(block.characters for block in self._blocks))}
            return
        for index in range(len(self)):
            yield self[index]

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - an event, or several
        if isinstance(index, slice):
            return self._page(range(len(self))[index])
        at = range(len(self))[index]
        with self._lock:
            if at >= self._stored:
                return self._newest[at - self._stored]
            number = bisect_right(self._blocks, at, key=lambda block: block.first) - 1
            if self._read[0] != number:
                self._read = (number, self._load(self._blocks[number]))
            return self._read[1][at - self._blocks[number].first]

    def _page(self, wanted: range) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = []
        size = 0
        for at in wanted:
            page.append(self[at])
            size += len(page[-1]["message"])
            if size > _ANSWER and len(wanted) > 1:
                raise TooLargeError(max(1, len(page) - 1), self._fitting(reversed(wanted)))
        return page

    def _fitting(self, wanted: Iterable[int]) -> int:
        sizes = accumulate(len(self[at]["message"]) for at in wanted)
        return max(1, sum(1 for _ in takewhile(lambda size: size <= _ANSWER, sizes)))

    def _store(self) -> None:
        data = json.dumps(self._newest).encode()
        if self._path is None:
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as made:
                self._path = Path(made.name)
        with self._path.open("ab") as file:
            file.write(data)
        self._blocks.append(_Block(self._stored, self._end, len(data), len(self._newest), self._characters))
        self._stored += len(self._newest)
        self._end += len(data)
        self._newest, self._characters = [], 0

    def _load(self, block: _Block) -> list[dict[str, Any]]:
        if self._path is None:  # pragma: no cover - a block is in a file
            return []
        with self._path.open("rb") as file:
            file.seek(block.offset)
            found: list[dict[str, Any]] = json.loads(file.read(block.length))
        return found


def install(folder: Path) -> None:
    """Change the emulator's module.

    Args:
        folder: The folder for the files of streams.
    """
    logs: Any = importlib.import_module("ministack.services.cloudwatch_logs")
    wrap(logs, "_append_log_events", partial(_append, folder))
    wrap(logs, "_get_log_events", _get)
    for name in ("_describe_log_groups", "_describe_log_streams"):
        wrap(logs, name, _measuring)
    logs._log_records = _records_of(logs)  # noqa: SLF001 - in PRIVATE_NAMES


def _append(folder: Path, original: Callable[..., _Data], stream: _Data, events: _Data) -> None:
    _keep(folder, stream)
    original(stream, events)
    _keep(folder, stream)  # a late batch was merged into a new list


def _keep(folder: Path, stream: _Data) -> None:
    if isinstance(stream["events"], list):
        stream["events"] = LogEvents(folder, stream["events"])


def _get(original: Callable[..., _Data], data: _Data) -> _Data:
    try:
        return original(data)
    except TooLargeError as error:
        token = str(data.get("nextToken") or "")
        forward = token.startswith("f/") if token else data.get("startFromHead", False)
        return original({**data, "limit": error.from_start if forward else error.from_end})


def _measuring(original: Callable[..., _Data], data: _Data) -> _Data:
    """Describe streams, reading only the number of their events."""
    token = _sizes.set(True)
    try:
        return original(data)
    finally:
        _sizes.reset(token)


def _records_of(logs: _Data) -> _Data:
    """A store as the emulator's of records by their pointers, that forgets the oldest."""
    base: Any = type(logs._log_records)  # noqa: SLF001 - in PRIVATE_NAMES

    class Records(base):  # type: ignore[misc]
        __slots__ = ("_order", "_size")

        def __init__(self) -> None:
            super().__init__()
            self._order: deque[tuple[Any, int]] = deque()
            self._size = 0

        def __setitem__(self, key: str, value: dict[str, Any]) -> None:
            super().__setitem__(key, value)
            size = len(value.get("@message", "")) + _OVERHEAD
            self._order.append((self._scoped(key), size))
            self._size += size
            while self._size > _RECORDS and len(self._order) > 1:
                oldest, freed = self._order.popleft()
                self._data.pop(oldest, None)
                self._size -= freed

    return Records()
