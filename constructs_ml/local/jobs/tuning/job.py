"""Tuning jobs, as ``sagemaker:createHyperParameterTuningJob`` runs them."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.local.jobs.base import Job
from constructs_ml.local.jobs.call import invalid
from constructs_ml.local.jobs.tuning.ranges import grid, problem, sampled
from constructs_ml.local.jobs.tuning.trials import Trial, training_request
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services
    from constructs_ml.local.jobs.training import TrainingJob

_POLL_SECONDS = 0.05
_REAL = ("Random", "Grid")
_Suggestion = tuple[dict[str, Any], dict[str, str]]


class TuningJob(Job):
    """A tuning job, whose trials are training jobs, chosen at random or over a grid.

    Args:
        request: The CreateHyperParameterTuningJob request, valid.
        services: The embedded AWS.
        call: The caller that created it.
        trial: Creates a training job: from its request, for whom, and the tuning job's ARN.
    """

    kind = JobKind.TUNING

    def __init__(
        self,
        request: dict[str, Any],
        services: Services,
        call: Call,
        trial: Callable[[dict[str, Any], Call, str], TrainingJob],
    ) -> None:
        super().__init__(request, services, call)
        self._config: dict[str, Any] = request["HyperParameterTuningJobConfig"]
        self._create = trial
        self._trials: list[Trial] = []
        self._definitions = self._complete_definitions()
        self._most = self._limit()

    def start(self) -> None:
        """Start the job and return at once."""
        strategy = self._config["Strategy"]
        notes = {
            f"{strategy} chooses at random": strategy not in _REAL,
            "trials are not stopped early": self._config.get("TrainingJobEarlyStoppingType") == "Auto",
            "it knows nothing of its parents (WarmStartConfig)": bool(self.request.get("WarmStartConfig")),
            "Autotune chooses nothing": bool(self.request.get("Autotune")),
        }
        for text, holds in notes.items():
            if holds:
                self.services.simulates(self.call, f"tuning job {self.name}: {text}")
        super().start()

    def kill(self) -> None:
        """Kill the processes of its trials at once."""
        for trial in self._trials:
            trial.job.kill()

    def summaries(self) -> list[dict[str, Any]]:
        """Return its trials, as ListTrainingJobsForHyperParameterTuningJob does."""
        return [trial.summary() for trial in list(self._trials)]

    # What is tried.

    def _complete_definitions(self) -> list[dict[str, Any]]:
        """The definitions, each with its ranges and its objective."""
        several = self.request.get("TrainingJobDefinitions")
        single = self.request.get("TrainingJobDefinition")
        general = {
            "HyperParameterRanges": self._config.get("ParameterRanges") or {},
            "TuningObjective": self._config.get("HyperParameterTuningJobObjective") or {},
        }
        definitions = [{**general, **definition} for definition in several or [single]]
        for definition in definitions:
            if not definition["TuningObjective"]:
                raise invalid("HyperParameterTuningJobObjective, or TuningObjective of each definition, is required")
            if not (definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig")):
                raise invalid("ResourceConfig or HyperParameterTuningResourceConfig of each definition is required")
            wrong = problem(definition["HyperParameterRanges"], self._config["Strategy"])
            if wrong:
                raise invalid(wrong)
        return definitions

    def _limit(self) -> int:
        limits = self._config["ResourceLimits"]
        most = limits.get("MaxNumberOfTrainingJobs")
        if self._config["Strategy"] == "Grid":
            size = sum(len(grid(definition["HyperParameterRanges"])) for definition in self._definitions)
            return min(size, most or size)
        if most is None and not limits.get("MaxRuntimeInSeconds"):
            raise invalid("ResourceLimits needs MaxNumberOfTrainingJobs or MaxRuntimeInSeconds")
        return int(most) if most else 10**6

    def _suggestions(self) -> Iterator[_Suggestion]:
        """Definitions in turn, with values for their hyperparameters."""
        if self._config["Strategy"] == "Grid":
            for definition in self._definitions:
                for values in grid(definition["HyperParameterRanges"]):
                    yield definition, values
            return
        seed = self._config.get("RandomSeed")
        chance = random.Random(seed)  # noqa: S311 - no secrets are made of it
        while True:
            for definition in self._definitions:
                yield definition, sampled(definition["HyperParameterRanges"], chance)

    # How it goes.

    def _work(self) -> None:
        limits = self._config["ResourceLimits"]
        deadline = time.monotonic() + (limits.get("MaxRuntimeInSeconds") or 10**9)
        suggestions = self._suggestions()
        try:
            self._search(suggestions, deadline)
        except Exception:
            # A trial that could not even be made: the others are not left running.
            self._stop_trials()
            raise
        self._end()

    def _search(self, suggestions: Iterator[_Suggestion], deadline: float) -> None:
        limits = self._config["ResourceLimits"]
        while not self._enough(deadline) and not self._lost():
            running = [trial for trial in self._trials if not trial.job.ended.is_set()]
            if not running and len(self._trials) >= self._most:
                break
            for _ in range(min(limits["MaxParallelTrainingJobs"] - len(running), self._most - len(self._trials))):
                self._try(next(suggestions))
            self._count()
            self.stopping.wait(_POLL_SECONDS)

    def _try(self, suggestion: _Suggestion) -> None:
        definition, tuned = suggestion
        request = training_request(self.name, len(self._trials) + 1, definition, tuned)
        job = self._create(request, self.call, self.arn)
        self._trials.append(Trial(job, definition, tuned, definition["TuningObjective"]))
        job.start()

    def _enough(self, deadline: float) -> bool:
        criteria = self._config.get("TuningJobCompletionCriteria") or {}
        target = criteria.get("TargetObjectiveMetricValue")
        stale = (criteria.get("BestObjectiveNotImproving") or {}).get("MaxNumberOfTrainingJobsNotImproving")
        ended = [trial for trial in self._trials if trial.job.ended.is_set()]
        best = min(ended, key=lambda trial: trial.cost, default=None)
        if best and best.value is not None:
            maximize = best.objective.get("Type") == "Maximize"
            if target is not None and (best.value >= target if maximize else best.value <= target):
                return True
            if stale and len(ended) - 1 - ended.index(best) >= stale:
                return True
        return self.stopping.is_set() or time.monotonic() >= deadline

    def _count(self) -> None:
        statuses = [trial.job.status for trial in self._trials]
        objectives = [trial.objective_status for trial in self._trials]
        counters = {
            "Completed": statuses.count("Completed"),
            "InProgress": statuses.count("InProgress") + statuses.count("Stopping"),
            "RetryableError": 0,
            "NonRetryableError": statuses.count("Failed"),
            "Stopped": statuses.count("Stopped"),
        }
        status = {name: objectives.count(name) for name in ("Succeeded", "Pending", "Failed")}
        self.update(TrainingJobStatusCounters=counters, ObjectiveStatusCounters=status)

    def _lost(self) -> list[Trial]:
        """The trials that failed before user code ran: without them, the search is not the one that was requested."""
        return [trial for trial in self._trials if trial.job.ended.is_set() and trial.lost]

    def _stop_trials(self) -> None:
        for trial in self._trials:
            trial.job.stop()
        for trial in self._trials:
            trial.job.ended.wait()
        self._count()

    def _end(self) -> None:
        self._stop_trials()
        lost = self._lost()
        best = min(self._trials, key=lambda trial: trial.cost, default=None)
        found = best.summary() if best and best.value is not None else None
        if found:
            self.update(BestTrainingJob=found, OverallBestTrainingJob=found)
        if self.stopping.is_set():
            self.finish("Stopped")
        elif lost and len(lost) < len(self._trials):
            kind, _, reason = str(lost[0].job.response.get("FailureReason")).partition(": ")
            self.fail(f"{kind}: Training job {lost[0].job.name} could not start: {reason}")
        elif not any(trial.job.completed for trial in self._trials):
            self.fail(f"ClientError: All training jobs failed. {self._why()}")
        elif not found:
            self.fail(
                f"ClientError: No objective metrics found after running {len(self._trials)} training jobs. Please ensure "
                "that the custom algorithm is emitting the objective metric as defined by the regular expression provided."
            )
        else:
            self.finish("Completed")

    def _why(self) -> str:
        reasons = [str(trial.job.response.get("FailureReason") or "") for trial in self._trials]
        return next((reason for reason in reasons if reason), "")
