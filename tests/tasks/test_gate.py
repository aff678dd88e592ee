"""ModelApprovalGate, run against a fake registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from support.simulate import Simulation, StatesError

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
DAY = 86_400


def gate(stack: Stack, asl: Callable[..., Any], **props: Any) -> dict[str, Any]:
    made = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE, **props)
    (branch,) = asl(stack, made)["Gate"]["Branches"]
    return dict(branch)


def passed(
    branch: dict[str, Any], decision: str, after: float = 0, status: str = "Completed"
) -> tuple[Any, Simulation]:
    simulation = Simulation(branch, lambda *_: None)

    def describe(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert (operation, request) == ("describeModelPackage", {"ModelPackageName": PACKAGE})
        decided = simulation.clock >= after
        return {
            "ModelPackageArn": PACKAGE,
            "ModelPackageStatus": status,
            "ModelApprovalStatus": decision if decided else "PendingManualApproval",
            **({"ApprovalDescription": "as the test has it"} if decided else {}),
        }

    simulation.call = describe
    return simulation.run({"kept": 1}), simulation


def test_an_approved_package_passes(stack: Stack, asl: Callable[..., Any]) -> None:
    result, simulation = passed(gate(stack, asl), "Approved")
    assert result == {"ModelPackageArn": PACKAGE, "ModelApprovalStatus": "Approved"}
    assert simulation.path == ["Gate: begin", "Gate: look", "Gate: ended?", "Gate: done"]


def test_it_waits_with_few_transitions(stack: Stack, asl: Callable[..., Any]) -> None:
    """And goes on at most a quarter of an hour after the approval."""
    _, simulation = passed(gate(stack, asl), "Approved", after=DAY)
    assert DAY <= simulation.clock <= DAY + 900
    assert len(simulation.path) <= 330


def test_a_rejected_package_does_not(stack: Stack, asl: Callable[..., Any]) -> None:
    with pytest.raises(StatesError, match=f"ModelRejected: Model package {PACKAGE} was rejected: as the test has it"):
        passed(gate(stack, asl), "Rejected", after=100)


def test_a_choice_may_decide(stack: Stack, asl: Callable[..., Any]) -> None:
    """If a rejection does not fail the gate."""
    result, _ = passed(gate(stack, asl, fails_on_rejection=False), "Rejected", after=100)
    assert result["ModelApprovalStatus"] == "Rejected"


def test_a_package_that_failed(stack: Stack, asl: Callable[..., Any]) -> None:
    with pytest.raises(StatesError, match=r"ModelPackageFailed: .* is Failed"):
        passed(gate(stack, asl), "Approved", status="Failed")


def test_the_deadline(stack: Stack, asl: Callable[..., Any]) -> None:
    with pytest.raises(StatesError, match=r"ModelApprovalTimedOut: .* was not approved in 3600 s"):
        passed(gate(stack, asl, timeout=Duration.hours(1)), "Approved", after=DAY)


@pytest.mark.parametrize("language", [None, sfn.QueryLanguage.JSONATA])
def test_conditions(stack: Stack, asl: Callable[..., Any], language: sfn.QueryLanguage | None) -> None:
    """For a Choice after it, in either language."""
    made = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE, fails_on_rejection=False, query_language=language)
    choice = sfn.Choice(stack, "Approved?", query_language=language)
    choice.when(made.status_is("Approved"), sfn.Pass(stack, "Deploy", query_language=language))
    choice.otherwise(sfn.Fail(stack, "Rejected"))

    (rule,) = asl(stack, made.next(choice))["Approved?"]["Choices"]

    expected: dict[str, Any] = {"Variable": "$.Gate.ModelApprovalStatus", "StringEquals": "Approved"}
    if language is not None:
        expected = {"Condition": "{% $states.input.Gate.ModelApprovalStatus = 'Approved' %}"}
    assert rule == {**expected, "Next": "Deploy"}


def test_conditions_that_never_hold(stack: Stack) -> None:
    made = ml.ModelApprovalGate(stack, "Gate", package=PACKAGE)
    with pytest.raises(ml.InvalidPropsError, match=r"Gate: status_is cannot hold.*'Rejected'; pass fails_on_rejection"):
        made.status_is("Rejected")
    with pytest.raises(ml.InvalidPropsError, match="did you mean Approved"):
        made.status_is("Aproved")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"timeout": Duration.seconds(1)}, "timeout must be at least 30 s, got 1 s; pass Duration.days(7)"),
    ({"longest_wait": Duration.seconds(1)}, "longest_wait must be at least 30 s, got 1 s; leave it out"),
    (
        {"timeout": Duration.days(30)},
        "longest_wait makes more events in 2592000 s than the 25,000 that an execution may have, got 900 s",
    ),
    (
        {"package": "{% $states.input.a %}b{% 1 %}", "state_name": "x" * 51},
        "state_name must have at most 50 characters",
    ),
]


@pytest.mark.parametrize(("props", "message"), BAD)
def test_bad_input(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Is named with its construct, member, value and fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ModelApprovalGate(stack, "Gate", **{"package": PACKAGE, **props})
    assert f"Census/Gate: {message}" in str(caught.value)
