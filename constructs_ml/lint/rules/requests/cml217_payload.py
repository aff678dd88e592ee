"""CML217."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.examples import transform
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


@rule(
    "CML217",
    title="The concurrent payloads of a transform job have at most 100 MB",
    reason="SageMaker refuses the request. Source: CreateTransformJob of the API: MaxPayloadInMB is at most 100, and so is "
    "MaxConcurrentTransforms times MaxPayloadInMB.",
    bad=transform(MaxConcurrentTransforms=4, MaxPayloadInMB=50),
    good=transform(MaxConcurrentTransforms=4, MaxPayloadInMB=25),
)
def payload(machine: Machine) -> Iterator[Violation]:
    """Transform jobs whose payloads are too large, alone or together."""
    yield from relation_violations(machine, "payload")
