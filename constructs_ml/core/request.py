"""States whose request is passed as a whole, as the API names its members: ``TrainingJob.from_request(...)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.values import to_core
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from constructs_ml.core.props import Whole
    from constructs_ml.core.spec import Draft
    from constructs_ml.core.task import SageMakerCall

C = TypeVar("C", bound="SageMakerCall")

_classes: dict[type, type] = {}


def started_from_request(cls: type[C]) -> type[C]:
    """A class of the same states that begin with a request instead of props."""
    if cls not in _classes:

        def begin(self: C, *args: Any) -> None:  # noqa: ANN401 - the arguments of from_request
            self._start_from(*args)

        # The class of jsii's classes, which type() would not keep.
        meta: Any = type(cls)
        _classes[cls] = meta(cls.__name__, (cls,), {"__init__": begin, "__module__": cls.__module__})
    return _classes[cls]


def with_tags(path: str, request: Mapping[str, Any], tags: Mapping[str, str] | Whole | None) -> Mapping[str, Any]:
    """A request with the tags that are passed beside it.

    Raises:
        InvalidPropsError: If it is no mapping, or has tags of its own.
    """
    if not isinstance(request, Mapping):
        problem = f"must be a mapping of the API's members, got {type(request).__name__}"
        fix = "read it with json.loads" if isinstance(request, str) else ""
        raise InvalidPropsError(path, [Fault("request", problem, fix)])
    if not tags:
        return request
    if request.get("Tags") is not None:
        raise InvalidPropsError(path, [Fault("tags", "are in the request already", "leave them out there, or here")])
    listed = [{"Key": key, "Value": tags[key]} for key in sorted(tags)] if isinstance(tags, Mapping) else tags
    return {**request, "Tags": listed}


def passed_role(draft: Draft, request: dict[str, Any], member: str | None) -> str | None:
    """The role that the state machine hands to SageMaker; where the request lacks one, it is filled in.

    Args:
        draft: The state's props.
        request: Its request.
        member: The member that holds the role; None if the operation takes none.
    """
    role = draft.props.get("role")
    if member is None:
        return None if role is None else str(role.role_arn)
    named = to_core(request.get(member))
    if named is None:
        permissions = permissions_for(draft.home, role)
        request[member] = permissions.role_arn
        return permissions.role_arn
    if not isinstance(named, Runtime):
        return str(named)
    if role is None:
        draft.faults.add(
            member,
            "is known only at run time, so the state machine cannot be allowed to hand the role to SageMaker",
            "pass role=, the role that it may be",
        )
        return None
    return str(role.role_arn)
