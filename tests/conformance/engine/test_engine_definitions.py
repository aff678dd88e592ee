"""Definitions take the same way, with the same output, by simulations and by moto's Step Functions parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine_definitions import cases
from engine_differences import DEFINITIONS, REFUSED
from engine_runs import run

if TYPE_CHECKING:
    from conftest import Engine


def test_hand_written_definitions_agree(second: Engine) -> None:
    """Over each field of each state, in both languages."""
    explained = {name for names, _ in DEFINITIONS.values() for name in names}
    differing, refused, compared = {}, {}, 0
    for case in cases():
        found = run(second, case.definition, case.given, case.script)
        if found.refused:
            refused[case.name] = found.refused
            continue
        compared += 1
        differences = found.differences(distributed=case.name.startswith("map distributed"))
        if differences:
            differing[case.name] = (differences, found.own.cause, found.theirs.get("cause"))
    assert set(differing) == explained, {name: differing.get(name) for name in set(differing) ^ explained}
    assert set(refused) == set(REFUSED), {name: refused.get(name) for name in set(refused) ^ set(REFUSED)}
    assert compared >= 240
