"""A job that runs containers: download inputs, run and follow processes, collect outputs."""

from __future__ import annotations

import abc
import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.clients import RoleSession
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.aws.permissions import job_needs
from constructs_ml.local.host import cluster, debugger
from constructs_ml.local.host.cluster import Ending, Outcome
from constructs_ml.local.host.container import Container
from constructs_ml.local.host.contract import Command, Host
from constructs_ml.local.host.disk_space import hint
from constructs_ml.local.host.keys import join_uri
from constructs_ml.local.host.output_files import OutputFiles
from constructs_ml.local.host.packages import of_pip, python_with
from constructs_ml.local.host.part import JobsPart
from constructs_ml.local.host.ports import LOOPBACK, free_port
from constructs_ml.local.host.removal import remove
from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.local.host.settings import JOBS
from constructs_ml.local.host.storage import Mirror, Storage
from constructs_ml.local.host.unpacking import VOLUME
from constructs_ml.local.jobs.base import Job
from constructs_ml.local.jobs.logs import JobLog
from constructs_ml.sagemaker.script_mode import REPOSITORY

if TYPE_CHECKING:
    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.host.pipes import Pipe
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_FAILURE_REASON = 1024
_EXIT_MESSAGE = 1024
_DAY = 86400
_NO_LIMIT = 365 * _DAY


class ContainerJob(Job):
    """A job that runs one container on each of its instances.

    Args:
        request: The Create…Job request, valid.
        services: The embedded AWS.
        call: The caller that created it.
    """

    def __init__(self, request: dict[str, Any], services: Services, call: Call) -> None:
        super().__init__(request, services, call)
        self.role = RoleSession(services.clients, self._role_arn(), "SageMaker")
        self.storage = Storage(lambda: self.role.client("s3"))
        self.hosts = [self._host(index) for index in range(self._containers())]
        self.pipes: list[Pipe] = []
        self.mirrors: list[Mirror] = []
        self._running: list[Container] = []
        self._full_disk = ""
        self._part = JobsPart.read(services.workdir)
        self.log = JobLog(self.kind.log_group, self.name, self.role, self._log_group_exists, self._on_line)

    # What the kinds of jobs fill in.

    def _give(self, folder: Path) -> dict[str, Any]:
        """Upload a given job's outputs from a folder instead of running it; return members of the Describe response."""
        message = f"{self.kind.value.lower()} jobs cannot take their outputs from {folder} (--given)"
        raise JobError(message)

    def _code_folder(self) -> str:
        """The folder of the script, as the job sees it."""
        return f"{OPT_ML}/code"

    @abc.abstractmethod
    def _cluster(self) -> dict[str, Any]:
        """The part of the request with InstanceCount and InstanceType."""

    @abc.abstractmethod
    def _prepare(self, host: Host) -> None:
        """Bring inputs and configuration to a host."""

    @abc.abstractmethod
    def _command(self, host: Host) -> Command:
        """Return the command of a host."""

    @abc.abstractmethod
    def _collect(self, ending: Ending) -> dict[str, Any]:
        """Upload the outputs of the hosts; return members to add to the Describe response."""

    def _message(self, _host: Host) -> str | None:
        """Return the job's own message about its end, from a file."""
        return None

    def _role_arn(self) -> str:
        return str(self.request["RoleArn"])

    def _network_isolated(self) -> bool:
        return bool(self.request.get("EnableNetworkIsolation"))

    def _required(self, code: Path, host: Host, *, package: bool) -> Path | None:
        """Return the programs of a Python with the requirements of a folder of code; None if it has none.

        Args:
            code: The folder.
            host: The instance, whose log reports it.
            package: Whether the folder is installed itself.
        """

        def tell(text: str) -> None:
            self.log.line(host.name, f"constructs-ml: {text}")

        def started(group: int) -> None:
            self.groups.append(group)
            self.tell_user()

        own = self.request.get("Environment") or {}
        if own.get(REPOSITORY):
            self.services.simulates(
                self.call, f"{self.name}: {REPOSITORY}: packages come from this machine's own index"
            )
        variables = {**self.services.installers, **of_pip(own)}
        network = not self._network_isolated()
        return python_with(code, variables, tell, started, package=package, network=network)

    def _containers(self) -> int:
        return int(self._cluster().get("InstanceCount") or 1)

    def _follow(self, containers: list[Container]) -> Ending:
        """Wait for the end of the containers."""
        limit = (self.request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")
        return cluster.run(
            containers,
            # Nobody is at the keyboard in time.
            seconds=_NO_LIMIT if self._debugged else limit or _DAY,
            stopping=self.stopping,
            grace=self.services.stop_grace,
            every_second=self._meanwhile,
        )

    def kill(self) -> None:
        """Kill its processes at once."""
        for container in self._running:
            container.kill()

    # How it goes.

    def _work(self) -> None:
        source = self._part.given.get(self.call.state)
        if source:
            self._take(source)
            return
        taken = self.services.slots.take(len(self.hosts), self.stopping)
        try:
            if not taken:
                self._finish_as("Stopped")
                return
            self._check_role()
            self.log.open([host.name for host in self.hosts])
            self._enter("Downloading")
            for host in self.hosts:
                self._prepare(host)
            ending = self._execute()
            self._enter("Uploading")
            self.log.close()
            self._end(ending, self._collect(ending))
        except Exception:
            self._full_disk = hint(self.services.workdir)  # before its files are removed
            raise
        finally:
            self.log.close()
            self.role.close()
            if not self.services.keep_jobs:
                remove(self._root)
            self.services.slots.give_back(taken)

    def _take(self, source: str) -> None:
        """Take the outputs from a folder of this machine, or from a place in the run's S3."""
        self._check_role()
        folder = Path(source)
        try:
            if source.startswith("s3://"):
                folder = self._root / "given"
                storage = Storage(lambda: self.services.clients.shared("s3"))
                storage.download(storage.find(join_uri(source, "")), folder)
            members = self._give(folder)
        finally:
            self.role.close()
            if not self.services.keep_jobs:
                remove(self._root)
        self.services.note(self.call, f"{self.name}: not run: outputs from {source}")
        self._finish_as("Completed", **members)

    def _execute(self) -> Ending:
        if self.stopping.is_set():
            return Ending(Outcome.STOPPED)
        self._enter("Training")
        commands = [(host, self._command(host)) for host in self.hosts]
        for pipe in self.pipes:
            pipe.start()
        containers = self._running
        try:
            for host, command in commands:
                containers.append(self._container(host, command))
                self.groups.append(containers[-1].group)
            self.tell_user()
            return self._follow(containers)
        finally:
            for container in containers:
                container.finish()
            for pipe in self.pipes:
                pipe.close()
            with contextlib.suppress(JobError):
                # Continuous outputs and checkpoints outlive a failed job; a refusal is raised by _meanwhile.
                self._synchronize()

    def _container(self, host: Host, command: Command) -> Container:
        environment = {
            **self.services.environment,
            **self.role.credentials().environment,
            "AWS_REGION": self.services.region,
            "AWS_DEFAULT_REGION": self.services.region,
            "AWS_ENDPOINT_URL": self.services.clients.endpoint_url,
            **(command.environment or {}),
            **(self.request.get("Environment") or {}),
            **(command.overriding or {}),
        }
        if self._debugged and host.index == 0:
            command = self._stopping_command(command)
        if command.python is not None:
            environment["PATH"] = f"{command.python}{os.pathsep}{environment.get('PATH', os.defpath)}"
        return Container(host, command, environment, self.services.sandbox, lambda line: self.log.line(host.name, line))

    @property
    def _debugged(self) -> bool:
        """True if the script waits for a debugger."""
        return self.call.state in self._part.debugged

    def _stopping_command(self, command: Command) -> Command:
        """Return a command whose first script waits for a debugger, and tell the user where."""
        python = sys.executable if command.python is None else str(command.python / "python3")
        port = free_port()
        folder = self.services.workdir / "debug" / self.name
        programs = debugger.stopping_python(folder, python, self._part, port)
        where = f"a debugger at {LOOPBACK}:{port}" if self._part.debugpy else "you at the terminal, in pdb"
        text = f"{self.call.state} waits for {where}; its code is in {self._code_folder()}"
        self.services.note(self.call, self.services.sandbox.seen(text, self.hosts[0].ml))
        return replace(command, python=programs)

    def _meanwhile(self) -> None:
        self._raise_late_errors()
        self._synchronize()

    def _raise_late_errors(self) -> None:
        """Raise an error of another thread: a refusal while streaming an input or writing the log."""
        for error in (*(pipe.error for pipe in self.pipes), self.log.error):
            if error:
                raise error

    def _synchronize(self, *, settled: bool = False) -> None:
        for mirror in self.mirrors:
            mirror.sync(settled=settled)

    def _files(self, host: Host) -> OutputFiles:
        """Find the files that the job leaves on a host."""
        return OutputFiles(host.ml, self.services.sandbox.hidden)

    def _check_role(self) -> None:
        if not self.services.enforce_iam:
            return
        needs = self._needs()
        role = self._role_arn()
        refused = [need for need in needs if not self.services.allowed(role, need)]
        if refused:
            wanted = "; ".join(f"{need.action} on resource: {need.resource}" for need in refused)
            message = f"AccessDenied: {role} is not authorized to perform: {wanted}"
            raise JobError(message)

    def _needs(self, **more: Any) -> list[Need]:  # noqa: ANN401 - images and network
        return job_needs(
            self.kind,
            self.request,
            region=self.services.region,
            account=self.services.account,
            key_arn=self.services.key_arn,
            **more,
        )

    @property
    def _volume(self) -> int:
        """The gigabytes of an instance's volume."""
        return int(self._cluster().get("VolumeSizeInGB") or VOLUME)

    # How it ends.

    def _end(self, ending: Ending, members: dict[str, Any]) -> None:
        self._raise_late_errors()
        said = next((text for host in self.hosts if (text := self._message(host))), None)
        members = {**members, **self._exit_message(said)}
        if ending.outcome is Outcome.FAILED:
            reason = f"AlgorithmError: {said or self.log.last() or 'see the log'}"[: _FAILURE_REASON - 200]
            self._finish_as("Failed", FailureReason=f"{reason}, exit code: {ending.exit_code}{self._hint()}", **members)
        elif ending.outcome is Outcome.COMPLETED:
            self._finish_as("Completed", **members)
        else:
            self._finish_as("Stopped", timed_out=ending.outcome is Outcome.TIMED_OUT, **members)

    def _exit_message(self, _said: str | None) -> dict[str, Any]:
        return {}

    def _hint(self) -> str:
        if self.services.sandbox.rewrites and self.log.mentions("/opt/ml"):
            return (
                "; this machine allows no namespaces, so that a script cannot see /opt/ml itself: take paths from "
                "arguments or environment variables, which are rewritten, or run on Linux with user namespaces"
            )
        return hint(self.services.workdir)

    def _finish_as(self, status: str, *, timed_out: bool = False, **members: Any) -> None:  # noqa: ANN401
        self._enter("MaxRuntimeExceeded" if timed_out else status)
        self.finish(status, **members)

    def fail(self, reason: str) -> None:
        """End the job as failed."""
        self._enter("Failed")
        super().fail(f"{reason}{self._full_disk}")

    def _enter(self, _secondary: str) -> None:
        """Set a secondary status, for the kinds that have one."""

    def _on_line(self, host: str, line: str) -> None:
        self._send("log", host=host, line=line)

    def _send(self, message: str, **members: Any) -> None:  # noqa: ANN401 - what a message has
        """Tell the run about the job, and whose it is."""
        call = self.call
        self.services.channel.send(
            message,
            job=self.name,
            state=call.state,
            execution=call.execution,
            iterations=call.iterations,
            **members,
        )

    def _log_group_exists(self) -> bool:
        groups = self.services.clients.shared("logs").describe_log_groups(logGroupNamePrefix=self.kind.log_group)
        return any(group["logGroupName"] == self.kind.log_group for group in groups["logGroups"])

    @property
    def _root(self) -> Path:
        """The job's directory, removed at its end unless the user wants to keep it."""
        return self.services.workdir / JOBS / self.kind.value.lower() / self.name

    def _host(self, index: int) -> Host:
        if index == 0:
            remove(self._root)  # of an earlier run in a directory of the user's
        ml = self._root / f"algo-{index + 1}" / "ml"
        ml.mkdir(parents=True)
        return Host(f"algo-{index + 1}", index, ml)


def message_file(path: Any) -> str | None:  # noqa: ANN401 - a Path
    """Return the first kilobyte of the file in which a job explains its end, or None."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(_EXIT_MESSAGE).decode("utf-8", "replace").strip() or None
