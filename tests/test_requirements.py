"""The library asks for no less and bounds no more than it has to."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest's own requirement on 3.10

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BOUNDS = {
    "aws-cdk-lib": "the library overrides a member of aws-cdk-lib's that is not public: a major version may move it",
    "constructs": "aws-cdk-lib has the same bound",
    "jsonata-python": "the interpreter subclasses its classes, which are not documented (ADR 13)",
    "sagemaker": "the adapters read the objects of one major version",
}
"""Why a requirement has an upper bound."""


def requirements() -> dict[str, str]:
    """What the library and its extras require, by name."""
    extras = [item for items in PROJECT["optional-dependencies"].values() for item in items]
    # A marker says for which Python something is needed.
    needed = [item.partition(";")[0].strip() for item in [*PROJECT["dependencies"], *extras]]
    split = [re.fullmatch(r"([\w.-]+)(.*)", item) for item in needed]
    return {found[1]: found[2] for found in split if found}


def test_no_python_is_shut_out_that_dependencies_take() -> None:
    """None of them has an upper bound; classifiers name what was tried and what they declare."""
    assert PROJECT["requires-python"] == ">=3.10"


def test_each_upper_bound_has_a_reason() -> None:
    bounded = {name for name, bounds in requirements().items() if re.search(r"<|==|~=", bounds)}
    assert bounded == set(BOUNDS)


def test_constructs_is_bounded_as_aws_cdk_lib_bounds_it() -> None:
    (theirs,) = [item for item in requires("aws-cdk-lib") or () if item.startswith("constructs")]
    ours = re.search(r"<(\d+)", requirements()["constructs"])
    assert ours
    assert f"<{ours[1]}." in theirs


def test_the_floor_is_what_is_required() -> None:
    """`make test-floor` tests the oldest versions that the requirements take, and nothing newer."""
    lines = (ROOT / "tests" / "floor.txt").read_text(encoding="utf-8").splitlines()
    floor = dict(line.split("==") for line in lines if "==" in line)
    for name in ("aws-cdk-lib", "constructs"):
        least = re.search(r">=([\d.]+)", requirements()[name])
        assert least
        assert floor[name] == ".".join([*least[1].split("."), "0", "0"][:3])


def test_few_tests_need_a_newer_aws_cdk_lib() -> None:
    """Each says which feature; what differs for another reason is mended, not left out."""
    marks = [
        match
        for file in (ROOT / "tests").rglob("test_*.py")
        for match in re.findall(r"mark\.needs_cdk\(.*", file.read_text(encoding="utf-8"))
    ]
    assert 0 < len(marks) <= 20
