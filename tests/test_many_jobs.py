"""A stack of many jobs of all kinds stays within the limits of CloudFormation and IAM."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
DATA = ml.S3Data.from_uri("s3://data/in/")


def job(stack: Stack, at: int) -> Any:
    name = f"Job{at}"
    kinds: list[Callable[[], Any]] = [
        lambda: ml.ProcessingJob(stack, name, image=IMAGE, inputs={"raw": DATA}, outputs=["out"]),
        lambda: ml.TrainingJob(stack, name, image=IMAGE, channels={"train": DATA}),
        lambda: ml.TransformJob(stack, name, model="mine", data=DATA),
        lambda: ml.TuningJob(
            stack,
            name,
            training=ml.tuning.TrainingDefinition(
                image=IMAGE, channels={"train": DATA}, metric_definitions={"loss": "l=(.*)"}
            ),
            objective=ml.tuning.Objective.minimize("loss"),
            ranges={"depth": ml.tuning.IntegerRange(1, 9)},
            max_jobs=4,
        ),
        lambda: ml.ModelMonitorJob(stack, name, dataset=DATA),
    ]
    return kinds[at % len(kinds)]()


def template(count: int) -> dict[str, Any]:
    app = App(analytics_reporting=False)
    stack = Stack(app, "Many")
    jobs = [job(stack, at) for at in range(count)]
    chain: Any = jobs[0]
    for following in jobs[1:]:
        chain = chain.next(following)
    ml.Workflow(stack, "Workflow", definition=sfn.Chain.start(jobs[0]) if count == 1 else chain)
    found: dict[str, Any] = app.synth().get_stack_by_name("Many").template
    return found


def iam(found: dict[str, Any]) -> list[str]:
    return [name for name, item in found["Resources"].items() if item["Type"].startswith("AWS::IAM::")]


def test_three_hundred_jobs_of_mixed_kinds() -> None:
    one, many = template(1), template(300)
    assert len(iam(many)) - len(iam(one)) <= 3
    assert len(many["Resources"]) <= 500
    (machine,) = [
        item["Properties"]["PolicyDocument"]["Statement"]
        for name, item in many["Resources"].items()
        if item["Type"] == "AWS::IAM::Policy" and name.startswith("WorkflowRole")
    ]
    assert len(machine) <= 20
    (jobs,) = [
        item["Properties"]["PolicyDocument"]
        for name, item in many["Resources"].items()
        if item["Type"] == "AWS::IAM::Policy" and name.startswith("ConstructsMlJobRole")
    ]
    assert len(json.dumps(jobs, separators=(",", ":"))) <= 10_240
