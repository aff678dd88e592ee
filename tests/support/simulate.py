"""Runs the JSONata states of one branch against a fake service, as Step Functions would; waits move a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonata

if TYPE_CHECKING:
    from collections.abc import Callable


class StatesError(Exception):
    """An error with a name, as the service or a Fail state raises it."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name, self.cause = name, cause


@dataclass
class Simulation:
    """One run.

    Attributes:
        branch: The branch, as ASL.
        call: The service: takes the resource's last part and the arguments.
        clock: Seconds that have passed.
        path: The states that were entered.
        variables: What the states assigned.
    """

    branch: dict[str, Any]
    call: Callable[[str, dict[str, Any]], Any]
    clock: float = 0
    path: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def run(self, given: Any) -> Any:
        """The output of the branch.

        Raises:
            StatesError: If it fails.
        """
        name, value = self.branch["StartAt"], given
        while True:
            self.path.append(name)
            assert len(self.path) < 5000, "it does not end"
            state = self.branch["States"][name]
            name, value = getattr(self, f"_{state['Type'].lower()}")(state, value)
            if name is None:
                return value

    def _task(self, state: dict[str, Any], value: Any) -> tuple[str | None, Any]:
        arguments = self._template(state["Arguments"], input=value)
        try:
            result = self.call(state["Resource"].rsplit(":", 1)[-1], arguments)
        except StatesError as error:
            for catcher in state.get("Catch", []):
                if error.name in catcher["ErrorEquals"]:
                    told = {"Error": error.name, "Cause": error.cause}
                    return catcher["Next"], self._template(catcher["Output"], input=value, errorOutput=told)
            raise
        return state.get("Next"), self._template(state["Output"], input=value, result=result)

    def _choice(self, state: dict[str, Any], value: Any) -> tuple[str | None, Any]:
        for rule in state["Choices"]:
            holds = self._template(rule["Condition"], input=value)
            assert isinstance(holds, bool), rule
            if holds:
                return rule["Next"], self._template(rule["Output"], input=value) if "Output" in rule else value
        return state["Default"], value

    def _wait(self, state: dict[str, Any], value: Any) -> tuple[str | None, Any]:
        seconds = self._template(state["Seconds"], input=value)
        assert seconds == int(seconds), seconds
        assert seconds > 0
        self.clock += seconds
        self._assign(state, value)
        return state["Next"], value

    def _pass(self, state: dict[str, Any], value: Any) -> tuple[str | None, Any]:
        self._assign(state, value)
        return state.get("Next"), self._template(state["Output"], input=value) if "Output" in state else value

    def _fail(self, state: dict[str, Any], value: Any) -> tuple[str | None, Any]:
        raise StatesError(self._template(state["Error"], input=value), self._template(state["Cause"], input=value))

    def _assign(self, state: dict[str, Any], value: Any) -> None:
        self.variables |= self._template(state.get("Assign", {}), input=value)

    def _template(self, value: Any, **states: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._template(item, **states) for key, item in value.items()}
        if isinstance(value, list):
            return [self._template(item, **states) for item in value]
        if isinstance(value, str) and value.startswith("{%"):
            text = value[2:-2].replace("$millis()", str(round(self.clock * 1000)))
            found = jsonata.Jsonata(text).evaluate(None, {"states": states, **self.variables})
            assert found is not None, f"{value} gives nothing"
            return found
        return value
