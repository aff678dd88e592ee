"""A state machine in the form that rules read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from constructs_ml.asl.definition import read_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.asl.definition import Scope, State


@dataclass(frozen=True)
class Granted:
    """A statement of a role's policies, without intrinsic functions.

    Attributes:
        effect: ``Allow`` or ``Deny``.
        actions: Its actions.
        resources: The ARNs.
        conditions: The condition block.
        policy: The logical id of the resource that it stands in.
        inverted: True for a statement with ``NotAction`` or ``NotResource``.
        but_actions: The actions of ``NotAction``.
        but_resources: The ARNs of ``NotResource``.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    policy: str = ""
    inverted: bool = False
    but_actions: tuple[str, ...] = ()
    but_resources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machine:
    """A state machine.

    Attributes:
        body: Its definition, as JSON data, with ``${Token[…]}`` in the place of intrinsic functions.
        name: Its logical id; for a definition without a template, the name that its reader gives it, which may be empty.
        express: True for an Express workflow.
        granted: The statements of its role's policies; None if they are not known, as for a role from elsewhere.
        unreadable: The reason that the definition could not be read; empty if it could.
        template: The template that it was read from, with its intrinsic functions; empty for a definition without one.
        written: The bytes of that template's file; 0 without one.
        siblings: All machines of the template, by name, including this one.
        shared: Results that rules share: :func:`constructs_ml.asl.machine.per_machine_cache`.
    """

    body: Mapping[str, Any]
    name: str = ""
    express: bool = False
    granted: tuple[Granted, ...] | None = None
    unreadable: str = ""
    template: Mapping[str, Any] = field(default_factory=dict)
    written: int = 0
    siblings: Mapping[str, Machine] = field(default_factory=dict, repr=False, compare=False)
    shared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def definition(self) -> Scope:
        """The definition's states."""
        return read_definition(self.body)

    @property
    def states(self) -> Iterator[State]:
        """All states, including those inside Parallel and Map."""
        return self.definition.walk()


T = TypeVar("T")


def per_machine_cache(function: Callable[[Machine], T]) -> Callable[[Machine], T]:
    """Cache a function's result for each machine, on the machine."""
    key = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(machine: Machine) -> T:
        if key not in machine.shared:
            machine.shared[key] = function(machine)
        found: T = machine.shared[key]
        return found

    return kept


def size(value: Any) -> int:  # noqa: ANN401 - JSON
    """Return the bytes of a value as compact JSON."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))


def indented_size(value: Any) -> int:  # noqa: ANN401 - JSON
    """Return the size in bytes of a value as aws-cdk-lib writes templates: one member a line, indented by a space a level."""
    return len(json.dumps(value, ensure_ascii=False, indent=1).encode(errors="surrogatepass"))


@per_machine_cache
def definition_size(machine: Machine) -> int:
    """Return the bytes of a definition; values that are inserted at deployment count by their placeholders."""
    return size(machine.body)


def definition_length(machine: Machine) -> int:
    """Return the characters of a definition, counted in the same way."""
    return len(json.dumps(machine.body, ensure_ascii=False, separators=(",", ":")))


@per_machine_cache
def resources(machine: Machine) -> Mapping[str, Any]:
    """Return the resources of the machine's template, by logical id; empty if it has no template."""
    found = machine.template.get("Resources")
    return found if isinstance(found, Mapping) else {}
