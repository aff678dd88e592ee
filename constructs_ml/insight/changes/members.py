"""The differences between two values, by their members."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.insight.changes.canonical import fields_in, without_hashes
from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.insight.changes.model import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.definition import State

Json = Any
_NAMES = ("Name", "ChannelName", "InputName", "OutputName", "VariantName", "Key", "Id", "AttributeName", "Sid")
"""The members that tell the items of a list apart."""
_SETS = {"Subnets", "SecurityGroupIds", "StatesOfInterest"}
_PAYLOADS = ("Parameters.", "Arguments.")
_IMAGES = ("ImageUri", "TrainingImage", "Image", "Code.ImageUri")


def changes_of_members(old: State, new: State, machine: str) -> Iterator[Change]:
    """Yield the differences between what two states do, but for their order, handlers and rules."""
    names = (machine, new.name, old.name if old.name != new.name else "")
    mine, theirs = fields_in(old.body, old.language), fields_in(new.body, new.language)
    if mine.get("QueryLanguage") != theirs.get("QueryLanguage"):
        # The request has another name in each language, and paths that mean the same are equal.
        for some in (mine, theirs):
            if "Parameters" in some:
                some["Arguments"] = some.pop("Parameters")
    yield from changes_between(mine, theirs, *names, skip={"Type"} if old.type != new.type else set())


def changes_between(
    old: Mapping[str, Json], new: Mapping[str, Json], subject: str, state: str = "", was: str = "", *, skip: set[str]
) -> Iterator[Change]:
    """Yield the differences between two objects: of comments as such, of assets once as the code."""
    code: dict[str, tuple[Json, Json]] = {}
    for path, before, after in differing(old, new):
        first = path.partition(".")[0].partition("[")[0]
        if first in skip:
            continue
        told = path.removeprefix(_PAYLOADS[0]).removeprefix(_PAYLOADS[1])
        if path == "Comment":
            yield Change(Kind.COMMENT, subject, state, was, old=before, new=after)
        elif ABSENT not in (before, after) and without_hashes(before) == without_hashes(after):
            what = "image" if told.rpartition(".")[2] in _IMAGES else "code"
            code.setdefault(what, (before, after))
        else:
            yield Change(Kind.MEMBER, subject, state, was, told, before, after)
    for what, (before, after) in code.items():
        yield Change(Kind.CODE, subject, state, was, what, before, after)


def differing(old: Json, new: Json, path: str = "", *, as_sets: bool = False) -> Iterator[tuple[str, Json, Json]]:
    """Yield the paths of the members that differ, each with its old and new value; ``ABSENT`` if there is none.

    Args:
        old: The old value.
        new: The new value.
        path: The path to them.
        as_sets: True if the order of lists means nothing.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from differing(old.get(name, ABSENT), new.get(name, ABSENT), _member(path, name), as_sets=as_sets)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _in_lists(old, new, path, as_sets=as_sets or path.rpartition(".")[2] in _SETS)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, old, new


def _member(path: str, name: str) -> str:
    shown = name if name and not set(name) & set(".[]' ") else None
    return f"{path}.{shown}".removeprefix(".") if shown else f"{path}[{name!r}]"


def _in_lists(old: list[Json], new: list[Json], path: str, *, as_sets: bool) -> Iterator[tuple[str, Json, Json]]:
    if as_sets and sorted(map(_text, old)) == sorted(map(_text, new)):
        return
    name = next((name for name in _NAMES if _are_named(old, name) and _are_named(new, name)), None)
    if name is not None and (old or new):
        mine, theirs = {item[name]: item for item in old}, {item[name]: item for item in new}
        for key in [*mine, *(key for key in theirs if key not in mine)]:
            yield from differing(mine.get(key, ABSENT), theirs.get(key, ABSENT), f"{path}[{key}]", as_sets=as_sets)
    elif len(old) == len(new) and all(isinstance(item, (Mapping, list)) for item in [*old, *new]):
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differing(one, other, f"{path}[{at}]", as_sets=as_sets)
    elif old != new:
        yield path, old, new


def _are_named(items: list[Json], name: str) -> bool:
    names = [item.get(name) for item in items if isinstance(item, Mapping)]
    known = [each for each in names if isinstance(each, str)]
    return len(known) == len(items) == len(set(known))


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=lambda item: item.meaning)
