"""The lines of states and their fields. JSON is read as YAML, of which it is a subset: PyYAML keeps positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import member_steps
from constructs_ml.cfn.yaml_text import base_loader, has_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation

_LONGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lines:
    """The positions of states and resources in a file.

    Attributes:
        states: The nodes of states by state machine and name, each with the line of its name.
        resources: Likewise for the resources of a template.
    """

    states: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    resources: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def of(self, violation: Violation) -> int | None:
        """Return the line of a violation: of the member or its nearest known parent; None if neither is known."""
        state = self.states.get((violation.machine, violation.state))
        found = state or self.resources.get(violation.machine)
        if found is None:
            return None
        line, node = found
        for step in member_steps(violation.member) if state else ():
            entry = _entry(node, step)
            if entry is None:
                break
            line, node = entry
        return line


def lines_of(text: str) -> Lines:
    """Find the lines of a definition or a template that was read before.

    Finds none if PyYAML is not installed or cannot read it, or if finding them would take longer than the rules do.
    """
    if not has_yaml() or len(text) > _LONGEST:
        return Lines()
    import yaml

    try:
        root = yaml.compose(text, Loader=base_loader())
    except (yaml.YAMLError, RecursionError):  # JSON that is not YAML, with tabs for example, or too deep
        return Lines()
    found = Lines()
    members = _members(root)
    if "Resources" not in members:
        found.states.update(_states(root, ""))
        return found
    for name, (line, resource) in _members(members["Resources"][1]).items():
        found.resources[name] = (line, resource)
        properties = _members(resource).get("Properties", (0, None))[1]
        found.states.update(_states(_members(properties).get("Definition", (0, None))[1], name))
    return found


def _states(scope: Any, machine: str) -> Iterator[tuple[tuple[str, str], tuple[int, Any]]]:  # noqa: ANN401 - of PyYAML's
    """Yield the states of a scope and of the scopes nested in it."""
    for name, (line, state) in _members(_members(scope).get("States", (0, None))[1]).items():
        yield (machine, name), (line, state)
        members = _members(state)
        inner = [members[key][1] for key in ("ItemProcessor", "Iterator") if key in members]
        branches = members.get("Branches", (0, None))[1]
        for each in [*inner, *(branches.value if branches is not None and branches.id == "sequence" else ())]:
            yield from _states(each, machine)


def _members(node: Any) -> dict[str, tuple[int, Any]]:  # noqa: ANN401 - of PyYAML's
    """Return the members of a mapping, each with the line of its key; nothing for other nodes."""
    if node is None or node.id != "mapping":
        return {}
    return {str(key.value): (key.start_mark.line + 1, value) for key, value in reversed(node.value)}


def _entry(node: Any, step: str | int) -> tuple[int, Any] | None:  # noqa: ANN401 - of PyYAML's
    if isinstance(step, int):
        items = node.value if node.id == "sequence" else []
        return (items[step].start_mark.line + 1, items[step]) if step < len(items) else None
    for key, value in node.value if node.id == "mapping" else ():
        if key.value in {step, f"{step}.$"}:
            return key.start_mark.line + 1, value
    return None
