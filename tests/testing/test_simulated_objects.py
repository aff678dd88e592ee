"""S3 in simulations: its objects, and the calls that read, write and list them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from hashlib import md5
from typing import TYPE_CHECKING, Any

import pytest
from cached_machines import training
from simulated_machines import IMAGE, ROLE, call, given, machine, processing

import constructs_ml as ml
from constructs_ml.testing import Execution, SimulatedObjects, SimulationError, fails, reports, returns, simulate

if TYPE_CHECKING:
    from aws_cdk import Stack

    from constructs_ml.testing import Outcome

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def asked(objects: SimulatedObjects, action: str, **request: Any) -> Execution:
    """A simulation of one call."""
    definition = machine(Call=call(f"aws-sdk:s3:{action}", Parameters={"Bucket": "data", **request}))
    return simulate(definition, objects=objects, start=START)


def etag(text: str) -> str:
    return f'"{md5(text.encode(), usedforsecurity=False).hexdigest()}"'


# The store.


def test_objects_are_a_mapping_by_their_uris() -> None:
    """In the order in which S3 lists them, which is that of UTF-8: U+FF5E before U+1F427, a capital before a small letter."""
    objects = SimulatedObjects({"s3://b/\U0001f427": "x", "s3://b/\uff5e": b"\xff", "s3://b/a": "é", "s3://b/B": ""})
    assert list(objects) == ["s3://b/B", "s3://b/a", "s3://b/\uff5e", "s3://b/\U0001f427"]
    assert (objects["s3://b/a"], objects.text("s3://b/a"), len(objects)) == ("é".encode(), "é", 4)
    objects["s3://c/a/1"] = "new"
    del objects["s3://b/a"]
    assert objects.under("s3://c/a") == ["s3://c/a/1"]
    assert "s3://b/a" not in objects
    with pytest.raises(KeyError):
        objects["s3://b/a"]
    assert repr(SimulatedObjects({"s3://b/a": "x"})) == "SimulatedObjects(['s3://b/a'])"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"b/a": "x"}, "an object's URI must be s3://bucket/key, got 'b/a'"),
        ({"s3://b/": "x"}, "an object's URI must be s3://bucket/key, got 's3://b/'"),
        ({"s3://b/a": {"x": 1}}, r"s3://b/a must be text or bytes, got \{'x': 1\}; write json.dumps"),
    ],
)
def test_what_is_no_object_is_refused(given: Any, said: str) -> None:
    with pytest.raises(SimulationError, match=said):
        SimulatedObjects(given)


def test_only_a_store_is_taken() -> None:
    """A plain mapping would not last."""
    wrong: Any = {"s3://b/a": "x"}
    with pytest.raises(SimulationError, match="objects must be SimulatedObjects, got dict; write SimulatedObjects"):
        simulate(machine(A=given(1)), objects=wrong)


# Reading.


def test_an_object_is_read() -> None:
    """As text, with the members that S3 responds; an object that the test wrote has the time of the last simulation."""
    objects = SimulatedObjects({"s3://data/a.json": '{"é": 1}'})
    expected = {
        "AcceptRanges": "bytes",
        "Body": '{"é": 1}',
        "ContentLength": 9,
        "ContentType": "binary/octet-stream",
        "ETag": etag('{"é": 1}'),
        "LastModified": "2026-01-01T00:00:00.000Z",
        "Metadata": {},
    }
    assert asked(objects, "getObject", Key="a.json").output == expected
    del expected["Body"]
    assert asked(objects, "headObject", Key="a.json").output == expected
    objects["s3://data/a.json"] = "later"
    assert asked(objects, "getObject", Key="a.json").output["LastModified"] == "2026-03-01T12:00:00.000Z"


@pytest.mark.parametrize(
    ("wanted", "body", "shown"),
    [
        ("bytes=0-2", "012", "bytes 0-2/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-4", "6789", "bytes 6-9/10"),
        ("bytes=0-99", "0123456789", "bytes 0-9/10"),
    ],
)
def test_a_part_of_an_object_is_read(wanted: str, body: str, shown: str) -> None:
    output = asked(SimulatedObjects({"s3://data/a": "0123456789"}), "getObject", Key="a", Range=wanted).output
    assert (output["Body"], output["ContentRange"], output["ContentLength"]) == (body, shown, len(body))


@pytest.mark.parametrize("action", ["getObject", "headObject"])
@pytest.mark.parametrize(
    ("request_", "error", "said"),
    [
        ({"Key": "none"}, "S3.NoSuchKeyException", "The specified key does not exist. (Service: S3, Status Code: 404,"),
        ({"Key": "a", "IfMatch": '"x"'}, "S3.S3Exception", "At least one of the pre-conditions you specified did not"),
        ({"Key": "a", "IfNoneMatch": etag("1")}, "S3.S3Exception", "(Service: S3, Status Code: 304,"),
    ],
)
def test_a_read_that_s3_refuses_fails_its_state(action: str, request_: dict[str, Any], error: str, said: str) -> None:
    """With the names that Step Functions gives these errors."""
    execution = asked(SimulatedObjects({"s3://data/a": "1"}), action, **request_)
    assert execution.error == error
    assert said in str(execution.cause)


def test_a_range_behind_the_end_is_refused() -> None:
    """That of an empty object begins there."""
    for key, wanted in (("a", "bytes=1-"), ("empty", "bytes=0-9")):
        objects = SimulatedObjects({"s3://data/a": "1", "s3://data/empty": ""})
        execution = asked(objects, "getObject", Key=key, Range=wanted)
        assert (execution.error, "Status Code: 416" in str(execution.cause)) == ("S3.S3Exception", True)
    assert asked(objects, "getObject", Key="empty").output["Body"] == ""


def test_an_object_is_read_if_it_is_the_expected_one() -> None:
    """With and without the quotes of its entity tag."""
    objects = SimulatedObjects({"s3://data/a": "1"})
    for expected in (etag("1"), etag("1").strip('"')):
        assert asked(objects, "getObject", Key="a", IfMatch=expected).output["Body"] == "1"


def test_an_object_that_is_larger_than_a_payload_is_an_error() -> None:
    """The limit of 256 KiB is that of the response."""
    execution = asked(SimulatedObjects({"s3://data/a": "x" * 262_144}), "getObject", Key="a")
    assert execution.error == "States.DataLimitExceeded"


# Writing.


@pytest.mark.parametrize(
    ("body", "written"),
    [({"b": 1.0, "a": ["é", None]}, '{"b":1,"a":["é",null]}'), ('{"a": 1}', '"{\\"a\\": 1}"'), (7, "7"), ([], "[]")],
)
def test_a_body_is_written_as_json(body: Any, written: str) -> None:
    """A string too: in quotes."""
    objects = SimulatedObjects()
    output = asked(objects, "putObject", Key="a/b", Body=body, ContentType="application/json").output
    assert (objects.text("s3://data/a/b"), output) == (written, {"ETag": etag(written)})
    read = asked(objects, "getObject", Key="a/b").output
    assert (read["ContentType"], read["LastModified"]) == ("application/json", "2026-03-01T12:00:00.000Z")


def test_an_object_without_a_body_is_empty() -> None:
    objects = SimulatedObjects()
    assert asked(objects, "putObject", Key="a").status == "SUCCEEDED"
    assert objects["s3://data/a"] == b""


@pytest.mark.parametrize(
    ("key", "condition", "error", "status"),
    [
        ("new", {"IfNoneMatch": "*"}, None, ""),
        ("a", {"IfNoneMatch": "*"}, "S3.S3Exception", "412"),
        ("a", {"IfMatch": etag("1")}, None, ""),
        ("a", {"IfMatch": etag("2")}, "S3.S3Exception", "412"),
        ("new", {"IfMatch": etag("1")}, "S3.NoSuchKeyException", "404"),
        ("new", {"IfNoneMatch": etag("1")}, "S3.S3Exception", "501"),
    ],
)
def test_a_write_has_conditions(key: str, condition: dict[str, str], error: str | None, status: str) -> None:
    """One that fails leaves everything as it was."""
    objects = SimulatedObjects({"s3://data/a": "1"})
    before = dict(objects)
    execution = asked(objects, "putObject", Key=key, Body={}, **condition)
    assert execution.error == error
    assert (dict(objects) == before) == (error is not None)
    if error:
        assert f"(Service: S3, Status Code: {status}, Request ID: " in str(execution.cause)


# Listing.


def test_a_page_of_a_listing() -> None:
    """Its members; there are no Contents where there are no objects."""
    objects = SimulatedObjects(
        {"s3://data/raw/a": "1", "s3://data/rax": "", "s3://data/raw": "", "s3://other/raw/b": ""}
    )
    common = {"IsTruncated": False, "MaxKeys": 1000, "Name": "data"}
    found = {"ETag": etag("1"), "Key": "raw/a", "LastModified": "2026-01-01T00:00:00.000Z", "Size": 1}
    assert asked(objects, "listObjectsV2", Prefix="raw/").output == {
        **common,
        "Prefix": "raw/",
        "KeyCount": 1,
        "Contents": [{**found, "StorageClass": "STANDARD"}],
    }
    assert asked(objects, "listObjectsV2", Prefix="none").output == {**common, "Prefix": "none", "KeyCount": 0}
    assert asked(objects, "listObjectsV2", MaxKeys=0).output["IsTruncated"] is False


def test_a_listing_of_many_objects_has_pages() -> None:
    """450 objects, 200 on a page: three pages, in the order of the keys, and the last has no token."""
    keys = [f"raw/{number:03}" for number in range(450)]
    objects = SimulatedObjects({f"s3://data/{key}": key for key in reversed(keys)})
    listed, sizes, token = [], [], {}
    for _ in range(3):
        output = asked(objects, "listObjectsV2", Prefix="raw/", MaxKeys=200, **token).output
        listed += [each["Key"] for each in output["Contents"]]
        sizes.append((output["KeyCount"], output["IsTruncated"]))
        token = {"ContinuationToken": output.get("NextContinuationToken")}
    assert (listed, sizes, token["ContinuationToken"]) == (keys, [(200, True), (200, True), (50, False)], None)


def test_a_page_has_at_most_1000_objects() -> None:
    objects = SimulatedObjects({f"s3://data/{number:04}": "" for number in range(1001)})
    output = asked(objects, "listObjectsV2", MaxKeys=5000).output
    assert (output["KeyCount"], output["IsTruncated"]) == (1000, True)


def test_a_listing_begins_after_a_key_or_a_token() -> None:
    """Objects that are deleted between two pages do not matter; a token of somebody else's is refused."""
    objects = SimulatedObjects({f"s3://data/{key}": "" for key in "abcd"})
    output = asked(objects, "listObjectsV2", StartAfter="a", MaxKeys=1).output
    assert [each["Key"] for each in output["Contents"]] == ["b"]
    del objects["s3://data/b"]
    following = asked(objects, "listObjectsV2", ContinuationToken=output["NextContinuationToken"]).output
    assert [each["Key"] for each in following["Contents"]] == ["c", "d"]
    execution = asked(objects, "listObjectsV2", ContinuationToken="?")
    assert (execution.error, "Status Code: 400" in str(execution.cause)) == ("S3.S3Exception", True)


def test_a_listing_by_folders() -> None:
    """A common prefix counts once, also where a page ends with it."""
    objects = SimulatedObjects({f"s3://data/raw/{key}": "" for key in ("a", "b/1", "b/2", "b/3", "c", "d/1")})
    request: dict[str, Any] = {"Prefix": "raw/", "Delimiter": "/", "MaxKeys": 2}
    output = asked(objects, "listObjectsV2", **request).output
    assert [each["Key"] for each in output["Contents"]] == ["raw/a"]
    assert (output["CommonPrefixes"], output["KeyCount"]) == ([{"Prefix": "raw/b/"}], 2)
    token = output["NextContinuationToken"]
    output = asked(objects, "listObjectsV2", **request, ContinuationToken=token).output
    assert [each["Key"] for each in output["Contents"]] == ["raw/c"]
    assert (output["CommonPrefixes"], output["IsTruncated"]) == ([{"Prefix": "raw/d/"}], False)


@pytest.mark.parametrize(
    ("action", "request_", "said"),
    [
        (
            "getObject",
            {"Key": "a", "VersionId": "1"},
            "Call: VersionId of getObject is not simulated; script the state: ",
        ),
        ("putObject", {"Key": "a", "Metadata": {}}, "Call: Metadata of putObject is not simulated"),
        ("getObject", {}, "Call: getObject needs Key, got a request without it"),
        (
            "copyObject",
            {"Key": "a", "CopySource": "b"},
            "Call calls aws-sdk:s3:copyObject, of which a simulation knows no",
        ),
    ],
)
def test_what_is_not_simulated_is_said(action: str, request_: dict[str, Any], said: str) -> None:
    """Rather than answered in part."""
    with pytest.raises(SimulationError, match=said):
        asked(SimulatedObjects({"s3://data/a": "1"}), action, **request_)


# With scripts.


def test_a_scripted_state_asks_no_store() -> None:
    """After its outcomes it does."""
    read = call("aws-sdk:s3:getObject", Parameters={"Bucket": "data", "Key": "a"}, ResultSelector={"Body.$": "$.Body"})
    definition, objects = machine(First=read, Second=read), SimulatedObjects({"s3://data/a": "stored"})
    execution = simulate(definition, {"First": returns({"Body": "scripted"})}, objects=objects)
    assert (execution.outputs("First"), execution.output) == (({"Body": "scripted"},), {"Body": "stored"})


def test_without_objects_a_call_of_s3_needs_an_outcome() -> None:
    read = call("aws-sdk:s3:getObject", Parameters={"Bucket": "data", "Key": "a"})
    with pytest.raises(SimulationError, match=r"script it: \{'Call': reports"):
        simulate(machine(Call=read))


def test_metrics_are_read_from_the_store(stack: Stack) -> None:
    """By ReadMetrics without an outcome; with one, that is its answer as before."""
    read = ml.metrics.ReadMetrics(
        stack, "Metrics", source="s3://data/reports/", file="m.json", shape={"accuracy": float}
    )
    workflow = ml.Workflow(stack, "W", definition=read)
    objects = SimulatedObjects({"s3://data/reports/m.json": '{"accuracy": 0.9}'})
    assert simulate(workflow, objects=objects).output == {"Metrics": {"accuracy": 0.9}}
    scripted = simulate(workflow, {"Metrics": reports({"accuracy": 0.1})}, objects=objects)
    assert scripted.output == {"Metrics": {"accuracy": 0.1}}
    assert simulate(workflow, objects=SimulatedObjects()).error == "S3.NoSuchKeyException"


# Outputs of jobs.


def outputs(*places: str) -> dict[str, Any]:
    of = [
        {
            "OutputName": f"o{at}",
            "S3Output": {"S3Uri": place, "LocalPath": f"/opt/ml/processing/{at}", "S3UploadMode": "EndOfJob"},
        }
        for at, place in enumerate(places)
    ]
    job = processing()
    return {**job, "Parameters": {**job["Parameters"], "ProcessingOutputConfig": {"Outputs": of}}}


TRANSFORM = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync",
    "Parameters": {
        "TransformJobName": "t",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/scores"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    },
}
TUNING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
    "Parameters": {
        "HyperParameterTuningJobName": "tune",
        "HyperParameterTuningJobConfig": {"Strategy": "Bayesian", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://b/tuned/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    },
}
LABELING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createLabelingJob.sync",
    "Parameters": {
        "LabelingJobName": "label",
        "LabelAttributeName": "kind",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://data/in.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://b/labels/"},
        "RoleArn": ROLE,
        "HumanTaskConfig": {
            "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/a",
            "UiConfig": {"UiTemplateS3Uri": "s3://data/ui.html"},
            "TaskTitle": "Kinds",
            "TaskDescription": "Say which",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
    },
}


def trained(**config: Any) -> dict[str, Any]:
    job = training()
    place = {"S3OutputPath": "s3://b/models", **config}
    return {**job, "Arguments": {**job["Arguments"], "TrainingJobName": "train", "OutputDataConfig": place}}


@pytest.mark.parametrize(
    ("job", "written"),
    [
        (outputs("s3://b/one", "s3://b/two/"), ["s3://b/one/simulated.txt", "s3://b/two/simulated.txt"]),
        (processing(), []),
        (trained(), ["s3://b/models/train/output/model.tar.gz"]),
        (trained(CompressionType="NONE"), ["s3://b/models/train/output/model/simulated.txt"]),
        (TRANSFORM, ["s3://b/scores/simulated.out"]),
        (TUNING, ["s3://b/tuned/simulated-TrainingJobName/output/model.tar.gz"]),
        (LABELING, ["s3://b/labels/label/manifests/output/output.manifest"]),
    ],
)
def test_a_job_that_succeeds_writes_its_outputs(job: dict[str, Any], written: list[str]) -> None:
    """Where its description says that they are, with a content of their own; a job that fails writes nothing."""
    objects = SimulatedObjects()
    execution = simulate(machine(Job=job), objects=objects)
    assert (execution.status, list(objects)) == ("SUCCEEDED", written)
    if "ModelArtifacts" in execution.output:
        assert written[0].startswith(execution.output["ModelArtifacts"]["S3ModelArtifacts"])
    before = dict(objects)
    assert simulate(machine(Job=job), {"Job": fails("no rows")}, objects=objects).status == "FAILED"
    assert dict(objects) == before
    simulate(machine(Job=job), objects=objects)
    assert all(objects[uri] != before[uri] for uri in written)


def test_a_job_that_was_stopped_by_its_description_writes_nothing() -> None:
    objects = SimulatedObjects()
    simulate(machine(Job=outputs("s3://b/one")), {"Job": returns({"ProcessingJobStatus": "Stopped"})}, objects=objects)
    assert not objects


def test_a_function_of_the_script_writes_what_the_job_would() -> None:
    """Then the simulation adds nothing in that place."""
    objects = SimulatedObjects({"s3://b/one/old.txt": "older"})

    def writes(request: dict[str, Any], _attempt: int) -> Outcome | None:
        place = request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
        objects[f"{place}m.json"] = json.dumps({"rows": 7})
        return None

    read = call("aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "one/m.json"})
    definition = machine(Job=outputs("s3://b/one/", "s3://b/two/"), Read=read)
    execution = simulate(definition, {"Job": writes}, objects=objects, start=START)
    assert (execution.output["Body"], execution.output["LastModified"]) == ('{"rows": 7}', "2026-03-01T12:00:00.000Z")
    assert list(objects) == ["s3://b/one/m.json", "s3://b/one/old.txt", "s3://b/two/simulated.txt"]
