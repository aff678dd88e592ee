"""The calls of S3 that cached jobs make, as a state machine's role makes them in a run: conditions, pages, refusals, races."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, NestedStack, Stack
from aws_cdk import aws_s3 as s3
from local_bench import Bench, Workflow, machine, statement

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local import Execution

pytestmark = pytest.mark.local
_MARKER = {"Bucket": "${Bucket}", "Key": "cache/Train/key.json"}
_ANYTHING = statement("s3:*")


def _call(action: str, arguments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:s3:{action}", "Arguments": arguments, **changes}


def _put(**changes: Any) -> dict[str, Any]:
    return _call("putObject", {**_MARKER, "Body": {"version": 1}, "ContentType": "application/json", **changes})


def _list(prefix: str, **changes: Any) -> dict[str, Any]:
    return _call("listObjectsV2", {"Bucket": "${Bucket}", "Prefix": prefix, **changes})


def _run(bench: Bench, *calls: dict[str, Any], may: dict[str, Any] = _ANYTHING, **files: str) -> Execution:
    """The execution of calls, one after another, in JSONata; its output is the last response."""
    states = {f"S{at}": {**call, "Next": f"S{at + 1}"} for at, call in enumerate(calls)}
    last = states[f"S{len(calls) - 1}"]
    del last["Next"]
    definition = {**machine(**states), "QueryLanguage": "JSONata"}
    last["End"] = True
    return bench.run(Workflow(definition, machine=[may]), **files)[1]


@pytest.mark.parametrize("condition", [{"IfNoneMatch": "*"}, {"IfMatch": '"0123456789abcdef0123456789abcdef"'}])
def test_a_condition_of_a_write_that_does_not_hold_fails_with_412(bench: Bench, condition: dict[str, str]) -> None:
    """An object that is there is not overwritten, and neither is another one than the ETag's."""
    execution = _run(bench, _put(), _put(**condition))
    assert execution.error == "S3.S3Exception"
    assert "Status Code: 412" in str(execution.cause)


def test_a_condition_of_a_write_that_holds_lets_it_pass(bench: Bench) -> None:
    """A new object, and the one of the ETag that its reader has got."""
    read = _call("getObject", _MARKER, Assign={"seen": "{% $states.result.ETag %}"})
    execution = _run(bench, _put(IfNoneMatch="*"), read, _put(IfMatch="{% $seen %}"))
    assert execution.status == "SUCCEEDED", execution.cause


def test_an_etag_of_nothing_matches_nothing(bench: Bench) -> None:
    execution = _run(bench, _put(IfMatch='"0123456789abcdef0123456789abcdef"'))
    assert execution.error == "S3.S3Exception"


def test_of_several_writes_at_once_exactly_one_wins(bench: Bench) -> None:
    """Also where ten branches find nothing at the same time."""
    lost = {"ErrorEquals": ["S3.S3Exception"], "Output": "lost", "Next": "Lost"}
    branches = [
        {
            "StartAt": f"Put{at}",
            "States": {
                f"Put{at}": {
                    **_put(IfNoneMatch="*"),
                    "Output": str(at),
                    "Catch": [{**lost, "Next": f"Lost{at}"}],
                    "End": True,
                },
                f"Lost{at}": {"Type": "Pass", "End": True},
            },
        }
        for at in range(10)
    ]
    execution = _run(bench, {"Type": "Parallel", "Branches": branches})
    assert sorted(execution.output).count("lost") == 9, execution.output


@pytest.mark.parametrize(
    ("may", "error"),
    [
        ([statement("s3:GetObject", "s3:ListBucket")], "S3.NoSuchKeyException"),
        ([statement("s3:GetObject")], "S3.S3Exception"),
        (
            [
                statement("s3:GetObject"),
                statement("s3:ListBucket", condition={"StringLike": {"s3:prefix": "cache/*"}}),
            ],
            "S3.S3Exception",
        ),
    ],
    ids=["may list", "may not list", "may list below a prefix, which a read has not"],
)
def test_a_missing_object_is_told_to_whom_may_list(bench: Bench, may: list[dict[str, Any]], error: str) -> None:
    read = _call("getObject", _MARKER, End=True)
    definition = {**machine(Read=read), "QueryLanguage": "JSONata"}
    _, execution = bench.run(Workflow(definition, machine=may))
    assert execution.error == error, execution.cause
    assert ("Status Code: 404" if error == "S3.NoSuchKeyException" else "Status Code: 403") in str(execution.cause)


@pytest.mark.parametrize(("prefix", "allowed"), [("in/x/", True), ("in/x/deep/", True), ("in/", False), ("", False)])
def test_the_condition_on_a_prefix_holds_for_listings(bench: Bench, prefix: str, allowed: bool) -> None:
    may = statement("s3:ListBucket", condition={"StringLike": {"s3:prefix": "in/x/*"}})
    execution = _run(bench, _list(prefix), may=may)
    assert (execution.status == "SUCCEEDED") == allowed, execution.cause
    assert execution.error in {None, "S3.AccessDeniedException"}


def test_a_listing_has_what_keys_are_computed_of(bench: Bench) -> None:
    """Numbers as numbers, ETags in quotes, times as text, and keys as they are written."""
    first = _run(bench, _list("in/"), **{"a b+ü%_csv": "one"}).output
    (entry,) = first["Contents"]
    assert entry["Key"] == "in/a b+ü%.csv"
    assert entry["Size"] == 3
    assert entry["ETag"] == '"f97c5d29941bfb1b2fdab0874906ab82"'
    assert entry["LastModified"].endswith("Z")
    assert "NextContinuationToken" not in first


def test_a_listing_of_nothing_has_no_contents(bench: Bench) -> None:
    found = _run(bench, _list("none/")).output
    assert "Contents" not in found
    assert found["KeyCount"] == 0


def test_a_listing_goes_on_where_its_page_ended(bench: Bench) -> None:
    """Each object is on one page."""
    first = {
        **_list("in/", MaxKeys=2),
        "Assign": {"keys": "{% $states.result.Contents.Key %}", "token": "{% $states.result.NextContinuationToken %}"},
    }
    second = {
        **_list("in/", MaxKeys=2, ContinuationToken="{% $token %}"),
        "Output": "{% $append($keys, $states.result.Contents.Key) %}",
    }
    execution = _run(bench, first, second, a_csv="1", b_csv="2", c_csv="3")
    assert execution.output == ["in/a.csv", "in/b.csv", "in/c.csv"], execution.cause


def test_buckets_have_the_same_names_in_each_run(tmp_path: Path) -> None:
    """Also those of nested stacks, as markers name places by their URIs."""
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    stack = Stack(app, "Census")
    buckets = {"Own": s3.Bucket(stack, "Own")}
    outer = NestedStack(stack, "Outer")
    buckets["Outer"] = s3.Bucket(outer, "Bucket")
    buckets["Inner"] = s3.Bucket(NestedStack(outer, "Inner"), "Bucket")
    for name, bucket in buckets.items():
        CfnOutput(stack, f"{name}Name", value=bucket.bucket_name)
    app.synth()
    found = []
    for _ in range(2):
        with LocalAws() as aws:
            found.append(aws.deploy(tmp_path / "cdk.out").outputs)
    assert found[0] == found[1]
    assert len(set(found[0].values())) == 3
