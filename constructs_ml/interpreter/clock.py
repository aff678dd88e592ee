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
        status: What it ends as: ``TIMED_OUT`` or ``ABORTED``; empty if the simulation itself failed.
        error: Why the simulation failed.
    """

    def __init__(self, status: str, error: Exception | None = None) -> None:
        super().__init__(status)
        self.status, self.error = status, error


class Strand:
    """A thread that takes turns with others.

    Args:
        work: What it does; None for the thread that there is already.
        parent: The strand that started it.
    """

    def __init__(self, work: Callable[[], object] | None = None, parent: Strand | None = None) -> None:
        self.work, self.parent = work, parent
        self.children: list[Strand] = []
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
        start: When it starts.
        limit: Seconds after which it is timed out. None: never.
    """

    def __init__(self, start: datetime, limit: float | None = None) -> None:
        self._start, self._limit = start, limit
        self.seconds = 0.0
        self.root = self.current = Strand()
        self._ready: deque[Strand] = deque()
        self._sleeping: list[tuple[float, int, Strand]] = []
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
        """Lets time pass for the strand that runs."""
        if seconds <= 0:
            return
        self._numbers += 1
        self.current.sleeps = self._numbers
        heapq.heappush(self._sleeping, (self.seconds + seconds, self._numbers, self.current))
        self._switch()

    def start(self, work: Callable[[], object]) -> Strand:
        """Starts a strand; it has its first turn when the one that runs waits."""
        strand = Strand(work, self.current)
        self.current.children.append(strand)
        threading.Thread(target=self._run, args=(strand,), daemon=True).start()
        self._ready.append(strand)
        return strand

    def join(self) -> None:
        """Waits for all strands that the one that runs has started.

        Raises:
            Interrupted: If it is interrupted meanwhile; they are too, and have ended.
            BaseException: What one of them could not handle.
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
        """Ends the whole execution, from whatever strand runs.

        Raises:
            Interrupted: Always.
        """
        if self.current is self.root:
            raise ended
        self.interrupt(self.root, ended)
        raise Interrupted

    def halt_siblings(self) -> None:
        """Makes the strands that were started together with the one that runs end, and start no more."""
        parent = self.current.parent
        if parent is not None:
            parent.halted = True
            for sibling in parent.children:
                if sibling is not self.current:
                    self.interrupt(sibling)

    @property
    def halted(self) -> bool:
        """Whether the strands that were started together with the one that runs are to end."""
        return self.current.parent is not None and self.current.parent.halted

    def interrupt(self, strand: Strand, reason: Interrupted | None = None) -> None:
        """Makes a strand that waits end, at once."""
        if strand.done or strand.interrupt is not None:
            return
        strand.interrupt = reason or Interrupted()
        strand.sleeps, strand.joins = 0, False
        if strand not in self._ready:
            self._ready.append(strand)

    def _wait_for_children(self, me: Strand) -> None:
        while any(not child.done for child in me.children):
            me.joins = True
            self._switch()

    def _run(self, strand: Strand) -> None:
        strand.turn.acquire()
        try:
            if strand.interrupt is None and strand.work is not None:
                strand.work()
        except Interrupted:
            pass
        except BaseException as error:  # noqa: BLE001 - the strand that joins this one raises it
            strand.failure = error
        strand.done = True
        parent = strand.parent
        if parent is not None and parent.joins and all(child.done for child in parent.children):
            parent.joins = False
            self._ready.append(parent)
        self._hand_over(self._next())

    def _switch(self) -> None:
        """Gives the turn to the next strand, and comes back at the next turn of this one."""
        me, following = self.current, self._next()
        if following is not me:
            self._hand_over(following)
            me.turn.acquire()
        reason, me.interrupt = me.interrupt, None
        if reason is not None:
            raise reason

    def _hand_over(self, following: Strand) -> None:
        self.current = following
        following.turn.release()

    def _next(self) -> Strand:
        while not self._ready:
            at, number, strand = heapq.heappop(self._sleeping)
            if strand.sleeps != number:
                continue  # it was interrupted meanwhile
            if self._limit is not None and at > self._limit:
                heapq.heappush(self._sleeping, (at, number, strand))
                self.seconds, self._limit = self._limit, None
                self.interrupt(self.root, Ended("TIMED_OUT"))
                continue
            self.seconds, strand.sleeps = at, 0
            return strand
        return self._ready.popleft()
