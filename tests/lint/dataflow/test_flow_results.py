"""What the integrations of Tasks give."""

from __future__ import annotations

import pytest

from constructs_ml.lint.dataflow.api import result_of
from constructs_ml.lint.dataflow.lookup import Outcome, find
from constructs_ml.lint.dataflow.shape import ANYTHING, Object, Presence, Scalar
from constructs_ml.sagemaker.result import SYNC_RESULT, always_present_members, result_shape

TRAIN = "sagemaker:createTrainingJob.sync"


def presence(resource: str, member: str, request: frozenset[str] | None = None, *, decided: bool = False) -> Presence:
    shape = result_of(resource, request, decided=decided)
    assert isinstance(shape, Object)
    return shape.members[member].presence


@pytest.mark.parametrize("api", SYNC_RESULT)
def test_a_job_gives_its_description(api: str) -> None:
    """What is always there is what the API requires."""
    shape = result_of(f"sagemaker:{api}.sync")
    assert isinstance(shape, Object)
    always = {name for name, member in shape.members.items() if member.presence is Presence.ALWAYS}
    assert always == set(always_present_members(result_shape(api, sync=True)))
    assert not shape.open


def test_a_status_has_its_values() -> None:
    """As the API has them; types of instances grow, so any is possible."""
    status = find(result_of(TRAIN), ("TrainingJobStatus",)).shape
    assert isinstance(status, Scalar)
    assert {"Completed", "Failed"} <= set(status.enum)
    instance = find(result_of(TRAIN), ("ResourceConfig", "InstanceType")).shape
    assert instance == Scalar("string")


def test_a_description_repeats_the_request() -> None:
    """What was asked for is there, and what was not is mostly lacking."""
    assert presence(TRAIN, "CheckpointConfig", frozenset({"CheckpointConfig"})) is Presence.UNKNOWN
    assert presence(TRAIN, "CheckpointConfig", frozenset()) is Presence.OPTIONAL
    assert presence(TRAIN, "CheckpointConfig") is Presence.UNKNOWN
    assert presence(TRAIN, "EnableNetworkIsolation", frozenset()) is Presence.UNKNOWN


def test_a_completed_job_has_no_reason_for_a_failure() -> None:
    """Nor a message that its script did not leave; what else there is the API does not promise."""
    assert presence(TRAIN, "FailureReason") is Presence.OPTIONAL
    assert presence("sagemaker:createProcessingJob.sync", "ExitMessage") is Presence.OPTIONAL
    assert presence(TRAIN, "TrainingEndTime") is Presence.USUALLY


def test_what_is_asked_of_a_job_may_be_there() -> None:
    """A reason for a failure is, if an error or a Choice led to the question."""
    describe = "aws-sdk:sagemaker:describeTrainingJob"
    assert presence(describe, "FailureReason") is Presence.OPTIONAL
    assert presence(describe, "FailureReason", decided=True) is Presence.UNKNOWN
    assert presence(describe, "TrainingEndTime") is Presence.UNKNOWN
    assert find(result_of(describe), ("SdkHttpMetadata",)).outcome is Outcome.NEVER


def test_the_envelopes_of_other_services_are_known() -> None:
    """Where they are documented in full; what is in a payload is not."""
    invoked = result_of("lambda:invoke")
    assert find(invoked, ("Payload", "rows")).outcome is Outcome.UNKNOWN
    assert find(invoked, ("StatusCode",)).outcome is Outcome.THERE
    assert find(invoked, ("SdkHttpMetadata", "HttpStatusCode")).outcome is Outcome.UNKNOWN
    assert find(invoked, ("rows",)).outcome is Outcome.NEVER


@pytest.mark.parametrize(
    "resource",
    [
        "lambda:invoke.waitForTaskToken",
        "sagemaker:createTrainingJob.waitForTaskToken",
        "sagemaker:createTrainingJob.Sync",
        "sagemaker:createModel.sync",
        "sagemaker:createNothing",
        "aws-sdk:s3:getObject",
        "glue:startJobRun.sync",
        "",
    ],
)
def test_other_results_are_unknown(resource: str) -> None:
    """Of them nothing is said."""
    assert result_of(resource) == ANYTHING
