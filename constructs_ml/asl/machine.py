"""A state machine as the rules see it."""

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
        inverted: Whether it names what it is not about (NotAction, NotResource).
        but_actions: What it is not about, of a ``NotAction``.
        but_resources: The same of a ``NotResource``.
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
        body: Its definition, as JSON data, without intrinsic functions: what they stand for reads ``${Token[…]}``.
        name: Its logical id; of a definition alone, what its reader calls it, which may be nothing.
        express: Whether it is an Express workflow.
        granted: What its role is allowed; None if that is not known, as for a role from elsewhere.
        unreadable: Why the definition could not be read; empty if it could.
        template: The template that it was read from, with its intrinsic functions; empty if from a definition alone.
        written: The bytes of that template's file; 0 if it was read from none.
        siblings: The machines of the template, by name, as they were read with this one, which is among them.
        shared: What rules worked out of it, for other rules: :func:`constructs_ml.asl.machine.per_machine_cache`.
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
        """All states, those inside Parallel and Map too."""
        return self.definition.walk()


T = TypeVar("T")


def per_machine_cache(function: Callable[[Machine], T]) -> Callable[[Machine], T]:
    """Keeps what a function makes of a machine with the machine."""
    key = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(machine: Machine) -> T:
        if key not in machine.shared:
            machine.shared[key] = function(machine)
        found: T = machine.shared[key]
        return found

    return kept


def size(value: Any) -> int:  # noqa: ANN401 - JSON
    """The bytes of a value as JSON without spaces, the fewest that it can be written in."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))


def indented_size(value: Any) -> int:  # noqa: ANN401 - JSON
    """The bytes of a value as aws-cdk-lib writes templates: each member on a line of its own, a space for each level."""
    return len(json.dumps(value, ensure_ascii=False, indent=1).encode(errors="surrogatepass"))


@per_machine_cache
def definition_size(machine: Machine) -> int:
    """The bytes of a definition; what is put in when it is deployed counts as it is written here."""
    return size(machine.body)


def definition_length(machine: Machine) -> int:
    """The characters of a definition, likewise."""
    return len(json.dumps(machine.body, ensure_ascii=False, separators=(",", ":")))


@per_machine_cache
def resources(machine: Machine) -> Mapping[str, Any]:
    """The resources of the machine's template, by logical id; none if it comes from none."""
    found = machine.template.get("Resources")
    return found if isinstance(found, Mapping) else {}
