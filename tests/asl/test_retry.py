"""Retries by cause."""

from __future__ import annotations

from constructs_ml.asl.retry import QUOTA, THROTTLED, Retrier, RetryPolicy, render_retry


def test_throttling_and_quotas_are_retried_with_jitter_by_default() -> None:
    """Throttled calls for minutes, exceeded quotas for hours."""
    throttled, quota = render_retry(RetryPolicy.default(), [])

    assert throttled == {
        "ErrorEquals": [THROTTLED],
        "IntervalSeconds": 5,
        "MaxAttempts": 6,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": 120,
        "JitterStrategy": "FULL",
    }
    assert quota["ErrorEquals"] == [QUOTA]
    assert quota["MaxDelaySeconds"] > quota["IntervalSeconds"]


def test_what_the_user_did_wrong_is_not_retried() -> None:
    """Neither a failed script nor a wrong request nor a timeout."""
    names = {name for entry in render_retry(RetryPolicy.default(), []) for name in entry["ErrorEquals"]}

    assert names.isdisjoint({"States.ALL", "States.TaskFailed", "States.Timeout", "SageMaker.ResourceInUseException"})


def test_the_users_entries_come_first() -> None:
    """The first entry that matches wins."""
    mine = Retrier(errors=(QUOTA,), max_attempts=0)

    assert render_retry(RetryPolicy.default(), [mine])[0] == mine.to_asl()


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
