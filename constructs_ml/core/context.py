"""The things that jobs of one scope and of one stack share: the place, the defaults, the role, the bucket, the assets.

Every question to the construct tree is a call to jsii, so each is asked once for a scope, not once for a job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import Aws, Stack
from constructs import Construct

from constructs_ml.asl.names import owner_name
from constructs_ml.core.app_context import AppContext, app_context, known_context, reference
from constructs_ml.core.defaults import JobDefaults, defaults_at
from constructs_ml.core.map_scope import iterations_at
from constructs_ml.iam.resources import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct, Node

    from constructs_ml.asl.expressions import Path
    from constructs_ml.core.native_task import NativeTask

SCOPE_ID = "ConstructsMl"
_LATER = "${Token["
"""The mark of a string that is known only at deployment; asking aws-cdk-lib is a call to jsii."""


@dataclass(slots=True)
class StackContext:
    """The things that all jobs of a stack share.

    Attributes:
        stack: The stack.
        node: Its node.
        path: Its path in the tree.
        owner: The start of the names of its jobs.
        own_names: The pattern of the names that are drawn for its jobs, whichever of its versions defines them.
        place: Where it is deployed.
        region: Its region, or None if that is known only at deployment.
        shared: Constructs made once for the stack, by a key of their makers'.
        calls: The states of this library in the stack.
        told_at_synth: Other objects that report when the app is synthesized.
        code_deployments: The deployments of its code into its own buckets, if it has any: workflows wait for them.
    """

    stack: Stack
    node: Node
    path: str
    owner: str
    own_names: str
    place: Place
    region: str | None
    shared: dict[Any, Any] = field(default_factory=dict)
    calls: list[NativeTask] = field(default_factory=list)
    told_at_synth: list[Callable[[], None]] = field(default_factory=list)
    code_deployments: list[IConstruct] = field(default_factory=list)

    @property
    def scope(self) -> Construct:
        """The scope of the shared constructs, so that their ids cannot clash with those of the stack's author."""
        if "scope" not in self.shared:
            self.shared["scope"] = Construct(self.stack, SCOPE_ID)
        made: Construct = self.shared["scope"]
        return made


@dataclass(frozen=True, slots=True)
class ScopeContext:
    """The place of a job in the construct tree.

    Attributes:
        scope: The scope it is defined in.
        app: The library's data about its app.
        path: The scope's path.
        of_stack: The context that it shares with the other jobs of its stack.
        defaults: The defaults that reach it.
        iterations: The variables of the Map iterations that its jobs are part of, the outermost first.
    """

    scope: Construct
    app: AppContext
    path: str
    of_stack: StackContext
    defaults: JobDefaults
    iterations: tuple[Path, ...] = ()

    def path_of(self, construct_id: str) -> str:
        """The path of a construct in this scope."""
        return f"{self.path}/{construct_id}" if self.path else construct_id

    def path_below_stack(self, construct_id: str) -> str:
        """The path of a construct in this scope, without the stack's own path."""
        path, stack = self.path_of(construct_id), self.of_stack.path
        return path[len(stack) + 1 :] if stack and path.startswith(f"{stack}/") else path


def context_of(scope: Construct) -> ScopeContext:
    """Return the context of the states that are defined in a scope."""
    ref, app = reference(scope), known_context(scope)
    if app is None or ref not in app.scopes:
        node = scope.node
        scopes = node.scopes
        app = app_context(scopes)
        shared = _stack_home(app, scope)
        app.scopes[ref] = ScopeContext(scope, app, node.path, shared, defaults_at(scopes), iterations_at(app, scopes))
    context: ScopeContext = app.scopes[ref]
    return context


def _stack_home(app: AppContext, scope: Construct) -> StackContext:
    stack = Stack.of(scope)
    ref = reference(stack)
    if ref not in app.stacks:
        node, name, region = stack.node, stack.stack_name, stack.region
        path = node.path
        # A nested stack's name is known only at deployment.
        owner = owner_name(path if _LATER in name else name)
        app.stacks[ref] = StackContext(
            stack=stack,
            node=node,
            path=path,
            owner=owner,
            own_names=f"{owner}-*",
            place=Place(pseudo("PARTITION"), region, stack.account),
            region=None if _LATER in region else region,
        )
    context: StackContext = app.stacks[ref]
    return context


@cache
def pseudo(name: str) -> str:
    """A pseudo parameter of CloudFormation, such as ``PARTITION``, as a token."""
    token: str = getattr(Aws, name)
    return token
