"""Makes the threads of MiniStack's Parallel and Map take turns."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections.state_call import current_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from constructs_ml.interpreter.clock import Clock

INLINE, DISTRIBUTED = 40, 1000
"""How many iterations of a Map run at a time: 40 on AWS too, and 10,000 of a distributed one."""


class Thread:
    """A thread of the simulation; its parameters are those of ``threading.Thread`` that MiniStack uses.

    Args:
        clock: Gives the turns.
        target: What it does.
        args: With which arguments.
        daemon: Of no meaning here.
    """

    def __init__(
        self,
        clock: Clock,
        target: Callable[..., object],
        args: tuple[Any, ...] = (),
        *,
        daemon: bool = True,  # noqa: ARG002 - of threading.Thread
    ) -> None:
        self._clock, self._work = clock, partial(target, *args)

    def start(self) -> None:
        """Starts it."""
        self._clock.start(self._work)

    def join(self) -> None:
        """Waits for it, and for those that were started with it."""
        self._clock.join()


class Pool:
    """A pool of simulated threads, which begin when its context ends, and have ended then.

    Args:
        clock: Gives the turns.
        max_workers: How many work at a time. MiniStack asks for 64 at most where a distributed Map has no limit.
    """

    def __init__(self, clock: Clock, max_workers: int) -> None:
        state = current_call().state
        distributed = ((state.get("ItemProcessor") or {}).get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
        limited = not distributed or state.get("MaxConcurrency") or "MaxConcurrencyPath" in state
        self._clock, self._workers = clock, DISTRIBUTED
        if limited:
            self._workers = min(max_workers, DISTRIBUTED if distributed else INLINE)
        self._waiting: deque[Callable[[], object]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for _worker in range(min(self._workers, len(self._waiting))):
            self._clock.start(self._work)
        self._clock.join()

    def submit(self, call: Callable[..., object], *args: Any) -> None:  # noqa: ANN401 - whatever it takes
        """Has something done."""
        self._waiting.append(partial(call, *args))

    def _work(self) -> None:
        while self._waiting and not self._clock.halted:
            self._waiting.popleft()()


def take_turns(module: Any, clock: Clock) -> None:  # noqa: ANN401 - MiniStack ships no types
    """Makes the threads of a copy of MiniStack's interpreter take the turns that a clock gives."""
    module.threading = SimpleNamespace(Thread=partial(Thread, clock), Lock=threading.Lock)
    module.ThreadPoolExecutor = partial(Pool, clock)
    # The end of the pool's context waits.
    module.futures_wait = lambda _futures: None
