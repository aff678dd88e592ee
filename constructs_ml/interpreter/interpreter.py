"""MiniStack's interpreter of the Amazon States Language, in simulated time.

Each simulation has a copy of MiniStack's module, loaded from the same file and corrected (``corrections``), in which threads
take turns and time is the clock's. The module that others import remains unchanged, so nothing has to be undone, and
simulations do not interfere with each other.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.interpreter.clock import Ended
from constructs_ml.interpreter.corrections import correct
from constructs_ml.interpreter.corrections.paths import UNFOLLOWED
from constructs_ml.interpreter.pinned import LANGUAGE, STEP_FUNCTIONS, check
from constructs_ml.interpreter.timekeeping import keep_expressions, keep_functions, keep_time, take_turns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from constructs_ml.interpreter.clock import Clock

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        STEP_FUNCTIONS: (
            *LANGUAGE,
            "ThreadPoolExecutor",
            "_executions",
            "_find_matching_retrier",
            "_map_runs",
            "_parse_ts",
            "_register_sfn_jsonata_functions",
            "_scaled_sleep",
            "_sfn_jsonata_random",
            "_sfn_mock_config",
            "_sleep_until",
            "_start_sync_execution",
            "_state_machines",
            "futures_wait",
            "jsonata",
            "now_iso",
            "threading",
            "time",
        ),
        "ministack.core.responses": ("request_scope",),
    }
)
"""The names of MiniStack that a simulation uses, besides those of the corrections."""

# MiniStack ships no types, and payloads are any JSON.
_Data = Any


@cache
def _checked() -> None:
    check(NAMES)


def load(clock: Clock, chance: Random) -> _Data:
    """Return a copy of MiniStack's interpreter.

    Args:
        clock: The time in it.
        chance: The source of the jitter of retries and of JSONata's random numbers.

    Raises:
        LocalRunError: If another MiniStack is installed than the one this is written for.
    """
    _checked()
    spec = importlib.util.find_spec(STEP_FUNCTIONS)
    assert spec is not None  # noqa: S101 - it has been checked
    assert spec.loader is not None  # noqa: S101
    module: _Data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._sfn_mock_config = {}  # noqa: SLF001 - in NAMES
    take_turns(module, clock)
    keep_time(module, clock, chance)
    correct(module)
    keep_functions(module, clock, chance)
    keep_expressions(module)
    return module


def run(module: _Data, definition: str, given: str, name: str) -> dict[str, _Data]:
    """Run a definition to its end.

    Args:
        module: A copy of MiniStack's interpreter.
        definition: The definition.
        given: The execution's input.
        name: The execution's name.

    Returns:
        MiniStack's record of the execution.

    Raises:
        Ended: If the simulation itself failed.
        SimulationError: If the definition has a path that MiniStack cannot follow.
    """
    responses: _Data = importlib.import_module("ministack.core.responses")
    region, account = "us-east-1", "111122223333"
    machine = f"arn:aws:states:{region}:{account}:stateMachine:simulated"
    with responses.request_scope(account, region):
        module._state_machines[machine] = {  # noqa: SLF001 - in NAMES
            "stateMachineArn": machine,
            "name": "simulated",
            "definition": definition,
            "roleArn": f"arn:aws:iam::{account}:role/simulated",
        }
        arn = f"arn:aws:states:{region}:{account}:execution:simulated:{name}"
        try:
            request = {"stateMachineArn": machine, "name": name, "input": given}
            module._start_sync_execution(request)  # noqa: SLF001
        except Ended as ended:
            if not ended.status:
                raise
            error = "States.Timeout" if ended.status == "TIMED_OUT" else None
            module._executions[arn] |= {"status": ended.status, "error": error}  # noqa: SLF001
        record: dict[str, _Data] = module._executions[arn]  # noqa: SLF001
        if UNFOLLOWED in str(record.get("cause")):
            raise SimulationError(f"{record['cause']}: it cannot be simulated")
        return record
