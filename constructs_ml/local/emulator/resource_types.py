"""The support of each resource type in a local run: real, replaced by a stand-in, or refused.

Real is what the states, jobs and functions of a workflow read and write. What has no meaning on one machine (networks,
databases, dashboards) gets a stand-in: it has ids and attributes of the right form and does nothing, and whoever calls
its
service gets an error. ``resource_types.json`` has the types by their service; ``*`` stands for all others of a service.
"""

from __future__ import annotations

import enum
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

_ALL = "*"
_VENDOR = "AWS"


class Support(enum.Enum):
    """The support of a resource type."""

    REAL = "real"
    STOOD_IN = "stood_in"
    REFUSED = "refused"


def support_of(resource_type: str, stood_in: Collection[str] = ()) -> Support:
    """Return the support of a resource type.

    Args:
        resource_type: As ``AWS::S3::Bucket`` or ``Custom::Thing``.
        stood_in: Further types to stand in for, as the user says.
    """
    if resource_type in stood_in:
        return Support.STOOD_IN
    vendor, _, rest = resource_type.partition("::")
    service, _, kind = rest.partition("::")
    if vendor == "Custom":
        return Support.REAL
    if vendor != _VENDOR or not kind:
        return Support.REFUSED
    if kind in _tables()["real"].get(service, ()):
        return Support.REAL
    known = _tables()["stood_in"].get(service, ())
    return Support.STOOD_IN if kind in known or _ALL in known else Support.REFUSED


def near_types(resource_type: str) -> str:
    """Return a hint at a resource type with a similar name, or an empty string."""
    tables = _tables().values()
    known = {f"{_VENDOR}::{service}::{kind}" for table in tables for service, kinds in table.items() for kind in kinds}
    return did_you_mean(resource_type, known)


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = json.loads(text)
    return found
