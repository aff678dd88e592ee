"""The operations on jobs: create, describe, stop, and the trials of a tuning job."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.arns import job_arn
from constructs_ml.local.jobs.call import ApiError, invalid
from constructs_ml.local.jobs.labeling import LabelingJob
from constructs_ml.local.jobs.processing import ProcessingJob
from constructs_ml.local.jobs.training import TrainingJob
from constructs_ml.local.jobs.transform.job import TransformJob
from constructs_ml.local.jobs.tuning.job import TuningJob
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.models import Models
    from constructs_ml.local.jobs.base import Job
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

# Whoever ends the run does not wait as long as a job that is stopped may take.
_CLOSE_SECONDS = 0.5


class Jobs:
    """The jobs of a run.

    Args:
        services: The embedded AWS.
        models: The models that transform jobs load.
    """

    def __init__(self, services: Services, models: Models) -> None:
        self._services, self._models = services, models
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._lock = threading.Lock()
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "ListTrainingJobsForHyperParameterTuningJob": self._trials
        }
        for kind in JobKind.ALL:
            self.operations[kind.operation] = self._creating(kind)
            self.operations[kind.describe_operation] = self._describing(kind)
            self.operations[f"Stop{kind.value}Job"] = self._stopping(kind)

    def find(self, kind: JobKind, name: str) -> Job:
        """Return a job.

        Raises:
            ApiError: If there is none.
        """
        with self._lock:
            found = self._jobs.get(self._arn(kind, name))
        if found is None:
            raise invalid("Requested resource not found.")
        return found

    def close(self) -> None:
        """Stop every job, kill those that do not stop, and start no more."""
        with self._lock:
            self._closed = True
            jobs = [job for job in self._jobs.values() if not job.ended.is_set()]
        for job in jobs:
            job.stop()
        # What has no process, but downloads or uploads, is not waited for.
        processes = [job for job in jobs if job.groups]
        until = time.monotonic() + min(self._services.stop_grace, _CLOSE_SECONDS)
        for job in processes:
            job.ended.wait(max(0.0, until - time.monotonic()))
        for job in jobs:
            job.kill()

    def trial(self, request: dict[str, Any], call: Call, tuning: str) -> TrainingJob:
        """Create a training job for a tuning job, which starts it."""
        job = TrainingJob(request, self._services, call, tuning=tuning)
        self._add(job)
        return job

    def _arn(self, kind: JobKind, name: str) -> str:
        return job_arn(kind, name, region=self._services.region, account=self._services.account)

    def _add(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.arn] = job

    def _creating(self, kind: JobKind) -> Callable[[dict[str, Any], Call], dict[str, Any]]:
        def create(request: dict[str, Any], call: Call) -> dict[str, Any]:
            with self._lock:
                arn = self._arn(kind, request[kind.name_member])
                if arn in self._jobs:
                    message = f"Job name must be unique within an AWS account and region, and {arn} exists"
                    raise ApiError("ResourceInUse", message)
                if self._closed:
                    raise ApiError("ResourceLimitExceeded", "the run has ended")
                job = self._made(kind, request, call)
                self._jobs[arn] = job
            job.start()
            return {kind.arn_member: job.arn}

        return create

    def _made(self, kind: JobKind, request: dict[str, Any], call: Call) -> Job:
        if kind is JobKind.TRANSFORM:
            return TransformJob(request, self._services, call, self._models.containers(request["ModelName"]))
        if kind is JobKind.TUNING:
            return TuningJob(request, self._services, call, self.trial)
        simple: dict[JobKind, type[ProcessingJob | TrainingJob | LabelingJob]] = {
            JobKind.PROCESSING: ProcessingJob,
            JobKind.TRAINING: TrainingJob,
            JobKind.LABELING: LabelingJob,
        }
        return simple[kind](request, self._services, call)

    def _describing(self, kind: JobKind) -> Callable[[dict[str, Any], Call], dict[str, Any]]:
        return lambda request, _call: self.find(kind, request[kind.name_member]).response

    def _stopping(self, kind: JobKind) -> Callable[[dict[str, Any], Call], dict[str, Any]]:
        def stop(request: dict[str, Any], _call: Call) -> dict[str, Any]:
            job = self.find(kind, request[kind.name_member])
            if job.status != "InProgress":
                message = f"The request was rejected because the {kind.value.lower()} job is in status {job.status}."
                raise invalid(message)
            job.stop()
            return {}

        return stop

    def _trials(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        job = self.find(JobKind.TUNING, request[JobKind.TUNING.name_member])
        return {"TrainingJobSummaries": job.summaries() if isinstance(job, TuningJob) else []}
