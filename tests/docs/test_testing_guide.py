"""The tests in docs/testing.md pass as they stand there, on the workflow of the README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.each import each

from constructs_ml import testing

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
SNAPSHOT, SIMULATED, OBJECTS, RUN = BLOCK.findall(GUIDE)
APP, PREPROCESS, TRAIN, *_ = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The README's project, whose stack is kept in a module of its own."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/preprocess.py").write_text(PREPROCESS)
    (tmp_path / "src/train.py").write_text(TRAIN)
    stack, app = APP.split("app = App()")
    (tmp_path / "census.py").write_text(stack)
    (tmp_path / "app.py").write_text(f"from census import *\n\napp = App(){app}")
    (tmp_path / "census.csv").write_text("\n".join(f"{age},{age > 40}" for age in range(20, 120)))
    return tmp_path


def passed(project: Path, tests: str) -> str:
    """How many tests passed."""
    (project / "test_census.py").write_text(tests)
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--snapshot-update"]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, *options],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) passed", done.stdout)
    assert found, done.stdout
    return found[1]


def test_the_quick_tests_pass_as_shown(project: Path) -> None:
    """The snapshot and the simulations."""
    assert passed(project, f"{SNAPSHOT}\n{SIMULATED}\n{OBJECTS}") == "7"


@pytest.mark.local
def test_the_local_run_passes_as_shown(project: Path) -> None:
    """The scripts are run."""
    assert passed(project, RUN) == "1"


def test_every_outcome_is_explained() -> None:
    """The guide names all that a test can import."""
    names = each(name for name in testing.__all__ if not name[0].isupper())
    assert [name for name in names if f"`{name}(" not in GUIDE and f"`{name}`" not in GUIDE] == []


def test_every_member_of_an_execution_is_explained() -> None:
    """All that can be asserted on."""
    members = [name for name in vars(testing.Execution) if not name.startswith("_")]
    members += [name for name in testing.Execution.__dataclass_fields__ if not name.startswith("_")]
    assert [name for name in each(set(members) - {"input", "unused"}) if f"`{name}`" not in GUIDE] == []
