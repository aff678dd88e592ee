"""Time functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from jsonata.functions import Functions

from constructs_ml.interpreter.expressions.values import Value, failure

_ISO = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d):([0-5]\d):([0-5]\d)(?:\.(\d+))?)?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?"
)
_OFFSET = re.compile(r"\s*[+-]?\d+")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MONTHS, _DAYS, _LAST_HOUR = 12, 31, 24
_ERA_YEARS, _ERA_DAYS = 400, 146_097
"""After so many years the calendar is the same again."""


def to_millis(text: Value, picture: Value = None) -> Value:
    """Return a timestamp in milliseconds since 1970: by a picture, or in ISO 8601, where a date alone will do.

    Raises:
        JException: If it is none.
    """
    if text is None:
        return None
    if picture is not None:
        return Functions.datetime_to_millis(text, picture)
    found = _ISO.fullmatch(text)
    moment = _moment(found) if found else None
    if moment is None:
        message = f'The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "{text}"'
        raise failure("D3110", message)
    return moment


def from_millis(millis: Value, picture: Value = None, zone: Value = None) -> Value:
    """Return milliseconds since 1970 as a timestamp; a time zone is written as ``+0100``.

    Raises:
        JException: If the time zone is none, or the year has more than four digits.
    """
    if millis is not None and zone is not None:
        start = _OFFSET.match(zone)
        if start is None:
            raise failure("D1001", f'"{zone}" is not a time zone such as "+0100"')
        zone = f"{int(start[0]):+05d}"
    return Functions.datetime_from_millis(millis, picture, zone)


def _moment(found: re.Match[str]) -> int | None:
    """Return the milliseconds of a timestamp; None for a month, a day or an hour that does not exist."""
    year, month, day, hour, minute, second = (int(found[at] or at in {2, 3}) for at in range(1, 7))
    midnight = hour < _LAST_HOUR or (hour == _LAST_HOUR and not minute and not second)
    if not (1 <= month <= _MONTHS and 1 <= day <= _DAYS and midnight):
        return None
    since = timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    since += timedelta(milliseconds=int((found[7] or "0")[:3].ljust(3, "0")))
    if found[8]:
        since -= timedelta(hours=int(found[8] + found[9]), minutes=int(found[8] + found[10]))
    # Days are counted in an era that Python has: it has no year 0. A day that the month does not have is one of the next.
    eras, of_era = divmod(year, _ERA_YEARS)
    first = datetime(_ERA_YEARS + of_era, month, 1, tzinfo=timezone.utc) - _EPOCH
    return (first + since + timedelta(days=(eras - 1) * _ERA_DAYS)) // timedelta(milliseconds=1)
