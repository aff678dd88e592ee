"""The resources that a simulated execution has created in SageMaker: their names, and their outcomes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.local.aws.describe import described
from constructs_ml.local.jobs.call import ApiError, invalid
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.testing.outcomes import Ending, Endless, Outcome, Returned
from constructs_ml.testing.responses import answer_shape, good_answer, merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.interpreter.clock import Clock

_OPERATION = re.compile(r"(Create|Start|Update|Describe|Stop|Delete)(\w+?)(V\d+)?")
_MAKES = ("Create", "Start", "Update")
_RUNNING = ("InProgress", "Executing", "Creating", "Starting", "Pending", "Running")
_UNDECIDED = {"DescribeModelPackage": {"ModelApprovalStatus": "PendingManualApproval"}}
"""The members of a response that mean that a resource is still pending, where it is not a status of its own."""
_JOBS = {f"{kind.value}Job": kind for kind in JobKind.ALL}


@dataclass(slots=True)
class Thing:
    """A resource that was created.

    Attributes:
        names: Its name and ARN.
        members: The members of its request and its response.
        since: The time of its creation or last change, in simulated seconds.
        ending: Its outcome.
        changed: Whether what goes on is an update.
    """

    names: set[str]
    members: dict[str, Any]
    since: float
    ending: Outcome | None = None
    changed: bool = False


@dataclass(slots=True)
class World:
    """The resources of an execution.

    Attributes:
        clock: The simulated time.
        things: The created resources by kind, the latest first.
    """

    clock: Clock
    things: dict[str, list[Thing]] = field(default_factory=dict)

    def call(self, operation: str, request: dict[str, Any], ending: Outcome | None) -> dict[str, Any]:
        """Execute a call, and return its usual response.

        Args:
            operation: The operation.
            request: The request.
            ending: The outcome of the resource that it starts or describes. None: success.

        Raises:
            ApiError: If it makes something whose name is taken.
            SimulationError: If it cannot end so.
        """
        verb, kind = parts(operation)
        if verb == "Describe":
            return self._describe(operation, request, ending)
        if verb == "Create":
            self._check_new(kind, request)
        response = good_answer(operation, request, self.clock.now)
        thing = self._find(kind, request.values())
        if verb in _MAKES:
            self._keep(kind, {**request, **response}, ending, changed=verb == "Update")
        elif verb == "Stop" and thing is not None:
            thing.ending = Ending(status="Stopped")
        elif verb == "Delete" and thing is not None:
            self.things[kind].remove(thing)
        return response

    def _describe(self, operation: str, request: dict[str, Any], ending: Outcome | None) -> dict[str, Any]:
        kind = parts(operation)[1]
        thing = self._find(kind, request.values()) or Thing(set(), {}, 0)
        ending = ending or thing.ending
        source = {**request, **thing.members}
        if kind in _JOBS and thing.members:
            made = self.clock.now
            source = described(_JOBS[kind], thing.members, source[f"{kind}Arn"], made) | _times(kind, made)
        # Statuses are those of a success, not those that were asked for or that a job begins with.
        source = {name: value for name, value in source.items() if not name.endswith("Status")}
        response = good_answer(operation, source, self.clock.now)
        early = ending is not None and self.clock.seconds < thing.since + ending.after
        if early or isinstance(ending, Endless):
            running = ("Updating", *_RUNNING) if thing.changed else _RUNNING
            return response | (_UNDECIDED.get(operation) or _status(operation, running))
        if isinstance(ending, Ending):
            shape = answer_shape(operation)
            has_reason = ending.reason and shape is not None and "FailureReason" in shape.members
            reason = {"FailureReason": ending.reason} if has_reason else {}
            return response | _status(operation, (ending.status,)) | reason
        return merged(operation, response, ending.value) if isinstance(ending, Returned) else response

    def _check_new(self, kind: str, request: dict[str, Any]) -> None:
        name = request.get(f"{kind}Name")
        if any(name in thing.names for thing in self.things.get(kind, [])):
            if kind.endswith("Job"):
                raise ApiError("ResourceInUse", f"{kind} names must be unique in an account and region: {name}")
            raise invalid(f"Cannot create already existing {kind} {name!r}")

    def _find(self, kind: str, names: Iterable[Any]) -> Thing | None:
        """Return the resource with one of these names; None if the execution has not created it."""
        given = {name for name in names if isinstance(name, str)}
        return next((thing for thing in self.things.get(kind, []) if thing.names & given), None)

    def _keep(self, kind: str, members: dict[str, Any], ending: Outcome | None, *, changed: bool) -> None:
        names = {members[name] for name in (f"{kind}Name", f"{kind}Arn") if name in members}
        thing = self._find(kind, names)
        if thing is None:
            thing = Thing(set(), {}, 0)
            self.things.setdefault(kind, []).insert(0, thing)
        thing.names |= names
        thing.members |= members
        thing.since, thing.ending, thing.changed = self.clock.seconds, ending, changed


def parts(operation: str) -> tuple[str, str]:
    """Return the verb of an operation and its kind of resource: ``Create``, ``AutoMLJob``."""
    found = _OPERATION.fullmatch(operation)
    return (found[1], found[2]) if found else ("", operation)


def has_status(operation: str) -> bool:
    """Return whether an operation starts, or describes, a resource with a status."""
    verb, _ = parts(operation)
    return verb in (*_MAKES, "Describe") and _status_member(f"Describe{operation.removeprefix(verb)}") is not None


def _status_member(operation: str) -> str | None:
    """Return the member of a description that holds the status; None if it has none."""
    shape = answer_shape(operation)
    members = shape.members if shape is not None else {}
    return next((name for name in (f"{parts(operation)[1]}Status", "Status") if name in members), None)


def _status(operation: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Return the members of a description that express a status: the first of the wanted ones that it supports.

    Raises:
        SimulationError: If it supports none of them.
    """
    shape, member = answer_shape(operation), _status_member(operation)
    if shape is None or member is None:
        raise SimulationError(f"{operation} has no status; write returns({{...}})")
    known = shape.members[member].enum
    by_lower = {status.lower().replace("_", ""): status for status in known}
    found = next((by_lower[status.lower()] for status in wanted if status.lower() in by_lower), None)
    if found is None:
        message = (
            f"{operation} never returns {wanted[0]}: {member} is one of {', '.join(known)}; write returns({{...}})"
        )
        raise SimulationError(message)
    seconds = [name for name, of in shape.members.items() if name.endswith("SecondaryStatus") and found in of.enum]
    return {member: found, **dict.fromkeys(seconds, found)}


def _times(kind: str, ended: Any) -> dict[str, Any]:  # noqa: ANN401 - a moment
    return {f"{kind.removesuffix('Job')}{which}Time": ended for which in ("Start", "End")}
