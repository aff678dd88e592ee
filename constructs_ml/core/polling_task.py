"""States that poll for work which Step Functions itself cannot wait for.

Such a state is written as a Parallel of one branch (:mod:`constructs_ml.asl.polling`), so that it is one state to the
states around it: it chains, its errors are caught and retried, and it sits in Parallel and Map. The branch is in JSONata; the
Parallel itself is in the machine's own language, so that a ``result_path`` of its Catch means what the user expects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language, Path, braced
from constructs_ml.asl.literals import jsonata_name, member_path
from constructs_ml.asl.names import job_part
from constructs_ml.asl.polling import FOUND, PollLoop, PollSchedule
from constructs_ml.asl.retry import POLL_RETRIER, RetryPolicy, render_retry
from constructs_ml.core.context import pseudo
from constructs_ml.core.props import StartProps
from constructs_ml.core.requests import known_seconds
from constructs_ml.core.result import Result, ResultPlan
from constructs_ml.core.task import SageMakerTask
from constructs_ml.sagemaker.model import output_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.asl.polling import PollSpec
    from constructs_ml.asl.retry import Retrier
    from constructs_ml.core.spec import TaskSpec

SECONDS_A_DAY = 86_400
MOST_SECONDS = 365 * SECONDS_A_DAY
"""A standard workflow may run for a year."""
LONGEST_NAME = 50
"""Step Functions allows 80 characters; the states inside add what they do."""
_STEP = ("Resource", "Parameters", "Arguments", "Retry")


class WaitingProps(StartProps, total=False):
    """Props of states that start something and poll until it ends."""

    timeout: Duration
    """The time to wait before the state fails. Default: one day."""
    stop_at_timeout: bool
    """Stops what runs when the wait is given up, as Step Functions does for jobs. Default: yes."""


class PollingProps(TypedDict, total=False):
    """Props of states that begin by polling."""

    comment: str
    state_name: str
    query_language: sfn.QueryLanguage
    """The query language. Default: the state machine's."""
    result_path: str
    """The place in the state's input for the result, in JSONPath. Default: under the state's name."""
    retry: RetryPolicy
    """Retries of the calls in it. Default: throttled calls and exceeded quotas, ``RetryPolicy.default()``; polling changes
    nothing, so it is tried again after any error."""


class GeneratedNames:
    """Values that a waiting state draws once, before all else, and keeps in a variable of its own.

    Attributes:
        variable: The variable.
        values: The generated values, by their names in the variable.
    """

    def __init__(self, spec: TaskSpec) -> None:
        self._faults = spec.faults
        self.variable = f"wait{job_part(spec.context.path_below_stack(spec.construct_id))}"
        self.values: dict[str, Runtime] = {}

    def keep(self, name: str, value: str | Runtime, member: str) -> str | Path:
        """A value for the states inside: a string as it is, anything else from the variable.

        Args:
            name: Its name in the variable.
            value: The value, for the state's input.
            member: The prop that it comes from, for a fault.
        """
        if isinstance(value, str):
            return value
        try:
            _ = value.jsonata
        except ValueError as error:
            self._faults.add(member, f"cannot be written in JSONata, in which the wait is: {error}")
        self.values[name] = value
        path = f"${self.variable}.{name}"
        return Path(path, path)


@dataclass(slots=True)
class PolledResult(ResultPlan):
    """The output of a state that polled: members of the last description, which is the one result of its branch.

    Attributes:
        present: Members that the API calls optional, but that a success always has.
    """

    present: tuple[str, ...] = ()

    def refer(self, member: str) -> str:
        """See :meth:`ResultPlan.refer`."""
        path = member.removeprefix("$").removeprefix(".")
        first = path.split(".")[0].split("[")[0]
        if path not in self.present or self.discarded or (self.sealed and first not in self.members):
            return ResultPlan.refer(self, member)
        self.referred = True
        if first not in self.members:
            self.members.append(first)
        return path

    def render(self, language: Language) -> dict[str, Any]:
        """The fields of the Parallel that pass on the result of its branch."""
        full = self.content is Result.FULL
        if language is Language.JSONATA:
            merged = f'$merge([$states.input, {{"{self.name}": $states.result[0]}}])'
            return {"Output": braced("$states.result[0]" if full else merged)}
        if full:
            return {"OutputPath": "$[0]"}
        place = {} if self.at is not None else {"ResultPath": member_path(self.name)}
        return {**place, "ResultSelector": {f"{member}.$": f"$[0].{member}" for member in self.members}}

    def output(self, variable: str) -> str:
        """The output of the branch. A full result is put into the input there: no selector can name all of it."""
        if self.content is Result.FULL:
            return f'$merge([${variable}.input, {{"{self.name}": {FOUND}}}])'
        return "{" + ", ".join(f'"{member}": {FOUND}.{jsonata_name(member)}' for member in self.members) + "}"


class PollingTask(SageMakerTask):
    """A call of SageMaker's API as a state that waits: for what the call starts, or for what it describes.

    Subclasses set ``present`` and say in :meth:`_wait_for` what is waited for. An execution that is stopped meanwhile
    does not stop what it waits for: Step Functions does that for its own ``.sync`` only.

    Attributes:
        describes: The operation that describes what is waited for.
        summary: The members of its response that are passed on by default.
        present: Members of its response that a success always has, though the API calls them optional.
        taken: The error that says that an earlier attempt has started it already.
    """

    describes: str
    summary: tuple[str, ...]
    present: tuple[str, ...] = ()
    taken: str | None = None

    def _use(self, spec: TaskSpec, drawn: GeneratedNames, pace: PollSchedule) -> None:
        """Take the polling settings from a spec; subclasses call it after the state is made."""
        self._resource = spec.resource
        self._drawn, self._pace = drawn, pace
        if self.waits:
            self._result = self._waited_for(spec)

    def _waited_for(self, spec: TaskSpec) -> PolledResult:
        at = spec.props.get("result_path")
        return PolledResult(
            shape=output_shape(self.describes),
            members=list(self.summary),
            name=spec.props.get("state_name") or spec.construct_id,
            content=spec.props.get("result", Result.SUMMARY),
            selector=None,
            at=at,
            discarded=at is not None and at == sfn.JsonPath.DISCARD,
            present=self.present,
        )

    def _wait_for(self) -> PollSpec:
        """Return what is waited for."""
        raise NotImplementedError

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        task = super()._render_task(top_level_query_language)
        if not self.waits:
            return task
        # What describes itself is looked at to begin with.
        looks = self._operation == self.describes
        branch = PollLoop(
            name=self.state_id,
            partition=pseudo("PARTITION"),
            variable=self._drawn.variable,
            wait=self._wait_for(),
            output=cast("PolledResult", self._result).output(self._drawn.variable),
            start=None if looks else as_step({**task, "Retry": render_retry(self._retry_policy.inside(), ())}),
            drawn=self._drawn.values,
            taken=self.taken,
        )
        added = render_retry(RetryPolicy.none(), self._added_retries)
        return {
            "Type": "Parallel",
            "Branches": [branch.to_asl()],
            **{key: value for key, value in task.items() if key not in _STEP},
            **({"Retry": added} if added else {}),
        }


def as_step(task: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a task that it keeps as a state inside."""
    language = {"QueryLanguage": "JSONata"} if "Arguments" in task else {}
    return {**{key: task[key] for key in _STEP if task.get(key)}, **language}


def check_timeout(spec: TaskSpec) -> None:
    """Report a timeout that no execution can meet."""
    seconds = _timeout(spec)
    if not 1 <= seconds <= MOST_SECONDS:
        spec.faults.add("timeout", f"must be 1 s to 365 days, got {seconds} s", "pass Duration.hours(24)")


def pace_of(spec: TaskSpec) -> PollSchedule:
    """Return the poll schedule for what a state started; for a spec that is checked."""
    return PollSchedule.within_quota(math.ceil(_timeout(spec)))


def _timeout(spec: TaskSpec) -> float:
    given = spec.either("timeout", None)
    return SECONDS_A_DAY if given is None else known_seconds(given, "timeout", spec.faults, instead=SECONDS_A_DAY)


def check_looking_name(spec: TaskSpec) -> None:
    """Report a name too long for the suffixes of the states inside."""
    name = spec.props.get("state_name") or spec.construct_id
    if len(name) > LONGEST_NAME:
        problem = f"must have at most {LONGEST_NAME} characters, got {len(name)}"
        spec.faults.add("state_name", problem, "make it shorter")


def retry_of_looks(spec: TaskSpec) -> tuple[Retrier, ...]:
    """Return the retries of a state that begins by polling: those that were passed, or any error."""
    return (POLL_RETRIER,) if spec.either("retry", None) is None else spec.retry.retriers
