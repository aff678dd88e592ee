"""Reports to the user's process about decisions on permissions, and about events and who they are sent to.

A run asks thousands of times for few things: each question is reported once, and of many resources the first ones.
"""

from __future__ import annotations

import contextvars
import importlib
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections.state_call import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.host.channel import Channel

# What the emulator hands to its functions: it ships no types.
_Data = Any
_MOST_RESOURCES = 50
_MOST_DECISIONS = 5000
_MOST_EVENTS = 2000

_asked_of_resource: contextvars.ContextVar[bool] = contextvars.ContextVar("asked_of_resource", default=False)
_receivers: contextvars.ContextVar[list[dict[str, str]] | None] = contextvars.ContextVar("receivers", default=None)


class Witness:
    """Reporter of what the emulator decides and delivers.

    Args:
        channel: To the user's process.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._told: set[tuple[str, str, str, bool]] = set()
        self._resources: Counter[tuple[str, str, bool]] = Counter()
        self._events = 0

    def install(self) -> None:
        """Go around the emulator's functions."""
        evaluator = importlib.import_module("ministack.core.iam_evaluator")
        wrap(evaluator, "evaluate", self._evaluate)
        wrap(evaluator, "evaluate_resource_policy", self._evaluate_resource_policy)
        events = importlib.import_module("ministack.services.eventbridge")
        wrap(events, "_dispatch_event", self._dispatch)
        wrap(events, "_invoke_target", self._invoke)

    def _evaluate(self, original: Callable[..., Any], context: _Data, *rest: _Data, **named: _Data) -> _Data:
        found = original(context, *rest, **named)
        if not _asked_of_resource.get():
            self._tell(str(context.principal_arn), str(context.action), str(context.resource_arn), found.decision)
        return found

    def _evaluate_resource_policy(self, original: Callable[..., Any], *given: _Data, **named: _Data) -> _Data:
        """Evaluate the policy of a bucket or a queue, apart from the permissions of the caller."""
        token = _asked_of_resource.set(True)
        try:
            return original(*given, **named)
        finally:
            _asked_of_resource.reset(token)

    def _tell(self, principal: str, action: str, resource: str, decision: str) -> None:
        role, allowed = role_in(principal), decision == "Allow"
        if not role:
            return
        with self._lock:
            question = (role, action, allowed)
            known = (role, action, resource, allowed)
            full = self._resources[question] >= _MOST_RESOURCES or len(self._told) >= _MOST_DECISIONS
            if known in self._told or full:
                return
            self._told.add(known)
            self._resources[question] += 1
        self._channel.send("access", role=role, action=action, resource=resource, allowed=allowed)

    def _dispatch(self, original: Callable[..., Any], event: _Data, *rest: _Data, **named: _Data) -> _Data:
        receivers: list[dict[str, str]] = []
        token = _receivers.set(receivers)
        try:
            return original(event, *rest, **named)
        finally:
            _receivers.reset(token)
            self._tell_of_event(event, receivers)

    def _invoke(
        self, original: Callable[..., Any], target: _Data, event: _Data, rule: _Data, *rest: _Data, **named: _Data
    ) -> _Data:
        receivers = _receivers.get()
        if receivers is not None:
            receivers.append({"rule": str(rule.get("Name", "")), "target": str(target.get("Arn", ""))})
        return original(target, event, rule, *rest, **named)

    def _tell_of_event(self, event: dict[str, Any], receivers: list[dict[str, str]]) -> None:
        with self._lock:
            self._events += 1
            if self._events > _MOST_EVENTS:
                return
        self._channel.send(
            "event",
            source=str(event.get("Source", "")),
            type=str(event.get("DetailType", "")),
            bus=str(event.get("EventBusName", "default")),
            resources=[str(each) for each in event.get("Resources") or []],
            detail=str(event.get("Detail", "")),
            receivers=receivers,
        )


def role_in(arn: str) -> str:
    """Return the name of the role whose ARN, or whose session's ARN, is given; empty for another principal.

    Args:
        arn: As ``arn:aws:sts::111122223333:assumed-role/Name/session``.
    """
    resource = arn.split(":", 5)[-1]
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        return name.partition("/")[0]
    return name.rpartition("/")[2] if kind == "role" else ""
