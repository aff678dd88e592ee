"""The cache of a job as it is read from a definition is the one that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.asl.cache_key import CacheKey, Listing
from constructs_ml.asl.cached_job import CachedJob
from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.job_cache import cache_of

if TYPE_CHECKING:
    from constructs_ml.asl.definition import State

BUCKET, FOLDER, OUTPUTS = "${Token[Artifacts]}", "cache/Census-1a2B/Train/", "Census-1a2B/cache/Train/"
JOB = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
    "Arguments": {"OutputDataConfig": {"S3OutputPath": f"{{% 's3://{BUCKET}/{OUTPUTS}' & $cacheTrain.key %}}"}},
}
BY_CAUSE = {"Type": "Parallel", "Branches": [{"StartAt": "Start", "States": {"Start": {**JOB, "End": True}}}]}


def state(run: dict[str, Any], **props: Any) -> State:
    """The state of a cached job, read from a definition."""
    key = CacheKey("Train", listings=[Listing("train", "data", "raw/")])
    given: dict[str, Any] = {"place": "$job.Place", "expires": 86_400_000.0, "key": key, **props}
    job = CachedJob(
        name="Train", part="Train", partition="aws-cn", bucket=BUCKET, folder=FOLDER, output="$job", **given
    )
    body = {"Type": "Parallel", "Branches": [job.to_asl(run)], "End": True}
    return read_definition({"StartAt": "Train", "States": {"Train": body}}).states["Train"]


@pytest.mark.parametrize("run", [JOB, BY_CAUSE])
@pytest.mark.parametrize(("expires", "expected"), [(None, None), (86_400_000.0, 86_400_000), (1e12, 10**12)])
@pytest.mark.parametrize("props", [{}, {"place": ""}, {"verifies": False}, {"key": CacheKey("Train")}])
def test_a_cache_is_read(run: dict[str, Any], expires: float | None, expected: int | None, props: Any) -> None:
    """Whether it has listings or outputs, and whether the job's failures are classified."""
    found = cache_of(state(run, expires=expires, **props))
    assert found is not None
    assert (found.bucket, found.folder, found.expires) == (BUCKET, FOLDER, expected)
    assert (found.outputs, found.writes_outputs) == (OUTPUTS, True)


@pytest.mark.parametrize("path", ["s3://models/", f"s3://other/{OUTPUTS}", f"s3://{BUCKET}/Census-1a2B/Train/"])
def test_a_job_may_write_elsewhere(path: str) -> None:
    found = cache_of(state({**JOB, "Arguments": {"OutputDataConfig": {"S3OutputPath": path}}}))
    assert found is not None
    assert not found.writes_outputs


@pytest.mark.parametrize(
    "body",
    [
        JOB,
        BY_CAUSE,
        {"Type": "Parallel", "Branches": []},
        {"Type": "Parallel", "Branches": [{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait"}}}]},
    ],
)
def test_other_states_have_no_cache(body: dict[str, Any]) -> None:
    assert cache_of(read_definition({"StartAt": "A", "States": {"A": body}}).states["A"]) is None
