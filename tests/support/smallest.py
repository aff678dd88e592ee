"""Each step with the fewest props that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_lambda as lambda_

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
DATA = ml.S3Data.from_uri("s3://data/in/")
PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
MODEL = ml.S3Data.from_uri("s3://data/model.tar.gz")


def _labeling(scope: Construct, construct_id: str) -> ml.LabelingJob:
    function = lambda_.Function.from_function_attributes(
        scope,
        f"{construct_id}Function",
        function_arn="arn:aws:lambda:us-east-1:111122223333:function:mine",
        same_environment=True,
    )
    task = ml.labeling.LabelingTask(
        title="Name it",
        description="Say what it is",
        workteam_arn="arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/team",
        template=ml.S3Data.from_uri("s3://data/species.liquid.html"),
        pre_annotation=function,
        consolidation=function,
    )
    manifest = ml.S3Data.from_uri("s3://data/images.manifest")
    return ml.LabelingJob(scope, construct_id, manifest=manifest, label_attribute_name="species", task=task)


def _tuning(scope: Construct, construct_id: str) -> ml.TuningJob:
    return ml.TuningJob(
        scope,
        construct_id,
        training=ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions={"accuracy": "accuracy=([0-9.]+)"}),
        objective=ml.tuning.Objective.maximize("accuracy"),
        ranges={"depth": ml.tuning.IntegerRange(2, 12)},
    )


STEPS: dict[str, Callable[[Construct, str], Any]] = {
    "AutoMLJob": lambda scope, name: ml.AutoMLJob(
        scope, name, problem=ml.automl.AutoMLProblem.tabular("churned"), training=DATA
    ),
    "ClarifyJob": lambda scope, name: ml.ClarifyJob(
        scope, name, dataset=DATA, analysis={"methods": {"report": {"name": "report"}}}
    ),
    "CreateEndpoint": lambda scope, name: ml.CreateEndpoint(scope, name, endpoint_config="mine"),
    "CreateEndpointConfig": lambda scope, name: ml.CreateEndpointConfig(scope, name, model="mine"),
    "CreateModel": lambda scope, name: ml.CreateModel(scope, name, image=IMAGE),
    "DeployEndpoint": lambda scope, name: ml.DeployEndpoint(scope, name, endpoint_config="mine"),
    "LabelingJob": _labeling,
    "ModelApprovalGate": lambda scope, name: ml.ModelApprovalGate(scope, name, package=PACKAGE),
    "ModelMonitorJob": lambda scope, name: ml.ModelMonitorJob(scope, name, dataset=DATA),
    "PipelineExecution": lambda scope, name: ml.PipelineExecution(scope, name, pipeline="churn"),
    "ProcessingJob": lambda scope, name: ml.ProcessingJob(scope, name, image=IMAGE),
    "PySparkJob": lambda scope, name: ml.PySparkJob(scope, name, image=IMAGE, app=ml.S3Data.from_uri("s3://a/b.py")),
    "RegisterModel": lambda scope, name: ml.RegisterModel(scope, name, group="churn", image=IMAGE, data=MODEL),
    "SparkJarJob": lambda scope, name: ml.processing.SparkJarJob(
        scope, name, image=IMAGE, app=ml.S3Data.from_uri("s3://a/b.jar"), main_class="a.B"
    ),
    "TrainingJob": lambda scope, name: ml.TrainingJob(scope, name, image=IMAGE),
    "TransformJob": lambda scope, name: ml.TransformJob(scope, name, model="churn", data=DATA),
    "TuningJob": _tuning,
    "UpdateEndpoint": lambda scope, name: ml.UpdateEndpoint(scope, name, endpoint_name="churn", endpoint_config="mine"),
    "UpdateModelApproval": lambda scope, name: ml.UpdateModelApproval(scope, name, package=PACKAGE),
}
"""All steps that call SageMaker, by the names of their classes."""
