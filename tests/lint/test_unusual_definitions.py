"""Unusual definitions that AWS takes, in both query languages: no rule calls them wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_ml.lint import Severity, check_definition

UNUSUAL: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "support/unusual_definitions.json").read_text(encoding="utf-8")
)
# A heartbeat that only the function behind the ARN could send.
WARNED = {"arn lambda": ["CML305"]}


@pytest.mark.parametrize("name", UNUSUAL)
def test_an_unusual_definition_passes(name: str) -> None:
    found = check_definition(UNUSUAL[name])

    assert [each.rule for each in found] == WARNED.get(name, []), [str(each) for each in found]
    assert all(each.severity is Severity.WARNING for each in found)


def test_there_are_some_of_both_languages() -> None:
    texts = [json.dumps(each) for each in UNUSUAL.values()]

    assert len(texts) >= 60
    assert sum('"JSONata"' in text for text in texts) >= 7
