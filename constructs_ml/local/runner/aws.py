"""An embedded AWS on this machine, for the duration of a ``with`` statement."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.interpreter.environment import find
from constructs_ml.interrupts import deferred
from constructs_ml.local.aws.credentials import Credentials
from constructs_ml.local.emulator.launch import start_emulator
from constructs_ml.local.host import runtime
from constructs_ml.local.host.disk_space import hint
from constructs_ml.local.host.environment import NO_AWS_PROFILES
from constructs_ml.local.host.processes import end, kill_left
from constructs_ml.local.host.requirements import require, require_system
from constructs_ml.local.host.run_folders import RunFolders
from constructs_ml.local.host.settings import Settings
from constructs_ml.local.runner.deploy import deploy
from constructs_ml.local.runner.event_log import EventLog
from constructs_ml.sagemaker import model

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from constructs_ml.local.aws.clients import Clients
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.event_log import JobRecord, LogLine, Message, Ready

_START_SECONDS = 60
_STOP_SECONDS = 15


class LocalAws:
    """An embedded AWS: S3, IAM, Step Functions, EventBridge and more in a process of its own, and SageMaker jobs.

    It listens on the loopback interface only, on a free port, and leaves no processes or files behind.

    Args:
        account: The id of the account.
        region: The region.
        enforce_iam: True to enforce the permissions of roles, for calls with their credentials and for the work that AWS
            does on their behalf.
        workdir: A directory that keeps the directories of jobs for inspection. Default: a temporary one, from which a job's
            directory is removed when the job ends.
        on_log: Called with each line that a job writes.
        images: Commands that replace images with an entry point of their own, by a part of the image's URI.
        time_scale: The factor for the seconds of Wait states and retry intervals: ten minutes pass in 0.6 s. Jobs
            take their own time.
        stop_grace: Seconds that a job has between SIGTERM and SIGKILL (120 on SageMaker).
        on_note: Called with each note about a simulation or a pending approval.
        simulated_seconds: The duration of simulations: until an endpoint is in service, or an AutoML job ends.
        outcomes: The outcomes of simulated resources, by a part of their name. An endpoint: ``Failed``, and for its update
            ``RolledBack`` or ``RollbackFailed``. An AutoML job, a labeling job, a pipeline: ``Failed`` or ``Stopped``.
        approve: True to approve model packages automatically.
        stand_in: Further resource types to stand in for.
        accounts: Further accounts with roles and tables.
        recorded: True to keep the data of states, decisions about permissions and events, for the record of a run.
        on_message: Called with every event of an execution, in order, and the execution's ARN: entries and ends of states,
            changes of jobs, their log lines and metrics.

    Raises:
        MissingRequirementError: If the extra ``local`` is not installed.
    """

    def __init__(
        self,
        *,
        account: str = "111122223333",
        region: str = "us-east-1",
        enforce_iam: bool = True,
        workdir: Path | None = None,
        on_log: Callable[[LogLine], None] | None = None,
        images: Mapping[str, list[str]] | None = None,
        time_scale: float = 0.001,
        stop_grace: float = 10.0,
        on_note: Callable[[str], None] | None = None,
        simulated_seconds: float = 0.5,
        outcomes: Mapping[str, str] | None = None,
        approve: bool = False,
        stand_in: Collection[str] = (),
        accounts: Collection[str] = (),
        recorded: bool = False,
        on_message: Callable[[str, Message], None] | None = None,
    ) -> None:
        require_system()
        require("boto3")
        find()
        self.account, self.region = account, region
        self._heard = (on_log, on_note, on_message)
        self.event_log = EventLog(*self._heard)
        self._given_workdir = workdir
        self._options = {
            "enforce_iam": enforce_iam,
            "time_scale": time_scale,
            "stop_grace": stop_grace,
            "images": {part: list(command) for part, command in (images or {}).items()},
            "simulated_seconds": simulated_seconds,
            "outcomes": dict(outcomes or {}),
            "approve": approve,
            "stand_in": sorted(stand_in),
            "accounts": sorted({account, *accounts}),
            "recorded": recorded,
        }
        self.stand_in, self.enforces_iam = frozenset(stand_in), enforce_iam
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._clients: Clients | None = None
        self._folders: RunFolders | None = None
        self._credentials: dict[str, Credentials] = {}
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers; about two seconds.

        Raises:
            LocalRunError: If it does not answer.
        """
        if self._process is not None:
            return
        self.event_log, self._owner = EventLog(*self._heard), os.getpid()
        atexit.register(self.stop)
        try:
            with deferred():  # between a process and the variable that knows it
                self._launch()
            ready = self._await_ready()
            from constructs_ml.local.aws.clients import Clients

            url = f"http://127.0.0.1:{ready.port}"
            self._credentials = ready.credentials
            self._clients = Clients(url, self.region, self.account, ready.credentials[self.account])
            self._await_answer(self._clients)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all jobs and the emulator, and remove its files. Does nothing the second time."""
        atexit.unregister(self.stop)
        if (
            os.getpid() == self._owner
        ):  # a process that was forked has none of the threads, and ends nothing of its parent's
            with deferred():
                self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if self._clients:
            self._clients.close()
            self._clients = None
        if process:
            end(process, _STOP_SECONDS)
            if self._reader:
                self._reader.join(_STOP_SECONDS)
            # Jobs whose end was not heard of: the emulator did not come to ending them.
            kill_left(self.event_log.process_groups())
            runtime.withdraw(runtime.directory(), process.pid)
            if process.stdout:
                process.stdout.close()
        if self._folders:
            self._folders.remove()
        self.event_log.close()

    @property
    def endpoint_url(self) -> str:
        """The URL on which it listens."""
        return self._running().endpoint_url

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that connect a tool, such as the AWS CLI or ``cdk``, to it and to nothing else.

        They hold the run's own access key, which may do everything in it: give them to what you trust.
        """
        clients = self._running()
        return {
            **NO_AWS_PROFILES,
            **clients.credentials.environment,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": clients.endpoint_url,
        }

    @property
    def workdir(self) -> Path:
        """The directory that contains the jobs' directories."""
        if self._folders is None:
            message = "the embedded AWS is not running; call start() first"
            raise LocalRunError(message)
        return self._folders.workdir

    @property
    def jobs(self) -> list[JobRecord]:
        """The jobs so far, in the order of their creation."""
        return self.event_log.jobs()

    def client(self, service: str, **options: Any) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Return a boto3 client with the run's own credentials, which may do everything.

        Args:
            service: Its name in boto3.
            options: Further options of ``Session.client``.
        """
        return self._running().client(service, **options)

    def client_for_role(self, role_arn: str, service: str, **options: Any) -> Any:  # noqa: ANN401
        """Return a boto3 client with the credentials of a role, regardless of its trust policy.

        Args:
            role_arn: The role.
            service: Its name in boto3.
            options: Further options of ``Session.client``.
        """
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="local")
        return self._running().client(service, Credentials.from_response(answer["Credentials"]), **options)

    def client_in(self, account: str, service: str, **options: Any) -> Any:  # noqa: ANN401
        """Return a boto3 client with the run's own credentials in one of its accounts.

        Args:
            account: The account, one of ``accounts``.
            service: Its name in boto3.
            options: Further options of ``Session.client``.
        """
        return self._running().client(service, self._credentials[account], **options)

    def deploy(
        self, assembly: Path, stack: str | None = None, parameters: Mapping[str, str] | None = None
    ) -> Deployment:
        """Deploy a stack of a synthesized cloud assembly, with its assets and the stacks that it depends on.

        Args:
            assembly: The directory, ``cdk.out``.
            stack: The stack's name or construct path. Default: the only one, or the only one with a workflow.
            parameters: Values of the template's parameters.

        Raises:
            LocalRunError: If the stack cannot be found or created.
        """
        return deploy(self, assembly, stack, parameters)

    def _running(self) -> Clients:
        if self._clients is None:
            message = "the embedded AWS is not running; use it in a with statement, or call start() first"
            raise LocalRunError(message)
        return self._clients

    def _launch(self) -> None:
        self._folders = folders = RunFolders.make(self._given_workdir)
        settings = Settings(
            account=self.account,
            region=self.region,
            workdir=str(folders.workdir),
            sockets=str(folders.sockets),
            keep_workdir=folders.kept,
            runtime=str(runtime.directory()),
            model=str(model.folder() or ""),
            **self._options,  # type: ignore[arg-type] # each by its name
        )
        self._process = start_emulator(folders, settings)
        self._reader = threading.Thread(
            target=self.event_log.read, args=(self._process.stdout,), name="local aws", daemon=True
        )
        self._reader.start()

    def _await_ready(self) -> Ready:
        ready = self.event_log.ready(_START_SECONDS)
        if ready is None:
            raise LocalRunError(
                self.event_log.broken or f"the embedded AWS did not start: {self.last_words()}{hint(self.workdir)}"
            )
        return ready

    def _await_answer(self, clients: Clients) -> None:
        # It listens already; the first answer comes when it is ready.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            clients.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            message = f"the embedded AWS did not answer: {error}; {self.last_words()}"
            raise LocalRunError(message) from error

    def last_words(self) -> str:
        """Return the last line of the emulator's log."""
        return self._folders.last_words() if self._folders else "it was not started"
