"""Runs definitions by moto's Step Functions parser: a line of JSON in, a line of JSON out.

It runs in the environment of ``make conformance-engine``, where moto is and this library is not. In: ``definition``, ``input``,
``name``, ``start``, ``now`` (the same in milliseconds) and ``answers``, what the calls of each state gave in a simulation. Out: ``status``, ``output``, ``error``, the
``path``, all states that were ``entered``, and the ``requests`` of each; or ``refused``, if it cannot read the definition.

The shims, which are ours and so are no oracle's answers:

- ``ScriptedTask``: every Task, of whichever resource, ``.sync`` too, is answered from the script.
- ``ItemReader`` gives the items of the script.
- Nothing sleeps: waits and retries take no time, and for expressions it is always the start of the execution.
- JSONata is evaluated by the reference implementation (reference.js); what it cannot give is ``States.QueryEvaluationError``.
- A path that can lead to one place only gives what is there: this version of moto gives a list of it behind an index.
- An error ``States.…`` of a branch or an iteration is one around it too: moto makes a custom one of it, and then refuses its name.
- An intrinsic function that raises an error of Python's is ``States.IntrinsicFailure``.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.item_reader_decl import ItemReader
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import Resource
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.evaluation_details import (
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution_worker import SyncExecutionWorker

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

REGION, ACCOUNT = "us-east-1", "111122223333"
SECONDS = 60
"""The maximum duration of an execution."""


class Script:
    """The answers of one execution, and what was asked."""

    answers: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    requests: ClassVar[dict[str, list[Any]]] = {}
    now: ClassVar[int] = 0
    lock = threading.Lock()

    @classmethod
    def begin(cls, answers: dict[str, list[dict[str, Any]]], now: int) -> None:
        """Starts anew."""
        cls.answers, cls.requests, cls.now = answers, {}, now

    @classmethod
    def next(cls, name: str, request: Any) -> dict[str, Any]:
        """The answer to a request: that of the very same one, or else the next of the state."""
        with cls.lock:
            cls.requests.setdefault(name, []).append(request)
            left = cls.answers.get(name) or []
            found = next((each for each in left if each["request"] == request), left[0] if left else None)
            if found is None:
                return {"error": "NoAnswer", "cause": f"{name} was called once more than in the simulation"}
            left.remove(found)
            return found


class Reference:
    """The reference implementation of JSONata."""

    def __init__(self, package: str) -> None:
        command = ["node", str(Path(__file__).with_name("reference.js")), package]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._lock = threading.Lock()

    def evaluate(self, expression: str, states: Any, variables: Any) -> dict[str, Any]:
        """What it answers."""
        question = {"expression": expression, "states": states, "variables": variables, "now": Script.now}
        with self._lock:
            self._process.stdin.write(json.dumps(question, default=str) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


def failure(env: Environment, error: str, cause: str) -> FailureEventException:
    """An error of a state."""
    known = {each.to_name(): each for each in StatesErrorNameType}
    name = StatesErrorName(known[error]) if error in known else CustomErrorName(error)
    details = EventDetails(taskFailedEventDetails=TaskFailedEventDetails(error=error, cause=cause))
    return FailureEventException(FailureEvent(env, name, HistoryEventType.TaskFailed, details))


class AnyResource(Resource):
    """A resource, of whichever service."""

    def __init__(self, arn: str) -> None:
        self.resource_arn = arn


class ScriptedTask(StateTask):
    """A Task that is answered from the script."""

    def _eval_execution(self, env: Environment) -> None:
        if self.resource.resource_arn.endswith(".waitForTaskToken"):
            env.states.context_object.update_task_token()
        request = env.stack[-1] if self.parargs is None else self._eval_parameters(env)
        answer = Script.next(self.name, json.loads(json.dumps(request, default=str)))
        if "error" in answer:
            raise failure(env, answer["error"], answer["cause"])
        env.stack.append(answer["value"])


def install(reference: Reference) -> None:
    """Puts the shims into moto."""
    Resource.from_resource_arn = staticmethod(AnyResource)
    preprocessor.state_task_for = lambda _resource: ScriptedTask()
    WaitFunction._wait_interval = lambda *_args, **_kwargs: None
    retrier_decl.time = type("time", (), {"sleep": staticmethod(lambda _seconds: None)})
    ItemReader.__init__ = lambda _self, *_args, **_kwargs: None
    ItemReader._eval_body = read
    CustomErrorName.__init__ = named
    install_expressions(reference)
    install_paths()
    install_functions()


def read(_self: Any, env: Environment) -> None:
    """The items of a distributed Map."""
    env.stack.append(Script.next(f"read {env.next_state_name}", None)["value"])


def named(self: CustomErrorName, error_name: str | None) -> None:
    """An error of whichever name."""
    if error_name is not None and not isinstance(error_name, str):
        raise ValueError(f"an error's name is a text, got {error_name}")
    self.error_name = error_name


def install_expressions(reference: Reference) -> None:
    """Makes the reference implementation evaluate JSONata, and variables of JSONPath."""

    def evaluated(error: str, states: Any) -> Any:
        def evaluate(self: Any, env: Environment) -> None:
            store = env.variable_store
            variables = {**store._outer_scope, **store._inner_scope}
            answer = reference.evaluate(self.expression, states(env), variables)
            if "value" not in answer:
                raise failure(env, error, json.dumps(answer))
            env.stack.append(answer["value"])

        return evaluate

    def known(env: Environment) -> dict[str, Any]:
        return {"result": None, "errorOutput": None, **env.states._states_data}

    string_expression.StringJSONata._eval_body = evaluated("States.QueryEvaluationError", known)
    string_expression.StringVariableSample._eval_body = evaluated("States.Runtime", lambda _env: {})


def install_paths() -> None:
    """Makes a path that can lead to one place only give what is there."""
    definite = re.compile(r"\$(?:\.\w+|\['[^']*'\]|\[\d+\])*")
    original = json_path.extract_json

    def extract(path: str, data: Any) -> Any:
        found = json_path.parse(path).find(data) if definite.fullmatch(path) else ()
        return found[0].value if found else original(path, data)

    for module in list(sys.modules.values()):
        if getattr(module, "extract_json", None) is original:
            module.extract_json = extract


def install_functions() -> None:
    """Names the error of an intrinsic function that fails."""
    call = string_expression.StringIntrinsicFunction._eval_body

    def guarded(self: Any, env: Environment) -> None:
        try:
            call(self, env)
        except (FailureEventException, string_expression.NoSuchJsonPathError):
            raise
        except Exception as error:
            raise failure(env, "States.IntrinsicFailure", repr(error)) from error

    string_expression.StringIntrinsicFunction._eval_body = guarded


def run(question: dict[str, Any]) -> dict[str, Any]:
    """Runs a definition."""
    definition = json.dumps(question["definition"])
    try:
        program, _ = AmazonStateLanguageParser.parse(definition)
    except Exception as error:  # noqa: BLE001 - whatever its grammar makes of it
        return {"refused": f"{type(error).__name__}: {error}"[:300]}
    Script.begin(question["answers"], question["now"])
    name = question["name"]
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:simulated"
    role = f"arn:aws:iam::{ACCOUNT}:role/simulated"
    execution = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:simulated:{name}"
    details = EvaluationDetails(
        AWSExecutionDetails(ACCOUNT, REGION, role),
        ExecutionDetails(execution, name, role, question["input"], question["start"]),
        StateMachineDetails(arn, "simulated", "STANDARD", definition),
    )
    communication = type("Communication", (), {"terminated": lambda _self: None})()
    worker = SyncExecutionWorker(details, communication, None, {})
    worker._get_evaluation_entrypoint = lambda: program
    runner = threading.Thread(target=worker._execution_logic, daemon=True)
    runner.start()
    runner.join(SECONDS)
    if runner.is_alive():
        return {"refused": f"it had not ended after {SECONDS} s"}
    env = worker.env
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in env.event_manager.get_event_history()
        if "stateEnteredEventDetails" in event
    ]
    top = question["definition"]["States"]
    found = {"entered": entered, "path": [name for name in entered if name in top], "requests": Script.requests}
    state = env.program_state()
    if isinstance(state, ProgramEnded):
        return {**found, "status": "SUCCEEDED", "output": env.states.get_input(), "error": None}
    error = (state.error or {}) if isinstance(state, ProgramError) else {}
    return {**found, "status": "FAILED", "output": None, "error": error.get("error"), "cause": error.get("cause")}


def main() -> None:
    """Answers line by line."""
    logging.disable(logging.CRITICAL)
    install(Reference(sys.argv[1]))
    out = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        out.write(json.dumps(run(json.loads(line)), default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
