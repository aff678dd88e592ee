"""The members that a relation names, some of which are known only later."""

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
    """Placeholder for a value that is known only when the template is deployed or the workflow runs."""

    VALUE = "known only later"


LATER = Later.VALUE


class Member(NamedTuple):
    """A member, as far as it is known.

    Attributes:
        path: Its path: ``InputDataConfig[0].ChannelName``.
        value: Its value; ``LATER`` if it is known only later, None if it is absent. An empty list counts as absent.
        given: Its value as it is written, with parts that are known only later.
    """

    path: str
    value: _Json
    given: _Json = None

    @property
    def is_known(self) -> bool:
        """True if it is there and its value is known."""
        return self.value is not None and self.value is not LATER

    @property
    def ending(self) -> str:
        """The known end of its string; empty if no end is known."""
        end = self.value if self.is_known else self.given
        if isinstance(end, Format):
            end = end.parts[-1]
        if not isinstance(end, str):
            return ""
        # A runtime part ends in a brace: a token, an expression in JSONata.
        return end if self.is_known else end.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure of a request.

    Attributes:
        value: Its members.
        path: Its path; empty for the request itself.
        partial: True if absent members may come later.
        around: The structure whose list it is an item of; a ``^`` in front of a name refers to its members.
    """

    value: Mapping[str, _Json]
    path: str = ""
    partial: bool = False
    around: Structure | None = None
    # Several relations read the same members.
    _known: dict[str, list[Member]] = field(default_factory=dict, init=False, repr=False, compare=False)
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
                found = _members(self.value, name.split("."), self.path, LATER if self.partial else None)
            self._read[name] = found
        return found

    def known(self, name: str) -> list[Member]:
        """Return the members of a name that are there and whose value is known."""
        found = self._known.get(name)
        if found is None:
            found = [member for member in self.all(name) if member.value is not None and member.value is not LATER]
            self._known[name] = found
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


def _members(value: _Json, names: Sequence[str], path: str, missing: Later | None) -> tuple[Member, ...]:
    """Return the members that a path leads to; each name in it may go on with the items of a list."""
    found: list[Member] = []
    pending: list[tuple[_Json, int, str]] = [(value, 0, path)]
    while pending:
        value, at, path = pending.pop()
        if at == len(names) or not isinstance(value, Mapping) or (len(value) == 1 and is_dynamic(value)):
            # A member below a string or a number is a type error, which is reported elsewhere.
            known = at == len(names) and not is_dynamic(value)
            found.append(Member(".".join((path, *names[at:])), value if known else LATER))
            continue
        name, rest = names[at], names[at + 1 :]
        plain = name.removesuffix("[]")
        path = f"{path}.{plain}" if path else plain
        own = value.get(plain)
        there = LATER if f"{plain}.$" in value else missing if own is None or own == [] else own
        if there is None or there is LATER:
            found.append(Member(".".join((path, *rest)), there, None if rest else own))
        elif plain != name and isinstance(own, (list, tuple)) and not (len(own) == 1 and is_dynamic(own)):
            pending += [(own[at_item], at + 1, f"{path}[{at_item}]") for at_item in range(len(own) - 1, -1, -1)]
        elif rest and plain == name and isinstance(own, Mapping):
            pending.append((own, at + 1, path))
        elif plain == name or not isinstance(own, Mapping) or is_dynamic(own):
            later = rest or ((own.__class__ is not str or "{" in own) and is_dynamic(own))
            found.append(Member(".".join((path, *rest)), LATER if later else own, None if rest else own))
    return tuple(found)
