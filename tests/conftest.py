"""An app, its stacks and their templates. The jsii kernel starts once for a process and serves all tests."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

# aws-cdk-lib's own validation takes seconds for each synthesis; one test of the example keeps it on.
os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")

# The first example of a property pays for what it loads, and two workers share a small machine.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App, Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what needs a newer aws-cdk-lib, and says which feature it is."""
    for item in items:
        for mark in item.iter_markers("needs_cdk"):
            # Imported here: tests of the kernel run without aws_cdk too (tools/mutation.py).
            from constructs_ml.core.suppressions import version_of

            version, feature = mark.args
            if (version_of("aws-cdk-lib") or (0, 0)) < tuple(int(part) for part in version.split(".")):
                item.add_marker(pytest.mark.skip(reason=f"aws-cdk-lib {version} has {feature}"))


@pytest.fixture
def app(tmp_path: Path) -> App:
    from aws_cdk import App

    return App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)


@pytest.fixture
def stack(app: App) -> Stack:
    from aws_cdk import Stack

    return Stack(app, "Census")


@pytest.fixture
def synth() -> Callable[[Stack], dict[str, Any]]:
    """Writes the assembly that a stack is part of and reads the stack's template."""

    def read(stack: Stack) -> dict[str, Any]:
        from aws_cdk import Stage

        stage = Stage.of(stack)
        assert stage is not None
        assembly = stage.synth(force=True)
        template: dict[str, Any] = json.loads(Path(assembly.directory, stack.template_file).read_text(encoding="utf-8"))
        return template

    return read


@pytest.fixture
def definition() -> Callable[..., dict[str, Any]]:
    """Reads the state machine of a template as plain ASL."""
    from support.templates import definition as read

    return read


@pytest.fixture
def asl(synth: Callable[[Stack], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """All states of the one state machine of a stack, by name; the state machine is made of states that are passed."""
    from aws_cdk import aws_stepfunctions as sfn
    from support.templates import definition as read
    from support.templates import states

    def written(stack: Stack, first: sfn.IChainable | None = None, **props: Any) -> dict[str, Any]:
        if first is not None:
            body = sfn.DefinitionBody.from_chainable(first)
            sfn.StateMachine(stack, "Machine", definition_body=body, **props)
        return states(read(synth(stack)))

    return written
