"""Tags of the construct tree, ``Tags.of(stack).add(...)``, as they reach the requests of states.

aws-cdk-lib's tags are aspects: they visit what has a ``cdkTagManager`` when the app is synthesized, long after the definitions
were written. So a request holds a value that is found out then. States of one stack, kind and tags of their own share it:
where the tree has no tags, aws-cdk-lib asks for it once, and no state is asked for its tag manager.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import IAnyProducer, IStableAnyProducer, Lazy, TagManager, TagType

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.suppressions import warn
from constructs_ml.errors import Fault
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.request import check_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import IResolveContext

    from constructs_ml.core.native_task import NativeTask
    from constructs_ml.core.spec import TaskSpec

ADD_TAGS = "sagemaker:AddTags"
MOST = 50
OFF = "pass JobDefaults(tree_tags=False), or exclude_resource_types=['{}'] to Tags.of(...)"


class TreeTags:
    """The tags of the tree that reach what one state makes.

    Attributes:
        call: The state.
        operation: The operation that makes it.
        kind: The CloudFormation type of the created resource, as in ``include_resource_types`` of tags.
        name: The state's name.
    """

    def __init__(self, call: NativeTask, spec: TaskSpec) -> None:
        self.call = call
        self.operation = spec.operation
        self.kind = f"AWS::SageMaker::{spec.operation.removeprefix('Create').removesuffix('V2')}"
        self.name: str = spec.props.get("state_name") or spec.construct_id
        self._stack = spec.context.of_stack
        self._manager: TagManager | None = None
        self._found: dict[str, str] | None = None
        self._group: Group | None = None

    @property
    def manager(self) -> TagManager:
        """The receiver of tags of the tree; asked for by them only."""
        if self._manager is None:
            self._manager = TagManager(TagType.STANDARD, self.kind)
            if self._group is not None and self._group.told:
                text = "tags were added after the definition was resolved, and do not reach it; add them before"
                warn(self.call, "constructs-ml:tree-tags", text)
        return self._manager

    def values(self) -> Mapping[str, str]:
        """The tags, once all have come by."""
        if self._manager is None:
            return {}
        if self._found is None:
            self._found = dict(self._manager.tag_values())
        return self._found

    def written_in(self, request: Any) -> Any:  # noqa: ANN401 - JSON
        """A written request with the value that its tags are found out by."""
        own = request.get("Tags") or []
        key: tuple[Any, ...] = ("tree tags", self.kind, json.dumps(own))
        shared = self._stack.shared
        if key in shared and shared[key].states.get(self.name, self) is not self:
            # A name is one state's in its state machine, and this is another state machine.
            key = (*key, len(shared))
        if key not in shared:
            shared[key] = Group(own)
        self._group = shared[key]
        shared[key].states[self.name] = self
        return {**request, "Tags": shared[key].value}

    def name_in_definition(self) -> str:
        """The name of the state that it is written in, to which a fragment may have put a prefix."""
        written: Any = self.call.node.scope if self.call.is_part else self.call
        return str(written.state_id)

    def lacking(self) -> tuple[str, ...]:
        """The ARNs of what the role of the state machine has to tag, and may not."""
        policies = self.call.policies
        if not self.values() or policies is None or policies.allows(ADD_TAGS):
            return ()
        return policies.allows(f"sagemaker:{self.operation}")

    def faults(self) -> Iterator[Fault]:
        """Yield the faults of the tags."""
        own = self.call.request.get("Tags") or []
        every = joined(own, self.values())
        if len(every) > MOST:
            problem = (
                f"must be at most {MOST}, got {len(every)}, {len(every) - len(own)} of them from the construct tree"
            )
            yield Fault("tags", problem, OFF.format(self.kind))
            return
        for finding in check_request(self.operation, {"Tags": every[len(own) :]}, partial=True):
            yield Fault(f"tags of the construct tree: {finding.member}", finding.problem, OFF.format(self.kind))


def tree_tags_of(call: NativeTask, spec: TaskSpec) -> TreeTags | None:
    """The tags of the tree for a state; None if they cannot reach what it makes, or are not to.

    Args:
        call: The state, with its request.
        spec: The spec of the state.
    """
    makes = spec.operation.startswith("Create") and "Tags" in input_shape(spec.operation).members
    request = call.request
    # A version of a model has the tags of its group, and SageMaker refuses others. Tags that are known only at run time as a
    # whole cannot be joined with others.
    alone = "ModelPackageGroupName" in request or isinstance(request.get("Tags"), Runtime)
    return None if not makes or alone or spec.context.defaults.tree_tags is False else TreeTags(call, spec)


class Group:
    """States that share the value of their tags.

    Attributes:
        own: The tags that they have of their own, as they are written.
        states: The states' tags, by the state's name.
        value: The value in their requests.
        told: Whether aws-cdk-lib has asked for it.
    """

    def __init__(self, own: Sequence[Mapping[str, Any]]) -> None:
        self.own = own
        self.states: dict[str, TreeTags] = {}
        self.told = False
        # What is empty is left out; an undefined value would be asked for again for each state.
        self.value = Lazy.any(cast("IStableAnyProducer", _Shared(self)), omit_empty_array=True)

    def tags_of(self, state: TreeTags) -> list[Mapping[str, Any]]:
        """Return all tags of a state: its own, and those of the tree with other keys."""
        return joined(self.own, state.values())


@jsii.implements(IStableAnyProducer)
class _Shared:
    """The tags of all states of a group; if they differ, a token that resolves to those of the place where it is used."""

    def __init__(self, group: Group) -> None:
        self._group = group

    def produce(self) -> Any:  # noqa: ANN401 - JSON or a token
        self._group.told = True
        first, *rest = (self._group.tags_of(state) for state in self._group.states.values())
        if any(tags != first for tags in rest):
            return Lazy.uncached_any(cast("IAnyProducer", _ByPlace(self._group)), omit_empty_array=True)
        return first


@jsii.implements(IAnyProducer)
class _ByPlace:
    """The tags of the state that a place in a template is in."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._by_name: dict[str, TreeTags] | None = None

    def produce(self, context: IResolveContext) -> Any:  # noqa: ANN401 - JSON
        if self._by_name is None:
            self._by_name = {state.name_in_definition(): state for state in self._group.states.values()}
        path = list(context.document_path)
        names = [name for before, name in pairwise(path) if before == "States"]
        for name in reversed(names):
            # The states inside a state are called "Deploy: create".
            for known in (name, name.partition(": ")[0]):
                if known in self._by_name:
                    return self._group.tags_of(self._by_name[known])
        return list(self._group.own)


def joined(own: Sequence[Mapping[str, Any]], tree: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Tags of a request and of the tree; those of the request win."""
    named = {tag.get("Key") for tag in own}
    return [*own, *({"Key": key, "Value": tree[key]} for key in sorted(tree) if key not in named)]
