"""States that wait for what Step Functions itself cannot wait for, by looking at it now and then.

Such a state is written as a Parallel of one branch (:mod:`constructs_ml.asl.waiting`), so that it is one state to the
states around it: it chains, its errors are caught and retried, and it sits in Parallel and Map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Path, jsonata_name
from constructs_ml.asl.names import job_part
from constructs_ml.asl.retry import RetryPolicy, render_retry
from constructs_ml.asl.waiting import Branch, Wait
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.call import SageMakerCall
from constructs_ml.jobs.home import home_of, pseudo
from constructs_ml.jobs.props import CallProps
from constructs_ml.jobs.result import Result, ResultPlan
from constructs_ml.sagemaker.model import output_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration
    from constructs import Construct

    from constructs_ml.jobs.draft import Draft

SDK = "aws-sdk:sagemaker"
SECONDS_A_DAY = 86_400
MOST_SECONDS = 365 * SECONDS_A_DAY
"""A standard workflow may run for a year."""
LOOK_RETRY = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 5,
    "MaxAttempts": 6,
    "BackoffRate": 2,
    "MaxDelaySeconds": 120,
    "JitterStrategy": "FULL",
}
"""Looking changes nothing, so it is tried again after any error."""
_WITHOUT_MEANING = (
    "credentials",
    "heartbeat_timeout",
    "input_path",
    "output_path",
    "result_path",
    "result_selector",
    "state_output",
    "task_timeout",
)


class WaitingProps(CallProps, total=False):
    """What states take that wait by looking."""

    timeout: Duration
    """How long is waited before the state fails. Default: one day."""
    stop_at_timeout: bool
    """Whether what runs is stopped when the wait is given up, as Step Functions does it for jobs. Default: it is."""


@dataclass(slots=True)
class WaitedFor(ResultPlan):
    """What a state hands on that waited by looking: the last description.

    Attributes:
        present: Members that the API calls optional, but that a success always has.
    """

    present: tuple[str, ...] = ()

    def refer(self, member: str) -> str:
        """See :meth:`ResultPlan.refer`."""
        path = member.removeprefix("$").removeprefix(".")
        first = path.split(".")[0].split("[")[0]
        if path not in self.present or (self.sealed and first not in self.members):
            return ResultPlan.refer(self, member)
        if first not in self.members:
            self.members.append(first)
        return path

    def to_jsonata(self) -> str:
        """The result in JSONata, where the description is the state's input."""
        if self.content is Result.FULL:
            return "$states.input"
        parts = [f'"{member}": $states.input.{jsonata_name(member)}' for member in self.members]
        return "{" + ", ".join(parts) + "}"


class WaitingCall(SageMakerCall):
    """A call of SageMaker's API as a state that waits for what it starts, by describing it now and then.

    Subclasses set ``present`` and say in :meth:`_wait_for` how it is described. An execution that is stopped meanwhile
    does not stop what it waits for: Step Functions does that for its own ``.sync`` only.

    Attributes:
        describes: The operation that describes what is waited for.
        summary: The members of its response that are handed on by default.
        present: Members of its response that a success always has, though the API calls them optional.
        taken: The error that says that an earlier attempt has started it already.
    """

    describes: str
    summary: tuple[str, ...]
    present: tuple[str, ...] = ()
    taken: str | None = None

    def _start_from(
        self,
        scope: Construct,
        construct_id: str,
        request: Mapping[str, Any],  # noqa: ARG002 - of every state that begins with a request
        props: Mapping[str, Any],  # noqa: ARG002
    ) -> None:
        """A wait has to know what it starts, its name or its token: a request alone does not tell.

        Raises:
            InvalidPropsError: Always.
        """
        fix = "pass its props, and request_overrides= for members that have none"
        fault = Fault("from_request", "is not for states that wait by looking", fix)
        raise InvalidPropsError(home_of(scope).path_of(construct_id), [fault])

    def _use(self, draft: Draft) -> None:
        """Takes over what a draft says of the wait; subclasses call it after the state is made."""
        self._resource = draft.resource
        self._variable = variable_of(draft)
        self._deadline = draft.seconds("timeout") or SECONDS_A_DAY
        self._stops = draft.props.get("stop_at_timeout") is not False
        if self.waits:
            self._result = self._waited_for(draft)

    def _waited_for(self, draft: Draft) -> WaitedFor:
        return WaitedFor(
            shape=output_shape(self.describes),
            members=list(self.summary),
            name=draft.props.get("state_name") or draft.construct_id,
            content=draft.props.get("result", Result.SUMMARY),
            selector=None,
            at=None,
            present=self.present,
        )

    def _wait_for(self, variable: Path) -> Wait:
        """How what the state starts is waited for.

        Args:
            variable: Holds what was drawn before it was started; see :func:`drawn_in`.
        """
        raise NotImplementedError

    def _drawn(self) -> Mapping[str, Any]:
        """What is drawn once, before the first attempt to start it: a name or a token that makes attempts idempotent."""
        return {}

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        task = super()._render_task(top_level_query_language)
        if not self.waits:
            return task
        jsonata = "Arguments" in task
        start: dict[str, Any] = {key: task[key] for key in ("Resource", "Parameters", "Arguments") if key in task}
        if jsonata:
            start["QueryLanguage"] = "JSONata"
        if retried := render_retry(self._retry_policy, ()):
            start["Retry"] = retried
        branch = Branch(
            name=self.state_id,
            partition=pseudo("PARTITION"),
            variable=self._variable.jsonpath[1:],
            start=start,
            wait=self._wait_for(self._variable),
            output=f'$merge([{self._variable.jsonpath}.input, {{"{self._result.name}": {self._described()}}}])',
            retry=[LOOK_RETRY],
            drawn=self._drawn(),
            taken=self.taken,
        )
        state: dict[str, Any] = {"Type": "Parallel", "Branches": [branch.to_asl()]}
        state |= {"Output": "{% $states.result[0] %}"} if jsonata else {"OutputPath": "$[0]"}
        added = render_retry(RetryPolicy.none(), self._added_retries)
        return {**state, **({"Retry": added} if added else {})}

    def _described(self) -> str:
        return self._result.to_jsonata() if isinstance(self._result, WaitedFor) else "$states.input"


def variable_of(draft: Draft) -> Path:
    """The variable that a state keeps count in, unlike those of all other states."""
    variable = f"$wait{job_part(draft.home.path_below_stack(draft.construct_id))}"
    return Path(variable, variable)


def drawn_in(variable: Path, name: str) -> Path:
    """What was drawn before the first attempt, for a request."""
    path = f"{variable.jsonpath}.{name}"
    return Path(path, path)


def check_waiting_props(draft: Draft) -> None:
    """Notes the props that have no meaning for a state that waits by looking."""
    for name in _WITHOUT_MEANING:
        if draft.props.get(name) is not None:
            draft.faults.add(name, "cannot be used with a state that waits by looking", "leave it out, or add a Pass")
    seconds = draft.seconds("timeout")
    if seconds is not None and (isinstance(seconds, str) or not 1 <= seconds <= MOST_SECONDS):
        draft.faults.add("timeout", f"must be 1 s to 365 days, got {seconds} s", "pass Duration.hours(24)")
