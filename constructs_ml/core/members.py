"""Members of the API by the props that stand for them, so that messages name what the user wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.errors import FindingKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_ml.errors import Fault, Finding

_MEMBER_NAME = re.compile(r"(?<![\w'.])[A-Z]\w*[a-z](?:\w|\[\d+\]|\.(?=\w))*(?!')")


class Members(dict[str, str]):
    """The props, by the paths of the members that they stand for."""

    def prop_of(self, member: str) -> str:
        """The prop for a member, with the path inside it; the member itself if there is none."""
        if member.startswith("the key "):
            key, _, path = member.rpartition(" of ")
            return f"{key} of {self.prop_of(path)}"
        start = max((start for start in self if _is_at_or_below(member, start)), key=len, default=None)
        return member if start is None else self[start] + member[len(start) :]

    def named_in(self, text: str, at: str) -> str:
        """A text about a member with the props for the members beside and around it that it names."""

        def prop(found: re.Match[str]) -> str:
            if found[0] != (place := self.prop_of(found[0])):
                return place
            parts = ((*path.rpartition("."), name) for path, name in self.items())
            props = {name for above, _, last, name in parts if last == found[0] and _is_at_or_below(at, above)}
            return props.pop() if len(props) == 1 else found[0]

        return _MEMBER_NAME.sub(prop, text)

    def are_told(self, finding: Finding, faults: Iterable[Fault]) -> bool:
        """Whether a fault names already the prop of the member at fault, or of an alternative to it."""
        if finding.rule is FindingKind.REQUIRED:
            return any(fault.member == self.prop_of(finding.member) for fault in faults)
        told = {_item(fault.member) for fault in faults}
        return any(_item(self.prop_of(path)) in told for path in (finding.member, *finding.related))


def _item(member: str) -> str:
    """The prop that a member of a fault is in, or its item: ``variants[0]`` of ``variants[0].instance_type``."""
    return re.sub(r"(\]).*", r"\1", member).partition(".")[0]


def _is_at_or_below(member: str, start: str) -> bool:
    return not start or (member.startswith(start) and member[len(start) : len(start) + 1] in ("", ".", "["))
