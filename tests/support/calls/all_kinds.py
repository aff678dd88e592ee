"""All tables."""

from __future__ import annotations

from support.calls import (
    automl,
    cached,
    endpoints,
    hosting,
    labeling,
    metrics,
    packages,
    pipelines,
    presets,
    processing,
    registry,
    training,
    transform,
    tuning,
)

KINDS = (
    processing,
    presets,
    training,
    tuning,
    transform,
    labeling,
    automl,
    pipelines,
    hosting,
    endpoints,
    registry,
    metrics,
    packages,
    cached,
)
CASES = {name: case for kind in KINDS for name, case in kind.CASES.items()}
