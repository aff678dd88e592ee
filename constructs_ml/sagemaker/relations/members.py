"""The members of a structure that a relation names, of which some are known only later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

# A request is any JSON.
_Json = Any


class Later(Enum):
    """Stands for a value that is known only when the template is deployed or the workflow runs."""

    VALUE = "known only later"


LATER = Later.VALUE


class Member(NamedTuple):
    """A member, as far as it is known.

    Attributes:
        path: Where it is: ``InputDataConfig[0].ChannelName``.
        value: Its value; ``LATER`` if that is known only later, None if it is not there. An empty list counts as none.
        given: What stands there, also where parts of it are known only later.
    """

    path: str
    value: _Json
    given: _Json = None

    @property
    def is_known(self) -> bool:
        """Return whether it is there, with a value that is known."""
        return self.value is not None and self.value is not LATER

    @property
    def ending(self) -> str:
        """How its text ends, as far as that is known; empty if it is not."""
        end = self.value if self.is_known else self.given
        if isinstance(end, Format):
            end = end.parts[-1]
        if not isinstance(end, str):
            return ""
        # What is known only later ends in a brace: a token, an expression in JSONata.
        return end if self.is_known else end.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure of a request.

    Attributes:
        value: Its members.
        path: Where it is; empty for the request itself.
        partial: Whether members that are not there may come later.
        around: The structure whose list it is an item of; its members are named with a ``^`` in front.
    """

    value: Mapping[str, _Json]
    path: str = ""
    partial: bool = False
    around: Structure | None = None
    # Several relations read the same members.
    _read: dict[str, tuple[Member, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def all(self, name: str) -> tuple[Member, ...]:
        """The members of a name such as ``ProductionVariants[].VariantName``, one for each item of the lists on its way.

        A list whose items are known only later yields one member that is ``LATER``.
        """
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = tuple(self._all(name))
        return found

    def _all(self, name: str) -> Iterator[Member]:
        if name.startswith("^") and self.around is not None:
            yield from self.around.all(name[1:])
            return
        missing = LATER if self.partial else None
        if "." in name or name.endswith("[]"):
            yield from _members(self.value, _names(name), self.path, missing)
        else:  # the structure's own, as most are
            yield Member(
                f"{self.path}.{name}" if self.path else name, _found(self.value, name, missing), self.value.get(name)
            )

    def one(self, name: str) -> Member:
        """The member of a name without lists."""
        return self.all(name)[0]

    def state(self, name: str) -> bool | None:
        """Return whether any member of a name is there; None if that is known only later."""
        values = [member.value for member in self.all(name)]
        if any(value is not None and value is not LATER for value in values):
            return True
        return None if LATER in values else False


@cache
def _names(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _found(value: _Json, name: str, missing: Later | None) -> _Json:
    if f"{name}.$" in value:
        return LATER
    found = value.get(name)
    if found is None or found == []:
        return missing
    return LATER if is_dynamic(found) else found


def _members(value: _Json, names: tuple[str, ...], path: str, missing: Later | None) -> Iterator[Member]:
    name, rest = names[0], names[1:]
    plain = name.removesuffix("[]")
    path = f"{path}.{plain}" if path else plain
    found = _found(value, plain, missing)
    if not isinstance(found, (Mapping, list, tuple)) or (not rest and plain == name):
        own = None if rest else value.get(plain)
        yield Member(".".join([path, *rest]), found if found is None or found is LATER or not rest else LATER, own)
        return
    if plain == name:
        yield from _below(found, rest, path, missing)
    elif isinstance(found, (list, tuple)):
        for at, item in enumerate(found):
            yield from _below(item, rest, f"{path}[{at}]", missing)


def _below(value: _Json, rest: tuple[str, ...], path: str, missing: Later | None) -> Iterator[Member]:
    if is_dynamic(value):
        yield Member(".".join([path, *rest]), LATER)
    elif not rest:
        yield Member(path, value)
    elif isinstance(value, Mapping):
        yield from _members(value, rest, path, missing)
    else:
        # It has another type than the API's, which is told elsewhere.
        yield Member(".".join([path, *rest]), LATER)
