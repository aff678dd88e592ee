"""A SageMaker job as a state machine: InProgress, then Completed, Failed or Stopped."""

from __future__ import annotations

import abc
import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws import describe
from constructs_ml.local.aws.arns import job_arn
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.jobs.events import state_change

if TYPE_CHECKING:
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services
    from constructs_ml.sagemaker.kinds import JobKind

_FAILURE_REASON = 1024


class Job(abc.ABC):
    """One job, run by a thread of its own.

    Args:
        request: The Create…Job request, valid.
        services: The embedded AWS.
        call: The caller that created it.
    """

    kind: JobKind

    def __init__(self, request: dict[str, Any], services: Services, call: Call) -> None:
        self.request, self.services, self.call = request, services, call
        self.name: str = request[self.kind.name_member]
        self.arn = job_arn(self.kind, self.name, region=services.region, account=services.account)
        self.ended = threading.Event()
        self.stopping = threading.Event()
        self.groups: list[int] = []
        self._changing = threading.Lock()
        self._response = describe.described(self.kind, request, self.arn, describe.now())
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    @abc.abstractmethod
    def _work(self) -> None:
        """Do the job's work, and finish it."""

    def start(self) -> None:
        """Start the job and return at once."""
        self.tell()
        self._thread.start()

    def stop(self) -> None:
        """Ask the job to stop; ``ended`` is set once it has."""
        with self._changing:
            if self.status == "InProgress":
                self._response = {**self._response, self.kind.status_member: "Stopping"}
        self.stopping.set()

    def kill(self) -> None:  # noqa: B027 - not every kind has any
        """Kill its processes at once."""

    @property
    def response(self) -> dict[str, Any]:
        """The current Describe…Job response."""
        return self._response

    @property
    def status(self) -> str:
        """The status, such as ``InProgress``."""
        return str(self._response[self.kind.status_member])

    @property
    def completed(self) -> bool:
        """True if it succeeded."""
        return self.status == "Completed"

    def update(self, **members: Any) -> None:  # noqa: ANN401 - any JSON
        """Change members of the Describe response, as far as this kind of job has them."""
        with self._changing:
            changed = describe.known(self.kind, {**members, "LastModifiedTime": describe.now()})
            self._response = {**self._response, **changed}

    def tell(self) -> None:
        """Publish the state change, and report it to the user's process."""
        self.services.publish(state_change(self.kind, self.response))
        self.tell_user()

    def tell_user(self) -> None:
        """Report the job's state to the user's process."""
        self.services.channel.send(
            "job",
            job={
                "kind": self.kind.value,
                "name": self.name,
                "execution": self.call.execution,
                "state": self.call.state,
                "visit": self.call.visit,
                "iterations": self.call.iterations,
                "request": self.request,
                "response": describe.as_json(self.response),
                "groups": self.groups,
            },
        )

    def finish(self, status: str, **members: Any) -> None:  # noqa: ANN401 - any JSON
        """End the job.

        Args:
            status: ``Completed``, ``Failed`` or ``Stopped``.
            members: Further members of the Describe response.
        """
        end = {f"{self.kind.value}EndTime": describe.now()}
        self.update(**members, **end, **{self.kind.status_member: status})
        self.tell()

    def fail(self, reason: str) -> None:
        """End the job as failed."""
        self.finish("Failed", FailureReason=reason[:_FAILURE_REASON])

    def _run(self) -> None:
        try:
            self.update(**{f"{self.kind.value}StartTime": describe.now()})
            self._work()
        except JobError as error:
            self.fail(f"{error.cause}: {error}")
        except Exception as error:  # noqa: BLE001 - whatever happens, nobody may wait for this job for ever
            self.fail(f"InternalServerError: {type(error).__name__}: {error}")
        finally:
            self.ended.set()
