"""The copy of the tree that mutmut works in.

In it each ``@property`` and ``@cache`` is applied below its function instead of above it, because mutmut leaves out every
function that has a decorator; and the tests that need more than is installed beside mutmut are not in it.
"""

from __future__ import annotations

import ast
import hashlib
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parent.parent
WORK = REPOSITORY / ".cache" / "mutation" / "work"
PLUGINS = WORK / "plugins"
ROOMS = ("asl", "sagemaker", "iam")
"""Of these pyproject.toml says which modules are changed."""
COPIED = (
    "pyproject.toml",
    # The rest of what these rooms import.
    *(f"constructs_ml/{name}" for name in ("__init__.py", "errors.py", "spelling.py", "documents", "cfn")),
    "tests/conftest.py",
    "tests/support",
    *(f"{parent}/{room}" for parent in ("constructs_ml", "tests") for room in ROOMS),
)
TOOLS = tuple(Path(__file__).with_name(name) for name in ("mutation.py", "mutation_copy.py", "mutation_plugin.py"))
UNWRAPPED = ("cache", "property")


def prepare() -> None:
    """Copies the tree, unless the copy that is there is of the same tree."""
    stamp = WORK / "tree"
    tree = fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == tree:
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
    shutil.copy2(TOOLS[-1], PLUGINS)
    for room in ROOMS:
        for path in (WORK / "constructs_ml" / room).rglob("*.py"):
            path.write_text(unwrapped(path.read_text(encoding="utf-8")), encoding="utf-8")
    leave_out()
    stamp.write_text(tree, encoding="utf-8")


def fingerprint() -> str:
    """A digest of all that a result depends on."""
    seen = hashlib.sha256()
    for path in [*TOOLS, *(REPOSITORY / name for name in COPIED)]:
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
                line = f"{' ' * node.col_offset}{node.name} = {wrapper}({node.name})"
                lines.insert(node.end_lineno or node.lineno, line)
                del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def leave_out() -> None:
    """Removes the tests that need more than is installed: aws_cdk, which is a process of Node, or the emulator."""
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
        if first == "constructs_ml":
            known = len(steps) == 1 or any((WORK / first).glob(f"{steps[1]}*"))
        else:
            known = any((folder / first).is_dir() for folder in folders)
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
