"""The differences between the keys of two runs of a job, in words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.markers.marker import Listing
from constructs_ml.terminal import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs_ml.markers.marker import Marker, Part

INPUTS = ("inputs", "channels")
"""The parts that are data, by the first step of their names."""
_WORDS = {"hyperparameters": "hyperparameter", "environment": "environment"}
_NAMED_BY = ("InputName", "ChannelName")
_KEY = re.compile(r"(?P<key>[0-9a-f]{64})(?P<rest>/.*)?", re.DOTALL)
_OPAQUE = re.compile(r'"?(?:content:)?[0-9a-f]{64}"?')
"""A digest, which tells nobody anything."""
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a key that differs.

    Attributes:
        part: The name of the part.
        label: Its name for a reader.
        change: The difference, as it follows the label.
        keys: If the part may be the key of a job, those of now and of before; empty otherwise.
    """

    part: str
    label: str
    change: str
    keys: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The difference in a line without control characters: ``hyperparameter max_depth 6 -> 8``."""
        return f"{self.label}{self.change}"


def differences(now: Marker, before: Marker) -> list[Difference]:
    """Return the parts of two keys that differ, the data first.

    Args:
        now: The marker of a run.
        before: The marker of an earlier one.
    """
    names = dict.fromkeys((*before.parts, *now.parts))
    found = [each for name in names if (each := _compared(name, now, before)) is not None]
    return sorted(found, key=lambda each: each.part.partition(".")[0] not in INPUTS)


def _compared(name: str, now: Marker, before: Marker) -> Difference | None:
    new, old = now.parts.get(name), before.parts.get(name)
    if new == old or (isinstance(new, Listing) and isinstance(old, Listing) and new.digest == old.digest):
        return None
    label = _label(name, {**before.parts, **now.parts})
    if isinstance(new, Listing) and isinstance(old, Listing):
        return Difference(name, label, f": {_listings(new, old)}")
    keys = tuple(_key(each) for each in (new, old))
    if name.partition(".")[0] in INPUTS and any(keys):
        return _of_other_job(name, label, new, old, keys)
    return Difference(name, label, _texts(new, old))


def _label(name: str, parts: Mapping[str, Part]) -> str:
    """Return the name of a part for a reader: ``input train``, ``hyperparameter max_depth``."""
    kind, _, rest = name.partition(".")
    if not rest:
        return one_line(shortened(name))
    if kind in INPUTS:
        known = [each for each in _names(parts, kind) if rest == each or rest.startswith(f"{each}.")]
        own = max(known, key=len, default=rest.partition(".")[0])
        return one_line(shortened(" ".join(["input", own, *filter(None, [rest[len(own) + 1 :]])])))
    return one_line(shortened(f"{_WORDS[kind]} {rest}" if kind in _WORDS else name))


def _names(parts: Mapping[str, Part], kind: str) -> Iterator[str]:
    """Yield the names of the inputs, which may have dots in them."""
    for name, part in parts.items():
        start, _, rest = name.partition(".")
        if start == kind and isinstance(part, Listing):
            yield rest
        elif start == kind and rest.rpartition(".")[2] in _NAMED_BY:
            yield rest.rpartition(".")[0]


def _key(part: Part | None) -> str:
    found = _KEY.fullmatch(part) if isinstance(part, str) else None
    return found["key"] if found else ""


def _of_other_job(name: str, label: str, new: Part | None, old: Part | None, keys: tuple[str, ...]) -> Difference:
    if all(keys):
        return Difference(name, label, " has another key or fingerprint", keys)
    if isinstance(new, Listing) or isinstance(old, Listing):
        was, now = (
            ("listed objects", "the output of a cached job")
            if keys[0]
            else ("the output of a cached job", "listed objects")
        )
        return Difference(name, label, f": {was} -> {now}", keys)
    return Difference(name, label, _texts(new, old), keys)


def _texts(new: Part | None, old: Part | None) -> str:
    if new is None:
        return f" removed{_in_brackets(old)}"
    if old is None:
        return f" added{_in_brackets(new)}"
    was, now = _shown(old), _shown(new)
    return f" {was} -> {now}" if was and now and was != now else " differs"


def _in_brackets(part: Part | None) -> str:
    shown = _shown(part)
    return f" ({shown})" if shown else ""


def _shown(part: Part | None) -> str:
    """Return a value as a line shows it; empty if it is a digest."""
    if isinstance(part, Listing):
        return _objects(part.count)
    if part is None or _OPAQUE.fullmatch(part):
        return ""
    shown = one_line(shortened(part))
    return shown if shown.strip() == shown and shown else json.dumps(shown, ensure_ascii=False)


# Listings.


def _listings(new: Listing, old: Listing) -> str:
    if new.objects is None or old.objects is None or new.objects == old.objects:
        was, now = (_objects(each.count) for each in (old, new))
        counts = f"{was} -> {now}" if was and now and was != now else now or was
        return f"the listing differs{f' ({counts})' if counts else ''}"
    changed = sorted(key for key in new.objects.keys() & old.objects.keys() if new.objects[key] != old.objects[key])
    added, removed = new.objects.keys() - old.objects.keys(), old.objects.keys() - new.objects.keys()
    renamed = dict(_renamed(added, removed, new.objects, old.objects))
    added, removed = added - set(renamed.values()), removed - renamed.keys()
    lines = []
    if changed:
        verb = "differs" if len(changed) == 1 else "differ"
        lines.append(f"{len(changed)} of {_objects(len(new.objects))} {verb} ({_listed(changed)})")
    moved = [f"{_name(old_key)} -> {_name(new_key)}" for old_key, new_key in sorted(renamed.items())]
    for verb, names in (("added", sorted(added)), ("removed", sorted(removed))):
        lines += [f"{_counted(len(names), lines)} {verb} ({_listed(names)})"] if names else []
    lines += [f"{_counted(len(moved), lines)} renamed ({_limited(moved)})"] if moved else []
    return ", ".join(lines)


def _renamed(
    added: Iterable[str], removed: Iterable[str], new: Mapping[str, str], old: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the keys of objects that are there under another key, each with that one."""
    left: dict[str, list[str]] = {}
    for key in sorted(added, reverse=True):
        left.setdefault(new[key], []).append(key)
    for key in sorted(removed):
        if left.get(old[key]):
            yield key, left[old[key]].pop()


def _objects(count: int | None) -> str:
    return "" if count is None else f"{count} object{'' if count == 1 else 's'}"


def _counted(count: int, before: list[str]) -> str:
    """Return a number of objects; the word is left out where it stands already."""
    return str(count) if before else _objects(count)


def _listed(keys: list[str]) -> str:
    return _limited([_name(key) for key in keys[: _MOST_NAMES + 1]], len(keys))


def _limited(names: list[str], count: int = 0) -> str:
    count = count or len(names)
    more = [f"and {count - _MOST_NAMES} more"] if count > _MOST_NAMES else []
    return ", ".join(names[:_MOST_NAMES] + more)


def _name(key: str) -> str:
    return one_line(shortened(key)) or '""'
