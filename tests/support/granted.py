"""What the policies of a template allow."""

from __future__ import annotations

from typing import Any

WORKFLOW = "WorkflowRole"


def statements(template: dict[str, Any], *, of_jobs: bool) -> list[dict[str, Any]]:
    """The statements of the jobs' role, or of the state machine ``Workflow``."""
    return [
        statement
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith(WORKFLOW) is not of_jobs
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]


def actions(found: list[dict[str, Any]]) -> set[str]:
    """Their actions."""
    return {action for statement in found for action in listed(statement["Action"])}


def listed(value: Any) -> list[Any]:
    """One or many as many."""
    return value if isinstance(value, list) else [value]


def allowing(found: list[dict[str, Any]], action: str) -> dict[str, Any]:
    """The one statement that allows an action."""
    (only,) = [statement for statement in found if action in listed(statement["Action"])]
    return only
