"""Reads the image tables. A framework's table is read when an image of it is first asked for."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "tables"


@cache
def frameworks() -> tuple[str, ...]:
    """The frameworks and algorithms that have images, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def load(framework: str) -> dict[str, Any]:
    """The table of a framework. ``tables/README.md`` says what is in it."""
    table: dict[str, Any] = json.loads((_FOLDER / f"{framework}.json").read_bytes())
    return table


def by_region(table: dict[str, Any], key: str) -> dict[str, str]:
    """A table of accounts as region -> account, sorted by region."""
    rows: dict[str, str] = table["accounts"][key]
    return dict(sorted((region, account) for account, regions in rows.items() for region in regions.split()))


def in_order(versions: list[str]) -> list[str]:
    """Versions as people sort them: 1.9 before 1.10."""
    return sorted(versions, key=_natural)


def _natural(text: str) -> list[tuple[bool, int | str]]:
    return [(False, int(part)) if part.isdigit() else (True, part) for part in re.split(r"(\d+)", text) if part]
