"""Where a job is recorded in SageMaker Experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """The experiment, trial and run of a job.

    Attributes:
        experiment_name: An existing experiment.
        trial_name: An existing trial.
        trial_component_display_name: What the job is shown as.
        run_name: An existing run.
    """

    experiment_name: str | None = None
    trial_name: str | None = None
    trial_component_display_name: str | None = None
    run_name: str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``ExperimentConfig`` of a request."""
        return {
            "ExperimentName": self.experiment_name,
            "TrialName": self.trial_name,
            "TrialComponentDisplayName": self.trial_component_display_name,
            "RunName": self.run_name,
        }
