"""Waits, in a definition, for what Step Functions itself cannot wait for.

A branch of states looks at something until it is as it should be: three transitions a look, with waits that grow, so that a
day takes about a hundred looks. Its own states are in JSONata, which states may be in whatever the query language of their
state machine; a task that begins it is in the state machine's. What a look finds is the output of the look; what has to last
is in a variable: the input, what was drawn, and how long has been waited.

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
from constructs_ml.asl.retry import CAUSES, LOOKING, Retrier, never

if TYPE_CHECKING:
    from collections.abc import Mapping


NAME_LENGTH = 80
LONGEST_WAIT = 900
GROWTH = 1.5
"""What takes long is noticed at most half as late again."""
MOST_LOOKS = 2_200
"""A look makes nine events; some are left for the rest of the execution."""
FOUND = "$states.input"
"""What a look found, in expressions."""
ERROR = "$states.errorOutput"
_OF_ERROR = ("Cause", "Error")
_MEMBER = re.compile(re.escape(FOUND) + r"\.(`[^`]+`|[A-Za-z_]\w*)")
_WHOLE = re.compile(re.escape(FOUND) + r"(?![.\w])")
Steps = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """How long is waited.

    Attributes:
        deadline: Seconds after which it is given up, those of the waits added up.
        first: Seconds of the first wait. Each that follows is half as long again.
        longest: Seconds of the longest.
    """

    deadline: int
    first: int = 30
    longest: int = LONGEST_WAIT

    @classmethod
    def within_quota(cls, deadline: int) -> PollSchedule:
        """The usual pace, with longer waits where an execution could not have all their events."""
        return cls(deadline, longest=max(LONGEST_WAIT, math.ceil(deadline / MOST_LOOKS)))

    @property
    def looks(self) -> int:
        """How often is looked after a wait, at most."""
        left, wait, looks = self.deadline, self.first, 0
        while left > 0 and wait < self.longest:
            left, wait, looks = left - wait, min(self.longest, math.ceil(wait * GROWTH)), looks + 1
        return looks + math.ceil(max(0, left) / self.longest)

    @property
    def begun(self) -> dict[str, int]:
        """The count at the beginning: what has been waited, and what is waited next."""
        return {"waited": 0, "wait": min(self.first, self.deadline)}

    def counted(self, count: str) -> str:
        """The count after a wait."""
        waited = f"{count}.waited + {count}.wait"
        left = f"{self.deadline} - {count}.waited - {count}.wait"
        wait = f"$min([{self.longest}, $ceil({count}.wait * {GROWTH}), $max([1, {left}])])"
        return f"$merge([{count}, {{'waited': {waited}, 'wait': {wait}}}])"

    def early(self, count: str) -> str:
        """Whether there is time left."""
        return f"{count}.waited < {self.deadline}"


@dataclass(frozen=True, slots=True)
class Failure:
    """How a wait fails.

    Attributes:
        error: The error's name: a text, or an expression in ``{% %}``.
        cause: What is told, likewise.
    """

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSpec:
    """What is waited for.

    Attributes:
        resource: What describes it: ``aws-sdk:sagemaker:describeAutoMLJobV2``.
        arguments: The request of that. The input is what was found last, or the response of what began it.
        ends: When it is not waited for any more, by where that leads: ``done``, a failure or an act. The first that holds.
        running: When it goes on. Whatever is neither leads to ``failed``.
        failures: How it fails: ``failed``, ``late`` at the deadline, and others that are in ``ends``.
        pace: How long is waited.
        acts: Tasks in JSONata that a look may lead to. They have the input of the branch, and it is waited after them.
        keeps: The members of the input of a look that what it finds has too.
        caught: An error of looking that is looked at like a description: its ``Error`` and ``Cause``.
        stop: What stops it at the deadline, and the request of that; None to leave it running.
        retry: What is retried when it is looked at or stopped.
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
    retry: tuple[Retrier, ...] = (LOOKING,)

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
        **how: Any,  # noqa: ANN401 - what else a Wait has
    ) -> PollSpec:
        """Waits for something to end whose description has one status and a failure reason.

        Args:
            status: The member of the description that holds the status.
            done: The statuses that are a success.
            running: The statuses in which it goes on. All others are failures.
            error: What the names of errors start with: ``AutoMLJob`` for ``AutoMLJobFailed`` and ``AutoMLJobTimedOut``.
            what: What it is called in a cause.
            pace: How long is waited.
            stop: See the attributes.
            how: Likewise.
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
    """The states that wait.

    Attributes:
        name: What the names of the states start with.
        partition: The partition, for the resources.
        variable: The variable in which is what lasts.
        wait: What is waited for.
        output: The output of the branch, in JSONata; :data:`FOUND` is the description.
        start: The task that begins it, without its transition; None to begin by looking.
        drawn: What is drawn once, before all else, by its name in the variable.
        taken: The error of the start that says that an earlier attempt has begun it already.
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
        """The branch as ASL writes it."""
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
        """What is kept of a description: only what is read of it, as all of it may be more than a state may hand on."""
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
            # It may have ended meanwhile; the deadline is what there is to tell.
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
    """The name of a state inside another, at most as long as a name may be."""
    return f"{name[: NAME_LENGTH - len(step) - 2]}: {step}"


def _object(members: Mapping[str, str]) -> str:
    """An object in JSONata; a member that is nothing is left out of it."""
    return "{" + ", ".join(f"{jsonata_text(name.strip('`'))}: {value}" for name, value in members.items()) + "}"


# Jobs whose failures are told apart by what their cause begins with.
#
# A job that fails is ``States.TaskFailed`` to Step Functions, whatever the reason: the kind of failure stands only in the
# FailureReason of the description that is the error's cause (``"FailureReason":"CapacityError: …"``). Here the job is the
# one branch of a Parallel, and its failure is failed again under that kind as its name, which Retry and Catch can tell.
#
# Source: the FailureReason of the Describe calls; "Create and manage Amazon SageMaker AI jobs" of the Step Functions guide.

OF_STEP = ("Resource", "Parameters", "Arguments", "ResultSelector", "ResultPath", "Output", "Retry", "TimeoutSeconds")
"""The fields of a task that it keeps inside; the rest is the Parallel's."""
_KIND = f'/"FailureReason" ?: ?"({"|".join(CAUSES)}):/'


def told_apart(name: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """A task as a Parallel that fails by the kind of the job's failure.

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
