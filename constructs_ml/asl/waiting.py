"""Waits, in a definition, for what Step Functions itself cannot wait for.

A branch of states starts something, then waits and describes it until it has ended: three transitions a look, with waits
that grow, so that a day takes about a hundred looks. Its own states are in JSONata, which states may be in whatever the
query language of their state machine; what starts the thing is in the state machine's.

Source: the Amazon States Language, sections "Using JSONata" and "Workflow Variables".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, jsonata_text, render

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_LENGTH = 80
Steps = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How something is waited for.

    Attributes:
        resource: What describes it: ``aws-sdk:sagemaker:describeAutoMLJobV2``.
        arguments: The request of that call. The response of the call that started it is the input of the state, and
            what was drawn before is in the variable.
        status: The member of the description that holds its status.
        done: The statuses that are a success.
        running: The statuses in which it goes on. All others are failures.
        reason: The member of the description that says why it failed.
        error: What the names of errors start with: ``AutoMLJob`` for ``AutoMLJobFailed`` and ``AutoMLJobTimedOut``.
        what: What it is called in a cause.
        keeps: The members of the input of that call that are still needed when it is called again.
        stop: What stops it at the deadline, and the request of that; None to leave it running.
        first: Seconds before the first look.
        longest: The longest wait in seconds.
        growth: What each wait is multiplied by to give the next.
        deadline: Seconds after which it is given up, those of the waits added up.
    """

    resource: str
    arguments: Mapping[str, Any]
    status: str
    done: tuple[str, ...]
    running: tuple[str, ...]
    error: str
    what: str
    deadline: float
    reason: str = "FailureReason"
    keeps: tuple[str, ...] = ()
    stop: tuple[str, Mapping[str, Any]] | None = None
    first: float = 30
    longest: float = 900
    growth: float = 1.5

    @property
    def looks(self) -> int:
        """How often it is described at most."""
        waited, wait, looks = 0.0, min(self.first, self.deadline), 0
        while waited < self.deadline:
            waited, wait, looks = waited + wait, self._next(wait, self.deadline - waited - wait), looks + 1
        return looks

    def _next(self, wait: float, left: float) -> float:
        return min(self.longest, math.ceil(wait * self.growth), max(1.0, left))


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The states that start something and wait for it.

    Attributes:
        name: What the names of the states start with.
        partition: The partition, for the resources.
        variable: The variable that they keep count in.
        start: The task that starts it, without its transition.
        wait: How it is waited for.
        drawn: What is drawn once, before the first attempt to start it, by its name in the variable.
        output: The output of the branch, in JSONata; ``$states.input`` is the description.
        retry: What is retried when it is described or stopped.
        taken: The error that says that an earlier attempt has started it already.
    """

    name: str
    partition: str
    variable: str
    start: Mapping[str, Any]
    wait: Wait
    output: str
    retry: list[dict[str, Any]]
    drawn: Mapping[str, Any] = field(default_factory=dict)
    taken: str | None = None

    def to_asl(self) -> dict[str, Any]:
        """The branch as ASL writes it."""
        steps = {**self._starting(), **self._looking(), **self._ending()}
        return {"StartAt": self._named("begin"), "States": {self._named(name): step for name, step in steps.items()}}

    def _starting(self) -> Steps:
        wait = self.wait
        count = {"input": "{% $states.input %}", "waited": 0, "wait": min(wait.first, wait.deadline)}
        start = {"Type": "Task", **self.start, "Next": self._named("wait")}
        if self.taken is not None:
            start["Catch"] = [{"ErrorEquals": [self.taken], "Next": self._named("wait")}]
        return {
            "begin": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Assign": {self.variable: {**render(dict(self.drawn), Language.JSONATA), **count}},
                "Next": self._named("start"),
            },
            "start": start,
        }

    def _looking(self) -> Steps:
        wait, var = self.wait, f"${self.variable}"
        left = f"{wait.deadline:g} - {var}.waited - {var}.wait"
        grown = f"$min([{wait.longest:g}, $ceil({var}.wait * {wait.growth:g}), $max([1, {left}])])"
        status = f"$states.input.{wait.status}"
        running = f"{status} in {_texts(wait.running)}"
        late = "late" if wait.stop is None else "stop"
        return {
            "wait": {
                "Type": "Wait",
                "QueryLanguage": "JSONata",
                "Seconds": f"{{% {var}.wait %}}",
                "Assign": {
                    self.variable: f"{{% $merge([{var}, {{'waited': {var}.waited + {var}.wait, 'wait': {grown}}}]) %}}"
                },
                "Next": self._named("look"),
            },
            "look": {
                **self._task(wait.resource, wait.arguments),
                "Output": self._description(),
                "Retry": self.retry,
                "Next": self._named("ended?"),
            },
            "ended?": {
                "Type": "Choice",
                "QueryLanguage": "JSONata",
                "Choices": [
                    {"Condition": f"{{% {status} in {_texts(wait.done)} %}}", "Next": self._named("done")},
                    {
                        "Condition": f"{{% {running} and {var}.waited < {wait.deadline:g} %}}",
                        "Next": self._named("wait"),
                    },
                    {"Condition": f"{{% {running} %}}", "Next": self._named(late)},
                ],
                "Default": self._named("failed"),
            },
        }

    def _description(self) -> str:
        kept = ", ".join(f"{jsonata_text(member)}: $states.input.{member}" for member in self.wait.keeps)
        return f"{{% $merge([{{{kept}}}, $states.result]) %}}" if kept else "{% $states.result %}"

    def _ending(self) -> Steps:
        wait = self.wait
        status, reason = f"$states.input.{wait.status}", f"$states.input.{wait.reason}"
        ended = f"{jsonata_text(f'{wait.what} ended as ')} & {status}"
        steps: Steps = {
            "done": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": f"{{% {self.output} %}}",
                "End": True,
            },
            "failed": {
                "Type": "Fail",
                "QueryLanguage": "JSONata",
                "Error": f"{{% {jsonata_text(wait.error)} & {status} %}}",
                "Cause": f"{{% {ended} & ($exists({reason}) ? ': ' & {reason} : '') %}}",
            },
            "late": {
                "Type": "Fail",
                "Error": f"{wait.error}TimedOut",
                "Cause": f"{wait.what} did not end within {wait.deadline:g} s"
                + ("; it goes on" if wait.stop is None else " and was told to stop"),
            },
        }
        if wait.stop is not None:
            steps["stop"] = {
                **self._task(*wait.stop),
                "Retry": self.retry,
                # It may have ended meanwhile; the deadline is what there is to tell.
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": self._named("late")}],
                "Next": self._named("late"),
            }
        return steps

    def _task(self, resource: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": f"arn:{self.partition}:states:::{resource}",
            "Arguments": render(dict(arguments), Language.JSONATA),
        }

    def _named(self, step: str) -> str:
        return f"{self.name[: NAME_LENGTH - len(step) - 2]}: {step}"


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(jsonata_text(value) for value in values)}]"
