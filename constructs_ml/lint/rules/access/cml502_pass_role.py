"""CML502."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import Severity, Violation
from constructs_ml.iam.policy import ANY, grants_of, restricts_passing, texts
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.lint.examples import PROCESSING, policy, run_job
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Granted, Machine
    from constructs_ml.iam.policy import Need

_PASS = "iam:passrole"  # noqa: S105 - an action
_JOB_ROLE = str(PROCESSING["RoleArn"])
_TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@rule(
    "CML502",
    title="A role can be passed only to its intended service",
    reason="Without iam:PassedToService the role can be passed to any service that trusts it; with * any role can be "
    "passed, even an administrator's. Source: 'Grant a user permissions to pass a role to an AWS service' of the IAM "
    "user guide; control AC-6 of NIST 800-53.",
    bad=run_job(policy("iam:PassRole", on=_JOB_ROLE)),
    good=run_job(policy("iam:PassRole", on=_JOB_ROLE, condition=_TO_SAGEMAKER)),
)
def passed_anywhere(machine: Machine) -> Iterator[Violation]:
    """Statements that allow passing any role, or a role to any service."""
    for statement in grants_of(machine).statements:
        if machine.granted is not None and any(action.lower() == _PASS for action in texts(statement.actions)):
            yield from _faults(statement, machine)


def _faults(statement: Granted, machine: Machine) -> Iterator[Violation]:
    needs = needs_of(machine)
    # Other services (ECS, Scheduler, ...) receive roles that the definition does not name, with aws-cdk-lib's grants.
    others = any(_passes(need) and not need.passed_to for need in needs.known) or "iam" in needs.unknown
    wide = [resource for resource in texts(statement.resources) if _is_wide(resource)]
    if wide:
        open_ended = others or any(_passes(need) and need.required and need.resources == ANY for need in needs.known)
        severity = Severity.WARNING if open_ended else Severity.ERROR
        problem = f"lets the state machine pass any role: iam:PassRole on {wide[0]}"
        yield Violation("", statement.policy, problem, "name the roles of its jobs", severity)
    elif not restricts_passing(statement) and not others:
        problem = f"lets the state machine pass {', '.join(texts(statement.resources))} to any service"
        fix = 'add "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}'
        yield Violation("", statement.policy, problem, fix)


def _passes(need: Need) -> bool:
    return "iam:PassRole" in need.actions


def _is_wide(resource: str) -> bool:
    return resource == "*" or resource.endswith((":*", ":role/*"))
