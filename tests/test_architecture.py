"""How the rooms of the library stand to each other."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from symtable import symtable

import pytest
from support.each import each
from support.public import NAMESPACES, PUBLIC

import constructs_ml

ROOT = Path(constructs_ml.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# The kernel: a room may use itself and those before it.
KERNEL = [
    {"errors", "terminal", "interrupts", "spelling"},
    {"folders", "documents"},
    {"asl", "markers"},
    {"sagemaker"},
    {"services"},
    {"cfn"},
    {"iam"},
]
WINGS = [{"core", "tasks", "workflow", "sdk"}, {"lint"}, {"interpreter", "local"}, {"insight"}]
"""Siblings, which use the kernel and never each other."""
SEE_TWO = {"testing", "cli"}
DOORS = {
    # The plugin knows states, and a workflow brings the plugin along.
    ("lint.cdk", "core"),
    ("workflow", "lint.cdk"),
    # A run checks first.
    ("local.runner.findings", "lint"),
}
"""What else may see a part of a sibling."""
FACE = {"public_names", *(stub.stem for stub in ROOT.glob("*.pyi") if stub.stem != "__init__")}
"""The namespaces of public names, above all others."""
PURE = set().union(*KERNEL, {"lint"})
HEAVY = ["aws_cdk.aws_stepfunctions_tasks", "aws_cdk.aws_ec2", "botocore", "sagemaker", "boto3"]


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def module_of(file: Path) -> str:
    """``core.task`` of core/task.py; empty for the package itself."""
    return ".".join(part for part in file.relative_to(ROOT).with_suffix("").parts if part != "__init__")


# The starter is an app of a user's.
BY_NAME = {module_of(file): file for file in MODULES if "starter" not in file.parts}


def imports(file: Path) -> set[str]:
    """The names that a module imports, also inside of functions and for type checkers only."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@cache
def imported() -> frozenset[str]:
    """The names that any module imports."""
    return frozenset().union(*(imports(file) for file in MODULES))


@cache
def arrows() -> dict[str, frozenset[str]]:
    """The modules that each module uses."""
    found: dict[str, frozenset[str]] = {}
    for name, file in BY_NAME.items():
        used = set()
        for full in imports(file):
            if full.startswith("constructs_ml."):
                own = full.removeprefix("constructs_ml.")
                used.add(own if own in BY_NAME else own.rpartition(".")[0])
        found[name] = frozenset(used & BY_NAME.keys()) - {name, ""}
    return found


def room_of(module: str) -> str:
    return module.partition(".")[0]


def is_in(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def level(room: str) -> int:
    return next((at for at, rooms in enumerate(KERNEL) if room in rooms), len(KERNEL))


def may_use(module: str, other: str) -> bool:
    own, used = room_of(module), room_of(other)
    if used in FACE:
        return own in FACE | {""}
    if own == used or own in SEE_TWO | {""}:
        return True
    if used in SEE_TWO:
        return False
    if level(used) < level(own):
        return True
    same_wing = any({own, used} <= wing for wing in WINGS)
    return same_wing or any(is_in(module, source) and is_in(other, target) for source, target in DOORS)


def test_siblings_never_import_each_other() -> None:
    used = [(module, other) for module, others in arrows().items() for other in others]
    assert len(used) > 1000
    assert [f"{module} imports {other}" for module, other in used if not may_use(module, other)] == []


def test_no_room_imports_the_public_names() -> None:
    """A room imports what it uses from where it is: the top of the package would be a way around all of the above."""
    tops = {
        "constructs_ml",
        *(f"constructs_ml.{name}" for name in (*constructs_ml.__all__, "*") if name not in BY_NAME),
    }
    below = {module: file for module, file in BY_NAME.items() if module and room_of(module) not in FACE}
    assert [f"{module} imports {name}" for module, file in below.items() for name in imports(file) & tops] == []


def test_each_door_is_used() -> None:
    for source, target in DOORS:
        ways = [
            (module, other)
            for module, others in arrows().items()
            for other in others
            if is_in(module, source) and is_in(other, target)
        ]
        assert ways, (source, target)


def packages() -> list[str]:
    return sorted({name.rpartition(".")[0] for name in BY_NAME if name})


@pytest.mark.parametrize("package", packages())
def test_no_circle_in_a_package_and_arrows_between_its_folders_point_one_way(package: str) -> None:
    """Each module and folder of a package stands above what it uses; imports for type checkers count too."""
    start = f"{package}." if package else ""

    def child_of(module: str) -> str:
        return module.removeprefix(start).partition(".")[0]

    uses: dict[str, set[str]] = {}
    for module, others in arrows().items():
        if module.startswith(start) and module != package:
            inside = {child_of(other) for other in others if other.startswith(start) and other != package}
            uses.setdefault(child_of(module), set()).update(inside - {child_of(module)})
    if not package:
        # The door from a workflow to its checks, which know states.
        uses["workflow"].discard("lint")
    assert list(TopologicalSorter(uses).static_order())


def test_pure_rooms_know_neither_cdk_nor_botocore() -> None:
    heavy = {"aws_cdk", "constructs", "jsii", "botocore", "boto3"}
    wrong = [
        f"{module} imports {name}"
        for module, file in BY_NAME.items()
        if room_of(module) in PURE and not is_in(module, "lint.cdk")
        for name in imports(file)
        if name.partition(".")[0] in heavy
    ]
    assert wrong == []


def test_every_public_name_is_documented() -> None:
    undocumented = [name for name, value in each((PUBLIC | NAMESPACES).items()) if not inspect.getdoc(value)]
    assert undocumented == []


def test_every_public_member_is_documented() -> None:
    undocumented = []
    for name, value in PUBLIC.items():
        if inspect.isclass(value) and value.__module__.startswith("constructs_ml"):
            for member, item in vars(value).items():
                if member.startswith("_"):
                    continue
                target = item.__func__ if isinstance(item, (classmethod, staticmethod)) else item
                documented = getattr(target, "__doc__", None)
                if (callable(target) or isinstance(target, property)) and not documented:
                    undocumented.append(f"{name}.{member}")
    assert undocumented == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ProcesingJob'"):
        _ = constructs_ml.ProcesingJob


@pytest.mark.needs_cdk("2.260", "modules that load each other when they are used")
def test_importing_everything_loads_nothing_heavy() -> None:
    script = (
        "import json, sys, constructs_ml as ml; "
        "[getattr(top, name) for top in (getattr(ml, name) for name in ml.__all__) for name in getattr(top, '__all__', ())]; "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(HEAVY) & set(json.loads(done.stdout.splitlines()[-1])) == set()


def test_the_package_itself_is_imported_without_cdk() -> None:
    script = (
        "import json, sys, constructs_ml as ml, constructs_ml.cli; [getattr(ml, name).__all__ for name in sys.argv[1:]]; "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, *each(NAMESPACES)], capture_output=True, text=True, check=True)
    assert not {"aws_cdk", "jsii", "boto3"} & set(json.loads(done.stdout))


@pytest.mark.parametrize("file", MODULES, ids=shown)
def test_no_module_level_private_name_is_unused(file: Path) -> None:
    """It is read in its module, or another imports it."""
    text = file.read_text(encoding="utf-8")
    assigned = {name.get_name() for name in symtable(text, file.name, "exec").get_symbols() if name.is_assigned()}
    private = {name for name in assigned if re.match("_[^_]", name)}
    read = {
        node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    named = ".".join(filter(None, ("constructs_ml", module_of(file))))
    assert {name for name in private - read if f"{named}.{name}" not in imported()} == set()


def test_every_room_has_tests() -> None:
    tests = Path(__file__).parent
    rooms = {room_of(module) for module in BY_NAME if "." in module}
    assert {room for room in rooms if room != "cli" and not list((tests / room).glob("test_*.py"))} == set()


def test_rooms_have_a_docstring_that_says_what_is_in_them() -> None:
    for file in MODULES:
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), shown(file)


def test_every_room_is_listed() -> None:
    rooms = {room_of(module) for module in BY_NAME if module}
    assert rooms == set().union(*KERNEL, *WINGS, SEE_TWO, FACE)


def test_no_exported_state_lacks_what_its_base_leaves_open() -> None:
    """The bases raise NotImplementedError for what each state has to say itself."""
    from constructs_ml.core.native_task import NativeTask
    from constructs_ml.core.polling_task import PollingTask
    from constructs_ml.core.task import FromRequest

    left_open = [(NativeTask, "_render_task"), (FromRequest, "_start_from"), (PollingTask, "_wait_for")]
    states = [value for value in PUBLIC.values() if inspect.isclass(value)]
    for base, member in left_open:
        of_base = [state for state in states if issubclass(state, base)]
        assert of_base
        assert [state.__name__ for state in of_base if getattr(state, member) is getattr(base, member)] == []
