"""CML215."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import relation_violations
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation


def _output(**rest: bool) -> dict[str, Any]:
    output = {"OutputName": "features", "FeatureStoreOutput": {"FeatureGroupName": "customers"}, **rest}
    return processing(ProcessingOutputConfig={"Outputs": [output]})


@rule(
    "CML215",
    title="Outputs to a feature store are managed by the application",
    reason="SageMaker refuses the request. Source: ProcessingOutput of the API: FeatureStoreOutput 'is only supported when "
    "AppManaged is specified'.",
    bad=_output(),
    good=_output(AppManaged=True),
)
def feature_store(machine: Machine) -> Iterator[Violation]:
    """Outputs to a feature store that SageMaker would have to write."""
    yield from relation_violations(machine, "feature_store")
