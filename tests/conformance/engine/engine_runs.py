"""Runs a definition by both engines and says where they differ."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

from constructs_ml.testing import Execution, SimulatedObjects, simulate
from constructs_ml.testing.objects import START
from constructs_ml.testing.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from conftest import Engine

NAME = "compared"
_DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9a-zA-Z])[0-9a-f]{12}(?![0-9a-zA-Z])"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|\+00:00)"
    r"|(?<!\d)\d{13}(?!\d)"
)
"""What is another in every run: UUIDs and their last parts, and moments with fractions of seconds, in milliseconds too."""
_MILLISECONDS = 13
"""The digits of a moment of our time."""
_HANDED_ON = ("status", "path", "output", "error")


@dataclass
class Run:
    """A definition, run by both.

    Attributes:
        own: The simulated execution.
        theirs: What moto's parser answered.
        answers: What the calls of each state gave.
    """

    own: Execution
    theirs: dict[str, Any]
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def refused(self) -> str | None:
        """Why moto's parser cannot read the definition."""
        return self.theirs.get("refused")

    def differences(self, *, distributed: bool) -> dict[str, tuple[Any, Any]]:
        """What is different, of both."""
        mine: dict[str, Any] = {name: getattr(self.own, name) for name in _HANDED_ON}
        mine["path"] = list(mine["path"])
        pairs = {name: (_masked(mine[name]), _masked(self.theirs[name])) for name in _HANDED_ON}
        if not distributed:
            entered = [step.name for way in self.own._ways for step in way.steps]
            pairs["entered"] = (Counter(entered), Counter(self.theirs["entered"]))
            sent = {name: [each["request"] for each in calls] for name, calls in self.answers.items()}
            pairs["requests"] = (_unordered(sent), _unordered(self.theirs["requests"]))
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def run(
    engine: Engine,
    definition: Mapping[str, Any],
    given: Any = None,
    script: Mapping[str, Any] | None = None,
    *,
    objects: SimulatedObjects | None = None,
    start: datetime = START,
) -> Run:
    """Runs a definition by both: moto's parser gets the answers that the calls of the simulation got."""
    given = {} if given is None else given
    answers: dict[str, list[dict[str, Any]]] = {}
    with (
        mock.patch.object(Services, "_invoke", _recorded(answers)),
        mock.patch.object(Services, "_items", _read(answers)),
    ):
        own = simulate(definition, script, input=given, name=NAME, strict=False, objects=objects, start=start)
    asked = {
        "definition": json.loads(json.dumps(dict(definition))),
        "input": given,
        "name": NAME,
        "start": start.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "now": int(start.timestamp() * 1000),
        "answers": answers,
    }
    return Run(own, engine.ask(asked), {name: calls for name, calls in answers.items() if not name.startswith("read ")})


def _recorded(answers: dict[str, list[dict[str, Any]]]) -> Any:
    original = Services._invoke

    def invoke(self: Services, resource: str, request: Any, *rest: Any) -> Any:
        calls = answers.setdefault(self._recorder.step.name, [])
        call: dict[str, Any] = {"request": json.loads(json.dumps(request))}
        calls.append(call)
        try:
            value = original(self, resource, request, *rest)
        except self._module._ExecutionError as error:
            call.update(error=error.error, cause=error.cause)
            raise
        call["value"] = value
        return value

    return invoke


def _read(answers: dict[str, list[dict[str, Any]]]) -> Any:
    original = Services._items

    def items(self: Services, *args: Any) -> list[Any]:
        found = original(self, *args)
        answers.setdefault(f"read {self._recorder.step.name}", []).append({"request": None, "value": found})
        return found

    return items


def _masked(value: Any) -> Any:
    """A value without what is another in every run."""
    if isinstance(value, str):
        return _DRAWN.sub("*", value)
    if isinstance(value, dict):
        return {_masked(name): _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, int) and len(str(value)) == _MILLISECONDS:
        return "*"
    return value


def _unordered(requests: dict[str, list[Any]]) -> dict[str, list[str]]:
    """The requests of each state, in an order of their own: branches and iterations run side by side."""
    masked = ((name, (json.dumps(_masked(each), sort_keys=True) for each in calls)) for name, calls in requests.items())
    return {name: sorted(calls) for name, calls in masked if not name.startswith("read ")}


def definitions(value: Any) -> Iterator[dict[str, Any]]:
    """All definitions in a value: objects with StartAt and States that are inside no other."""
    if isinstance(value, dict):
        if "StartAt" in value and isinstance(value.get("States"), dict):
            yield value
            return
        for item in value.values():
            yield from definitions(item)
    elif isinstance(value, list):
        for item in value:
            yield from definitions(item)
