"""What a simulated execution costs: every kind of job with every kind of fault, by default and with a Catch.

The cases are those of ``tests/testing/test_simulated_faults_of_jobs.py``. Synthesis, which a test pays once for a workflow, and
the first import are told apart. The exit code tells whether the bar holds.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

MOST_SECONDS_A_CASE = 0.5


def main() -> int:
    """Measures and prints; 1 if the bar fails."""
    from support.job_faults import FAULTS, KINDS, workflow

    from constructs_ml.testing import simulate

    began = time.perf_counter()
    simulate({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})
    first = time.perf_counter() - began
    began = time.perf_counter()
    definitions = {(kind, caught): workflow(kind, caught=caught) for kind in KINDS for caught in (False, True)}
    synthesis = time.perf_counter() - began
    taken: dict[tuple[str, str], list[float]] = {}
    for (kind, _), definition in definitions.items():
        for fault, scripted in FAULTS.items():
            began = time.perf_counter()
            simulate(definition, {"Job": scripted.outcomes})
            taken.setdefault((kind, fault), []).append(time.perf_counter() - began)
    cases = [seconds for pair in taken.values() for seconds in pair]
    slowest = max(taken, key=lambda case: max(taken[case]))
    print(
        f"first simulation, with its imports: {first:.2f} s; synthesis of {len(definitions)} workflows: {synthesis:.2f} s"
    )
    print(f"{len(cases)} cases: {sum(cases):.2f} s, median {statistics.median(cases):.3f} s")
    print(f"slowest: {' '.join(slowest)}, {max(taken[slowest]):.3f} s")
    held = sum(cases) <= MOST_SECONDS_A_CASE * len(cases)
    mean = sum(cases) / len(cases)
    print(f"{'holds' if held else 'FAILS'}: at most {MOST_SECONDS_A_CASE} s a case over all of them: {mean:.3f} s")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
