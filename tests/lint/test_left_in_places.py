"""Wildcards and names of variables that are left in places in S3 are told (CML118), and what may be meant so is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_s3 as s3

import constructs_ml as ml
from constructs_ml.lint import Severity, check_definition, check_template

if TYPE_CHECKING:
    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")


def definition(**members: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::sagemaker:createTransformJob"
    state = {"Type": "Task", "Resource": resource, "Parameters": members, "End": True}
    return {"StartAt": "Score", "States": {"Score": state}}


def read(uri: str) -> dict[str, Any]:
    return definition(TransformInput={"DataSource": {"S3DataSource": {"S3Uri": uri}}})


def told(found: Any) -> list[str]:
    return [item.problem for item in found if (item.rule, item.severity) == ("CML118", Severity.WARNING)]


@pytest.mark.parametrize(
    ("uri", "left"),
    [
        ("s3://churn/raw/*.csv", "*"),
        ("s3://churn/raw/**/part-0", "*"),
        ("s3://churn/{day}/", "{day}"),
        ("s3://churn/{}/", "{}"),
        ("s3://churn/{now:%Y-%m-%d}/", "{now:%Y-%m-%d}"),
        ("s3://churn/${run.day}/", "${run.day}"),
        ("s3://{{bucket}}/", "{bucket}"),
    ],
)
def test_what_is_left_is_told(uri: str, left: str) -> None:
    assert told(check_definition(read(uri))) == [
        f"contains {left!r}, which {'is not a wildcard' if left == '*' else 'nothing replaces'}, got {uri!r}"
    ]


@pytest.mark.parametrize(
    "body",
    [
        read("s3://churn/raw/"),
        read("s3://${Bucket}/raw/"),
        read("{% 's3://churn/*/' & $states.input.day %}"),
        definition(Environment={"PARTS": "s3://churn/*/{day}"}),
        definition(TransformOutput={"S3OutputPath.$": "States.Format('s3://churn/{}/', $.day)"}),
        read("s3://{{resolve:ssm:bucket}}/raw/"),
    ],
)
def test_what_is_put_in_is_not(body: dict[str, Any]) -> None:
    assert told(check_definition(body)) == []


@pytest.mark.parametrize(("values", "times"), [({"Day": "1"}, 0), ({"Day": {"Ref": "Day"}}, 0), ({}, 1)])
def test_a_template_says_what_is_put_in(values: dict[str, Any], times: int) -> None:
    text = json.dumps(read("s3://churn/${Day}/"))
    properties = {
        "DefinitionString": text,
        "DefinitionSubstitutions": values,
        "RoleArn": "arn:aws:iam::111122223333:role/F",
    }
    template = {"Resources": {"Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}

    assert len(told(check_template(template))) == times


def test_places_of_constructs_are_looked_at(stack: Stack, synth: Any) -> None:
    """An f of an f-string that is missing; a bucket's name is a token."""
    inputs = {
        "day": ml.S3Data.from_bucket(s3.Bucket(stack, "Bucket"), "{day}/"),
        "glob": "s3://churn/*.csv",
        "shell": "s3://churn/${day}/",
        "right": ml.S3Data.from_bucket(s3.Bucket(stack, "Other"), "day/"),
    }
    ml.Workflow(stack, "Flow", definition=ml.ProcessingJob(stack, "Job", image=IMAGE, inputs=inputs))

    assert len(told(check_template(synth(stack)))) == 3
