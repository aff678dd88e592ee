"""Bad input gets one error at construction that names the construct's path, the member, the value and the fix."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Size, Stack, assertions
from aws_cdk import aws_stepfunctions as sfn
from support.each import each

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
DATA = ml.S3Data.from_uri("s3://bucket/data/")


def processing(stack: Stack, **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(stack, "Job", **{"image": IMAGE, **props})


def training(stack: Stack, **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(stack, "Job", **{"image": IMAGE, **props})


CASES: list[tuple[str, Callable[..., Any], dict[str, Any], list[str]]] = [
    (
        "volume",
        processing,
        {"volume_size": Size.gibibytes(0)},
        ["volume_size must be 1-", "got 0", "Size.gibibytes(30)"],
    ),
    ("big volume", processing, {"volume_size": Size.gibibytes(99999)}, ["volume_size", "got 99999"]),
    ("runtime", processing, {"max_runtime": Duration.days(10)}, ["max_runtime", "777600", "got 864000"]),
    ("no runtime", training, {"max_runtime": Duration.seconds(0)}, ["max_runtime", "got 0"]),
    ("instances", processing, {"instance_count": 101}, ["instance_count", "got 101"]),
    (
        "instance type's form",
        processing,
        {"instance_type": "m5.xlarge"},
        ["instance_type", "'m5.xlarge'", "ml.m5.xlarge"],
    ),
    ("job name", processing, {"job_name": "a_b"}, ["job_name", "'a_b'"]),
    ("long job name", training, {"job_name": "a" * 64}, ["job_name", "63"]),
    (
        "output twice",
        processing,
        {"outputs": ["a", "a"]},
        ["outputs must have different names, got 'a' twice", "rename"],
    ),
    (
        "input twice",
        processing,
        {"inputs": {"code": DATA}, "code": "SCRIPT"},
        ["inputs must not be named 'code'", "rename"],
    ),
    ("too many inputs", processing, {"inputs": {f"i{at}": DATA for at in range(11)}}, ["inputs", "10", "11"]),
    ("too many arguments", processing, {"arguments": ["x"] * 101}, ["arguments", "100", "101"]),
    ("long argument", processing, {"arguments": ["x" * 257]}, ["arguments[0]", "256"]),
    ("environment", processing, {"environment": {"1A": "x"}}, ["environment", "1A"]),
    ("channel name", training, {"channels": {"a b": DATA}}, ["channels[0].ChannelName", "'a b'"]),
    ("retry attempts", training, {"retry_attempts": 31}, ["retry_attempts", "30", "31"]),
    (
        "wait without spot",
        training,
        {"max_wait": Duration.hours(1)},
        ["max_wait is for spot training only", "spot=True"],
    ),
    (
        "wait shorter than runtime",
        training,
        {"spot": True, "max_runtime": Duration.hours(2), "max_wait": Duration.hours(1)},
        ["max_wait must be at least max_runtime, 7200 s, got 3600 s"],
    ),
    ("no image", training, {"image": None}, ["image or algorithm is required"]),
    (
        "script",
        processing,
        {"code": ml.Code.from_asset("no/such.py")},
        ["code must be a script or a directory", "no/such.py"],
    ),
    (
        "training script",
        training,
        {"code": ml.Code.from_asset("nope")},
        ["code must be a script or a directory", "'nope'"],
    ),
    (
        "framework",
        processing,
        {"image": ml.ContainerImage.framework("sklern", "1.2-1")},
        ["image", "sklern", "sklearn"],
    ),
    ("version", processing, {"image": ml.ContainerImage.sklearn("9.9")}, ["image", "9.9", "1.2-1"]),
    (
        "Dockerfile",
        processing,
        {"image": ml.ContainerImage.from_asset("nowhere")},
        ["image must have a Dockerfile in 'nowhere'"],
    ),
    (
        "task token",
        processing,
        {"integration_pattern": sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN},
        ["integration_pattern must be RUN_JOB or REQUEST_RESPONSE, got WAIT_FOR_TASK_TOKEN", "leave it out"],
    ),
    (
        "location known only at run time",
        processing,
        {"inputs": {"raw": ml.S3Data.from_uri(ml.execution_input("uri"))}},
        ["inputs['raw'] has a location that is known only at run time", "within="],
    ),
    ("overrides", processing, {"request_overrides": {"Enviroment": {}}}, ["Enviroment", "did you mean Environment?"]),
    (
        "a member that starts like another",
        processing,
        {"request_overrides": {"EnvironmentVariables": {}}},
        ["Job: EnvironmentVariables is not a member", "did you mean Environment?"],
    ),
    (
        "overrides that are none",
        processing,
        {"request_overrides": [("Environment", {})]},
        ["request_overrides must be a mapping, got list [('Environment', {})]"],
    ),
]


@pytest.mark.parametrize(("make", "props", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_one_error_names_path_member_value_and_fix(
    stack: Stack, tmp_path: Path, make: Callable[..., Any], props: dict[str, Any], told: list[str]
) -> None:
    if props.get("code") == "SCRIPT":
        script = tmp_path / "run.py"
        script.write_text("print(1)")
        props = {**props, "code": ml.Code.from_asset(script)}
    with pytest.raises(ml.InvalidPropsError) as error:
        make(stack, **props)
    text = str(error.value)
    assert text.startswith("Census/Job: ")
    assert len(error.value.faults) == 1, text
    for part in each(told):
        assert part in text
    assert "jsii" not in text.lower()


def test_all_that_is_wrong_is_told_at_once(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        processing(stack, volume_size=Size.gibibytes(0), outputs=["a", "a"], instance_count=0)
    assert {fault.member.split("[")[0] for fault in error.value.faults} == {"volume_size", "outputs", "instance_count"}
    assert len(str(error.value).splitlines()) == 3


def test_the_traceback_has_the_users_line(stack: Stack) -> None:
    try:
        processing(stack, instance_count=0)
    except ml.InvalidPropsError as error:
        frames = traceback.extract_tb(error.__traceback__)
        assert frames[0].filename == __file__
        assert "instance_count=0" in (frames[0].line or "")
    else:
        pytest.fail("nothing was raised")


def test_an_instance_type_that_the_model_lacks_is_a_warning(stack: Stack) -> None:
    job = processing(stack, instance_type="ml.m99.xlarge")
    ml.Workflow(stack, "Workflow", definition=job)
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    assert any("instance_type" in str(entry.entry.data) and "ml.m99.xlarge" in str(entry.entry.data) for entry in found)


def test_a_framework_version_that_the_stacks_region_lacks(app: App) -> None:
    stack = Stack(app, "Far", env=Environment(account="111122223333", region="me-west-1"))
    with pytest.raises(ml.InvalidPropsError, match="me-west-1"):
        processing(stack, image=ml.ContainerImage.sklearn("1.2-1"))


def test_an_output_that_does_not_exist(stack: Stack) -> None:
    job = processing(stack, outputs=["train", "test"])
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: output has no 'tran'; outputs: train, test"):
        job.output("tran")


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("ProcessingJobStat", "did you mean ProcessingJobStatus"),
        ("ExitMessage", "result=Result.FULL"),
        ("ProcessingResources.Nothing", "has no Nothing"),
        ("ProcessingJobName.x", "string"),
    ],
)
def test_a_result_path_that_the_shape_lacks(stack: Stack, member: str, told: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        processing(stack).result(member)
    assert str(error.value).startswith(f"Census/Job: result cannot pass on '{member}': ")
    assert told in str(error.value)


def test_a_status_that_no_job_has(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"ProcessingJobStatus is never 'Complete'.*Completed"):
        processing(stack).status_is("Complete")


def test_a_status_of_a_job_that_is_not_waited_for(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match="has no ProcessingJobStatus"):
        processing(stack, wait_for_completion=False).status_is("Completed")


def test_an_unknown_prop_is_named_with_a_hint(stack: Stack) -> None:
    told = "^Census/Job: instance_typ is not a prop of ProcessingJob; did you mean instance_type?"
    with pytest.raises(ml.InvalidPropsError, match=told):
        processing(stack, instance_typ="ml.m5.large")


def test_what_failed_leaves_nothing_in_the_way(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError):
        processing(stack, instance_count=0)
    assert processing(stack).node.id == "Job"


def test_defaults_that_come_too_late(stack: Stack) -> None:
    processing(stack)
    with pytest.raises(ml.InvalidPropsError, match="before the first job below the scope"):
        ml.JobDefaults(instance_type="ml.m5.large").apply_to(stack)
