"""Replacement of MiniStack's waits, retries, timestamps, random numbers, expressions and threads by simulated ones."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections import wrap
from constructs_ml.interpreter.corrections.state_call import current_call
from constructs_ml.interpreter.expressions.times import from_millis

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from typing_extensions import Self

    from constructs_ml.interpreter.clock import Clock

# MiniStack ships no types, and payloads are any JSON.
_Data = Any
_EXPRESSION_MILLISECONDS = 1000
INLINE, DISTRIBUTED = 40, 1000
"""The number of parallel iterations of a Map: 40 on AWS too, and 10,000 of a distributed one."""


def keep_time(module: _Data, clock: Clock, chance: Random) -> None:
    """Make time that of a clock.

    Args:
        module: A copy of MiniStack's interpreter.
        clock: The clock.
        chance: The source of the jitter of retries.
    """
    delay: contextvars.ContextVar[float | None] = contextvars.ContextVar("delay", default=None)

    def find_retrier(original: Callable[..., _Data], retriers: _Data, error: str, counts: dict[int, int]) -> _Data:
        retrier, index = original(retriers, error, counts)
        if retrier is not None:
            # MiniStack waits a minute at most, and knows neither MaxDelaySeconds nor jitter.
            seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** counts.get(index, 0)
            seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
            delay.set(chance.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds)
        return retrier, index

    def sleep(seconds: float) -> None:
        retry = delay.get()
        delay.set(None)
        clock.sleep(seconds if retry is None else retry)

    def sleep_until(text: str) -> None:
        moment = module._parse_ts(text)  # noqa: SLF001 - in interpreter.NAMES
        if moment is None or moment.tzinfo is None:
            raise module._ExecutionError("States.Runtime", f"{text!r} is not a timestamp with a time zone")  # noqa: SLF001
        clock.sleep((moment - clock.now).total_seconds())

    wrap(module, "_find_matching_retrier", find_retrier)
    module._scaled_sleep = sleep  # noqa: SLF001
    module._sleep_until = sleep_until  # noqa: SLF001
    module.now_iso = lambda: clock.text
    module.time = SimpleNamespace(sleep=lambda _seconds: None)


def keep_functions(module: _Data, clock: Clock, chance: Random) -> None:
    """Replace JSONata's functions for times and random values by those of a simulation.

    Args:
        module: A copy of MiniStack's interpreter.
        clock: The clock.
        chance: The source of random numbers.
    """
    seeded = module._sfn_jsonata_random  # noqa: SLF001

    def register(original: Callable[[_Data], None], expression: _Data) -> None:
        original(expression)
        now = int(clock.now.timestamp() * 1000)
        expression.register_lambda("millis", lambda: now)
        expression.register_lambda("now", lambda picture=None, zone=None: from_millis(now, picture, zone))
        expression.register_lambda("random", lambda seed=None: chance.random() if seed is None else seeded(seed))

    wrap(module, "_register_sfn_jsonata_functions", register)


def keep_expressions(module: _Data) -> None:
    """Parse each JSONata expression only once: loops evaluate the same ones again and again.

    Args:
        module: A copy of MiniStack's interpreter.
    """
    fresh = module.jsonata.Jsonata.jsonata
    parsed: dict[str, _Data] = {}

    def parse(text: str, timeout: int = _EXPRESSION_MILLISECONDS) -> _Data:
        if text not in parsed:
            parsed[text] = fresh(text)
        expression = parsed[text]
        # Its time starts now, and the functions of the library look for the expression that this thread evaluates.
        expression.limit(timeout)
        expression.current()
        return expression

    module.jsonata = SimpleNamespace(Jsonata=SimpleNamespace(jsonata=parse))


class Thread:
    """A thread of the simulation; its parameters are those of ``threading.Thread`` that MiniStack uses.

    Args:
        clock: Gives the turns.
        target: Its function.
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
        """Start it."""
        self._clock.start(self._work)

    def join(self) -> None:
        """Wait for it, and for those that were started with it."""
        self._clock.join()


class Pool:
    """A pool of simulated threads, which start when its context ends, and are joined there.

    Args:
        clock: Gives the turns.
        max_workers: The number of parallel threads. MiniStack asks for at most 64 if a distributed Map has no limit.
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
        """Schedule a call."""
        self._waiting.append(partial(call, *args))

    def _work(self) -> None:
        while self._waiting and not self._clock.halted:
            self._waiting.popleft()()


def take_turns(module: Any, clock: Clock) -> None:  # noqa: ANN401 - MiniStack ships no types
    """Let the threads of a copy of MiniStack's interpreter take turns on a clock."""
    module.threading = SimpleNamespace(Thread=partial(Thread, clock), Lock=threading.Lock)
    module.ThreadPoolExecutor = partial(Pool, clock)
    # The end of the pool's context waits.
    module.futures_wait = lambda _futures: None
