"""Choice of the stacks in a cloud assembly (``cdk.out``) that a run deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.cfn.assemblies import MANIFEST, read_stack, stacks_of
from constructs_ml.cfn.template import STATE_MACHINE
from constructs_ml.errors import RunInputError
from constructs_ml.local.runner.given import as_run_errors

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.cfn.assemblies import StackArtifact


@as_run_errors()
def read(assembly: Path) -> list[StackArtifact]:
    """Return the stacks of an assembly, including those of its stages.

    Raises:
        RunInputError: If the directory holds no assembly, or one that cannot be read.
    """
    if not (assembly / MANIFEST).is_file():
        message = f"{assembly} is not a cloud assembly: it has no {MANIFEST}; synthesize the app first"
        raise RunInputError(message)
    return [read_stack(artifact) for artifact in stacks_of(assembly)]


def choose(stacks: list[StackArtifact], name: str | None) -> StackArtifact:
    """Return the stack that a user means.

    Args:
        stacks: All stacks of the assembly.
        name: A stack's name, construct path or artifact id; None if there is one stack only, or one with a workflow.

    Raises:
        RunInputError: If none or several are meant.
    """
    meant = [stack for stack in stacks if name in (None, stack.name, stack.path, stack.artifact)]
    if name is None and len(meant) > 1:
        # A workflow is what is run: the stack that has one is meant.
        meant = [stack for stack in meant if any(found["Type"] == STATE_MACHINE for _, found in stack.resources())]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(stack.path for stack in meant or stacks) or "none"
    message = f"no stack {name}; there are: {known}" if name else f"name one stack (--stack); there are: {known}"
    raise RunInputError(message)


def in_order(stacks: list[StackArtifact], wanted: StackArtifact) -> list[StackArtifact]:
    """Return the stacks to deploy for one: its dependencies first."""
    by_artifact = {stack.artifact: stack for stack in stacks}
    order: list[StackArtifact] = []

    def visit(stack: StackArtifact) -> None:
        if stack in order:
            return
        for dependency in stack.depends_on:
            if dependency in by_artifact:
                visit(by_artifact[dependency])
        order.append(stack)

    visit(wanted)
    return order
