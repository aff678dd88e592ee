"""The only module that touches MiniStack, whose private names it lists and checks.

MiniStack has no SageMaker integrations; does not say which state a task belongs to; reports nothing of the states inside
a Parallel or Map; and lets tasks run on when their execution is stopped, times out or a sibling branch fails. The
functions below are wrapped to add that. The version is pinned (pyproject.toml), and ``check`` fails loudly if a name is
gone; the way out is then an activity in each task's place, answered by a worker, with public APIs only.
"""

from __future__ import annotations

import contextvars
import importlib
import importlib.metadata
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.local.kinds import Kind
from constructs_ml.local.scope import CancelledError, Scope
from constructs_ml.local.tasks import Call, SageMakerTasks, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.channel import Channel
    from constructs_ml.local.permissions import Need

VERSION = "1.5.33"
PRIVATE_NAMES = {
    "ministack.services.stepfunctions": (
        "_ExecutionError",
        "_SERVICE_DISPATCH",
        "_apply_input_path",
        "_execute_choice",
        "_execute_map",
        "_execute_parallel",
        "_execute_pass",
        "_execute_task",
        "_execute_wait",
        "_executions",
        "_fail_execution",
        "_fail_state_error",
        "_find_matching_catcher",
        "_find_matching_retrier",
        "_invoke_resource_with_timeout",
        "_run_map_items",
        "_run_parallel_branches",
        "_run_sub_machine",
        "_state_machines",
        "_stop_execution",
    ),
    "ministack.services.eventbridge": ("_put_events",),
    "ministack.services.iam": ("_roles",),
    "ministack.core.iam_evaluator": ("EvalContext", "evaluate", "_gather_role_policies", "_permissions_boundary"),
    "ministack.core.responses": ("request_scope",),
    "ministack.app": ("app",),
}
# What MiniStack hands to its functions: it ships no types, and the payloads are any JSON.
_Data = Any
_STATES = ("pass", "task", "choice", "wait", "parallel", "map")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


@dataclass
class _Current:
    """The state that this thread executes."""

    execution: str
    name: str
    attempt: int = 1


_current: contextvars.ContextVar[_Current | None] = contextvars.ContextVar("current", default=None)
_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("scope", default=None)
_names: contextvars.ContextVar[dict[int, str] | None] = contextvars.ContextVar("names", default=None)
_isolated: contextvars.ContextVar[bool] = contextvars.ContextVar("isolated", default=False)


def check() -> None:
    """Makes sure that the MiniStack that is installed is the one that this module was written for.

    Raises:
        LocalRunError: If it is another version, or a name is gone.
    """
    version = importlib.metadata.version("ministack")
    missing = [
        f"{module}.{name}"
        for module, names in PRIVATE_NAMES.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    if version != VERSION or missing:
        gone = f" (gone: {', '.join(missing)})" if missing else ""
        message = f"ministack must be {VERSION}, got {version}{gone}; pip install 'constructs-ml[local]'"
        raise LocalRunError(message)


class Engine:
    """MiniStack with SageMaker in it.

    Args:
        channel: Told of every state that is entered and left.
        region: The region that everything is in.
        account: The account that everything is in.
    """

    def __init__(self, channel: Channel, region: str, account: str) -> None:
        check()
        self._channel, self._region, self._account = channel, region, account
        self._sfn: Any = importlib.import_module("ministack.services.stepfunctions")
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._roots: dict[str, Scope] = {}
        self._lock = threading.Lock()

    @property
    def app(self) -> _Data:
        """The ASGI application."""
        return importlib.import_module("ministack.app").app

    def allowed(self, role_arn: str, need: Need) -> bool:
        """Whether a role is allowed an action.

        ``iam:SimulatePrincipalPolicy`` of the emulator ignores condition keys and boundaries, hence the evaluator.
        """
        name = role_arn.rpartition("/")[2]
        context = self._evaluator.EvalContext(
            principal_arn=role_arn,
            principal_type="AssumedRole",
            principal_account=self._account,
            action=need.action,
            resource_arn=need.resource,
            region=self._region,
            source_ip="127.0.0.1",
            secure_transport=True,
            service_context=dict(need.context),
        )
        roles = importlib.import_module("ministack.services.iam")._roles  # noqa: SLF001 - in PRIVATE_NAMES
        policies = self._evaluator._gather_role_policies(name, self._account)  # noqa: SLF001
        boundary = self._evaluator._permissions_boundary(roles, name, self._account)  # noqa: SLF001
        return bool(self._evaluator.evaluate(context, policies, *boundary).decision == "Allow")

    def publish(self, entry: dict[str, Any]) -> None:
        """Puts an event of AWS's own on the default bus."""
        eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
        responses: Any = importlib.import_module("ministack.core.responses")
        with responses.request_scope(self._account, self._region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001 - in PRIVATE_NAMES

    def install(self, tasks: SageMakerTasks) -> None:
        """Adds the integrations, the reports and the stopping."""
        for kind in Kind:
            for partition in _PARTITIONS:
                resource = f"arn:{partition}:states:::sagemaker:create{kind.job}"
                self._sfn._SERVICE_DISPATCH[resource] = self._integration(kind, tasks)  # noqa: SLF001
        for state in _STATES:
            self._wrap(f"_execute_{state}", self._execute)
        self._wrap("_apply_input_path", self._apply_input_path)
        self._wrap("_fail_state_error", self._fail_state_error)
        self._wrap("_find_matching_retrier", self._find_matching_retrier)
        self._wrap("_find_matching_catcher", self._find_matching_catcher)
        self._wrap("_run_parallel_branches", self._attempt)
        self._wrap("_run_map_items", self._attempt)
        self._wrap("_run_sub_machine", self._run_sub_machine)
        self._wrap("_invoke_resource_with_timeout", self._invoke_with_timeout)
        self._wrap("_stop_execution", self._stop_execution)
        self._wrap("_fail_execution", self._fail_execution)

    def _wrap(self, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(self._sfn, name)
        setattr(self._sfn, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))

    def _integration(self, kind: Kind, tasks: SageMakerTasks) -> Callable[[str, dict[str, Any]], Any]:
        def create(resource: str, request: dict[str, Any]) -> _Data:
            current = _current.get() or _Current("", "")
            execution = self._sfn._executions.get(current.execution) or {}  # noqa: SLF001
            machine = self._sfn._state_machines.get(execution.get("stateMachineArn")) or {}  # noqa: SLF001
            scope = _scope.get() or self._root(current.execution)
            call = Call(current.execution, current.name, machine.get("roleArn", ""), scope)
            try:
                return tasks.create(kind, request, call, sync=resource.endswith(".sync"))
            except TaskError as error:
                raise self._sfn._ExecutionError(error.error, error.cause) from error  # noqa: SLF001

        return create

    def _root(self, execution: str) -> Scope:
        with self._lock:
            return self._roots.setdefault(execution, Scope())

    def _report(self, status: str, current: _Current, **members: str) -> None:
        self._channel.send(
            "state",
            execution=current.execution,
            state=current.name,
            status=status,
            attempt=current.attempt,
            **members,
        )

    def _execute(self, original: Callable[..., Any], state: dict[str, Any], data: _Data, *rest: _Data) -> _Data:
        context = rest[-1] or {}
        execution = (context.get("Execution") or {}).get("Id", "")
        scope = _scope.get() or self._root(execution)
        scope.check()
        # Branches share one context, in which another branch may have written its state's name meanwhile.
        name = (_names.get() or {}).get(id(state)) or (context.get("State") or {}).get("Name", "")
        current = _Current(execution, name)
        tokens = (_current.set(current), _scope.set(scope))
        self._report("entered", current)
        try:
            result = original(state, data, *rest)
        except Exception as error:
            self._report("failed", current, error=str(getattr(error, "error", type(error).__name__)))
            raise
        else:
            if current.name:
                self._report("succeeded", current)
            return result
        finally:
            _current.reset(tokens[0])
            _scope.reset(tokens[1])

    def _apply_input_path(
        self, original: Callable[..., Any], state: dict[str, Any], data: _Data, context: _Data = None
    ) -> _Data:
        # Succeed states have no function of their own; this is the first that is called for them.
        if state.get("Type") == "Succeed" and context and context.get("Execution"):
            name = (_names.get() or {}).get(id(state)) or context["State"]["Name"]
            current = _Current(context["Execution"]["Id"], name)
            self._report("entered", current)
            self._report("succeeded", current)
        return original(state, data, context)

    def _fail_state_error(
        self, original: Callable[..., Any], state: dict[str, Any], data: _Data, context: _Data = None
    ) -> _Data:
        error, cause = original(state, data, context)
        if context and context.get("Execution"):
            name = (_names.get() or {}).get(id(state)) or context["State"]["Name"]
            current = _Current(context["Execution"]["Id"], name)
            self._report("entered", current)
            self._report("failed", current, error=str(error))
        return error, cause

    def _find_matching_retrier(self, original: Callable[..., Any], retriers: _Data, error: str, counts: _Data) -> _Data:
        retrier, index = original(retriers, error, counts)
        current = _current.get()
        if retrier is not None and current:
            self._report("retried", current, error=error)
            current.attempt += 1
        return retrier, index

    def _find_matching_catcher(self, original: Callable[..., Any], catchers: _Data, error: str) -> _Data:
        catcher = original(catchers, error)
        current = _current.get()
        if catcher is not None and current:
            self._report("caught", current, error=error)
            current.name = ""  # it is left by its Catch: no success to report
        return catcher

    def _attempt(self, original: Callable[..., Any], state: dict[str, Any], *rest: _Data) -> _Data:
        processor = state.get("ItemProcessor") or state.get("Iterator") or {}
        # The children of a distributed map fail one by one, within a tolerance; other branches fail together.
        isolated = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
        tokens = (_scope.set(Scope(_scope.get())), _isolated.set(isolated))
        try:
            return original(state, *rest)
        finally:
            _scope.reset(tokens[0])
            _isolated.reset(tokens[1])

    def _run_sub_machine(
        self,
        original: Callable[..., Any],
        states: dict[str, Any],
        start: str,
        data: _Data,
        execution: _Data,
        context: _Data,
    ) -> _Data:
        scope = Scope(_scope.get()) if _isolated.get() else _scope.get() or Scope()
        tokens = (_names.set({id(state): name for name, state in states.items()}), _scope.set(scope))
        try:
            return original(states, start, data, execution, dict(context))
        except CancelledError:
            # Siblings end with the error of the branch that failed: it is what the Parallel state fails with.
            error, cause = scope.failure or ("States.Runtime", "cancelled")
            raise self._sfn._ExecutionError(error, cause) from None  # noqa: SLF001
        except self._sfn._ExecutionError as error:  # noqa: SLF001
            scope.cancel(error.error, error.cause)
            raise
        finally:
            _names.reset(tokens[0])
            _scope.reset(tokens[1])

    def _invoke_with_timeout(self, original: Callable[..., Any], resource: str, data: _Data, timeout: _Data) -> _Data:
        scope = Scope(_scope.get())
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

    def _fail_execution(self, original: Callable[..., Any], execution: dict[str, Any], error: str, cause: str) -> None:
        # An aborted execution stays aborted, whatever its tasks then end with.
        if execution["status"] == "RUNNING":
            original(execution, error, cause)
