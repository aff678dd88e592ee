"""Members of the API by the props that stand for them, so that messages name what the user wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.errors import Fault, FindingKind
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.request_values import find_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs_ml.errors import Finding
    from constructs_ml.sagemaker.model import Shape


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
        """A string about a member, with props in place of the neighbouring and enclosing members that it names."""

        def prop(found: re.Match[str]) -> str:
            if found[0] != (place := self.prop_of(found[0])):
                return place
            parts = ((*path.rpartition("."), name) for path, name in self.items())
            props = {name for above, _, last, name in parts if last == found[0] and _is_at_or_below(at, above)}
            return props.pop() if len(props) == 1 else found[0]

        return _MEMBER_NAME.sub(prop, text)

    def are_told(self, finding: Finding, faults: Iterable[Fault]) -> bool:
        """Return whether a fault already names the prop of the member at fault, or of an alternative to it."""
        if finding.rule is FindingKind.REQUIRED:
            return any(fault.member == self.prop_of(finding.member) for fault in faults)
        told = {_item(fault.member) for fault in faults}
        return any(_item(self.prop_of(path)) in told for path in (finding.member, *finding.related))


def _item(member: str) -> str:
    """The prop that a member of a fault is in, or its item: ``variants[0]`` of ``variants[0].instance_type``."""
    return re.sub(r"(\]).*", r"\1", member).partition(".")[0]


def _is_at_or_below(member: str, start: str) -> bool:
    return not start or (member.startswith(start) and member[len(start) : len(start) + 1] in ("", ".", "["))


_GRANTED = re.compile(r"VpcConfig|\w*KmsKeyId|\w*S3(?:Uri|OutputPath|OutputLocation)|ModelDataUrl|ImageUri|\w*Image")
"""The members for which a role needs permissions: networks, keys, places in S3 and images."""

_ROLE = re.compile(r"\w*Role(?:Arn|ARN)")
"""The members that are a role, which a state machine needs permission to pass on."""


def override_faults(
    overrides: Mapping[str, Any], derived_from: Mapping[str, str], members: Members | None
) -> Iterator[Fault]:
    """The members from which permissions are derived: the permissions would be for something else.

    Args:
        overrides: The overridden members.
        derived_from: The props by which the role and the name are said, by their members.
        members: The props, by their members, if the role is made by the library, so that it would lack the permissions.
    """
    for member in overrides:
        prop = derived_from.get(member)
        if prop is not None:
            problem = f"cannot be in request_overrides, as permissions are derived from {prop}"
            yield Fault(member, problem, f"pass {prop}=")
    for member in () if members is None else _granted_members(overrides, _GRANTED):
        prop = "vpc" if "VpcConfig" in member else cast("Members", members).prop_of(member)
        fix = "pass role= with the permissions that it needs"
        if prop != member:
            prop = re.split(r"[.\[]", prop)[0]
            fix = f"pass {prop}=, or role= with the permissions that it needs"
        problem = "cannot be in request_overrides, as the role that is made for it would lack the permissions"
        yield Fault(member, problem, fix)
    for member in _granted_members(overrides, _ROLE):
        if member not in derived_from:
            problem = "cannot be in request_overrides, as the state machine would lack the permission to pass the role"
            yield Fault(member, problem, "pass role=")


def policy_faults(
    operation: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    derived_from: Mapping[str, str],
    *,
    derives_role: bool,
) -> Iterator[Fault]:
    """Yield what policies have changed from which permissions are derived: the permissions would be for something else.

    Args:
        operation: The operation of the API.
        before: The request without the policies.
        after: The request with them.
        derived_from: The props by which the role and the name are said, by their members.
        derives_role: Whether the role is made by the library, so that it would lack the permissions.
    """
    shape = input_shape(operation)
    for member, prop in derived_from.items():
        if _of_member(before, member) != _of_member(after, member):
            problem = f"cannot be set by a policy, as permissions are derived from {prop}"
            yield Fault(member, problem, "have the policy refuse the state")

    def is_granted(name: str, _: Shape) -> bool:
        return _ROLE.fullmatch(name) is not None or (derives_role and _GRANTED.fullmatch(name) is not None)

    known, changed = (dict(find_values(shape, request, is_granted)) for request in (before, after))
    for member in {**known, **changed}:
        if member not in derived_from and known.get(member) != changed.get(member):
            problem = "cannot be set by a policy, as the role that is made for it would lack the permissions"
            if _ROLE.fullmatch(member.rpartition(".")[2]):
                problem = "cannot be set by a policy, as the state machine would lack the permission to pass the role"
            yield Fault(member, problem, "set it by JobDefaults, or have the policy refuse the state")


def _of_member(request: Mapping[str, Any], member: str) -> Any:  # noqa: ANN401 - JSON
    return request.get(member, request.get(f"{member}.$"))


def _granted_members(request: Any, names: re.Pattern[str], path: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield the members of a request that have such names."""
    items = request.items() if isinstance(request, dict) else enumerate(request) if isinstance(request, list) else ()
    for name, item in items:
        member = str(name).removesuffix(".$")
        here = f"{path}[{name}]" if isinstance(request, list) else f"{path}.{member}" if path else member
        if item is not None and names.fullmatch(member):
            yield here
        else:
            yield from _granted_members(item, names, here)
