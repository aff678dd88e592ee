"""Retries by cause."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.retry import (
    CAPACITY,
    INTERNAL,
    POLL_RETRIER,
    QUOTA,
    THROTTLED,
    THROTTLED_SDK,
    Retrier,
    RetryPolicy,
    never,
    render_retry,
)


def entry(error: str, interval: float, attempts: float, longest: float) -> dict[str, Any]:
    """An entry whose waits are drawn at random, doubled each time."""
    return {
        "ErrorEquals": [error],
        "IntervalSeconds": interval,
        "MaxAttempts": attempts,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


def test_throttling_and_quotas_are_retried_with_jitter_by_default() -> None:
    """Throttled calls for minutes, exceeded quotas for hours."""
    assert render_retry(RetryPolicy.default(), []) == [entry(THROTTLED, 5, 6, 120), entry(QUOTA, 60, 20, 600)]


def test_by_cause_what_is_aws_fault_is_run_again_too() -> None:
    """No capacity for hours, an internal error three times; the rest as by default."""
    added = [entry(CAPACITY, 300, 8, 3600), entry(INTERNAL, 60, 3, 600)]

    assert render_retry(RetryPolicy.by_cause(), []) == [*render_retry(RetryPolicy.default(), []), *added]


@pytest.mark.parametrize(
    ("errors", "told"), [((CAPACITY,), True), (("Other", "ClientError"), True), (("States.TaskFailed",), False)]
)
def test_a_policy_that_names_a_cause_tells_them_apart(errors: tuple[str, ...], told: bool) -> None:
    """One such name is enough."""
    assert RetryPolicy((Retrier(errors=("A",)), Retrier(errors=errors))).classifies_failures is told


def test_causes_are_retried_around_the_job_and_the_rest_inside() -> None:
    """Each entry stands in one place, in order."""
    names = [("A",), (CAPACITY, "B"), ("C",), ("AlgorithmError",)]
    policy = RetryPolicy(tuple(Retrier(errors=errors) for errors in names))

    assert [each.errors for each in policy.inside().retriers] == [("A",), ("C",)]
    assert [each.errors for each in policy.around().retriers] == [(CAPACITY, "B"), ("AlgorithmError",)]


def test_through_an_sdk_integration_throttling_has_another_name() -> None:
    """Nothing else of an entry changes, and causes are not known there."""
    policy = RetryPolicy((Retrier(errors=("A", THROTTLED), interval=7), *RetryPolicy.by_cause().retriers))
    first, *rest = render_retry(policy.through_sdk(), [])

    assert first == {"ErrorEquals": ["A", THROTTLED_SDK], "IntervalSeconds": 7, "MaxAttempts": 3, "BackoffRate": 2.0}
    assert rest == [entry(THROTTLED_SDK, 5, 6, 120), entry(QUOTA, 60, 20, 600)]


def test_looking_is_tried_again_after_any_error_but_those_that_never_are() -> None:
    """An entry of no attempts keeps its error from the next."""
    assert POLL_RETRIER.to_asl() == entry("States.TaskFailed", 5, 6, 120)
    assert never("A").to_asl()["ErrorEquals"] == ["A"]
    assert never("A").to_asl()["MaxAttempts"] == 0


def test_what_the_user_did_wrong_is_not_retried() -> None:
    """Neither a failed script nor a wrong request nor a timeout."""
    names = {name for entry in render_retry(RetryPolicy.default(), []) for name in entry["ErrorEquals"]}

    assert names.isdisjoint({"States.ALL", "States.TaskFailed", "States.Timeout", "SageMaker.ResourceInUseException"})


def test_the_users_entries_come_first() -> None:
    """The first entry that matches wins."""
    mine = Retrier(errors=(QUOTA,), max_attempts=0)

    assert render_retry(RetryPolicy.default(), [mine])[0] == mine.to_asl()


def test_the_users_entries_replace_those_for_the_same_errors() -> None:
    """The policy's would never be reached."""
    policy = RetryPolicy((Retrier(errors=(THROTTLED, QUOTA)), Retrier(errors=("Odd",))))
    entries = render_retry(policy, [Retrier(errors=(QUOTA, "Odd"))])

    assert [entry["ErrorEquals"] for entry in entries] == [[QUOTA, "Odd"], [THROTTLED]]


def test_an_entry_for_failed_tasks_is_for_what_is_left() -> None:
    """Throttling keeps its own."""
    entries = render_retry(
        RetryPolicy.default(), [Retrier(errors=("States.ALL",)), Retrier(errors=("States.TaskFailed",))]
    )

    assert [entry["ErrorEquals"] for entry in entries] == [[THROTTLED], [QUOTA], ["States.TaskFailed"], ["States.ALL"]]


def test_an_entry_for_all_errors_comes_last() -> None:
    """ASL asks for that."""
    entries = render_retry(RetryPolicy.default(), [Retrier(errors=("States.ALL",))])

    assert [entry["ErrorEquals"] for entry in entries] == [[THROTTLED], [QUOTA], ["States.ALL"]]


def test_no_policy_no_retry() -> None:
    """RetryPolicy.none() leaves what the user adds."""
    assert render_retry(RetryPolicy.none(), []) == []
    assert render_retry(RetryPolicy.none(), [Retrier(errors=("A",))]) == [
        {"ErrorEquals": ["A"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0}
    ]
