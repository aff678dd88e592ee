"""The expressions of cached jobs have the values that Python computes, in simulations and on the laptop.

``make conformance-engine`` compares the same cases with the reference implementation of JSONata.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timezone
from functools import cache
from typing import Any

import pytest
from support.cache_cases import FAILS, NOW, CacheCase, cases

from constructs_ml.interpreter import environment, interpreter
from constructs_ml.interpreter.clock import Clock


@cache
def module() -> Any:
    """MiniStack's interpreter, put right."""
    environment.load()
    now = datetime.fromtimestamp(NOW / 1000, timezone.utc)
    return interpreter.load(Clock(now), random.Random(0))  # noqa: S311 - no secret


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_expressions_are_evaluated(case: CacheCase) -> None:
    """Digests are those of hashlib."""
    states = json.loads(json.dumps(dict(case.states)))
    context = {**states.get("context", {}), "variables": json.loads(json.dumps(dict(case.variables)))}
    arguments = (case.expression, states.get("input", {}), context, states.get("result"))
    if case.expected is FAILS:
        with pytest.raises(module()._ExecutionError):
            module()._evaluate_jsonata(*arguments)
    else:
        assert module()._evaluate_jsonata(*arguments) == case.expected
