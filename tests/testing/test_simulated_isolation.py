"""A simulation stays by itself: nothing is called, patched or left behind."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from simulated_machines import given, machine, processing, retrier

from constructs_ml.errors import LocalRunError, MissingRequirementError
from constructs_ml.interpreter import environment, interpreter, pinned
from constructs_ml.interpreter.environment import EmulatorEnvironment
from constructs_ml.testing import capacity, simulate, throttled

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION = machine(Job=processing(Retry=[retrier("States.ALL", IntervalSeconds=5, JitterStrategy="FULL")]))


def loaded_by(statement: str) -> set[str]:
    script = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_nothing_heavy_is_imported_with_it() -> None:
    """Neither MiniStack nor aws_cdk nor an SDK, before something is simulated."""
    heavy = {"aws_cdk", "boto3", "botocore", "jsii", "jsonata", "ministack", "pytest"}
    assert loaded_by("import constructs_ml.testing") & heavy == set()


def test_a_definition_is_simulated_without_cdk_and_sdk() -> None:
    """Only a construct needs aws_cdk."""
    text = json.dumps(machine(Give=given(1)))
    loaded = loaded_by(f"import constructs_ml.testing as t, json; t.simulate(json.loads({text!r}))")
    assert loaded & {"aws_cdk", "boto3", "botocore", "jsii", "ministack.app"} == set()


def test_the_module_that_others_import_is_left_as_it_is() -> None:
    """Each simulation has a copy of its own."""
    import ministack.services.stepfunctions as shared

    before = dict(vars(shared))
    simulate(DEFINITION, {"Job": throttled(2)})
    assert {name: value for name, value in vars(shared).items() if before.get(name) is not value} == {}
    assert not shared._executions.has_any()


def test_no_thread_is_left() -> None:
    """Those of branches end with the execution, also if it fails in the middle."""
    branches = [machine(**{f"Wait{at}": {"Type": "Wait", "Seconds": 60 + at}}) for at in range(3)]
    definition = machine(Both={"Type": "Parallel", "Branches": [*branches, DEFINITION]})
    before = set(threading.enumerate())
    simulate(definition, {"Job": throttled()})
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def test_nothing_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no port and no process."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a simulation connects to nothing")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert simulate(DEFINITION, {"Job": capacity(2)}).status == "SUCCEEDED"


def test_simulations_run_beside_each_other() -> None:
    """Threads of a test do not share a clock, a script or names."""
    alone = [simulate(DEFINITION, {"Job": throttled(3)}, seed=seed).waited for seed in range(16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda seed: simulate(DEFINITION, {"Job": throttled(3)}, seed=seed), range(16)))
    assert [execution.waited for execution in found] == alone
    assert {execution.attempts("Job") for execution in found} == {4}


def test_simulations_may_be_inside_each_other() -> None:
    """A function of a script may simulate something else."""

    def choose(_request: Any, _attempt: int) -> None:
        assert simulate(DEFINITION, {"Job": throttled(1)}).attempts("Job") == 2

    execution = simulate(DEFINITION, {"Job": choose})
    assert (execution.path, execution.attempts("Job"), execution.waited) == (("Job",), 1, 0)


def test_without_the_emulator_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command is named."""
    monkeypatch.setattr(environment, "this", lambda: None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delitem(sys.modules, "ministack", raising=False)
    message = r"constructs_ml.testing needs the emulator \(ministack 1.5.33\), .*: constructs-ml emulator install"
    with pytest.raises(MissingRequirementError, match=message):
        simulate(DEFINITION)


def test_every_private_name_of_ministack_is_there() -> None:
    """Those that a simulation uses are listed, and checked before it."""
    pinned.check(interpreter.NAMES)


def test_another_ministack_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private names of it are used, which another version may lack."""
    monkeypatch.setattr(EmulatorEnvironment, "version", "1.0.0")
    interpreter._checked.cache_clear()
    with pytest.raises(LocalRunError, match=r"ministack must be 1.5.33, got 1.0.0; constructs-ml emulator install"):
        simulate(DEFINITION)


def test_the_input_is_not_changed() -> None:
    """States work on copies."""
    given_input = {"items": [{"a": 1}]}
    definition = machine(A=given(1, ResultPath="$.items"), B=given(2, ResultPath="$.b"))
    assert simulate(definition, input=given_input).output == {"items": 1, "b": 2}
    assert given_input == {"items": [{"a": 1}]}
