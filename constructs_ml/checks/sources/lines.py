"""The lines that states and their fields stand in. JSON is read as the YAML that it is: PyYAML keeps positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.checks.sources.yaml_text import has_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.checks.violation import Violation

_STEP = re.compile(r"\['([^']*)'\]|\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Lines:
    """Where things stand in a file.

    Attributes:
        states: The nodes of states by name, each with the line of its name.
        resources: Likewise for the resources of a template.
    """

    states: dict[str, tuple[int, Any]] = field(default_factory=dict)
    resources: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def of(self, violation: Violation) -> int | None:
        """The line of a violation: of the member, or of the nearest thing around it; None if nothing is known."""
        found = self.states.get(violation.state) or self.resources.get(violation.machine)
        if found is None:
            return None
        line, node = found
        for key, index, name in _STEP.findall(violation.member) if violation.state in self.states else ():
            entry = _entry(node, key or name, index)
            if entry is None:
                break
            line, node = entry
        return line


def lines_of(text: str) -> Lines:
    """Finds the lines of a definition or a template; of none if PyYAML is not installed or cannot read it."""
    if not has_yaml():
        return Lines()
    import yaml

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:  # JSON that is no YAML, as with tabs
        return Lines()
    found = Lines()
    for parent, name, line, node in _members(root, ""):
        if parent == "States":
            found.states.setdefault(name, (line, node))
        elif parent == "Resources":
            found.resources.setdefault(name, (line, node))
    return found


def _members(node: Any, parent: str) -> Iterator[tuple[str, str, int, Any]]:  # noqa: ANN401 - of PyYAML's
    """All members of all mappings, each with the key that its mapping stands under."""
    if node.id == "mapping":
        for key, value in node.value:
            yield parent, str(key.value), key.start_mark.line + 1, value
            yield from _members(value, str(key.value))
    elif node.id == "sequence":
        for item in node.value:
            yield from _members(item, "")


def _entry(node: Any, name: str, index: str) -> tuple[int, Any] | None:  # noqa: ANN401 - of PyYAML's
    if index:
        items = node.value if node.id == "sequence" else []
        at = int(index)
        return (items[at].start_mark.line + 1, items[at]) if at < len(items) else None
    for key, value in node.value if node.id == "mapping" else ():
        if key.value in {name, f"{name}.$"}:
            return key.start_mark.line + 1, value
    return None
