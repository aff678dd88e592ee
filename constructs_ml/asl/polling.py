"""States that poll for what Step Functions itself cannot wait for.

A loop of states describes a resource until its status is final: three transitions a poll, with growing waits, so that a day
takes about a hundred polls. The states are in JSONata, which is allowed whatever the query language of their state machine;
the task that starts the resource is in the state machine's own. The output of a poll is the description; a variable keeps the
input, the generated values and the time waited so far.

Source: the Amazon States Language, sections "Using JSONata" and "Workflow Variables"; 25,000 events are the service quota of
an execution.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, because, braced, one_of, render
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.asl.retry import CAUSES, POLL_RETRIER, Retrier, never

if TYPE_CHECKING:
    from collections.abc import Mapping


NAME_LENGTH = 80
LONGEST_WAIT = 900
GROWTH = 1.5
"""Backoff factor 1.5: completion is noticed at most 50 % late."""
MOST_POLLS = 2_200
"""A poll writes nine events into the history, whose quota is shared with the rest of the execution."""
FOUND = "$states.input"
"""The description that a poll returned, in expressions."""
ERROR = "$states.errorOutput"
_OF_ERROR = ("Cause", "Error")
_MEMBER = re.compile(re.escape(FOUND) + r"\.(`[^`]+`|[A-Za-z_]\w*)")
_WHOLE = re.compile(re.escape(FOUND) + r"(?![.\w])")
Steps = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """The waits between polls.

    Attributes:
        deadline: Seconds of waiting after which polling gives up; the time that the polls themselves take is not counted.
        first: Seconds of the first wait. Each further wait is 1.5 times as long.
        longest: Seconds of the longest wait.
    """

    deadline: int
    first: int = 30
    longest: int = LONGEST_WAIT

    @classmethod
    def within_quota(cls, deadline: int) -> PollSchedule:
        """Return the usual schedule, with longer waits if its events would not fit into an execution's history."""
        return cls(deadline, longest=max(LONGEST_WAIT, math.ceil(deadline / MOST_POLLS)))

    @property
    def polls(self) -> int:
        """The greatest number of polls that follow a wait."""
        left, wait, polls = self.deadline, self.first, 0
        while left > 0 and wait < self.longest:
            left, wait, polls = left - wait, min(self.longest, math.ceil(wait * GROWTH)), polls + 1
        return polls + math.ceil(max(0, left) / self.longest)

    @property
    def begun(self) -> dict[str, int]:
        """The initial counter: the seconds waited so far, and those of the next wait."""
        return {"waited": 0, "wait": min(self.first, self.deadline)}

    def counted(self, count: str) -> str:
        """Return an expression for the counter after a wait."""
        waited = f"{count}.waited + {count}.wait"
        left = f"{self.deadline} - {count}.waited - {count}.wait"
        wait = f"$min([{self.longest}, $ceil({count}.wait * {GROWTH}), $max([1, {left}])])"
        return f"$merge([{count}, {{'waited': {waited}, 'wait': {wait}}}])"

    def early(self, count: str) -> str:
        """Return a condition: the deadline has not passed."""
        return f"{count}.waited < {self.deadline}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A way for polling to fail.

    Attributes:
        error: The error's name: a string, or an expression in ``{% %}``.
        cause: The error's cause, likewise.
    """

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSpec:
    """The resource that is polled, and the conditions under which polling ends.

    Attributes:
        resource: The integration that describes it: ``aws-sdk:sagemaker:describeAutoMLJobV2``.
        arguments: The request of that call. Its input is the last description, or the response of the start.
        ends: Conditions that end polling, by the step that each leads to: ``done``, a failure or an act. The first that
            holds decides.
        running: The condition under which polling continues. If no condition holds, the next step is ``failed``.
        failures: The failures by step: ``failed``, ``late`` at the deadline, and others that are in ``ends``.
        pace: The waits between polls.
        acts: Tasks in JSONata that a poll may lead to. Their input is that of the branch; a wait follows each.
        keeps: The members of a poll's input that its output keeps.
        caught: An error of the describing call that the conditions judge like a description, by ``Error`` and ``Cause``.
        stop: The integration that stops the resource at the deadline, and its request; None to leave it running.
        retry: The retriers of the calls that describe and stop.
    """

    resource: str
    arguments: Mapping[str, Any]
    ends: Mapping[str, str]
    running: str
    failures: Mapping[str, Failure]
    pace: PollSchedule
    acts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keeps: tuple[str, ...] = ()
    caught: str | None = None
    stop: tuple[str, Mapping[str, Any]] | None = None
    retry: tuple[Retrier, ...] = (POLL_RETRIER,)

    @classmethod
    def for_status(
        cls,
        *,
        status: str,
        done: tuple[str, ...],
        running: tuple[str, ...],
        error: str,
        what: str,
        pace: PollSchedule,
        stop: tuple[str, Mapping[str, Any]] | None = None,
        **how: Any,  # noqa: ANN401 - the other fields
    ) -> PollSpec:
        """Poll a resource whose description has one status and a failure reason.

        Args:
            status: The member of the description that holds the status.
            done: The statuses that are a success.
            running: The statuses in which polling continues. All others are failures.
            error: The prefix of the errors' names: ``AutoMLJob`` for ``AutoMLJobFailed`` and ``AutoMLJobTimedOut``.
            what: The name of the resource in a cause.
            pace: The waits between polls.
            stop: As the attribute.
            how: Further attributes.
        """
        value = f"{FOUND}.{status}"
        ended = f"{jsonata_text(f'{what} ended as ')} & {value} & {because(f'{FOUND}.FailureReason')}"
        late = f"{what} did not end within {pace.deadline} s"
        return cls(
            ends={"done": one_of(value, done)},
            running=one_of(value, running),
            failures={
                "failed": Failure(braced(f"{jsonata_text(error)} & {value}"), braced(ended)),
                "late": Failure(
                    f"{error}TimedOut", late + ("; it goes on" if stop is None else " and was told to stop")
                ),
            },
            pace=pace,
            stop=stop,
            **how,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLoop:
    """The states that start a resource and poll it.

    Attributes:
        name: The prefix of the states' names.
        partition: The partition, for the resources.
        variable: The variable that keeps values from one poll to the next.
        wait: The resource and its conditions.
        output: The output of the branch, in JSONata; :data:`FOUND` is the description.
        start: The task that starts the resource, without its transition; None to begin with a poll.
        drawn: Values that are generated once, at the beginning, by their names in the variable.
        taken: The error of the start if an earlier attempt has started the resource already.
    """

    name: str
    partition: str
    variable: str
    wait: PollSpec
    output: str
    start: Mapping[str, Any] | None = None
    drawn: Mapping[str, Any] = field(default_factory=dict)
    taken: str | None = None

    def to_asl(self) -> dict[str, Any]:
        """Return the branch in ASL."""
        steps = {**self._beginning(), **self._looking(), **self._ending()}
        return {"StartAt": self._named("begin"), "States": {self._named(name): step for name, step in steps.items()}}

    def _beginning(self) -> Steps:
        lasting = {
            **render(dict(self.drawn), Language.JSONATA),
            "input": braced("$states.input"),
            **self.wait.pace.begun,
        }
        begin = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {self.variable: lasting}}
        if self.start is None:
            return {"begin": {**begin, "Next": self._named("look")}}
        start = {"Type": "Task", **self.start, "Next": self._named("wait")}
        if self.taken is not None:
            start["Catch"] = [{"ErrorEquals": [self.taken], "Next": self._named("wait")}]
        return {"begin": {**begin, "Next": self._named("start")}, "start": start}

    def _looking(self) -> Steps:
        wait, lasting = self.wait, f"${self.variable}"
        look = {**self._task(wait.resource, wait.arguments), "Output": self._found("$states.result")}
        if wait.caught is not None:
            look["Retry"] = [never(wait.caught).to_asl(), *look["Retry"]]
            caught = {"ErrorEquals": [wait.caught], "Output": self._found(ERROR)}
            look["Catch"] = [{**caught, "Next": self._named("ended?")}]
        goes_on = {"Condition": braced(f"({wait.running}) and {wait.pace.early(lasting)}"), "Next": self._named("wait")}
        late = {"Condition": braced(wait.running), "Next": self._named("late" if wait.stop is None else "stop")}
        return {
            "wait": {
                "Type": "Wait",
                "QueryLanguage": "JSONata",
                "Seconds": braced(f"{lasting}.wait"),
                "Assign": {self.variable: braced(wait.pace.counted(lasting))},
                "Next": self._named("look"),
            },
            "look": {**look, "Next": self._named("ended?")},
            "ended?": {
                "Type": "Choice",
                "QueryLanguage": "JSONata",
                "Choices": [*(self._end(step) for step in wait.ends), goes_on, late],
                "Default": self._named("failed"),
            },
        }

    def _end(self, step: str) -> dict[str, Any]:
        rule = {"Condition": braced(self.wait.ends[step]), "Next": self._named(step)}
        return {**rule, "Output": braced(f"${self.variable}.input")} if step in self.wait.acts else rule

    def _found(self, now: str) -> str:
        """Return the output of a poll: only the members that are read later, as a description may be too large."""
        texts = [self.output, self.wait.running, *self.wait.ends.values()]
        texts += [text for failure in self.wait.failures.values() for text in (failure.error, failure.cause)]
        read = dict.fromkeys(name for text in texts for name in _MEMBER.findall(text))
        kept = {name: f"{FOUND}.{name}" for name in self.wait.keeps}
        if any(_WHOLE.search(text) for text in texts):
            return braced(f"$merge([{_object(kept)}, {now}])" if kept else now)
        of_error = now == ERROR
        told = {
            name: f"{now}.{name}" for name in read if (name in _OF_ERROR and self.wait.caught is not None) is of_error
        }
        return braced(_object(told | kept))

    def _ending(self) -> Steps:
        wait, jsonata = self.wait, {"QueryLanguage": "JSONata"}
        steps: Steps = {"done": {"Type": "Pass", **jsonata, "Output": braced(self.output), "End": True}}
        for name, act in wait.acts.items():
            steps[name] = {"Type": "Task", **jsonata, **act, "Next": self._named("wait")}
        for name, failure in wait.failures.items():
            steps[name] = {"Type": "Fail", **jsonata, "Error": failure.error, "Cause": failure.cause}
        if wait.stop is not None:
            # It may have ended meanwhile; the failure is that of the deadline.
            caught = [{"ErrorEquals": ["States.ALL"], "Next": self._named("late")}]
            steps["stop"] = {**self._task(*wait.stop), "Catch": caught, "Next": self._named("late")}
        return steps

    def _task(self, resource: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": f"arn:{self.partition}:states:::{resource}",
            "Arguments": render(dict(arguments), Language.JSONATA),
            "Retry": [entry.to_asl() for entry in self.wait.retry],
        }

    def _named(self, step: str) -> str:
        return inner_name(self.name, step)


def inner_name(name: str, step: str) -> str:
    """Return the name of a state inside another, cut to the greatest length of a name."""
    return f"{name[: NAME_LENGTH - len(step) - 2]}: {step}"


def _object(members: Mapping[str, str]) -> str:
    """Return an object in JSONata, which leaves out members without a value."""
    return "{" + ", ".join(f"{jsonata_text(name.strip('`'))}: {value}" for name, value in members.items()) + "}"


# Jobs whose failures are classified by the prefix of their cause.
#
# A job that fails is ``States.TaskFailed`` to Step Functions, whatever the reason: the kind of failure stands only in the
# FailureReason of the description that is the error's cause (``"FailureReason":"CapacityError: …"``). Here the job is the
# only branch of a Parallel, and a Fail state raises its failure again with that kind as the error name, for Retry and Catch.
#
# Source: the FailureReason of the Describe calls; "Create and manage Amazon SageMaker AI jobs" of the Step Functions guide.

OF_STEP = ("Resource", "Parameters", "Arguments", "ResultSelector", "ResultPath", "Output", "Retry", "TimeoutSeconds")
"""The fields that stay with the task; the others move to the Parallel."""
_KIND = f'/"FailureReason" ?: ?"({"|".join(CAUSES)}):/'


def classify_failures(name: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap a task in a Parallel whose error name is the kind of the job's failure.

    Args:
        name: The name of the state.
        task: Its fields as a task.
    """
    jsonata = "Arguments" in task
    inside = {key: value for key, value in task.items() if key in OF_STEP or key.startswith("TimeoutSeconds")}
    start, failed = inner_name(name, "start"), inner_name(name, "failed")
    states = {
        start: {
            "Type": "Task",
            **({"QueryLanguage": "JSONata"} if jsonata else {}),
            **inside,
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": failed}],
            "End": True,
        },
        failed: {
            "Type": "Fail",
            "QueryLanguage": "JSONata",
            "Error": f"{{% ($kind := $match($states.input.Cause, {_KIND}); "
            "$exists($kind) ? $kind[0].groups[0] : $states.input.Error) %}",
            "Cause": "{% $exists($states.input.Cause) ? $states.input.Cause : '' %}",
        },
    }
    out = {"Output": "{% $states.result[0] %}"} if jsonata else {"OutputPath": "$[0]"}
    return {"Type": "Parallel", "Branches": [{"StartAt": start, "States": states}], **out}
