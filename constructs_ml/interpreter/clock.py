"""Simulated time: threads that take turns, and a clock that jumps to the next of them that wakes.

The branches of a Parallel and the iterations of a Map are threads of MiniStack's. One of them runs at a time, the others
wait for their turn, so that what happens is the same in every run; time passes only when all of them sleep.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Interrupted(BaseException):
    """Ends the states of a branch."""


class Ended(Interrupted):
    """Ends the whole execution.

    Attributes:
        status: Its final status: ``TIMED_OUT`` or ``ABORTED``; empty if the simulation itself failed.
        error: The error that ended the simulation.
    """

    def __init__(self, status: str, error: Exception | None = None) -> None:
        super().__init__(status)
        self.status, self.error = status, error


class SimThread:
    """A thread that takes turns with others.

    Args:
        work: Its function; None for the thread that exists already.
        parent: The thread that started it.
    """

    def __init__(self, work: Callable[[], object] | None = None, parent: SimThread | None = None) -> None:
        self.work, self.parent = work, parent
        self.children: list[SimThread] = []
        self.turn = threading.Semaphore(0)
        self.interrupt: Interrupted | None = None
        self.failure: BaseException | None = None
        self.sleeps = 0
        self.joins = False
        self.halted = False
        self.done = False


class Clock:
    """The simulated time of one execution.

    Args:
        start: The time at which it starts.
        limit: Seconds after which it is timed out. None: never.
    """

    def __init__(self, start: datetime, limit: float | None = None) -> None:
        self._start, self._limit = start, limit
        self.seconds = 0.0
        self.root = self.current = SimThread()
        self._ready: deque[SimThread] = deque()
        self._sleeping: list[tuple[float, int, SimThread]] = []
        self._numbers = 0

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self._start + timedelta(seconds=self.seconds)

    @property
    def text(self) -> str:
        """The moment as Step Functions writes it."""
        return f"{self.now.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}.{self.now.microsecond // 1000:03d}Z"

    def sleep(self, seconds: float) -> None:
        """Let time pass for the running thread."""
        if seconds <= 0:
            return
        self._numbers += 1
        self.current.sleeps = self._numbers
        heapq.heappush(self._sleeping, (self.seconds + seconds, self._numbers, self.current))
        self._switch()

    def start(self, work: Callable[[], object]) -> SimThread:
        """Start a thread, whose first turn comes when the running one waits."""
        thread = SimThread(work, self.current)
        self.current.children.append(thread)
        threading.Thread(target=self._run, args=(thread,), daemon=True).start()
        self._ready.append(thread)
        return thread

    def join(self) -> None:
        """Wait for all threads that the running one has started.

        Raises:
            Interrupted: If it is interrupted meanwhile; they are too, and have ended.
            BaseException: An exception that one of them did not handle.
        """
        me = self.current
        try:
            self._wait_for_children(me)
        except Interrupted:
            for child in me.children:
                self.interrupt(child)
            self._wait_for_children(me)
            raise
        finally:
            failures = [child.failure for child in me.children if child.failure is not None]
            me.children.clear()
            me.halted = False
        for failure in failures:
            raise failure

    def end(self, ended: Ended) -> NoReturn:
        """End the whole execution, from any thread.

        Raises:
            Interrupted: Always.
        """
        if self.current is self.root:
            raise ended
        self.interrupt(self.root, ended)
        raise Interrupted

    def halt_siblings(self) -> None:
        """End the threads that were started together with the running one, and start no more."""
        parent = self.current.parent
        if parent is not None:
            parent.halted = True
            for sibling in parent.children:
                if sibling is not self.current:
                    self.interrupt(sibling)

    @property
    def halted(self) -> bool:
        """True if the threads that were started together with the running one are to end."""
        return self.current.parent is not None and self.current.parent.halted

    def interrupt(self, thread: SimThread, reason: Interrupted | None = None) -> None:
        """End a waiting thread at once."""
        if thread.done or thread.interrupt is not None:
            return
        thread.interrupt = reason or Interrupted()
        thread.sleeps, thread.joins = 0, False
        if thread not in self._ready:
            self._ready.append(thread)

    def _wait_for_children(self, me: SimThread) -> None:
        while any(not child.done for child in me.children):
            me.joins = True
            self._switch()

    def _run(self, thread: SimThread) -> None:
        thread.turn.acquire()
        try:
            if thread.interrupt is None and thread.work is not None:
                thread.work()
        except Interrupted:
            pass
        except BaseException as error:  # noqa: BLE001 - the thread that joins this one raises it
            thread.failure = error
        thread.done = True
        parent = thread.parent
        if parent is not None and parent.joins and all(child.done for child in parent.children):
            parent.joins = False
            self._ready.append(parent)
        self._hand_over(self._next())

    def _switch(self) -> None:
        """Give the turn to the next thread, and return at the next turn of this one."""
        me, following = self.current, self._next()
        if following is not me:
            self._hand_over(following)
            me.turn.acquire()
        reason, me.interrupt = me.interrupt, None
        if reason is not None:
            raise reason

    def _hand_over(self, following: SimThread) -> None:
        self.current = following
        following.turn.release()

    def _next(self) -> SimThread:
        while not self._ready:
            at, number, thread = heapq.heappop(self._sleeping)
            if thread.sleeps != number:
                continue  # it was interrupted meanwhile
            if self._limit is not None and at > self._limit:
                heapq.heappush(self._sleeping, (at, number, thread))
                self.seconds, self._limit = self._limit, None
                self.interrupt(self.root, Ended("TIMED_OUT"))
                continue
            self.seconds, thread.sleeps = at, 0
            return thread
        return self._ready.popleft()
