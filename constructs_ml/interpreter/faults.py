"""What a simulation cannot do, or what a test says wrongly."""

from __future__ import annotations

from constructs_ml.errors import ConstructsMLError


class SimulationError(ConstructsMLError):
    """An execution cannot be simulated as the test says."""
