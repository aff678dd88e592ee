"""Signals that ask to end are exceptions, and cut short nothing that cleans up."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from constructs_ml.interrupts import Interrupted, deferred, raised

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM]


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """As at a terminal, whoever runs the tests."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _NUMBERS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _send(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0)  # a handler runs between two instructions


@pytest.mark.parametrize("number", _NUMBERS)
def test_a_signal_is_raised_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in _NUMBERS]
    with pytest.raises(Interrupted) as caught, raised():
        _send(number)
    assert caught.value.number is number
    assert [signal.getsignal(each) for each in _NUMBERS] == before


def test_a_second_one_right_after_it_is_the_same_wish() -> None:
    done = []

    def end() -> None:
        try:
            _send(signal.SIGTERM)
        finally:
            _send(signal.SIGTERM)
            done.append(True)

    with raised(), pytest.raises(Interrupted):
        end()
    assert done == [True]


def test_later_it_is_raised_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_ml.interrupts._ONE_WISH_SECONDS", 0.01)
    with raised():
        for _ in range(2):
            with pytest.raises(Interrupted):
                _send(signal.SIGTERM)
            time.sleep(0.05)


def test_what_is_ignored_stays_ignored() -> None:
    """As by nohup, and by a shell for what runs in its background."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    with raised(), deferred():
        _send(signal.SIGHUP)
        _send(signal.SIGINT)


def test_handlers_of_the_users_stay() -> None:
    heard = []
    signal.signal(signal.SIGTERM, lambda *_: heard.append("user"))
    with raised():
        _send(signal.SIGTERM)
        with deferred():
            _send(signal.SIGTERM)
            assert heard == ["user"]
    assert heard == ["user", "user"]


@pytest.mark.parametrize("handled", [True, False])
def test_what_cleans_up_comes_to_its_end(*, handled: bool) -> None:
    done = []
    expected = Interrupted if handled else KeyboardInterrupt

    def clean_up() -> None:
        with deferred():
            for step in range(3):
                _send(signal.SIGINT)
                with deferred():
                    done.append(step)

    with raised() if handled else contextlib.nullcontext(), pytest.raises(expected):
        clean_up()
    assert done == [0, 1, 2]


def test_an_error_inside_comes_first() -> None:
    def fail() -> None:
        with deferred():
            _send(signal.SIGTERM)
            raise ValueError("x")

    with raised(), pytest.raises(ValueError, match="x"):
        fail()


def test_other_threads_are_left_alone() -> None:
    done = []

    def work() -> None:
        with raised(), deferred():
            done.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.SIG_DFL]


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGHUP, 129, "ended by SIGHUP")]
)
def test_the_command_says_so(number: signal.Signals, code: int, said: str) -> None:
    script = f"""
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from constructs_ml import cli
from constructs_ml.cli import commands
import click
@commands.cli.command()
def hangs():
    os.kill(os.getpid(), {int(number)})
cli.main(["hangs"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (code, said)
