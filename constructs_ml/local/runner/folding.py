"""Folds the inner states of those that stand for one call into them: a deployment is one line, not thirty."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.local.runner.event_log import StateEvent


class Folding:
    """The states of a definition that are parts of others.

    Args:
        definition: The definition, as JSON data.

    Attributes:
        outer: The states that stand for one call, by the names of the states inside them.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        # With these rooms come the words of all checks: a run needs them anyway, an import does not.
        from constructs_ml.asl.definition import read_definition
        from constructs_ml.asl.one_call import is_poll, standing_for_one

        self.outer: dict[str, str] = {}
        self._polling: set[str] = set()
        for state in standing_for_one(read_definition(definition)):
            for inner in state.inner[0].walk():
                self.outer.setdefault(inner.name, state.name)
                if is_poll(inner):
                    self._polling.add(inner.name)
        self._polls: Counter[str] = Counter()

    def place(self, event: StateEvent) -> StateEvent:
        """Returns an event with the state that its own is a part of, and the polls of one that stands for one call.

        Args:
            event: The next event of the execution.
        """
        within = self.outer.get(event.state, "")
        if within:
            self._polls[within] += event.status == "entered" and event.state in self._polling
            return replace(event, within=within)
        if event.status == "entered":
            del self._polls[event.state]
        return replace(event, polls=self._polls[event.state]) if self._polls[event.state] else event
