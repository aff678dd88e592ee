"""Mutation-tests the pure rooms with mutmut: ``make mutation``; docs/mutation.md says how to read what it prints.

Everything happens in a copy of the tree below ``.cache``. In that copy each ``@property`` and ``@cache`` is applied below its
function instead of above it, because mutmut leaves out every function that has a decorator. A run that was stopped goes on
where it was; after any change of the tree it begins anew, as mutmut does not see which tests have changed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parent.parent
WORK = REPOSITORY / ".cache" / "mutation" / "work"
MUTANTS = WORK / "mutants"
PLUGINS = WORK / "plugins"
ROOMS = ("asl", "sagemaker", "access")
COPIED = ("constructs_ml", "pyproject.toml", "tests/conftest.py", "tests/support", *(f"tests/{room}" for room in ROOMS))
PLUGIN = Path(__file__).with_name("mutation_plugin.py")
UNWRAPPED = ("cache", "property")
LEAST = 85.0
INTERRUPTED = 130

# mutmut's exit codes. A mutant that no test reaches has survived; one that crashes the interpreter counts as neither.
KILLED, SURVIVED, TIMEOUT, NO_TESTS, NOT_RUN = "killed", "survived", "timeout", "no tests", "not run"
VERDICTS = {1: KILLED, 3: KILLED, 0: SURVIVED, 5: NO_TESTS, 33: NO_TESTS, 36: TIMEOUT, -24: TIMEOUT, None: NOT_RUN}
STOPPED = 2


def main(arguments: list[str]) -> int:
    """Runs mutmut on all mutants, or on those named, and prints the scores."""
    parser = argparse.ArgumentParser(
        prog="make mutation", description="ARGS='constructs_ml.asl.names*' tries some mutants."
    )
    parser.add_argument("names", nargs="*", help="mutants, or patterns of them; all by default")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at once")
    asked = parser.parse_args(arguments)
    prepare()
    mutmut = [
        str(Path(sys.executable).with_name("mutmut")),
        "run",
        "--max-children",
        str(asked.processes),
        *asked.names,
    ]
    code = run(mutmut)
    counts = {module: count for module, count in verdicts().items() if count.keys() - {NOT_RUN}}
    if not counts:
        return code or 1
    total = report(counts)
    if asked.names and not code:
        return 0
    if code or total[NOT_RUN]:
        print(f"stopped with {total[NOT_RUN]} mutants not run; make mutation goes on from here")
        return code or INTERRUPTED
    if score(total) < LEAST:
        print(f"the score is below {LEAST:.0f} %")
        return 1
    return 0


def run(mutmut: list[str]) -> int:
    """Runs mutmut in the copy; it finds the plugin there, and leaves no bytecode beside it."""
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(mutmut, cwd=WORK, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return INTERRUPTED


def prepare() -> None:
    """Copies the tree, unless the copy that is there is of the same tree; then only forgets what was interrupted."""
    stamp = WORK / "tree"
    tree = fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == tree:
        forget_interrupted()
        return
    shutil.rmtree(WORK, ignore_errors=True)
    for name in COPIED:
        source, target = REPOSITORY / name, WORK / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    PLUGINS.mkdir()
    shutil.copy2(PLUGIN, PLUGINS)
    for room in ROOMS:
        for path in (WORK / "constructs_ml" / room).rglob("*.py"):
            path.write_text(unwrapped(path.read_text(encoding="utf-8")), encoding="utf-8")
    leave_out()
    stamp.write_text(tree, encoding="utf-8")


def leave_out() -> None:
    """Removes the tests that need more than is installed here: aws_cdk, which is a process of Node, or the emulator."""
    tests = [path for room in ROOMS for path in (WORK / "tests" / room).rglob("*.py")]
    lacking = [path for path in tests if (path.name == "conftest.py" or path.name.startswith("test_")) and lacks(path)]
    for path in lacking:
        path.unlink()
    print("without", ", ".join(sorted(str(path.relative_to(WORK)) for path in lacking)) or "no test", flush=True)


@cache
def lacks(path: Path) -> bool:
    """Whether a module of the tests imports what is not installed here, itself or by way of another."""
    folders = [folder for folder in path.parents if folder.is_relative_to(WORK / "tests")]
    for name in imported(path):
        first, *_ = steps = name.split(".")
        own = [file for folder in folders if (file := folder.joinpath(*steps).with_suffix(".py")).is_file()]
        known = first == "constructs_ml" or any((folder / first).is_dir() for folder in folders)
        if any(lacks(file) for file in own[:1]) or not (own or known or find_spec(first)):
            return True
    return False


def imported(path: Path) -> Iterator[str]:
    """The modules that are imported when a module is, and what may be a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{each.name}" for each in names)


def fingerprint() -> str:
    """A digest of all that is copied."""
    seen = hashlib.sha256()
    for path in [Path(__file__), PLUGIN, *(REPOSITORY / name for name in COPIED)]:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                seen.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return seen.hexdigest()


def unwrapped(source: str) -> str:
    """A module whose properties and cached functions are plain functions, each wrapped in a line of its own below."""
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(found, key=lambda node: node.lineno, reverse=True):
        match node.decorator_list:
            case [ast.Name(id=wrapper) as decorator] if wrapper in UNWRAPPED:
                lines.insert(
                    node.end_lineno or node.lineno, f"{' ' * node.col_offset}{node.name} = {wrapper}({node.name})"
                )
                del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def forget_interrupted() -> None:
    """What was being tested or written when a run was stopped is done again."""
    for meta in MUTANTS.rglob("*.meta"):
        try:
            found = json.loads(meta.read_text(encoding="utf-8"))
        except ValueError:
            meta.unlink()
            meta.with_suffix("").unlink(missing_ok=True)
            continue
        codes = found["exit_code_by_key"]
        found["exit_code_by_key"] = {key: None if code == STOPPED else code for key, code in codes.items()}
        meta.write_text(json.dumps(found), encoding="utf-8")


def verdicts() -> dict[str, Counter[str]]:
    """What became of the mutants of each module."""
    counts = {}
    for meta in sorted(MUTANTS.rglob("*.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        counts[str(meta.relative_to(MUTANTS).with_suffix(""))] = Counter(
            VERDICTS.get(code, "crashed") for code in codes.values()
        )
    return counts


def report(counts: dict[str, Counter[str]]) -> Counter[str]:
    """Prints a row for each module and one for all."""
    total: Counter[str] = sum(counts.values(), Counter())
    print(f"\n{'module':<44}{'mutants':>8}{'killed':>8}{'timeout':>8}{'survived':>9}{'no tests':>9}{'score':>8}")
    for module, count in [*counts.items(), ("all", total)]:
        row = "".join(
            f"{count[verdict]:>{width}}" for verdict, width in ((KILLED, 8), (TIMEOUT, 8), (SURVIVED, 9), (NO_TESTS, 9))
        )
        print(f"{module:<44}{count.total():>8}{row}{score(count):>6.1f} %")
    return total


def score(count: Counter[str]) -> float:
    """The share of killed mutants; a timeout is a kill, a mutant that no test reaches is none."""
    killed = count[KILLED] + count[TIMEOUT]
    tried = killed + count[SURVIVED] + count[NO_TESTS]
    return 100 * killed / tried if tried else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
