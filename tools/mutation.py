"""Mutation-tests the kernel with mutmut: ``make mutation``; docs/mutation.md says how to read what it prints.

Everything happens in a copy of the tree below ``.cache``, which :mod:`mutation_copy` makes. A run that was stopped goes on
where it was, unless the tree has changed: mutmut does not see which tests have.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutation_copy import PLUGINS, WORK, prepare

MUTANTS = WORK / "mutants"
LEAST = 85.0
INTERRUPTED = 130

KILLED, SURVIVED, TIMEOUT, NO_TESTS, NOT_RUN = "killed", "survived", "timeout", "no tests", "not run"
COLUMNS = (KILLED, TIMEOUT, SURVIVED, NO_TESTS, NOT_RUN)
VERDICTS = {0: SURVIVED, 1: KILLED, 3: KILLED, 5: NO_TESTS, 33: NO_TESTS, 36: TIMEOUT}
"""By pytest's exit codes, and those that mutmut adds."""


def main(arguments: list[str]) -> int:
    """Runs mutmut on all mutants, or on those named, and prints the scores."""
    parser = argparse.ArgumentParser(prog="make mutation", description="ARGS='constructs_ml.asl.names*' tries some.")
    parser.add_argument("names", nargs="*", help="mutants, or patterns of them; all by default")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at once")
    asked = parser.parse_args(arguments)
    prepare()
    forget_interrupted()
    code = run(["--max-children", str(asked.processes), *asked.names])
    forget_interrupted()
    counts = verdicts()
    total: Counter[str] = sum(counts.values(), Counter())
    if not total.keys() - {NOT_RUN}:
        return code or 1
    report({**counts, "all": total})
    if asked.names and not code:
        return 0
    if code or total[NOT_RUN]:
        print(f"{total[NOT_RUN]} mutants have not been tried; make mutation goes on from here")
        return code or INTERRUPTED
    if score(total) < LEAST:
        print(f"the score is below {LEAST:.0f} %")
        return 1
    return 0


def run(arguments: list[str]) -> int:
    """Runs mutmut in the copy, where it finds the plugin."""
    mutmut = Path(sys.executable).with_name("mutmut")
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen([str(mutmut), "run", *arguments], cwd=WORK, env=environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The same Ctrl-C has told mutmut, which ends what it has begun.
            process.wait()
            return INTERRUPTED


def forget_interrupted() -> None:
    """What was being tried or written when a run was stopped is done again."""
    for meta in MUTANTS.rglob("*.meta"):
        try:
            found = json.loads(meta.read_text(encoding="utf-8"))
        except ValueError:
            meta.unlink()
            meta.with_suffix("").unlink(missing_ok=True)
            continue
        codes = found["exit_code_by_key"]
        found["exit_code_by_key"] = {key: None if verdict(code) == NOT_RUN else code for key, code in codes.items()}
        meta.write_text(json.dumps(found), encoding="utf-8")


def verdicts() -> dict[str, Counter[str]]:
    """What became of the mutants, by module."""
    counts = {}
    for meta in sorted(MUTANTS.rglob("*.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            counts[str(meta.relative_to(MUTANTS).with_suffix(""))] = Counter(map(verdict, codes.values()))
    return counts


def verdict(code: int | None) -> str:
    """What an exit code says. A signal ends what takes too long, or what crashes the interpreter."""
    return NOT_RUN if code is None else TIMEOUT if code < 0 else VERDICTS.get(code, NOT_RUN)


def report(counts: dict[str, Counter[str]]) -> None:
    """Prints a row for each module of which something has been tried."""
    print("\n" + "".join([f"{'module':<42}", *(f"{column:>10}" for column in COLUMNS), f"{'score':>9}"]))
    for module, count in counts.items():
        if count.keys() - {NOT_RUN}:
            print(
                "".join([f"{module:<42}", *(f"{count[column]:>10}" for column in COLUMNS), f"{score(count):>7.1f} %"])
            )


def score(count: Counter[str]) -> float:
    """The share of killed mutants; a timeout is a kill, a mutant that no test reaches is none."""
    killed = count[KILLED] + count[TIMEOUT]
    tried = killed + count[SURVIVED] + count[NO_TESTS]
    return 100 * killed / tried if tried else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
