"""CML222."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import training
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _tags(*keys: str) -> dict[str, Any]:
    return training(Tags=[{"Key": key, "Value": "risk"} for key in keys])


@rule(
    "CML222",
    title="Tags have different keys",
    reason="SageMaker refuses the request. Source: Tag of the API: 'Tag keys must be unique per resource'.",
    bad=_tags("team", "team"),
    good=_tags("team", "project"),
)
def same_tag(machine: Machine) -> Iterator[Violation]:
    """Tags with the key of another tag of the same resource."""
    yield from relation_violations(machine, "tags")
