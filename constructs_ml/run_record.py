"""The record of a run: data about all that happened, which is kept as JSON, and which the page about the run is made from.

Local runs write it, ``insight`` reads it, and neither knows the other. A record is a file that others may have written: reading
one fails in one way only, and gives values of the types below.
"""

from __future__ import annotations

import json
import math
import types
import typing
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import UnusableInputError
from constructs_ml.terminal import shortened

VERSION = 1
"""The version of records that this library writes and reads."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a state.

    Attributes:
        start: Its start, in seconds since the start of the execution.
        end: Its end.
        error: The error that it ended with; empty if it succeeded.
        cause: The cause of that error.
    """

    start: float
    end: float
    error: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of a state: one that is passed twice has two, one in a Map has one for each iteration.

    Attributes:
        id: Its number.
        state: The name of the state.
        status: ``succeeded``, ``failed``, ``caught`` or ``running``, if the execution ended before it.
        start: Its start, in seconds since the start of the execution.
        end: Its end.
        outer: The visit of the Parallel or Map state around it; 0 if there is none.
        item: The index of the iteration of the Map around it; None if there is none.
        within: The state that stands for one call and that it is inside of, as a poll is; empty if there is none.
        attempts: Its attempts.
        input: Its input, as JSON; of a long one the beginning.
        output: Its output, likewise.
        cached: True if its result is that of an earlier execution.
    """

    id: int
    state: str
    status: str
    start: float
    end: float
    outer: int = 0
    item: int | None = None
    within: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    input: str = ""
    output: str = ""
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """The log of a job.

    Attributes:
        lines: The number of its lines.
        start: The beginning of it, if something is left out.
        end: The rest; all of it, if nothing is left out.
        left_out: The number of lines between the two.
    """

    lines: int = 0
    start: str = ""
    end: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A place of outputs.

    Attributes:
        name: The name of the output.
        uri: Its S3 URI; empty if there is none.
        path: Its folder or file on this machine; empty if it was not kept.
    """

    name: str
    uri: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a metric.

    Attributes:
        name: Its name.
        times: The times of its values, in seconds since the start of the execution.
        values: Its values.
    """

    name: str
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes:
        name: Its name.
        kind: ``Processing``, ``Training``, ...
        state: The state that created it.
        visit: The visit of that state; 0 if it is not known.
        status: ``Completed``, ``Failed`` or ``Stopped``.
        start: Its start, in seconds since the start of the execution.
        end: Its end.
        failure: The reason of its failure; empty if there is none.
        request: The request that created it, as JSON.
        log: Its log.
        metrics: Its metrics.
        places: The places of its outputs.
        trial: True for a trial of a tuning job.
    """

    name: str
    kind: str
    state: str
    visit: int
    status: str
    start: float
    end: float
    failure: str = ""
    request: str = ""
    log: Log = field(default_factory=Log)
    metrics: list[Series] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver of an event.

    Attributes:
        rule: The name of the rule.
        target: The ARN of the target.
    """

    rule: str
    target: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Attributes:
        time: Its time, in seconds since the start of the execution.
        source: Its source.
        type: Its type.
        about: The names of the resources that it is about.
        status: The status in its detail; empty if it has none.
        receivers: Those that it was sent to.
        bus: The bus.
    """

    time: float
    source: str
    type: str
    about: list[str] = field(default_factory=list)
    status: str = ""
    receivers: list[Receiver] = field(default_factory=list)
    bus: str = "default"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a role's policies.

    Attributes:
        effect: ``Allow`` or ``Deny``.
        actions: Its actions.
        resources: Its resources.
        conditions: Its conditions, as JSON; empty if there are none.
        inverted: True for a statement with ``NotAction`` or ``NotResource``.
    """

    effect: str
    actions: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    conditions: str = ""
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that a role performed, or was refused.

    Attributes:
        action: The action.
        resources: The first of the resources.
        allowed: True if it was allowed.
    """

    action: str
    resources: list[str] = field(default_factory=list)
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    Attributes:
        name: Its name.
        path: Its construct's path; empty if it is not known.
        statements: The statements of its policies.
        asked: The actions that it performed, or was refused.
    """

    name: str
    path: str = ""
    statements: list[Statement] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cached:
    """A cached job.

    Attributes:
        state: Its state.
        taken: The number of results that were taken from earlier executions.
        ran: The number of times that it ran.
        why: The reason that it ran, or where its result is from, in lines.
    """

    state: str
    taken: int = 0
    ran: int = 0
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The record of a run.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT``, ``ABORTED``, or ``REFUSED`` if nothing was executed.
        name: The name of the workflow.
        stack: The stack.
        definition: The definition of the workflow, as it was executed.
        started: The time of its start, in seconds since the epoch.
        seconds: The duration of the execution.
        arn: The ARN of the execution.
        refusal: The reason that nothing was executed; empty if something was.
        error: The error that the execution ended with.
        cause: Its cause.
        reasons: The reasons of the failures, a sentence each.
        input: The execution's input, as JSON.
        output: Its output, as JSON.
        visits: The visits of its states, in the order of their starts.
        jobs: Its jobs.
        events: The events.
        roles: The roles.
        enforced: False if permissions were not enforced.
        simulated: The simulated parts, in words.
        cached: The cached jobs.
        warnings: The warnings of the checks.
        outputs: The outputs of the stack.
        given: The sources of given jobs, by their states.
        not_run: The states that were cut off.
        tool: The program that wrote it.
        version: The version of the record.
    """

    status: str
    name: str
    stack: str = ""
    definition: dict[str, Any] = field(default_factory=dict)
    started: float = 0.0
    seconds: float = 0.0
    arn: str = ""
    refusal: str = ""
    error: str = ""
    cause: str = ""
    reasons: list[str] = field(default_factory=list)
    input: str = ""
    output: str = ""
    visits: list[Visit] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    enforced: bool = True
    simulated: list[str] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    not_run: list[str] = field(default_factory=list)
    tool: str = "constructs-ml"
    version: int = VERSION

    def dumps(self) -> str:
        """Return the record as JSON, in which every character is of ASCII."""
        return json.dumps(_without_halves(asdict(self)), separators=(",", ":"), allow_nan=False)


def read_record(text: str, at: str) -> RunRecord:
    """Parse a record.

    Args:
        text: Its JSON.
        at: Its place, for messages.

    Raises:
        UnusableInputError: If it is not a record of the known version.
    """
    try:
        found = parse_json(text)
    except InvalidTextError as error:
        raise UnusableInputError(f"{at} {error.problem}") from error
    if not isinstance(found, dict) or "version" not in found or "visits" not in found:
        raise UnusableInputError(f"{at} is not the record of a run; write one: constructs-ml run --record FILE.json")
    if found["version"] != VERSION or isinstance(found["version"], bool):
        version = shortened(repr(found["version"]))
        raise UnusableInputError(f"{at} must have version {VERSION}, got {version}; make it with this version")
    return typing.cast("RunRecord", _read(RunRecord, found, at))


def _read(kind: Any, value: Any, at: str) -> Any:  # noqa: ANN401 - a type, and JSON
    """Return a value of a type, made of JSON."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if is_dataclass(kind):
        return _object(kind, value, at)
    if origin is list and isinstance(value, list):
        return [_read(arguments[0], each, f"{at}[{number}]") for number, each in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        return {name: _read(arguments[1], each, f"{at}.{shortened(name)}") for name, each in value.items()}
    if origin is types.UnionType:
        return None if value is None else _read(arguments[0], value, at)
    if kind is Any or (kind in {str, int, float, bool} and type(value) is kind):
        return value
    if kind is float and type(value) is int:
        return float(value)
    named = kind.__name__ if origin is None else str(origin.__name__)
    raise UnusableInputError(f"{at} must be of type {named}, got {shortened(repr(value))}")


def _object(kind: Any, value: Any, at: str) -> Any:  # noqa: ANN401 - a type, and JSON
    if not isinstance(value, dict):
        raise UnusableInputError(f"{at} must be an object, got {shortened(repr(value))}")
    members = {}
    hints = _hints(kind)
    for each in fields(kind):
        if each.name in value:
            members[each.name] = _read(hints[each.name], value[each.name], f"{at}: {each.name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise UnusableInputError(f"{at}: {each.name} is missing")
    return kind(**members)


@cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type
    return typing.get_type_hints(kind)


def _without_halves(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value without halves of surrogate pairs, infinite numbers and the like, which JSON must not have."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if isinstance(value, list):
        return [_without_halves(each) for each in value]
    if isinstance(value, dict):
        return {_without_halves(name): _without_halves(each) for name, each in value.items()}
    return 0.0 if isinstance(value, float) and not math.isfinite(value) else value
