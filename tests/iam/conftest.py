"""The roles that the tables of calls are asked of."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from support.calls.all_kinds import CASES
from support.iam import Role, roles_of

import constructs_ml as ml


@pytest.fixture(scope="session")
def roles() -> dict[str, dict[str, Role]]:
    """The roles of each case; every case is a stack of one app, so that all are synthesized at once."""
    app = App(analytics_reporting=False)
    for case in CASES.values():
        stack = Stack(app, case.team.stack)
        ml.Workflow(stack, "Workflow", definition=case.define(stack))
    assembly = app.synth()
    return {name: roles_of(assembly.get_stack_by_name(case.team.stack).template) for name, case in CASES.items()}
