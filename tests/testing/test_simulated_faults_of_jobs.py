"""Every kind of job meets every kind of fault, with what is retried by default and with a Catch of the user's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.job_faults import BY_LOOKING, CACHED, FAULTS, KINDS, workflow

from constructs_ml.testing import SimulatedObjects, simulate

if TYPE_CHECKING:
    from constructs_ml.testing import Execution

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
CASES = [(kind, fault) for kind in KINDS for fault in FAULTS]


def names(kind: str, execution: Execution) -> list[str]:
    """The names of the jobs of all attempts; the tokens of pipeline executions, which have no names of their own."""
    members = {"PipelineExecution": "ClientRequestToken", "TuningJob": "HyperParameterTuningJobName"}
    return [request[members.get(kind, f"{kind}Name")] for request in execution.requests("Job")]


def check_names(kind: str, execution: Execution) -> None:
    """They are new at each attempt; where a state polls, at each time that it starts."""
    drawn = names(kind, execution)
    assert len(drawn) == execution.attempts("Job")
    assert len(set(drawn)) == (1 if kind in BY_LOOKING else len(drawn))
    longest = {"TuningJob": 32, "AutoMLJob": 32}.get(kind, 63)
    assert all(NAME.fullmatch(name) and len(name) <= longest for name in drawn)


def error_of(kind: str, fault: str) -> str | None:
    # A name in use says that an earlier attempt has started it: the state goes on to wait.
    return None if (kind, fault) == ("AutoMLJob", "in use") else FAULTS[fault].error_of(kind)


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_by_default(kind: str, fault: str) -> None:
    """What trying again can cure is tried again; all else ends the execution."""
    execution = simulate(workflow(kind, caught=False), {"Job": FAULTS[fault].outcomes})
    error = error_of(kind, fault)
    assert (execution.status, execution.error) == ("FAILED" if error else "SUCCEEDED", error)
    assert execution.path == (("Job",) if error else ("Job", "After"))
    assert execution.attempts("Job") == FAULTS[fault].attempts
    assert (execution.output is None) if error else ("Job" in execution.output)
    check_names(kind, execution)


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_with_a_catch(kind: str, fault: str) -> None:
    """What is not cured is caught, but for the two errors that Step Functions does not let be caught so."""
    execution = simulate(workflow(kind, caught=True), {"Job": FAULTS[fault].outcomes}, input={"kept": 1})
    error, handler = error_of(kind, fault), FAULTS[fault].handler
    assert execution.status == ("FAILED" if error and handler is None else "SUCCEEDED")
    assert execution.path == (("Job", "After") if error is None else ("Job", handler) if handler else ("Job",))
    assert execution.attempts("Job") == FAULTS[fault].attempts
    assert execution.errors("Job") == ((error,) if error else ())
    if execution.output is not None:
        assert execution.output["kept"] == 1
        assert execution.output.get("error", {}).get("Error") == error
    check_names(kind, execution)


def test_no_name_is_drawn_twice() -> None:
    """Over all kinds, faults and executions."""
    drawn: list[str] = []
    for kind, fault in CASES:
        execution = simulate(workflow(kind, caught=True), {"Job": FAULTS[fault].outcomes})
        drawn += dict.fromkeys(names(kind, execution))
    assert len(set(drawn)) == len(drawn) > len(CASES)


@pytest.mark.parametrize("caught", [False, True])
@pytest.mark.parametrize(("kind", "fault"), [(kind, fault) for kind, fault in CASES if kind in CACHED])
def test_a_cached_job(kind: str, fault: str, *, caught: bool) -> None:
    """It ends like one that is not; only if it has succeeded, nothing runs the next time."""
    objects = SimulatedObjects({"s3://data/in/a.csv": "1"})
    outcomes, given = {"Job": FAULTS[fault].outcomes}, {"kept": 1}
    plain = simulate(workflow(kind, caught=caught), outcomes, input=given)
    execution = simulate(workflow(kind, caught=caught, cached=True), outcomes, input=given, objects=objects)
    assert (execution.status, execution.error, execution.path) == (plain.status, plain.error, plain.path)
    assert execution.attempts("Job") == plain.attempts("Job")
    check_names(kind, execution)
    succeeded = FAULTS[fault].error is None
    assert len([uri for uri in objects if uri.endswith(".json")]) == (1 if succeeded else 0)
    again = simulate(workflow(kind, caught=caught, cached=True), input=given, objects=objects)
    assert (again.status, again.attempts("Job")) == ("SUCCEEDED", 0 if succeeded else 1)
