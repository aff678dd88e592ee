"""One simulated execution: the interpreter, the recorder and the services."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.interpreter import interpreter
from constructs_ml.interpreter.clock import Ended
from constructs_ml.testing.execution import Execution, path_of
from constructs_ml.testing.recorder import Recorder
from constructs_ml.testing.services import Services

if TYPE_CHECKING:
    from random import Random

    from constructs_ml.interpreter.clock import Clock
    from constructs_ml.testing.machine import Machine
    from constructs_ml.testing.objects import SimulatedObjects
    from constructs_ml.testing.script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The parts of a simulation.

    Attributes:
        machine: The definition.
        script: The outcomes of attempts.
        clock: The time.
        chance: The source of random numbers.
        objects: The objects in S3. None: there are none at first, and only cached jobs read and write them.
    """

    machine: Machine
    script: Script
    clock: Clock
    chance: Random
    objects: SimulatedObjects | None = None

    def run(self, given: Any, name: str) -> Execution:  # noqa: ANN401 - any JSON
        """Run it.

        Args:
            given: The execution's input.
            name: The execution's name.

        Raises:
            SimulationError: If it cannot be carried out.
        """
        module = interpreter.load(self.clock, self.chance)
        definition = json.dumps(dict(self.machine.definition))
        problem = module._validate_definition_jsonata(definition)  # noqa: SLF001 - in pinned.LANGUAGE
        if problem:
            raise SimulationError(f"Step Functions refuses the definition: {problem}")
        recorder = Recorder(module, self.clock)
        services = Services(module, self.machine, self.script, recorder, self.clock, objects=self.objects)
        try:
            record = interpreter.run(module, definition, json.dumps(given), name)
        except Ended as ended:
            raise ended.error or ended from None
        return self._execution(record, recorder, services)

    def _execution(self, record: dict[str, Any], recorder: Recorder, services: Services) -> Execution:
        succeeded = record["status"] == "SUCCEEDED"
        return Execution(
            status=record["status"],
            path=path_of(recorder.way),
            input=json.loads(record["input"]),
            output=json.loads(record["output"]) if succeeded else None,
            # A Fail need not name its error.
            error=record.get("error") or None,
            cause=record.get("cause"),
            waited=self.clock.seconds,
            events=recorder.way.history[0],
            stopped=tuple(services.stopped),
            unused=self.script.unused,
            _names=tuple(self.machine.states),
            _requests=recorder.requests,
            _ways=tuple(recorder.ways),
        )
