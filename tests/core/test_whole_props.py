"""The types of all props of a construct are those that its constructor takes."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.each import each
from support.public import PUBLIC

from constructs_ml.core.prop_checks import Props

ROOT = Path(__file__).parents[2]
LIKE = {"Map": sfn.Map, "DistributedMap": sfn.DistributedMap}


def constructs() -> dict[str, Any]:
    return {name: cls for name, cls in PUBLIC.items() if inspect.isclass(cls) and issubclass(cls, Construct)}


CONSTRUCTS = constructs()


def annotations_of(props: Any) -> dict[str, str]:
    """The annotations of a TypedDict, as they are written."""
    return {name: getattr(value, "__forward_arg__", value) for name, value in props.__annotations__.items()}


def taken(cls: Any) -> dict[str, str]:
    """The annotations of the props that a constructor takes; of a required one as the type of all props has it."""
    begin = inspect.unwrap(cls.__init__)
    props = Props(cls, begin)
    own = {name: begin.__annotations__[name] for name in props.own}
    required = {name: f"Required[{own[name]}]" for name in props.required}
    return {**annotations_of(type("", (), {"__annotations__": props.passed_on})), **own, **required}


def test_the_types_are_those_of_the_constructors() -> None:
    """Written from their source, with their docstrings."""
    command = [sys.executable, "tools/write_props.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_type_of_a_constructs_props_has_what_its_constructor_takes(name: str) -> None:
    """Names and annotations, which are read from the constructor as it runs."""
    props = PUBLIC[f"{name}Props"]
    assert annotations_of(props) == taken(CONSTRUCTS[name])


@pytest.mark.parametrize("name", LIKE)
def test_a_map_takes_what_that_of_aws_cdk_lib_takes(name: str) -> None:
    """An older aws-cdk-lib has fewer props."""
    parameters = inspect.signature(LIKE[name].__init__).parameters.values()
    theirs = {parameter.name for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY}
    assert theirs <= set(annotations_of(PUBLIC[f"{name}Props"]))


def test_each_prop_says_what_it_is() -> None:
    """In a docstring below it, which editors show."""
    for module in ("workflow/props.py", "workflow/map.py", "core/props.py"):
        tree = ast.parse((ROOT / "constructs_ml" / module).read_text(encoding="utf-8"))
        for node in each([node for node in tree.body if isinstance(node, ast.ClassDef) and node.keywords]):
            for field, after in pairwise([*node.body, None]):
                if isinstance(field, ast.AnnAssign):
                    assert isinstance(after, ast.Expr), f"{module}: {node.name}.{ast.unparse(field.target)}"
