"""Stacks of platform teams can be simulated: what only a deployment knows has values of the right form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from stacks_of_teams import CASES

from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App
    from stacks_of_teams import Case, Forms

    from constructs_ml.testing import Execution


def at(request: Any, member: str) -> Any:
    for name in member.split("."):
        request = request[int(name)] if isinstance(request, list) else request[name]
    return request


def has_forms(execution: Execution, forms: Forms) -> None:
    assert execution.status == "SUCCEEDED", execution.cause
    (request,) = execution.requests(execution.path[0])
    assert not re.search(r"Token\[|\{\{|dummy-value|Fn::", json.dumps(request))
    found = {member: at(request, member) for member in forms}
    assert {name: value for name, value in found.items() if not re.fullmatch(forms[name], str(value))} == {}


@pytest.mark.parametrize("define", CASES.values(), ids=CASES)
def test_a_stack_is_simulated(define: Case, app: App, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """As a workflow, as a stack and as a template, with values of the right form in its request."""
    workflow, forms = define(app)
    stack = Stack.of(workflow)
    has_forms(simulate(workflow), forms)
    has_forms(simulate(stack), forms)
    has_forms(simulate(synth(stack)), forms)
