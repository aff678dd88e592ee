"""The public names: a top for first workflows, namespaces for families, stubs as the only lists."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import tarfile
import warnings
import zipfile
from collections import Counter
from dataclasses import is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, is_typeddict

import pytest
from constructs import Construct
from support.each import each
from support.public import NAMESPACES, TOP

import constructs_ml as ml

ROOT = Path(ml.__file__).parent
STUBS = {f"constructs_ml.{stub.stem}".removesuffix(".__init__"): stub for stub in sorted(ROOT.glob("*.pyi"))}
STUBBED = [name for name in NAMESPACES if name not in {"errors", "insight"}]
"""The namespaces but for the errors, which are a module of their own."""
RELEASED = (Path(__file__).parent / "names_of_0.1.txt").read_text(encoding="utf-8").split()
"""The names at the top of the package in 0.1, where there were no namespaces."""
INTERNAL = {
    "EndpointTask": "the base of two states",
    "ObjectPlace": "where a state reads",
    "Submission": "the arguments of Spark's command",
    "TrainingParts": "the base of what training and tuning jobs share",
    "Trials": "the parts of a tuning job's trials",
}
"""Classes of tasks/ that users neither make nor pass."""


def names_of(stub: Path) -> dict[str, str]:
    """The names that a stub exports, with the modules that they are imported from."""
    found: dict[str, str] = {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        assert isinstance(node, ast.ImportFrom), f"{stub.name} has more than imports"
        assert node.level == 1, f"{stub.name} imports from elsewhere"
        for alias in node.names:
            assert alias.asname == alias.name, f"{stub.name} does not export {alias.name}"
            assert alias.name not in found, f"{stub.name} has {alias.name} twice"
            found[alias.name] = f"constructs_ml.{node.module}" if node.module else "constructs_ml"
    return found


@pytest.mark.parametrize("module", STUBS)
def test_a_stub_is_the_list_of_its_module(module: str) -> None:
    """The names at run time are those of type checkers, in order, and nothing else shows in an interpreter."""
    loaded = import_module(module)
    names = names_of(STUBS[module])
    for name in names:
        getattr(loaded, name)
    assert loaded.__all__ == sorted(names)
    assert dir(loaded) == loaded.__all__


@pytest.mark.parametrize("module", STUBS)
def test_a_name_is_the_object_of_its_room(module: str) -> None:
    loaded = import_module(module)
    for name, home in names_of(STUBS[module]).items():
        if home == "constructs_ml":
            assert getattr(loaded, name) is import_module(f"constructs_ml.{name}")
        else:
            value = getattr(loaded, name)
            assert value is getattr(import_module(home), name)
            assert value.__module__ == home, f"{module}.{name} is from {value.__module__}"


def test_the_top_has_what_a_first_workflow_needs_and_all_namespaces() -> None:
    """A name that only some workflows need goes into a namespace, so that the top can be read at a glance."""
    assert len(TOP) <= 40
    assert {f"constructs_ml.{name}" for name in STUBBED} == STUBS.keys() - {"constructs_ml"}


def test_the_errors_are_a_namespace() -> None:
    """Each error is in the list, and nothing of which errors are made."""
    errors = [
        name for name, value in vars(ml.errors).items() if inspect.isclass(value) and issubclass(value, Exception)
    ]
    assert ml.errors.__all__ == sorted([*errors, "Fault"])


def test_a_name_has_one_home() -> None:
    """Each name is in one namespace; those of the top may be in one too, and are the same objects."""
    homes = Counter(name for namespace in NAMESPACES.values() for name in namespace.__all__)
    assert {name for name, count in homes.items() if count > 1} == set()
    both = [
        (getattr(ml, name), namespace, name)
        for namespace in NAMESPACES.values()
        for name in TOP
        if name in namespace.__all__
    ]
    assert all(value is getattr(namespace, name) for value, namespace, name in each(both))


def is_public(value: Any) -> bool:
    """Whether users make or pass something: a construct, props, or a value of a prop."""
    return (
        is_typeddict(value) or is_dataclass(value) or (inspect.isclass(value) and issubclass(value, (Construct, Enum)))
    )


def test_every_class_of_the_tasks_is_in_a_namespace() -> None:
    """A family is whole: its constructs, its props, its values."""
    files = (ROOT / "tasks").rglob("*.py")
    modules = [
        import_module(".".join(("constructs_ml", *file.relative_to(ROOT).with_suffix("").parts))) for file in files
    ]
    own = {
        name
        for module in modules
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_") and is_public(value)
    }
    specs = {name for name in own if name.endswith("Spec")}
    placed = {name for namespace in NAMESPACES.values() for name in namespace.__all__}
    assert own - placed - specs == INTERNAL.keys()
    assert not placed & (INTERNAL.keys() | specs)


def test_names_are_imported_from_a_namespace() -> None:
    from constructs_ml.hosting import CreateModel, Variant

    assert Variant is ml.hosting.Variant
    assert CreateModel is ml.CreateModel


def test_an_unknown_name_is_told_with_its_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'constructs_ml' has no attribute 'ProcesingJob'$"):
        _ = ml.ProcesingJob  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"^module 'constructs_ml.hosting' has no attribute 'IntegerRange'$"):
        _ = ml.hosting.IntegerRange  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", RELEASED)
def test_a_name_of_the_last_release_is_still_found(name: str) -> None:
    """At the top without a warning, or by one that says its place, also after the namespace was used."""
    if name in TOP:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            getattr(ml, name)
        return
    (place,) = [place for place, namespace in NAMESPACES.items() if name in namespace.__all__]
    expected = getattr(NAMESPACES[place], name)
    for _ in range(2):
        with pytest.warns(
            DeprecationWarning, match=rf"^constructs_ml\.{name} is constructs_ml\.{place}\.{name} now$"
        ) as told:
            assert getattr(ml, name) is expected
        assert [Path(warning.filename) for warning in told] == [Path(__file__)]
    assert name not in dir(ml)
    assert name not in ml.__all__


def test_the_emulator_starts_without_the_library_that_loads_the_names() -> None:
    """Its environment has none of this one's packages."""
    from constructs_ml.local.emulator.launch import _BOOT

    boot = "import sys; sys.modules['lazy_loader'] = None\n" + _BOOT.replace("main()", "print(main.__module__)")
    done = subprocess.run([sys.executable, "-c", boot, str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout == "constructs_ml.local.emulator.emulator\n"


def test_distributions_have_the_stubs(tmp_path: Path) -> None:
    """Without them no name is found, as they are the only list."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT.parent, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    stubs = {f"constructs_ml/{stub.name}" for stub in each(STUBS.values())}
    assert stubs <= set(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(sdist) as archive:
        assert stubs <= {name.partition("/")[2] for name in archive.getnames()}
