"""A team that registers each model, waits for an approval, and deploys it to an endpoint."""

from __future__ import annotations

from aws_cdk import App, Stack
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from parts import IMAGE, prepare, train

import constructs_ml as ml


class ServedStack(Stack):
    """From rows to an endpoint."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        raw, key = s3.Bucket(self, "Raw"), kms.Key(self, "Key")
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        ml.JobDefaults(vpc=vpc, volume_key=key).apply_to(self)
        group = ml.registry.ModelPackageGroup(self, "Churn")
        topic = sns.Topic(self, "Alerts")
        current = ssm.StringParameter(self, "Current", parameter_name="/churn/model", string_value="none")
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")})
        second = train(self, channels={"train": first.output("train")})
        image = ml.ContainerImage.sklearn(IMAGE)
        register = ml.RegisterModel(
            self,
            "Register",
            group=group,
            image=image,
            data=second.model_artifacts,
            content_types=["text/csv"],
            response_types=["text/csv"],
        )
        gate = ml.ModelApprovalGate(self, "Approval", package=register)
        model = ml.CreateModel(self, "Model", image=image, data=second.model_artifacts)
        config = ml.CreateEndpointConfig(
            self, "Config", variants=[ml.hosting.Variant(model=model, instance_type="ml.m5.large", instance_count=1)]
        )
        deploy = ml.DeployEndpoint(self, "Deploy", endpoint_config=config)
        remember = tasks.CallAwsService(
            self,
            "Remember",
            service="ssm",
            action="putParameter",
            parameters={
                "Name": current.parameter_name,
                "Value": second.result("ModelArtifacts.S3ModelArtifacts"),
                "Overwrite": True,
            },
            iam_resources=[current.parameter_arn],
            result_path=sfn.JsonPath.DISCARD,
        )
        chain = first.next(second).next(register).next(gate).next(model).next(config).next(deploy).next(remember)
        workflow = ml.Workflow(self, "Workflow", definition=chain)
        ml.events.EndpointStateChangeRule(self, "Endpoints", endpoints=[deploy.endpoint_name], targets=[topic])
        ml.events.ModelPackageStateChangeRule(
            self, "Packages", groups=[group.model_package_group_name], targets=[topic]
        )
        scaling.ScalableTarget(
            self,
            "Capacity",
            service_namespace=scaling.ServiceNamespace.SAGEMAKER,
            resource_id="endpoint/churn/variant/AllTraffic",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=1,
            max_capacity=4,
        )
        cloudwatch.Alarm(self, "Failures", metric=workflow.metric_failed(), threshold=1, evaluation_periods=1)


def build(app: App) -> None:
    """Defines the app."""
    ServedStack(app, "Served")
