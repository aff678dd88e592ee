"""Type checkers accept a user's code, every example of README and guides, and a subclass of each construct; they refuse mistakes.

mypy --strict and pyright, in its standard mode, each run once. In ``refused.py`` a line that ends in ``# error`` is refused by both.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct
from support.public import NAMESPACES, PUBLIC, TOP

pytestmark = pytest.mark.needs_cdk("2.260", "the types that the examples are checked with")

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ACCEPTED, REFUSED = HERE / "accepted.py", HERE / "refused.py"
PAGES = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "sdk.md")]
"""README and guides, but for the one whose objects are of a SageMaker SDK, which is not installed here."""
GIVEN = {
    "app": "App",
    "bucket": "s3.Bucket",
    "config": "ml.CreateEndpointConfig",
    "data": "ml.S3Data",
    "deploy": "ml.DeployEndpoint",
    "image": "ml.ContainerImage",
    "key": "kms.Key",
    "preprocess": "ml.ProcessingJob",
    "register": "ml.RegisterModel",
    "topic": "sns.Topic",
    "train": "ml.TrainingJob",
    "vpc": "ec2.Vpc",
}
"""The names that examples take as given."""
OF_AWS_CDK_LIB = re.compile(
    r'"Key" cannot be assigned to parameter "encryption_key" of type "IKey \| None"'
    r'|"StepFunctionsStartExecution" cannot be assigned to parameter "target" of type "IScheduleTarget"'
)
"""Errors of a bucket with a key and of a schedule with a target, whatever they are for: to pyright ``kms.Key`` is no ``kms.IKey``."""
IMPORTS = """
from aws_cdk import App, Duration, Size, Stack, Tags, aws_ec2 as ec2, aws_kms as kms, aws_s3 as s3, aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from typing_extensions import Unpack

import constructs_ml as ml
"""


def blocks() -> list[tuple[str, str]]:
    """The examples of README and guides that use the library, each with its page and line."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, match.start()) + 2
            found += [(f"{page.name}:{line}", match[1])] if re.search(r"\bml\.|constructs_ml", match[1]) else []
    return found


def written_examples() -> str:
    """The examples, each as the body of a stack's method that has what it takes as given."""
    given = ", ".join(["self", *(f"{name}: {kind}" for name, kind in GIVEN.items())])
    parts = ["# pyright: reportUndefinedVariable=false, reportRedeclaration=false", IMPORTS]
    for at, (place, block) in enumerate(blocks()):
        # The modules of an example's own app, which its page has shown before.
        body = re.sub(r"^from app import .*\n", "", block.replace(" ...,", " image=image,"), flags=re.MULTILINE)
        parts += [f"class Example{at}(Stack):  # {place}", f"    def example({given}) -> None:"]
        parts.append(f"{textwrap.indent(body, ' ' * 8)}        return\n")
    return "\n".join(parts)


CONSTRUCTS = [name for name, value in PUBLIC.items() if inspect.isclass(value) and issubclass(value, Construct)]


def place_of(name: str) -> str:
    """Where a user finds a name: ``ml.hosting.Variant``."""
    if name in TOP:
        return f"ml.{name}"
    return next(f"ml.{namespace}.{name}" for namespace, module in NAMESPACES.items() if name in module.__all__)


def written_subclasses() -> str:
    """A subclass of each construct that takes and passes on all of its props."""
    parts = ["from __future__ import annotations", IMPORTS]
    parts += [
        f"""
class Our{name}({place_of(name)}):
    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[{place_of(f"{name}Props")}]) -> None:
        super().__init__(scope, construct_id, **props)
"""
        for name in CONSTRUCTS
    ]
    return "\n".join(parts)


class Found:
    """The errors of both checkers: file, line and what is said.

    Attributes:
        mypy: Those of mypy.
        pyright: Those of pyright.
    """

    def __init__(self, mypy: list[tuple[str, int, str]], pyright: list[tuple[str, int, str]]) -> None:
        self.mypy, self.pyright = mypy, pyright

    def of(self, checker: str, file: str) -> list[tuple[int, str]]:
        errors: list[tuple[str, int, str]] = getattr(self, checker)
        return sorted((line, text) for name, line, text in errors if name == file)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    pyright = shutil.which("pyright")
    if pyright is None:
        pytest.fail("pyright is not installed; run make setup, or npm ci --prefix .venv, and put .venv/bin on PATH")
    folder = tmp_path_factory.mktemp("typing")
    examples, subclasses = folder / "examples.py", folder / "subclasses.py"
    examples.write_text(written_examples(), encoding="utf-8")
    subclasses.write_text(written_subclasses(), encoding="utf-8")
    files = [str(file) for file in (ACCEPTED, REFUSED, subclasses)]
    # Untyped examples are for pyright alone: mypy --strict refuses a function without annotations.
    by_mypy = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-pretty", "--no-error-summary"]
    by_pyright = [pyright, "--pythonpath", sys.executable, "--outputjson", *files, str(examples)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in ([*by_mypy, *files], by_pyright)
    ]
    (mypy_out, mypy_err), (pyright_out, pyright_err) = [process.communicate() for process in running]
    assert mypy_err == ""
    assert pyright_out, pyright_err
    lines = [re.match(r"(.+?):(\d+): error: (.*)", line) for line in mypy_out.splitlines()]
    told: list[Any] = json.loads(pyright_out)["generalDiagnostics"]
    return Found(
        [(Path(line[1]).name, int(line[2]), line[3]) for line in lines if line],
        [
            (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
            for one in told
            if one["severity"] == "error"
        ],
    )


CHECKERS = pytest.mark.parametrize("checker", ["mypy", "pyright"])


@CHECKERS
@pytest.mark.parametrize("file", ["accepted.py", "subclasses.py"])
def test_what_is_right_is_accepted(found: Found, checker: str, file: str) -> None:
    assert found.of(checker, file) == []


@CHECKERS
def test_each_mistake_is_refused_where_it_is(found: Found, checker: str) -> None:
    """On its line; no other line is refused."""
    lines = REFUSED.read_text(encoding="utf-8").splitlines()
    expected = [number for number, line in enumerate(lines, 1) if line.endswith("# error")]
    assert len(expected) > 40
    errors = found.of(checker, REFUSED.name)
    assert sorted({line for line, _ in errors}) == expected, errors


def test_examples_of_readme_and_guides_are_accepted(found: Found) -> None:
    """Those without annotations are for pyright, which reads them all."""
    places = [place for place, _ in blocks()]
    assert {"README.md", "organisation.md", "failures.md"} <= {place.partition(":")[0] for place in places}
    errors = [text for _, text in found.of("pyright", "examples.py") if not OF_AWS_CDK_LIB.search(text)]
    assert errors == []


def test_the_way_to_subclass_that_the_readme_shows_is_the_one_that_is_checked() -> None:
    (shown,) = re.findall(
        r"^class OurTrainingJob.*?(?=^```)", PAGES[0].read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert "**props: Unpack[ml.training.TrainingJobProps]) -> None:" in shown
    assert "props.setdefault(" in shown
