"""Warnings about a stack's states when the app is synthesized: states in no workflow, and tags of the construct tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import IValidation

from constructs_ml.core.suppressions import warn
from constructs_ml.core.tree_tags import ADD_TAGS
from constructs_ml.errors import InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_ml.core.context import StackContext
    from constructs_ml.core.native_task import NativeTask
    from constructs_ml.core.tree_tags import TreeTags
    from constructs_ml.errors import Fault

UNUSED = "constructs-ml:unused"
"""The id that the warning of a state in no workflow is acknowledged by."""


def review(stack: StackContext, call: NativeTask) -> None:
    """Schedule a state for review at synthesis; aws-cdk-lib validates all states of a stack at once."""
    if not stack.calls:
        stack.node.add_validation(cast("IValidation", _Review(stack)))
    stack.calls.append(call)


@jsii.implements(IValidation)
class _Review:
    def __init__(self, stack: StackContext) -> None:
        self._stack = stack

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        """Issue warnings, grant the permissions for tags, and return the errors."""
        for call in self._stack.calls:
            if not call.rendered and not call.is_part:
                _warn_of_unused(call)
        for tell in self._stack.told_at_synth:
            tell()
        states = [call.tree_tags for call in self._stack.calls if call.rendered and call.tree_tags is not None]
        tagged = [state for state in states if state.values()]
        _grant([state for state in tagged if state.lacking()])
        return list(_told_once(tagged))


def _warn_of_unused(call: NativeTask) -> None:
    # A fragment is there to be used where it is needed.
    if any(isinstance(scope, sfn.StateMachineFragment) for scope in call.node.scopes):
        return
    where = f" ({call.made_at})" if call.made_at else ""
    text = (
        f"{call.node.id} is in no state machine, so nothing runs it{where}; chain it into the definition of a Workflow, or "
        f'remove it. If it is intended, use ml.acknowledge(state, {UNUSED!r}, "why")'
    )
    warn(call, UNUSED, text)


def _told_once(tagged: Sequence[TreeTags]) -> Iterator[str]:
    """The faults of tags, each with the first state that has it: a tag of a stack is one fault, not one a job."""
    first: dict[Fault, list[TreeTags]] = {}
    for state in tagged:
        for fault in state.faults():
            first.setdefault(fault, []).append(state)
    for fault, states in first.items():
        also = f" (and {len(states) - 1} other states)" if len(states) > 1 else ""
        yield f"{InvalidPropsError(states[0].call.node.path, [fault])}{also}"


def _grant(tagged: Sequence[TreeTags]) -> None:
    """Allow the state machines that create resources with tags of the tree to tag them.

    Their statements were written before the tags were known. aws-cdk-lib does not say which state machine a state is in, unless it is
    a workflow: it is one that may make what the state makes, or one whose statements are only in the policy report.
    """
    if not tagged:
        return
    nodes = tagged[0].call.node.root.node.find_all()
    left, unknown = list(tagged), []
    for machine in (node for node in nodes if isinstance(node, sfn.StateMachine)):
        calls = getattr(machine, "calls", None)
        statements = [] if calls is not None else _statements_of(machine)
        if calls is None and not statements:
            unknown.append(machine)
            continue
        made = set(map(id, calls or ()))
        mine = [state for state in tagged if id(state.call) in made or _may_make(state, statements)]
        left = [state for state in left if state not in mine]
        _let_tag(machine, mine)
    for machine in unknown:
        _let_tag(machine, left)


def _statements_of(machine: sfn.StateMachine) -> list[Any]:
    documents = [policy.document.to_json() for policy in machine.role.node.find_all() if isinstance(policy, iam.Policy)]
    return [statement for document in documents for statement in (document or {}).get("Statement", ())]


def _let_tag(machine: sfn.StateMachine, made: Sequence[TreeTags]) -> None:
    for resources in dict.fromkeys(state.lacking() for state in made):
        machine.add_to_role_policy(iam.PolicyStatement(actions=[ADD_TAGS], resources=list(resources)))


def _may_make(state: TreeTags, statements: Sequence[Any]) -> bool:
    operation, wanted = f"sagemaker:{state.operation}", set(state.lacking())
    return any(
        operation in _each(statement.get("Action")) and wanted <= set(_each(statement.get("Resource")))
        for statement in statements
    )


def _each(value: Any) -> Sequence[Any]:  # noqa: ANN401 - a text or a list
    return [value] if isinstance(value, str) else value or ()
