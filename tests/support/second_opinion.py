"""What statelint says of a definition, without what it is wrong about."""

from __future__ import annotations

import json
import re
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

_VARIABLE = re.compile(r'"\$(workflowInputs[\w.]*)"')


def statelint_problems(definition: Mapping[str, Any]) -> list[str]:
    """The problems that statelint finds and that are some."""
    # It knows no variables in JSONPath: those that are paths by themselves are read as members of the input.
    known = json.loads(_VARIABLE.sub(r'"$.\1"', json.dumps(dict(definition))))
    found: list[str] = Linter.validate(known, _CONFIG)
    return [problem for problem in found if not _is_false(problem)]


def _is_false(problem: str) -> bool:
    """Whether it is a false alarm: statelint knows neither variables in JSONPath nor expressions for seconds."""
    return 'Seconds is "{% $wait' in problem or ('.$" of Parameters' in problem and ": start" in problem)
