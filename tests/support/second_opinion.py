"""What statelint says of a definition, without what it is wrong about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonata
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

if TYPE_CHECKING:
    from collections.abc import Mapping

# It raises Python's recursion limit when it is first used, which hypothesis must not see happen within an example.
jsonata.Jsonata("1")

# A FLOAT problem is a BackoffRate of 2 that is not written 2.0; JSON has only one kind of numbers.
_CONFIG = Config(ignored_problem_types={ProblemType.FLOAT}, evaluate_jsonata=True)


def statelint_problems(definition: Mapping[str, Any]) -> list[str]:
    """The problems that statelint finds and that are some."""
    found: list[str] = Linter.validate(dict(definition), _CONFIG)
    return [problem for problem in found if not _is_false(problem)]


def _is_false(problem: str) -> bool:
    """Whether it is a false alarm: statelint knows neither variables in JSONPath nor expressions for seconds."""
    return 'Seconds is "{% $wait' in problem or ('.$" of Parameters' in problem and ": start" in problem)
