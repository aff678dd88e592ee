"""What is said of each prop that is wrong: the construct's path, the prop, the value and the fix, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Size, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match
from support.each import each

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("mine")
UNKNOWN = ml.S3Data.from_uri(ml.execution_input("Raw"))
DATA = ml.S3Data.from_uri("s3://data/raw/")
SOMEWHERE = ml.S3Data.from_uri("s3://data/out/")

# What is passed, and what the message must say after the path: the prop, what was got, and the fix.
PROCESSING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "instance type that is none": (
        {"instance_type": "m5.xlarge"},
        ["instance_type must be an instance type", "got 'm5.xlarge'", "did you mean 'ml.m5.xlarge'?"],
    ),
    "no instances": ({"instance_count": 0}, ["instance_count must be 1-100, got 0; pass 1"]),
    "too many instances": ({"instance_count": 101}, ["instance_count must be 1-100, got 101; pass 100"]),
    "too large a volume": (
        {"volume_size": Size.tebibytes(17)},
        ["volume_size must be 1-16384, got 17408", "pass Size.gibibytes(30)"],
    ),
    "no volume": ({"volume_size": Size.gibibytes(0)}, ["volume_size must be 1-16384, got 0", "Size.gibibytes(30)"]),
    "half a gibibyte": (
        {"volume_size": Size.mebibytes(1536)},
        ["volume_size must be an integer, got float 1.5", "Size.gibibytes(30)"],
    ),
    "too long": (
        {"max_runtime": Duration.days(10)},
        ["max_runtime must be 1-777600, got 864000", "pass Duration.hours(1)"],
    ),
    "half a second": (
        {"max_runtime": Duration.millis(500)},
        ["max_runtime must be an integer, got float 0.5", "pass Duration.hours(1)"],
    ),
    "job name with an underscore": (
        {"job_name": "my_job"},
        ["job_name must match", "got 'my_job'", "letters, digits and single hyphens"],
    ),
    "job name that is too long": ({"job_name": "x" * 64}, ["job_name must have 1-63 characters, got 64"]),
    "two outputs of a name": (
        {"outputs": ["train", "test", "train"]},
        ["outputs must have different names, got 'train' twice", "rename one of them"],
    ),
    "outputs that are a text": (
        {"outputs": "train"},
        ["outputs must be a list", "got the string 'train'", "['train']"],
    ),
    "arguments that are a text": (
        {"arguments": "--x"},
        ["arguments must be a list", "got the string '--x'", "['--x']"],
    ),
    "an input that is called code": (
        {"code": ml.Code.from_s3("s3://b/x.py"), "inputs": {"code": DATA}},
        ["inputs must not be named 'code' together with code=", "rename the input"],
    ),
    "too many inputs": (
        {"inputs": {f"in{at}": DATA for at in range(11)}},
        ["inputs must have 0-10 items, got 11"],
    ),
    "too many outputs": (
        {"outputs": [f"out{at}" for at in range(11)]},
        ["outputs must have 0-10 items, got 11"],
    ),
    "too many arguments": ({"arguments": ["x"] * 101}, ["arguments must have 1-100 items, got 101"]),
    "too long an argument": ({"arguments": ["x" * 257]}, ["arguments[0] must have 0-256 characters, got 257"]),
    "environment that is a number": (
        {"environment": {"N": 3}},
        ["environment['N'] must be a string, got int 3", "pass '3'"],
    ),
    "environment with a bad name": ({"environment": {"a-b": "x"}}, ["environment", "'a-b'"]),
    "tags that are too many": ({"tags": {f"t{at}": "x" for at in range(51)}}, ["tags must have 0-50 items, got 51"]),
    "an input known at run time only": (
        {"inputs": {"raw": UNKNOWN}},
        ["inputs['raw'] has a location that is known only at run time", "within=[S3Data.from_bucket("],
    ),
    "an output known at run time only": (
        {"outputs": {"out": UNKNOWN}},
        ["outputs['out'] has a location that is known only at run time", "within=[S3Data.from_bucket("],
    ),
    "a mode that does not exist": (
        {"inputs": {"raw": ml.ProcessingInput(source=DATA, mode="Stream")}},
        ["inputs[0].S3Input.S3InputMode must be one of File, Pipe, got 'Stream'"],
    ),
    "fast files": (
        {"inputs": {"raw": ml.ProcessingInput(source=DATA, mode=ml.data.InputMode.FAST_FILE)}},
        ["inputs[0].S3Input.S3InputMode must be one of File, Pipe, got 'FastFile'"],
    ),
    "waiting for a token": (
        {"integration_pattern": sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN},
        ["integration_pattern must be RUN_JOB or REQUEST_RESPONSE, got WAIT_FOR_TASK_TOKEN", "leave it out"],
    ),
    "subnets without a VPC": (
        {"vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)},
        ["vpc_subnets needs a vpc, got none", "pass vpc="],
    ),
    "security groups without a VPC": ({"security_groups": []}, ["security_groups needs a vpc, got none", "pass vpc="]),
    "preferences beside an instance type": (
        {"instance_preferences": ["ml.m5.xlarge"], "instance_type": "ml.m5.xlarge"},
        ["instance_type cannot be combined with instance_preferences", "leave one of them out"],
    ),
    "too many preferences": (
        {"instance_preferences": [f"ml.m5.{size}xlarge" for size in ("", 2, 4, 8, 12, 16)]},
        ["instance_preferences must have 1-5 items, got 6"],
    ),
    "an override that does not exist": (
        {"request_overrides": {"AppSpecfication": {}}},
        ["AppSpecfication is not a member of", "did you mean AppSpecification?"],
    ),
    "a framework version that does not exist": (
        {"image": ml.ContainerImage.sklearn("0.1")},
        ["image must be an image that SageMaker has", "0.1"],
    ),
    "a script that does not exist": (
        {"code": ml.Code.from_asset("no/such.py")},
        ["code must be a script or a directory, got 'no/such.py', which does not exist", "check the path"],
    ),
}
TRAINING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "neither image nor algorithm": ({"image": None}, ["image or algorithm is required, and only one", "pass image="]),
    "image and algorithm": ({"algorithm": "x"}, ["image or algorithm is required, and only one", "pass image="]),
    "a longest wait without spot": (
        {"max_wait": Duration.hours(1)},
        ["max_wait is for spot training only", "pass spot=True or leave it out"],
    ),
    "a longest wait that is too short": (
        {"spot": True, "max_runtime": Duration.hours(2), "max_wait": Duration.hours(1)},
        ["max_wait must be at least max_runtime, 7200 s, got 3600 s", "make it longer"],
    ),
    "a longest wait that is unknown": (
        {"spot": True, "max_runtime": Duration.seconds(Token.as_number({"Ref": "Seconds"}))},
        ["max_wait is required when max_runtime is known only later", "pass max_wait="],
    ),
    "a checkpoint path without a checkpoint": (
        {"checkpoint_path": "/opt/ml/x"},
        ["checkpoint_path requires a checkpoint", "pass checkpoint= or spot=True"],
    ),
    "a checkpoint known at run time only": (
        {"checkpoint": UNKNOWN},
        ["checkpoint has a location that is known only at run time", "within=[S3Data.from_bucket("],
    ),
    "an output known at run time only": (
        {"output": UNKNOWN},
        ["output has a location that is known only at run time", "within=[S3Data.from_bucket("],
    ),
    "a channel known at run time only": (
        {"channels": {"raw": UNKNOWN}},
        ["channels['raw'] has a location that is known only at run time", "within=[S3Data.from_bucket("],
    ),
    "too many retries": ({"retry_attempts": 31}, ["retry_attempts must be 1-30, got 31"]),
    "a compression that does not exist": (
        {"output_compression": "ZIP"},
        ["output_compression must be one of GZIP, NONE, got 'ZIP'"],
    ),
    "a bad name of a channel": ({"channels": {"a b": DATA}}, ["channels[0].ChannelName must match", "got 'a b'"]),
    "too many hyperparameters": (
        {"hyperparameters": {f"h{at}": at for at in range(101)}},
        ["hyperparameters must have 0-100 entries, got 101"],
    ),
    "too many metrics": (
        {"metric_definitions": {f"m{at}": "x" for at in range(41)}},
        ["metric_definitions must have 0-40 items, got 41"],
    ),
}


def check(error: ml.InvalidPropsError, path: str, parts: list[str]) -> None:
    """One line, from the path to the fix, with everything that must be said."""
    text = str(error)
    assert text.startswith(f"{path}: ")
    assert len(error.faults) == 1, text
    assert "\n" not in text
    for part in each(parts):
        assert part in text
    assert not text.endswith(".")


@pytest.mark.parametrize("case", PROCESSING)
def test_a_processing_job(stack: Stack, case: str) -> None:
    """One fault, one line."""
    props, parts = PROCESSING[case]

    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ProcessingJob(stack, "Job", **{"image": IMAGE, **props})

    check(caught.value, "Census/Job", parts)


@pytest.mark.parametrize("case", TRAINING)
def test_a_training_job(stack: Stack, case: str) -> None:
    """One fault, one line."""
    props, parts = TRAINING[case]

    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.TrainingJob(stack, "Train", **{"image": IMAGE, **props})

    check(caught.value, "Census/Train", parts)


def test_all_that_is_wrong_is_said_at_once(stack: Stack) -> None:
    """Each in a line of its own, with the path."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ProcessingJob(
            stack,
            "Job",
            image=ml.ContainerImage.sklearn("0.1"),
            code=ml.Code.from_asset("no.py"),
            outputs=["a", "a"],
            instance_count=0,
            volume_size=Size.tebibytes(17),
            job_name="a_b",
        )

    lines = str(caught.value).splitlines()
    assert all(line.startswith("Census/Job: ") for line in lines)
    assert {fault.member for fault in caught.value.faults} == {
        "image",
        "code",
        "outputs",
        "instance_count",
        "volume_size",
        "job_name",
    }
    assert len(lines) == 6


def test_an_unknown_instance_type_is_only_a_warning(stack: Stack, asl: Callable[..., Any]) -> None:
    """New ones appear between releases of botocore."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, instance_type="ml.m99.xlarge")

    asl(stack, job)

    Annotations.from_stack(stack).has_warning(
        "/Census/Job", Match.string_like_regexp("instance_type .*ml.m99.xlarge.*")
    )


def test_a_prop_that_does_not_exist(stack: Stack) -> None:
    """With the nearest one."""
    with pytest.raises(ml.InvalidPropsError, match=r"instance_typ is not a prop of .*; did you mean instance_type"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, instance_typ="ml.m5.xlarge")  # type: ignore[call-arg]


def test_a_job_that_failed_leaves_its_id_free(stack: Stack) -> None:
    """Nothing of it is in the tree."""
    with pytest.raises(ml.InvalidPropsError):
        ml.ProcessingJob(stack, "Job", image=IMAGE, instance_count=0)

    assert ml.ProcessingJob(stack, "Job", image=IMAGE)
