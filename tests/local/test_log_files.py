"""Logs lie in files: every line arrives, however long or many, and costs no memory."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peaks import peak

from constructs_ml.local import LocalAws
from constructs_ml.local.emulator.disk.log_events import LogEvents, TooLargeError
from constructs_ml.local.host.container import lines_of
from constructs_ml.local.jobs.logs import JobLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MEGABYTE = 1 << 20
_GROUP = "/group"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as found:
        found.client("logs").create_log_group(logGroupName=_GROUP)
        yield found


class _Role:
    """A role that calls with the run's own key."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _service: str) -> Any:
        return self._client


def _log(client: Any, prefix: str, on_line: Callable[[str, str], None] = lambda _host, _line: None) -> JobLog:
    role: Any = _Role(client)
    log = JobLog(_GROUP, prefix, role, lambda: True, on_line)
    log.open(["algo-1"])
    return log


def _stream(logs: Any, prefix: str) -> str:
    found = logs.describe_log_streams(logGroupName=_GROUP, logStreamNamePrefix=prefix)["logStreams"]
    return str(found[0]["logStreamName"])


def _messages(logs: Any, stream: str, *, forward: bool) -> list[str]:
    """All messages, page by page, and no page larger than on AWS."""
    found: list[str] = []
    token, before = {}, None
    while True:
        page = logs.get_log_events(logGroupName=_GROUP, logStreamName=stream, startFromHead=forward, **token)
        new = page["nextForwardToken" if forward else "nextBackwardToken"]
        messages = [event["message"] for event in page["events"]]
        assert sum(map(len, messages)) <= _MEGABYTE or len(messages) == 1
        found = [*found, *messages] if forward else [*messages, *found]
        if new == before:
            return found
        token, before = {"nextToken": new}, new


@pytest.mark.local
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_long_log_costs_no_memory_and_is_read_from_both_ends(aws: LocalAws) -> None:
    logs = aws.client("logs")
    log = _log(logs, "long")
    before, lines = peak(aws._process.pid), [f"{number:06} {'x' * 493}" for number in range(20_000)]
    for line in lines:
        log.line("algo-1", line)
    log.close()
    assert log.error is None
    stream = _stream(logs, "long")
    assert _messages(logs, stream, forward=True) == lines
    assert _messages(logs, stream, forward=False) == lines
    assert logs.describe_log_streams(logGroupName=_GROUP)["logStreams"][0]["storedBytes"] == 500 * len(lines)
    found = logs.filter_log_events(logGroupName=_GROUP, filterPattern='"019999"')["events"]
    assert [event["message"] for event in found] == [lines[-1]]
    assert peak(aws._process.pid) - before < 60


@pytest.mark.local
def test_what_is_longer_than_an_event_becomes_several(aws: LocalAws) -> None:
    logs, shown = aws.client("logs"), list[str]()
    log = _log(logs, "wide", lambda _host, line: shown.append(line))
    content = [b"z" * (3 * _MEGABYTE), "ü€😀".encode() * 200_000, bytes(range(128, 192)) * 9000, b"", b"end"]
    for line in lines_of(io.BytesIO(b"\n".join(content))):
        log.line("algo-1", line)
    log.close()
    wanted = b"".join(content).decode("utf-8", "replace")
    assert "".join(shown) == wanted
    messages = _messages(logs, _stream(logs, "wide"), forward=True)
    assert "".join(messages) == wanted
    assert max(len(message.encode()) for message in messages) <= 262_144


@pytest.mark.local
def test_a_late_batch_is_put_in_its_place(aws: LocalAws) -> None:
    logs = aws.client("logs")
    logs.create_log_stream(logGroupName=_GROUP, logStreamName="late")
    now = int(time.time() * 1000)
    for start in (2000, 0, 1000):
        events = [{"timestamp": now + start + number, "message": f"{start + number}"} for number in range(1000)]
        logs.put_log_events(logGroupName=_GROUP, logStreamName="late", logEvents=events)
    assert _messages(logs, "late", forward=True) == [str(number) for number in range(3000)]
    page = logs.get_log_events(logGroupName=_GROUP, logStreamName="late", startTime=now + 1500, endTime=now + 1510)
    assert [event["message"] for event in page["events"]] == [str(number) for number in range(1500, 1510)]
    logs.delete_log_stream(logGroupName=_GROUP, logStreamName="late")


@given(st.lists(st.lists(st.text(max_size=5), max_size=700), max_size=6), st.integers(), st.integers())
def test_events_are_a_list(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]], one: int, two: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "events"
    folder.mkdir(exist_ok=True)
    events, plain = LogEvents(folder), list[dict[str, Any]]()
    for batch in batches:
        made = [{"message": text} for text in batch]
        events.extend(made)
        plain += made
    assert len(events) == len(plain)
    assert list(events) == plain
    first, last = (number % (len(plain) + 1) for number in (one, two))
    assert events[first:last] == plain[first:last]
    if plain:
        assert events[one % len(plain)] == plain[one % len(plain)]
        assert events[-1] == plain[-1]
    del events
    assert list(folder.iterdir()) == []


def test_a_page_that_is_too_large_says_what_fits(tmp_path: Path) -> None:
    events = LogEvents(tmp_path, ({"message": "x" * size} for size in (10, 20, _MEGABYTE, 600_000, 400_000)))
    with pytest.raises(TooLargeError) as caught:
        events[:]
    assert (caught.value.from_start, caught.value.from_end) == (2, 2)
    assert [len(event["message"]) for event in events[3:]] == [600_000, 400_000]
    assert len(events[2:3]) == 1


@given(st.binary(max_size=60), st.integers(1, 9))
def test_lines_are_as_of_the_whole_output(content: bytes, size: int) -> None:
    from constructs_ml.local.host import container

    before, container._LINE = container._LINE, 1000
    try:
        whole = list(lines_of(io.BytesIO(content)))
        container._LINE = size
        cut = list(lines_of(io.BytesIO(content)))
    finally:
        container._LINE = before
    assert whole == [
        line.rstrip("\r") for line in content.decode("utf-8", "replace").removesuffix("\n").split("\n") if content
    ]
    assert "".join(cut).replace("\r", "") == "".join(whole).replace("\r", "")


def test_a_job_that_writes_too_fast_waits_and_goes_on_when_the_log_is_refused() -> None:
    import threading

    from botocore.exceptions import EndpointConnectionError

    class Client:
        exceptions = type("Exceptions", (), {"ResourceAlreadyExistsException": KeyError, "ClientError": KeyError})
        taken = threading.Event()
        fails = False

        def describe_log_streams(self, **_: Any) -> None: ...

        def create_log_stream(self, **_: Any) -> None: ...

        def put_log_events(self, **_: Any) -> None:
            self.taken.wait(10)
            if self.fails:
                raise EndpointConnectionError(endpoint_url="x")

    for fails in (False, True):
        client = Client()
        client.fails = fails
        client.taken.clear()
        log, written = _log(client, "p"), list[int]()

        def write(log: JobLog = log, written: list[int] = written) -> None:
            for number in range(40):
                log.line("algo-1", "x" * 250_000)
                written.append(number)

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()
        # What is under way, and what waits: 4 MB each, and the line that makes it more.
        assert len(written) * 250_000 < 10 * _MEGABYTE
        client.taken.set()
        writer.join(10)
        assert len(written) == 40
        log.close()
        assert bool(log.error) is fails
