"""The members of a structure that a relation names, of which some are known only later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        """Return the members of a name such as ``ProductionVariants[].VariantName``, one for each item of lists on its way.

        A list whose items are known only later yields one member that is ``LATER``.
        """
        found = self._read.get(name)
        if found is None:
            if name.startswith("^") and self.around is not None:
                found = self.around.all(name[1:])
            else:
                members: list[Member] = []
                _collect(self.value, name.split("."), self.path, LATER if self.partial else None, members)
                found = tuple(members)
            self._read[name] = found
        return found

    def one(self, name: str) -> Member:
        """Return the member of a name without lists."""
        return self.all(name)[0]

    def state(self, name: str) -> bool | None:
        """Return whether any member of a name is there; None if that is known only later."""
        later = False
        for member in self.all(name):
            if member.value is LATER:
                later = True
            elif member.value is not None:
                return True
        return None if later else False


def _collect(
    value: Mapping[str, _Json], names: Sequence[str], path: str, missing: Later | None, found: list[Member]
) -> None:
    """Adds the members of a structure that a path leads to, each name of which may go on with the items of a list."""
    name, *rest = names
    plain = name.removesuffix("[]")
    path = f"{path}.{plain}" if path else plain
    own = value.get(plain)
    if f"{plain}.$" in value:
        item: _Json = LATER
    elif own is None or own == []:
        item = missing
    else:
        # Most are texts that are known.
        item = LATER if (own.__class__ is not str or "{" in own) and is_dynamic(own) else own
    if isinstance(item, (list, tuple)) and plain != name:
        below = [(f"{path}[{at}]", each) for at, each in enumerate(item)]
    elif isinstance(item, (Mapping, list, tuple)) and (rest or plain != name):
        below = [(path, item)] if plain == name else []
    else:
        # What is in a text or a number has another type than the API's, which is told elsewhere.
        seen = item if item is None or item is LATER or not rest else LATER
        found.append(Member(".".join((path, *rest)), seen, None if rest else own))
        return
    for here, each in below:
        if not rest and not is_dynamic(each):
            found.append(Member(here, each))
        elif isinstance(each, Mapping) and not is_dynamic(each):
            _collect(each, rest, here, missing, found)
        else:
            found.append(Member(".".join((here, *rest)), LATER))
