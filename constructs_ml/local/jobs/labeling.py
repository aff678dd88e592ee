"""Labeling jobs, which are simulated: nobody labels anything."""

from __future__ import annotations

from typing import Any

from constructs_ml.local.jobs.base import Job
from constructs_ml.sagemaker.kinds import JobKind


class LabelingJob(Job):
    """A labeling job that ends after a moment, as ``Completed`` unless the run has another outcome for it."""

    kind = JobKind.LABELING

    def start(self) -> None:
        """Start the job and return at once."""
        self.services.simulates(self.call, f"labeling job {self.name}: nobody labels anything")
        super().start()

    def _work(self) -> None:
        if self.stopping.wait(self.services.simulated_seconds):
            self.finish("Stopped")
            return
        outcome = self.services.outcome(self.name, "Completed")
        if outcome == "Failed":
            self.fail("ClientError: an outcome of the run makes this labeling job fail")
        elif outcome == "Stopped":
            self.finish("Stopped")
        else:
            self.finish("Completed", LabelingJobOutput=self._output())

    def _output(self) -> dict[str, Any]:
        place = self.request["OutputConfig"]["S3OutputPath"].rstrip("/")
        return {"OutputDatasetS3Uri": f"{place}/{self.name}/manifests/output/output.manifest"}
