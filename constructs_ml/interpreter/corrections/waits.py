"""Wait and Fail: MiniStack does not wait if a path leads to a string, and names an error that a Fail does not name.

Timestamps are those of RFC 3339, with a T and a time zone: MiniStack takes a bare date for one.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from constructs_ml.interpreter.corrections.variables import assign

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn

_TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_LONGEST = 99_999_999
"""Seconds that a state may wait."""


def wait(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Execute a Wait state, and assign variables from its input in JSONPath.

    Raises:
        States.Runtime: If a path leads to no time.
    """
    effective = sfn._apply_input_path(state, data, ctx)  # noqa: SLF001 - in pinned.LANGUAGE
    if sfn._state_query_language(state, ctx) != "JSONata":  # noqa: SLF001
        if "SecondsPath" in state:
            state = {**state, "Seconds": _seconds(sfn, state["SecondsPath"], effective, ctx)}
        elif "TimestampPath" in state:
            state = {**state, "Timestamp": _timestamp(sfn, state["TimestampPath"], effective, ctx)}
    done = original(state, data, ctx)
    assign(sfn, state, effective, ctx)
    return done


def fail(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:  # noqa: ARG001 - as all corrections
    """Return the error and the cause of a Fail; empty if it names none."""
    error, cause = original(state, data, ctx)
    return error if "Error" in state or "ErrorPath" in state else "", cause


def parse_timestamp(sfn: Sfn, original: Callable[..., Data], text: Data) -> datetime | None:  # noqa: ARG001 - as all corrections
    """A moment; None if the text is not a timestamp."""
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(each) for each in found.groups()[:6])
    east = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    fraction = int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        zone = timezone(-east if found[8] == "-" else east)
        return datetime(year, month, day, hour, minute, second, fraction, zone)
    except ValueError:
        return None


def is_timestamp(sfn: Sfn, original: Callable[..., Data], value: Data) -> bool:  # noqa: ARG001 - as all corrections
    """Return whether a value is a timestamp."""
    return sfn._parse_ts(value) is not None  # noqa: SLF001


def _seconds(sfn: Sfn, path: str, data: Data, ctx: Data) -> int:
    seconds = sfn._resolve_path_or_ctx(path, data, ctx)  # noqa: SLF001
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        cause = f"The SecondsPath parameter cannot be parsed as a long value: {path} == {json.dumps(seconds)}"
    elif not 0 <= seconds <= _LONGEST:
        cause = f"The SecondsPath parameter must be between 0 and {_LONGEST}: {path} == {seconds}"
    else:
        return seconds
    raise sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001


def _timestamp(sfn: Sfn, path: str, data: Data, ctx: Data) -> str:
    moment = sfn._resolve_path_or_ctx(path, data, ctx)  # noqa: SLF001
    if sfn._parse_ts(moment) is None:  # noqa: SLF001
        shown = json.dumps(moment)
        cause = f"The TimestampPath parameter does not reference a valid ISO-8601 timestamp: {path} == {shown}"
        raise sfn._ExecutionError("States.Runtime", cause)  # noqa: SLF001
    return str(moment)
