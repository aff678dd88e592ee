"""Responses to the calls of a simulated execution: as scripted, or as SageMaker would if all succeeded."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.interpreter.clock import Ended, Interrupted
from constructs_ml.interpreter.corrections import wrap
from constructs_ml.interpreter.corrections.intrinsics import send
from constructs_ml.interpreter.corrections.paths import check_size
from constructs_ml.local.api.requests import completed, problems, whole_numbers
from constructs_ml.local.aws.describe import as_json, as_text_times
from constructs_ml.local.emulator.integrations import JOBS, Integration, TaskError
from constructs_ml.local.jobs.call import ApiError, invalid
from constructs_ml.sagemaker.model import operations
from constructs_ml.testing.fields import limit_of, written
from constructs_ml.testing.job_outputs import write_outputs
from constructs_ml.testing.machine import is_start
from constructs_ml.testing.objects import SimulatedObjects
from constructs_ml.testing.others import answer, refusal_of
from constructs_ml.testing.outcomes import Aborted, Ending, Endless, Raised, Refused, Returned
from constructs_ml.testing.refusals import certain_refusals
from constructs_ml.testing.reported import returned
from constructs_ml.testing.responses import merged
from constructs_ml.testing.s3 import SimulatedS3
from constructs_ml.testing.world import World, has_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.clock import Clock
    from constructs_ml.testing.machine import Machine
    from constructs_ml.testing.outcomes import Outcome
    from constructs_ml.testing.recorder import Recorder
    from constructs_ml.testing.script import Script

# Payloads are any JSON.
_Data = Any
_ENDING = "ending"


class Services:
    """The services that an execution calls.

    Args:
        module: The copy of MiniStack's interpreter that runs it.
        machine: The definition.
        script: The outcomes of attempts.
        recorder: Knows what runs.
        clock: The simulated time.
        objects: The objects in S3. None: there are none at first, and only cached jobs read and write them.
    """

    def __init__(
        self,
        module: _Data,
        machine: Machine,
        script: Script,
        recorder: Recorder,
        clock: Clock,
        *,
        objects: SimulatedObjects | None = None,
    ) -> None:
        self._module = module
        self._machine, self._script, self._recorder, self._clock = machine, script, recorder, clock
        self._all_read = objects is not None
        self._objects = SimulatedObjects() if objects is None else objects
        self._objects.keep_time(clock)
        self._s3 = SimulatedS3(self._objects)
        for cached in machine.cached.values():
            recorder.requests[cached.name] = []
        self._world = World(clock)
        self._operations = operations()
        self.stopped: list[str] = []
        for name in ("_invoke_resource", "_invoke_resource_with_timeout", "_invoke_with_callback"):
            setattr(module, name, partial(send, module, self._invoke))
        module._read_map_items = self._read_items  # noqa: SLF001 - in interpreter.NAMES
        wrap(module, "_apply_result_selector", self._written)

    def _invoke(self, resource: str, request: _Data, *_: _Data) -> _Data:
        self._recorder.count(4 if ".sync" in resource else 3)
        result = self._guarded(lambda: self._answer(resource, request))
        check_size(self._module, result)
        return result

    def _guarded(self, work: Callable[[], _Data]) -> _Data:
        """Return a result as JSON; an exception ends the state or, if it is not an error of a state, the simulation."""
        try:
            return json.loads(json.dumps(work()))
        except TaskError as error:
            raise self._module._ExecutionError(error.error, error.cause) from error  # noqa: SLF001
        except self._module._ExecutionError:  # noqa: SLF001
            raise
        except Exception as error:  # noqa: BLE001 - MiniStack would take it for a fault of the state
            self._clock.end(Ended("", error))

    def _answer(self, resource: str, request: _Data) -> _Data:
        name = self._recorder.step.name
        if ":sagemaker:" not in resource:
            self._recorder.called(name, request)
            refused = refusal_of(resource, request)
            if refused:
                raise TaskError("States.Runtime", refused)
            outcome = returned(name, resource.rpartition(":states:::")[2], self._next(name, request))
            self._pass(outcome)
            if outcome is None and (self._all_read or name in self._machine.cached) and self._s3.answers(resource):
                return self._s3.call(name, resource, request)
            return answer(name, resource, outcome)
        integration = Integration.of(resource, self._operations)
        around = self._machine.around.get(name)
        scripted = name if around is None or self._script.has(name) else around.name
        self._recorder.called(name, request)
        if scripted != name and not integration.sync:
            return self._looked(scripted, integration, request)
        if scripted != name:
            self._recorder.called(scripted, request)
        return self._called(scripted, integration, request)

    def _called(self, name: str, integration: Integration, request: _Data) -> _Data:
        """Call SageMaker, scripted by the name of the state or of the state that contains it."""
        written_before = self._objects.writes
        outcome = returned(name, integration.operation, self._next(name, request))
        self._refuse(integration, outcome)
        if integration.sync:
            return self._job(name, integration, request, outcome, written_before)
        ending = outcome if isinstance(outcome, (Ending, Endless)) and has_status(integration.operation) else None
        if ending is None:
            if isinstance(outcome, Ending):
                message = f"{name}: {integration.operation} starts nothing that could fail or stop later"
                raise SimulationError(f"{message}; write refused('ValidationException', ...)")
            self._pass(outcome)
        response = self._do(integration, request, ending)
        return merged(integration.operation, response, outcome.value) if isinstance(outcome, Returned) else response

    def _looked(self, around: str, integration: Integration, request: _Data) -> _Data:
        """Call SageMaker in a state that polls: an outcome of that state is the final status of the resource."""
        known = self._recorder.current.known
        action = integration.operation[:1].lower() + integration.operation[1:]
        looks = action.startswith("describe")
        begins = is_start(action) or (looks and not self._machine.starts(around) and _ENDING not in known)
        if begins:
            self._recorder.called(around, request)
            outcome = returned(around, integration.operation, self._next(around, request))
            self._refuse(integration, outcome)
            if isinstance(outcome, Aborted):
                self._pass(outcome)
            known[_ENDING] = outcome
        return self._do(integration, request, known.get(_ENDING) if looks or begins else None)

    def _job(
        self, name: str, integration: Integration, request: _Data, outcome: Outcome | None, written_before: int
    ) -> _Data:
        """Run a job that the state waits for."""
        kind = JOBS[integration.operation]
        created = self._do(integration, request, None)
        try:
            self._pass(outcome)
        except (TaskError, Interrupted):
            self.stopped.append(name)
            raise
        ending = None if isinstance(outcome, Returned) else outcome
        named = {kind.name_member: request[kind.name_member]}
        described = self._world.call(kind.describe_operation, {**named, **created}, ending)
        if isinstance(outcome, Returned):
            described = merged(kind.describe_operation, described, outcome.value)
        response = as_json(described)
        if outcome is not None and not isinstance(outcome, Returned):
            raise TaskError("States.TaskFailed", json.dumps(response))
        if described[kind.status_member] == "Completed":
            write_outputs(self._objects, kind, request, described, written_before)
        return response

    def _do(self, integration: Integration, request: _Data, ending: Outcome | None) -> _Data:
        request = completed(integration.operation, whole_numbers(request))
        try:
            problem = problems(integration.operation, request)
            if problem:
                self._refuse_for_ever(integration.operation, request)
                raise invalid(problem)
            return as_text_times(self._world.call(integration.operation, request, ending))
        except ApiError as error:
            raise integration.refusal(error) from error

    def _refuse_for_ever(self, operation: str, request: _Data) -> None:
        """End the simulation if a request is wrong in every execution.

        Raises:
            SimulationError: If the request is wrong.
        """
        step = self._recorder.step
        faults = certain_refusals(step.state, operation, request, self._machine.made)
        if faults:
            raise SimulationError("\n".join(f"{step.name}: SageMaker refuses {operation}: {fault}" for fault in faults))

    def _next(self, name: str, request: _Data) -> Outcome | None:
        step = self._recorder.step
        step.calls += 1
        outcome = self._script.next(name, request, step.calls)
        if isinstance(outcome, Raised):
            self._clock.sleep(outcome.after)
            raise TaskError(outcome.error, outcome.cause)
        return outcome

    def _refuse(self, integration: Integration, outcome: Outcome | None) -> None:
        if isinstance(outcome, Refused):
            raise integration.refusal(ApiError(outcome.code, outcome.message))

    def _pass(self, outcome: Outcome | None) -> None:
        """Let the time of a call pass.

        Raises:
            TaskError: If the state's time is over before.
            SimulationError: If it is never over.
        """
        step = self._recorder.step
        seconds, error = limit_of(self._module, step)
        if isinstance(outcome, Endless) and seconds is None:
            fix = "pass task_timeout= to the state, or script fails(...) or stopped()"
            raise SimulationError(f"{step.name} cannot time out, as it has no TimeoutSeconds; {fix}")
        after = outcome.after if outcome is not None else 0
        if seconds is not None and (isinstance(outcome, Endless) or after > seconds):
            self._clock.sleep(seconds)
            raise TaskError(error, "")
        self._clock.sleep(after)
        if isinstance(outcome, Aborted):
            self._clock.end(Ended("ABORTED"))

    def _read_items(self, reader: _Data, effective: _Data, ctx: _Data) -> list[_Data]:
        items: list[_Data] = self._guarded(lambda: self._items(reader, effective, ctx))
        return items

    def _items(self, reader: _Data, effective: _Data, ctx: _Data) -> list[_Data]:
        """The items that a distributed Map reads."""
        name = self._recorder.step.name
        outcome = returned(name, "a reader of items", self._next(name, reader.get("Arguments")))
        if not isinstance(outcome, Returned) or not isinstance(outcome.value, list):
            fix = f"script its items: {{{name!r}: returns([...])}}"
            raise SimulationError(f"{name} reads its items with an ItemReader, but has none to read; {fix}")
        config = reader.get("ReaderConfig") or {}
        most = config.get("MaxItems")
        if "MaxItemsPath" in config:
            most = self._module._resolve_path_or_ctx(config["MaxItemsPath"], effective, ctx)  # noqa: SLF001
        return list(outcome.value[: int(most)] if most else outcome.value)

    def _written(self, original: Callable[..., _Data], state: dict[str, _Data], result: _Data) -> _Data:
        """Return the output of a distributed Map that writes its results: their location."""
        if state.get("Type") != "Map" or "Resource" not in state.get("ResultWriter", ()):
            return original(state, result)
        return original(state, written(self._module, self._recorder.step))
