"""The embedded AWS: MiniStack, through private names that ``pinned`` lists and checks.

``corrections`` puts its interpreter of the Amazon States Language right. Beside that, MiniStack has no SageMaker
integrations; does not say which state a task belongs to; reports nothing of the states inside a Parallel or Map; and lets
tasks run on when their execution is stopped, times out or a sibling branch fails. The functions below are wrapped to add
that. The version is pinned (pyproject.toml), and ``check`` fails loudly if a name is gone; the way out is then an activity
in each task's place, answered by a worker, with public APIs only.
"""

from __future__ import annotations

import contextvars
import importlib
import json
import threading
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections import correct, wrap
from constructs_ml.interpreter.corrections.state_call import STATES
from constructs_ml.local.emulator import stable_names
from constructs_ml.local.emulator.integrations import TaskError
from constructs_ml.local.emulator.reporter import Reporter
from constructs_ml.local.emulator.stand_ins import ResourceHandlers
from constructs_ml.local.jobs.call import Call, CancelledError, CancelScope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from constructs_ml.local.emulator.principals import Principals
    from constructs_ml.local.emulator.tasks import SageMakerTasks, ServiceTasks
    from constructs_ml.local.host.channel import Channel

# What MiniStack hands to its functions: it ships no types, and the payloads are any JSON.
_Data = Any
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


_scope: contextvars.ContextVar[CancelScope | None] = contextvars.ContextVar("scope", default=None)
_isolated: contextvars.ContextVar[bool] = contextvars.ContextVar("isolated", default=False)
_in_map: contextvars.ContextVar[bool] = contextvars.ContextVar("in_map", default=False)


def _iteration(context: _Data) -> int | None:
    """Return the number of a Map's iteration, from the context object that the iteration gets."""
    number = (((context or {}).get("Map") or {}).get("Item") or {}).get("Index")
    return number if isinstance(number, int) else None


class Engine:
    """MiniStack with SageMaker in it.

    Args:
        channel: Receives every entry and exit of a state.
        region: The region that everything is in.
        account: The account that everything is in.
        principals: The callers of the embedded AWS.
        recorded: Whether the data of states are reported.
    """

    def __init__(
        self, channel: Channel, region: str, account: str, principals: Principals, *, recorded: bool = False
    ) -> None:
        self._principals = principals
        self._channel, self._region, self._account = channel, region, account
        self._reporter = Reporter(channel, with_data=recorded)
        self._sfn: Any = importlib.import_module("ministack.services.stepfunctions")
        self._roots: dict[str, CancelScope] = {}
        self._lock = threading.Lock()

    @property
    def app(self) -> _Data:
        """The ASGI application."""
        return importlib.import_module("ministack.app").app

    def publish(self, entry: dict[str, Any]) -> None:
        """Put an event from AWS itself on the default bus."""
        eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
        responses: Any = importlib.import_module("ministack.core.responses")
        with responses.request_scope(self._account, self._region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001 - in PRIVATE_NAMES

    def install(
        self,
        tasks: SageMakerTasks,
        service_tasks: ServiceTasks,
        resources: dict[str, dict[str, Callable[..., Any]]],
        stood_in: Collection[str],
    ) -> None:
        """Add the integrations, the resource types of templates, the reports and the stopping of jobs.

        Args:
            tasks: The executor of SageMaker's tasks.
            service_tasks: The executor of other services' tasks.
            resources: By a resource's type, what creates and deletes it.
            stood_in: Further resource types to stand in for.
        """
        for partition in _PARTITIONS:
            for service in ("sagemaker:", "aws-sdk:sagemaker:"):
                self._sfn._SERVICE_DISPATCH[f"arn:{partition}:states:::{service}"] = self._integration(tasks)  # noqa: SLF001
        provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
        handlers = {**provisioners._RESOURCE_HANDLERS, **resources}  # noqa: SLF001 - in PRIVATE_NAMES
        stable_names.install(provisioners, handlers)
        provisioners._RESOURCE_HANDLERS = ResourceHandlers(handlers, stood_in)  # noqa: SLF001
        self._wrap("_sfn_definition", partial(self._definition, provisioners), module=provisioners)
        self._wrap("_invoke_resource", partial(self._invoke, service_tasks))
        self._wrap("_invoke_with_callback", partial(self._invoke, service_tasks))
        correct(self._sfn)
        for state in STATES:
            self._wrap(f"_execute_{state}", self._execute)
        self._wrap("_apply_input_path", self._reporter.input_path_applied)
        self._wrap("_fail_state_error", self._reporter.fail_state_reached)
        self._wrap("_find_matching_retrier", self._reporter.retrier_looked_for)
        self._wrap("_find_matching_catcher", self._reporter.catcher_looked_for)
        self._wrap("_run_parallel_branches", self._attempt)
        self._wrap("_run_map_items", self._attempt)
        self._wrap("_run_sub_machine", self._run_sub_machine)
        self._wrap("_invoke_resource_with_timeout", self._invoke_with_timeout)
        self._wrap("_stop_execution", self._stop_execution)
        self._wrap("_fail_execution", self._fail_execution)
        self._wrap("_emit_execution_status_event", partial(self._status_changed, service_tasks))
        # Buckets refuse requests without TLS (enforce_ssl); on the loopback interface there is none to be had.
        self._wrap(
            "pin_request_origin",
            lambda original, address, _secure: original(address, True),
            module=importlib.import_module("ministack.app"),
        )

    def _wrap(self, name: str, wrapper: Callable[..., Any], module: _Data = None) -> None:
        wrap(module or self._sfn, name, wrapper)

    def _definition(self, provisioners: _Data, original: Callable[..., str], properties: _Data) -> str:
        """Return the definition that a template declares, refused where Step Functions would refuse it."""
        definition = original(properties)
        problem = self._sfn._validate_definition_jsonata(definition)  # noqa: SLF001 - in pinned.LANGUAGE
        if problem:
            raise provisioners._sfn_handler_error(f"Invalid State Machine Definition: '{problem}'")  # noqa: SLF001
        return definition

    def _integration(self, tasks: SageMakerTasks) -> Callable[[str, dict[str, Any]], Any]:
        def run(resource: str, request: dict[str, Any]) -> _Data:
            current = self._reporter.current
            scope = _scope.get() or self._root(current.execution)
            caller = self._principals.caller_of_role(
                self._role_of(current.execution), current.execution.rpartition(":")[2]
            )
            call = Call(
                caller,
                current.execution,
                current.name,
                scope,
                visit=current.visit,
                iterations=current.iterations,
            )
            try:
                return tasks.run(resource, request, call)
            except TaskError as error:
                raise self._sfn._ExecutionError(error.error, error.cause) from error  # noqa: SLF001

        return run

    def _invoke(
        self, tasks: ServiceTasks, original: Callable[..., Any], resource: str, request: _Data, *rest: _Data
    ) -> _Data:
        current = self._reporter.current
        try:
            return tasks.run(
                resource,
                request,
                role_arn=self._role_of(current.execution),
                session=current.execution.rpartition(":")[2],
                original=lambda plain, sent: original(plain, sent, *rest),
            )
        except TaskError as error:
            raise self._sfn._ExecutionError(error.error, error.cause) from error  # noqa: SLF001

    def _role_of(self, execution: str) -> str:
        found = self._sfn._executions.get(execution) or {}  # noqa: SLF001 - in PRIVATE_NAMES
        machine = self._sfn._state_machines.get(found.get("stateMachineArn")) or {}  # noqa: SLF001
        return str(machine.get("roleArn", ""))

    def _root(self, execution: str) -> CancelScope:
        with self._lock:
            return self._roots.setdefault(execution, CancelScope())

    def _execute(self, original: Callable[..., Any], state: dict[str, Any], data: _Data, *rest: _Data) -> _Data:
        context = rest[-1] or {}
        scope = _scope.get() or self._root((context.get("Execution") or {}).get("Id", ""))
        scope.check()
        token = _scope.set(scope)
        try:
            with self._reporter.executing(state, context, data) as current:
                found = original(state, data, *rest)
                current.output = found[0]
                return found
        finally:
            _scope.reset(token)

    def _attempt(self, original: Callable[..., Any], state: dict[str, Any], *rest: _Data) -> _Data:
        processor = state.get("ItemProcessor") or state.get("Iterator") or {}
        # The children of a distributed map fail one by one, within a tolerance; other branches fail together.
        isolated = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
        tokens = (_scope.set(CancelScope(_scope.get())), _isolated.set(isolated))
        in_map = _in_map.set(state.get("Type") == "Map")
        try:
            return original(state, *rest)
        finally:
            _in_map.reset(in_map)
            _scope.reset(tokens[0])
            _isolated.reset(tokens[1])

    def _run_sub_machine(self, original: Callable[..., Any], states: dict[str, Any], *rest: _Data) -> _Data:
        scope = CancelScope(_scope.get()) if _isolated.get() else _scope.get() or CancelScope()
        token = _scope.set(scope)
        try:
            with self._reporter.naming(states, _iteration(rest[-1]) if _in_map.get() else None):
                return original(states, *rest)
        except CancelledError:
            # Siblings end with the error of the branch that failed: it is what the Parallel state fails with.
            error, cause = scope.failure or ("States.Runtime", "cancelled")
            raise self._sfn._ExecutionError(error, cause) from None  # noqa: SLF001
        except self._sfn._ExecutionError as error:  # noqa: SLF001
            scope.cancel(error.error, error.cause)
            raise
        finally:
            _scope.reset(token)

    def _invoke_with_timeout(self, original: Callable[..., Any], resource: str, data: _Data, timeout: _Data) -> _Data:
        scope = CancelScope(_scope.get())
        token = _scope.set(scope)
        try:
            return original(resource, data, timeout)
        except self._sfn._ExecutionError as error:  # noqa: SLF001
            scope.cancel(error.error, error.cause)
            raise
        finally:
            _scope.reset(token)

    def _stop_execution(self, original: Callable[..., Any], data: dict[str, Any]) -> _Data:
        answer = original(data)
        scope = self._roots.get(data.get("executionArn", ""))
        if scope:
            scope.cancel("States.Runtime", "the execution was stopped")
        return answer

    def _status_changed(self, tasks: ServiceTasks, original: Callable[..., Any], execution: dict[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            arn = execution["executionArn"]
            tasks.over(self._role_of(arn), arn.rpartition(":")[2])
            self._channel.send("over", execution=arn)
        else:
            self._limit(execution)
        original(execution)

    def _limit(self, execution: dict[str, Any]) -> None:
        """End an execution after its definition's TimeoutSeconds, which MiniStack ignores."""
        machine = self._sfn._state_machines.get(execution["stateMachineArn"]) or {}  # noqa: SLF001 - in PRIVATE_NAMES
        seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
        if seconds:
            timer = threading.Timer(seconds, contextvars.copy_context().run, (self._time_out, execution))
            timer.daemon = True
            timer.start()

    def _time_out(self, execution: dict[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            return
        stopped = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        execution |= {"status": "TIMED_OUT", "error": "States.Timeout", "stopDate": stopped}
        self._sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})  # noqa: SLF001
        self._sfn._emit_execution_status_event(execution)  # noqa: SLF001 - in PRIVATE_NAMES
        self._root(execution["executionArn"]).cancel("States.Timeout", "the execution timed out")

    def _fail_execution(self, original: Callable[..., Any], execution: dict[str, Any], error: str, cause: str) -> None:
        # An aborted execution stays aborted, whatever its tasks then end with.
        if execution["status"] == "RUNNING":
            original(execution, error, cause)
