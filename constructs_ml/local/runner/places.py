"""The places of states in an execution: the Parallels and Maps around them, and the iterations of these Maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import read_definition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.definition import State

Path = tuple[str | int, ...]
"""The names of the states around a state and its own, outermost first; after the name of a Map the number of the iteration."""


class Places:
    """The states of a definition by their names.

    Args:
        definition: The definition, as JSON data.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._states = {state.name: state for state in read_definition(definition).walk()}

    def find(self, name: str) -> State | None:
        """Return the state of a name; None if the definition has none."""
        return self._states.get(name)

    def path(self, name: str, iterations: tuple[int, ...] = ()) -> Path:
        """Return the path of a state.

        Args:
            name: Its name.
            iterations: The numbers of the iterations of the Maps around it, outermost first.
        """
        state, left = self.find(name), list(iterations)
        path: list[str | int] = []
        for outer in state.around if state else ():
            path.append(outer.name)
            if outer.type == "Map" and left:
                path.append(left.pop(0))
        return (*path, name)

    def branch(self, name: str) -> str:
        """Return the member of the Parallel that a state belongs to: ``Branches[1]``."""
        state = self.find(name)
        return state.scope.member if state else ""

    def ends(self, name: str) -> bool:
        """Return whether a state is the last one of its branch or iteration."""
        state = self.find(name)
        return state is not None and (state.type == "Succeed" or state.body.get("End") is True)
