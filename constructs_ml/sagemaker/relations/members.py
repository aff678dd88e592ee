"""The members of a structure that a relation names, of which some are known only later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Format
from constructs_ml.sagemaker.dynamic import is_dynamic

if TYPE_CHECKING:
    from collections.abc import Iterator

# A request is any JSON.
_Json = Any


class Later(Enum):
    """Stands for a value that is known only when the template is deployed or the workflow runs."""

    VALUE = "known only later"


LATER = Later.VALUE


@dataclass(frozen=True, slots=True)
class Member:
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

    def all(self, name: str) -> Iterator[Member]:
        """The members of a name such as ``ProductionVariants[].VariantName``, one for each item of the lists on its way.

        A list whose items are known only later yields one member that is ``LATER``.
        """
        if name.startswith("^") and self.around is not None:
            yield from self.around.all(name[1:])
            return
        missing = LATER if self.partial else None
        yield from _members(self.value, name.split("."), self.path, missing)

    def one(self, name: str) -> Member:
        """The member of a name without lists."""
        return next(self.all(name))

    def state(self, name: str) -> bool | None:
        """Return whether any member of a name is there; None if that is known only later."""
        values = [member.value for member in self.all(name)]
        if any(value is not None and value is not LATER for value in values):
            return True
        return None if LATER in values else False


def _members(value: _Json, names: list[str], path: str, missing: Later | None) -> Iterator[Member]:
    name, *rest = names
    plain = name.removesuffix("[]")
    path = f"{path}.{plain}" if path else plain
    given = value.get(plain)
    if f"{plain}.$" in value:
        found: _Json = LATER
    else:
        found = given
        if found is None or found == []:
            found = missing
        elif is_dynamic(found):
            found = LATER
    if not isinstance(found, (Mapping, list, tuple)) or (not rest and plain == name):
        own = None if rest else given
        yield Member(".".join([path, *rest]), found if found is None or found is LATER or not rest else LATER, own)
        return
    if plain == name:
        yield from _below(found, rest, path, missing)
    elif isinstance(found, (list, tuple)):
        for at, item in enumerate(found):
            yield from _below(item, rest, f"{path}[{at}]", missing)


def _below(value: _Json, rest: list[str], path: str, missing: Later | None) -> Iterator[Member]:
    if is_dynamic(value):
        yield Member(".".join([path, *rest]), LATER)
    elif not rest:
        yield Member(path, value)
    elif isinstance(value, Mapping):
        yield from _members(value, rest, path, missing)
    else:
        # It has another type than the API's, which is told elsewhere.
        yield Member(".".join([path, *rest]), LATER)
