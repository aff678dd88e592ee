"""How the rooms of the library stand to each other."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import constructs_ml

ROOT = Path(constructs_ml.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# A room may use itself and what stands above it.
ROOMS = [
    {"errors", "terminal", "interrupts"},
    {"folders", "documents", "tar_archives"},
    {"asl", "sagemaker", "cfn"},
    {"services"},
    {"access"},
    {"checks"},
    {"jobs"},
    {"adapters"},
    {"hosting", "registry"},
    {"validation"},
    {"workflow", "events"},
    {"patterns"},
    {"interpreter"},
    {"local"},
    {"testing"},
    {"cli"},
]
PURE = {
    "errors",
    "terminal",
    "interrupts",
    "folders",
    "documents",
    "tar_archives",
    "asl",
    "sagemaker",
    "cfn",
    "services",
    "access",
    "checks",
}
HEAVY = ["aws_cdk.aws_stepfunctions_tasks", "aws_cdk.aws_ec2", "botocore", "sagemaker", "boto3"]


def room_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def level(room: str) -> int:
    (found,) = [at for at, rooms in enumerate(ROOMS) if room in rooms]
    return found


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} has a relative import"
            names.add(node.module or "")
    return names


def modules_of_rooms() -> list[Path]:
    return [file for file in MODULES if file != ROOT / "__init__.py"]


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_arrows_point_up() -> None:
    wrong = []
    for file in modules_of_rooms():
        own = file.relative_to(ROOT).parts[0].removesuffix(".py")
        for name in imports(file):
            if name.startswith("constructs_ml."):
                other = room_of(name)
                if other != own and level(other) >= level(own) and {other, own} != {"asl", "sagemaker"}:
                    wrong.append(f"{shown(file)} imports {name}")
    assert wrong == []


def test_pure_rooms_know_neither_cdk_nor_botocore() -> None:
    wrong = []
    for file in modules_of_rooms():
        if file.relative_to(ROOT).parts[0].removesuffix(".py") in PURE:
            roots = {name.split(".")[0] for name in imports(file)}
            wrong += [
                f"{shown(file)} imports {name}"
                for name in roots & {"aws_cdk", "constructs", "jsii", "botocore", "boto3"}
            ]
    assert wrong == []


def test_a_module_is_one_idea() -> None:
    lines = {shown(file): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}
    assert {name: number for name, number in lines.items() if number > 300} == {}


def test_what_is_exported_is_what_is_named() -> None:
    assert sorted(constructs_ml.__all__) == list(constructs_ml.__all__)
    for name in constructs_ml.__all__:
        value = getattr(constructs_ml, name)
        assert inspect.getdoc(value), f"{name} has no docstring"


def test_type_checkers_see_the_same_names() -> None:
    """The stub of the package imports each name from where it is imported at run time, and exports all of them."""
    tree = ast.parse((ROOT / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {alias.name: node.module for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    (exported,) = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    assert homes == constructs_ml._HOMES
    assert exported == constructs_ml.__all__


def test_every_public_member_is_documented() -> None:
    undocumented = []
    for name in constructs_ml.__all__:
        value = getattr(constructs_ml, name)
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
        "import json, sys, constructs_ml as ml; [getattr(ml, name) for name in ml.__all__]; "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(HEAVY) & set(json.loads(done.stdout.splitlines()[-1])) == set()


def test_the_package_itself_is_imported_without_cdk() -> None:
    script = "import json, sys, constructs_ml, constructs_ml.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"aws_cdk", "jsii", "boto3"} & set(json.loads(done.stdout))


def test_every_room_has_tests() -> None:
    tests = Path(__file__).parent
    rooms = {file.relative_to(ROOT).parts[0] for file in MODULES if file.parent != ROOT}
    assert {room for room in rooms if room != "cli" and not list((tests / room).glob("test_*.py"))} == set()


def test_rooms_have_a_docstring_that_says_what_is_in_them() -> None:
    for file in MODULES:
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), shown(file)


def test_every_room_is_listed() -> None:
    for room in {file.relative_to(ROOT).parts[0].removesuffix(".py") for file in modules_of_rooms()}:
        level(room)
    importlib.import_module("constructs_ml.cli")


def test_no_exported_state_lacks_what_its_base_leaves_open() -> None:
    """The bases raise NotImplementedError for what each state has to say itself."""
    from constructs_ml.core.native_task import NativeTask
    from constructs_ml.core.polling_task import WaitingCall
    from constructs_ml.core.task import SageMakerCall

    left_open = [(NativeTask, "_render_task"), (SageMakerCall, "_start_from"), (WaitingCall, "_wait_for")]
    states = [value for name in constructs_ml.__all__ if inspect.isclass(value := getattr(constructs_ml, name))]
    for base, member in left_open:
        of_base = [state for state in states if issubclass(state, base)]
        assert of_base
        assert [state.__name__ for state in of_base if getattr(state, member) is getattr(base, member)] == []
