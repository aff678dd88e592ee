"""Cached jobs: their expressions against the reference JSONata, their workflows against moto's Step Functions parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_caches import PLACES, events, given_to, objects, template_of
from engine_runs import run
from support.cache_cases import FAILS, NOW, cases

from constructs_ml.cfn.template import machines_of
from constructs_ml.testing.definition import read

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Engine

TOLERATED = "States.ExceedToleratedFailureThreshold"
ALL = [(place, jsonata, True) for place in PLACES for jsonata in (False, True)]


def test_expressions_agree(reference: Engine) -> None:
    """With the digests of hashlib: $hash, $parse and $millis are ours in the reference, and all else is its own."""
    wrong = {}
    for case in cases():
        states = {"input": {}, "result": None, "errorOutput": None, **case.states}
        answer = reference.ask(
            {"expression": case.expression, "states": states, "variables": dict(case.variables), "now": NOW}
        )
        if answer.get("value", FAILS) != case.expected:
            wrong[case.name] = answer
    assert wrong == {}


@pytest.mark.parametrize(("place", "jsonata", "by_cause"), [*ALL, ("alone", False, False), ("alone", True, False)])
def test_workflows_agree(second: Engine, tmp_path: Path, place: str, *, jsonata: bool, by_cause: bool) -> None:
    """States, requests and outputs of a first execution, and of a second one after each event."""
    template = template_of(place, str(tmp_path), jsonata=jsonata, by_cause=by_cause)
    (machine,) = machines_of(template)
    body = read(template, machine.name).body
    differing: dict[str, Any] = {}
    for event in events():
        found = objects()
        first = run(second, body, given_to(place), objects=found)
        assert first.differences(distributed=place == "distributed") == {}
        event.change(found)
        both = run(second, body, given_to(place, event), event.script(found), objects=found, start=event.start)
        assert both.refused is None
        # Where a branch fails, how far the others come is a matter of threads.
        apart = place == "distributed" or (place == "parallel" and both.own.status == "FAILED")
        differences = both.differences(distributed=apart)
        if place == "distributed" and both.own.error == TOLERATED:
            # moto lets items of a distributed Map fail (engine_differences).
            assert both.theirs["status"] == "SUCCEEDED"
        elif differences:
            differing[event.name] = (differences, both.own.cause, both.theirs.get("cause"))
        taken = {step.name.partition(": ")[2] for way in both.own._ways for step in way.steps}
        assert event.steps <= taken, (event.name, both.own.cause)
    assert differing == {}
