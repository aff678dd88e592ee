"""Props that do not agree with each other are one fault where the construct is made, which names both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("mine")
DATA = ml.S3Data.from_uri("s3://data/raw/")
FOLDER = "/opt/ml/processing"
TRIALS = {
    "training": ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions={"auc": "auc=(.*)"}),
    "objective": ml.tuning.Objective.maximize("auc"),
    "ranges": {"depth": ml.tuning.IntegerRange(1, 9)},
}


def processing(**props: Any) -> Callable[[Stack], object]:
    return lambda stack: ml.ProcessingJob(stack, "It", image=IMAGE, **props)


def training(**props: Any) -> Callable[[Stack], object]:
    return lambda stack: ml.TrainingJob(stack, "It", image=IMAGE, **props)


def transform(**props: Any) -> Callable[[Stack], object]:
    return lambda stack: ml.TransformJob(stack, "It", model="mine", data=DATA, **props)


def rolled_out(deployment: ml.hosting.Deployment) -> Callable[[Stack], object]:
    return lambda stack: ml.UpdateEndpoint(stack, "It", endpoint_name="a", endpoint_config="b", deployment=deployment)


WRONG: dict[str, tuple[Callable[[Stack], object], str]] = {
    "one folder for an input and an output": (
        processing(
            inputs={"raw": ml.ProcessingInput(source=DATA, local_path=f"{FOLDER}/x")},
            outputs={"made": ml.ProcessingOutput(local_path=f"{FOLDER}/x")},
        ),
        f"outputs[0].S3Output.LocalPath is '{FOLDER}/x', the same as that of inputs[0]; write to a folder of its own",
    ),
    "the folder of all inputs": (
        processing(inputs={"raw": ml.ProcessingInput(source=DATA, local_path=FOLDER)}),
        f"inputs[0].S3Input.LocalPath must be below {FOLDER}/, got '{FOLDER}'; write '{FOLDER}/...'",
    ),
    "an input and an output of one name": (
        processing(inputs={"raw": DATA}, outputs=["raw"]),
        "outputs[0].OutputName is 'raw', the same as that of inputs[0]; give each a name of its own",
    ),
    "a warm pool of spot instances": (
        training(spot=True, keep_alive=Duration.minutes(10)),
        "keep_alive must be 0 with spot true, got 600; leave it out",
    ),
    "a run time of a month": (
        training(max_runtime=Duration.days(30)),
        "max_runtime must be at most 2419200, got 2592000; pass Duration.hours(1)",
    ),
    "records that are not split": (
        transform(batch_strategy="MultiRecord", split_type="None"),
        (
            "split_type must be one of Line, RecordIO, TFRecord with batch_strategy 'MultiRecord', got 'None'; "
            "write 'Line', or leave batch_strategy out"
        ),
    ),
    "more trials at once than there are": (
        lambda stack: ml.TuningJob(stack, "It", max_jobs=2, max_parallel_jobs=3, **TRIALS),
        "max_parallel_jobs must be at most max_jobs, 2, got 3",
    ),
    "a canary of more than half": (
        rolled_out(ml.hosting.Deployment.canary(ml.hosting.Capacity.percent(60))),
        "CanarySize.Value must be at most 50 with Type 'CAPACITY_PERCENT', got 60",
    ),
    "two variants of a name": (
        lambda stack: ml.CreateEndpointConfig(
            stack, "It", variants=[ml.hosting.Variant(model="a", name="v"), ml.hosting.Variant(model="b", name="v")]
        ),
        "variants[1].VariantName is 'v', the same as that of variants[0]",
    ),
}


@pytest.mark.parametrize(("made", "said"), WRONG.values(), ids=WRONG)
def test_what_does_not_agree_is_one_fault(stack: Stack, made: Callable[[Stack], object], said: str) -> None:
    """With the construct's path, the prop, what was got, and the fix."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        made(stack)

    assert len(caught.value.faults) == 1, str(caught.value)
    assert str(caught.value).startswith("Census/It: ")
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize(
    "made",
    [
        training(spot=True, max_wait=sfn.JsonPath.string_at("$.w"), keep_alive=Duration.seconds(0)),
        training(instance_type=sfn.JsonPath.string_at("$.t"), keep_alive=Duration.hours(1)),
        transform(batch_strategy="MultiRecord", split_type=sfn.JsonPath.string_at("$.s")),
        rolled_out(ml.hosting.Deployment.canary(ml.hosting.Capacity.instances(60))),
        rolled_out(ml.hosting.Deployment.linear(ml.hosting.Capacity.percent(sfn.JsonPath.string_at("$.p")))),
        lambda stack: ml.TuningJob(stack, "It", max_jobs=sfn.JsonPath.string_at("$.n"), max_parallel_jobs=3, **TRIALS),
        processing(inputs={"raw": ml.ProcessingInput(source=DATA, local_path=f"{FOLDER}/a")}, outputs=["made", "more"]),
    ],
)
def test_what_is_legal_or_known_only_later_is_none(stack: Stack, made: Callable[[Stack], object]) -> None:
    made(stack)
