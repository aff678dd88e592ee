"""Members of the execution's input."""

from __future__ import annotations

import re

from constructs_ml.asl.expressions import Path


def execution_input(*names: str | int) -> Path:
    """The member of the execution's input that these names, and numbers of items, lead to.

    Raises:
        ValueError: If no path can be written for a name, or one is a path itself.
    """
    if not names or any(isinstance(name, str) and (not name or set(name) & set("'\\`")) for name in names):
        raise ValueError(f"must be names without quotes and backslashes, got {', '.join(map(repr, names)) or 'none'}")
    for name in names:
        if not isinstance(name, (str, int)):
            raise ValueError(f"must be names and numbers of items, got {name!r}")  # noqa: TRY004 - as for any other
        if isinstance(name, str) and _LIKE_A_PATH.search(name):
            raise ValueError(f"must be names, each of one member, got the path {name!r}; {_one_by_one(name)}")
        if isinstance(name, int) and (isinstance(name, bool) or name < 0):
            raise ValueError(f"must be names and numbers of items from 0, got {name!r}")
    steps = (f"[{name}]" if isinstance(name, int) else f"['{name}']" for name in names)
    return Path("$$.Execution.Input" + "".join(steps))


_LIKE_A_PATH = re.compile(r"[.\[\]*]|^\$")


def _one_by_one(path: str) -> str:
    """How to pass what was meant by a path."""
    names = re.findall(r"[^.\[\]*$]+", path)
    shown = ", ".join(name if name.isdecimal() else repr(name) for name in names)
    whole = f"sfn.JsonPath.string_at(\"$$.Execution.Input['{path}']\") for a name that has such characters"
    return f"pass execution_input({shown}), or {whole}" if names else f"pass {whole}"
