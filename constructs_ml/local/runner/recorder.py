"""The recorder of a run: it keeps what happens, and writes the record of it and the page about it."""

from __future__ import annotations

import contextlib
import errno
import json
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import write_text
from constructs_ml.errors import LocalRunError, RunInputError, UnusableInputError
from constructs_ml.local.runner.kept_logs import KeptLogs
from constructs_ml.local.runner.page import check_page, page_of
from constructs_ml.local.runner.recorded_jobs import jobs_of
from constructs_ml.local.runner.recorded_roles import roles_of
from constructs_ml.local.runner.recorded_states import events_of, visits_of
from constructs_ml.local.runner.report import reasons
from constructs_ml.local.runner.warm import definition_in
from constructs_ml.local.runner.why_cached import cached_of
from constructs_ml.run_record import RunRecord
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs_ml.cfn.assemblies import StackArtifact
    from constructs_ml.local.runner.aws import LocalAws
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.event_log import LogLine
    from constructs_ml.local.runner.execution import Execution
    from constructs_ml.local.runner.report import RunReport

_MOST = 65_536
"""The most characters of the execution's own input and output."""


class Recorder:
    """The recorder of a run; one without files does nothing.

    Args:
        page: The file of the page.
        record: The file of the record.
    """

    def __init__(self, page: str | Path | None, record: str | Path | None) -> None:
        self._page, self._record = Path(page) if page else None, Path(record) if record else None
        self._logs = KeptLogs()
        self._known = RunRecord("REFUSED", "")
        self._aws: LocalAws | None = None
        self._deployment: Deployment | None = None
        self._execution: Execution | None = None
        self._began = time.time()
        self._done = False

    def __bool__(self) -> bool:
        """Return whether anything is recorded."""
        return bool(self._page or self._record)

    def check(self) -> None:
        """Check that the files can be written, before anything starts.

        Raises:
            RunInputError: If one cannot.
            MissingRequirementError: If the page needs something that is not installed.
        """
        for option, file in (("--report", self._page), ("--record", self._record)):
            if file is not None and (kind := _other_kind(file)):
                raise RunInputError(f"{option} {shortened(str(file))}: is {kind}; name a file")
            if file is not None and not file.absolute().parent.is_dir():
                raise RunInputError(f"{option} {file}: there is no folder {file.parent}; create it")
        if self._page:
            check_page()

    def know(self, stack: StackArtifact, state_machine: str | None, given: Mapping[str, Any]) -> None:
        """Note what is known before anything is deployed, for a run that is refused.

        Args:
            stack: The stack.
            state_machine: The state machine, as the user names it; None for the only one.
            given: The execution's input.
        """
        definition = dict(definition_in(stack.body, state_machine) or {})
        name = state_machine or stack.name
        self._known = replace(self._known, name=name, stack=stack.name, definition=definition, input=_text(given))

    def log(self, shown: Callable[[LogLine], None]) -> Callable[[LogLine], None]:
        """Return what takes each log line, and shows it too."""
        if not self:
            return shown

        def take(line: LogLine) -> None:
            self._logs.add(line)
            shown(line)

        return take

    def start(
        self, aws: LocalAws, deployment: Deployment, given: dict[str, Any], state_machine: str | None
    ) -> Execution:
        """Start an execution, and note when it began.

        Args:
            aws: The embedded AWS.
            deployment: The deployment.
            given: The execution's input.
            state_machine: The state machine, as the user names it; None for the only one.
        """
        self._aws, self._deployment, self._began = aws, deployment, time.time()
        self._execution = deployment.start(given, state_machine)
        return self._execution

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Write what is known if the run ends by an error in the block: it was refused, or takes too long."""
        try:
            yield
        except (LocalRunError, UnusableInputError) as error:
            if self and not self._done:
                self._done = True
                if self._execution is None:
                    self._write(replace(self._known, refusal=str(error), started=self._began))
                else:
                    self._write(self._made("ABORTED", time.time() - self._began, str(error)))
            raise

    def finish(self, report: RunReport) -> RunReport:
        """Write the files.

        Args:
            report: The report of the run.

        Returns:
            The report, with the files.
        """
        if not self:
            return report
        self._done = True
        made = self._made(report.status, report.seconds, report.cause or "", report)
        self._write(made)
        return replace(report, page=self._page, record=self._record)

    def _made(self, status: str, seconds: float, cause: str, report: RunReport | None = None) -> RunRecord:
        aws, deployment, execution = self._aws, self._deployment, self._execution
        if aws is None or deployment is None or execution is None:
            raise AssertionError("the execution has not begun")
        found = execution.folding
        told = [found.place(event) for event in aws.event_log.states(execution.arn)]
        began = min((event.time for event in told), default=self._began)
        visits = visits_of(told, began, seconds)
        return RunRecord(
            status=status,
            name=_name(deployment, execution),
            stack=deployment.name,
            definition=execution.definition,
            started=began,
            seconds=seconds,
            arn=execution.arn,
            error=(report.error or "") if report else "",
            cause=cause,
            reasons=list(reasons(report)) if report else [cause],
            input=self._known.input,
            output=_text(report.output) if report and report.status == "SUCCEEDED" else "",
            visits=visits,
            jobs=jobs_of(aws.event_log, execution, self._logs, began, report),
            events=events_of(aws.event_log.sent_events(), self._began, began),
            roles=roles_of(aws, deployment),
            enforced=aws.enforces_iam,
            simulated=report.simulated if report else execution.simulated,
            cached=cached_of(aws, execution, visits),
            warnings=[str(each.violation) for each in report.findings] if report else [],
            outputs=deployment.outputs,
            given=report.given if report else {},
            not_run=report.not_run if report else [],
        )

    def _write(self, made: RunRecord) -> None:
        if self._record:
            write_text(self._record, made.dumps())
        if self._page:
            write_text(self._page, page_of(made))


def _name(deployment: Deployment, execution: Execution) -> str:
    machine = execution.arn.split(":")[-2]
    return next(
        (path for path, physical in deployment.paths.items() if physical.endswith(f":stateMachine:{machine}")), machine
    )


def _text(data: Any) -> str:  # noqa: ANN401 - any JSON
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text)} characters)"


def _other_kind(file: Path) -> str:
    """Return what a path is, if it cannot be a file; whatever else is wrong with it is told when it is written."""
    try:
        mode = file.stat().st_mode
    except ValueError:
        return ""
    except OSError as error:
        return "too long" if error.errno == errno.ENAMETOOLONG else ""
    if stat.S_ISREG(mode):
        return ""
    return "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
