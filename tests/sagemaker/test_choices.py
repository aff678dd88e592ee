"""The closed choices are those of the API, and a request has their values."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING

import pytest
from support.public import PUBLIC

import constructs_ml as ml
from constructs_ml.core import enums
from constructs_ml.sagemaker.model import shape

if TYPE_CHECKING:
    from aws_cdk import Stack

SHAPES = {
    "ApprovalStatus": "ModelApprovalStatus",
    "AthenaCompression": "AthenaResultCompressionType",
    "AthenaFormat": "AthenaResultFormat",
    "AutoMLMode": "AutoMLMode",
    "AutoMLProblemType": "ProblemType",
    "Compression": "CompressionType",
    "ContentClassifier": "ContentClassifier",
    "CustomizationTechnique": "CustomizationTechnique",
    "Distribution": "S3DataDistribution",
    "EvaluationType": "EvaluationType",
    "ExecutionMode": "InferenceExecutionMode",
    "FeatureType": "ClarifyFeatureType",
    "InputMode": "TrainingInputMode",
    "ManagedStorage": "ManagedStorageType",
    "ModelCardStatus": "ModelCardStatus",
    "ModelDataType": "S3ModelDataType",
    "OutputCompression": "OutputCompressionType",
    "Peft": "Peft",
    "RecordWrapper": "RecordWrapper",
    "RedshiftCompression": "RedshiftResultCompressionType",
    "RedshiftFormat": "RedshiftResultFormat",
    "RegistrationType": "ModelPackageRegistrationType",
    "RetainedProperty": "VariantPropertyType",
    "RoutingStrategy": "RoutingStrategy",
    "ScaleIn": "ManagedInstanceScalingScaleInStrategy",
    "SkipValidation": "SkipModelValidation",
    "TextGranularity": "ClarifyTextGranularity",
    "UploadMode": "ProcessingS3UploadMode",
}
OPEN = {"ModelDomain"}
"""Choices that the API documents, and takes any text for."""
CHOICES = {
    name: value
    for name, value in vars(enums).items()
    if inspect.isclass(value) and issubclass(value, Enum) and value is not Enum
}


def test_every_choice_is_here_and_exported() -> None:
    assert set(SHAPES) | OPEN == set(CHOICES)
    assert all(PUBLIC[name] is value for name, value in CHOICES.items())


@pytest.mark.parametrize("name", SHAPES)
def test_a_choice_has_what_the_api_has(name: str) -> None:
    """A newer botocore that adds a value makes it fail."""
    assert {member.value for member in CHOICES[name]} == set(shape(SHAPES[name]).enum)


@pytest.mark.parametrize("given", [ml.training.OutputCompression.NONE, "NONE"])
def test_a_choice_and_its_value_are_the_same_request(stack: Stack, given: ml.training.OutputCompression | str) -> None:
    image = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    job = ml.TrainingJob(stack, "Train", image=image, output_compression=given)
    assert job.request["OutputDataConfig"]["CompressionType"] == "NONE"
    assert job.model_artifacts.is_model_folder


def test_choices_inside_of_lists_and_values(stack: Stack) -> None:
    update = ml.UpdateEndpoint(
        stack,
        "Update",
        endpoint_name="churn",
        endpoint_config="mine",
        exclude_retained_properties=[ml.hosting.RetainedProperty.DESIRED_WEIGHT],
    )
    routing = ml.hosting.Routing(strategy=ml.hosting.RoutingStrategy.RANDOM)
    config = ml.CreateEndpointConfig(stack, "Config", variants=[ml.hosting.Variant(model="mine", routing=routing)])
    assert update.request["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]
    assert config.request["ProductionVariants"][0]["RoutingConfig"]["RoutingStrategy"] == "RANDOM"
