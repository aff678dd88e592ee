"""Signals that ask a run to end: each becomes an exception, and none cuts short a cleanup."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# A closed terminal, Ctrl-C, Ctrl-\, and what `kill` and supervisors send; Windows lacks some.
_NAMES = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
_SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
# What follows so soon is one wish, as of `timeout`, which signals a process and then its group.
_ONE_WISH_SECONDS = 1.0


class Interrupted(BaseException):
    """A signal asked this process to end. It is not an error, like KeyboardInterrupt.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        self.number = signal.Signals(number)
        super().__init__(self.number.name)


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Raise ``Interrupted`` for signals that would otherwise end this process at once; ignored signals stay ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread set handlers
        return
    last = float("-inf")

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal last
        since, last = time.monotonic() - last, time.monotonic()
        if since > _ONE_WISH_SECONDS:
            raise Interrupted(number)

    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: found for number in _SIGNALS if (found := signal.getsignal(number)) in usual}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Let the block run to its end: a signal that this process handles takes effect afterwards.

    It is not heard if what is inside raises, or is there because of another one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run in the main thread only
        return
    held: list[tuple[int, FrameType | None]] = []

    def hold(number: int, frame: FrameType | None) -> None:
        held.append((number, frame))

    before = {number: found for number in _SIGNALS if callable(found := signal.getsignal(number))}
    for number in before:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        number, frame = held[0]
        before[signal.Signals(number)](number, frame)
