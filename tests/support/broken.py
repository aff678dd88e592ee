"""Constructs that are right, as they are broken in one place, and the props that each place in their requests is of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct, Node

Keys = tuple[str | int, ...]


@dataclass
class Right:
    """A construct that is right.

    Attributes:
        construct: Its class.
        scope: Where it is defined again and again.
        props: Its props.
        unremovable: The props that it cannot do without; known once ``owners`` are.
    """

    construct: Any
    scope: Construct
    props: dict[str, Any]
    unremovable: set[str] = field(default_factory=set)

    def made(self, **props: Any) -> Any:
        """The construct; it is taken out of the tree again, so that the next has the same place."""
        job = self.construct(self.scope, "Job", **{**self.props, **props})
        self._node.try_remove_child("Job")
        return job

    @cached_property
    def _node(self) -> Node:
        """The scope's node, which is asked for once: each time is a call to Node.js."""
        return self.scope.node

    @cached_property
    def request(self) -> dict[str, Any]:
        """Its request."""
        return dict(self.made()._request)

    @cached_property
    def owners(self) -> dict[Keys, set[str]]:
        """The props that each value of the request is of: it is another one without them."""
        values = dict(_values(self.request))
        owners: dict[Keys, set[str]] = {keys: set() for keys in values}
        for name in self.props:
            others = {key: value for key, value in self.props.items() if key != name}
            try:
                without = Right(self.construct, self.scope, others).request
            except (TypeError, ml.InvalidPropsError):
                self.unremovable.add(name)
                continue
            left = dict(_values(without))
            for keys, value in values.items():
                if keys not in left or left[keys] != value:
                    owners[keys].add(name)
        return owners

    def owners_of(self, keys: Keys) -> frozenset[str]:
        """The props that a place in the request is of.

        A value that is not of any of the props that can be left out is the library's own, or of one that cannot.
        """
        below = {at: names for at, names in self.owners.items() if at[: len(keys)] == keys}
        unknown = any(not names for names in below.values()) and keys not in below
        return frozenset(name for names in below.values() for name in names) | (self.unremovable if unknown else set())


def place(value: Any, steps: tuple[str, ...]) -> Keys | None:
    """The first place in a request that some steps lead to; None if there is none."""
    if not steps:
        return ()
    step, *rest = steps
    keys: list[str | int] = [step]
    if isinstance(value, list):
        keys = list(range(len(value)))
    elif step == "{}":
        keys = list(value)
    for key in keys:
        if not isinstance(value, dict) or value.get(key) is not None:
            found = place(value[key], tuple(rest))
            if found is not None:
                return (key, *found)
    return None


def shown(keys: Keys) -> str:
    """A place as an error shows it that has no prop for it; an override as a whole has none."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys if key != "")
    return text.removeprefix(".") or "request_overrides"


def broken(request: dict[str, Any], keys: Keys, wrong: Any) -> Any:
    """The override that puts a wrong value into a request."""
    return {keys[0]: _with(request[str(keys[0])], keys[1:], wrong)} if keys else wrong


def _with(value: Any, keys: Keys, wrong: Any) -> Any:
    if not keys:
        # Overrides are merged member by member: what the wrong value lacks is taken away.
        return {**dict.fromkeys(value), **wrong} if isinstance(value, dict) and isinstance(wrong, dict) else wrong
    key, *rest = keys
    within = _with(value[key], tuple(rest), wrong)
    if isinstance(value, dict):
        return {**value, key: within}
    return [within if at == key else item for at, item in enumerate(value)]


def _values(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _values(item, (*keys, key))
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            yield from _values(item, (*keys, at))
    elif value is not None:
        yield keys, value
