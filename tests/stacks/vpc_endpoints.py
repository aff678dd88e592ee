"""A team whose jobs have no way into the internet: a network with endpoints, a database, flow logs, alarms."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from parts import prepare, train

import constructs_ml as ml


class NetworkedStack(Stack):
    """Jobs in private subnets."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        vpc.add_gateway_endpoint("S3Endpoint", service=ec2.GatewayVpcEndpointAwsService.S3)
        for service in ("SAGEMAKER_API", "CLOUDWATCH_LOGS", "ECR_DOCKER"):
            vpc.add_interface_endpoint(service, service=getattr(ec2.InterfaceVpcEndpointAwsService, service))
        vpc.add_flow_log("FlowLog")
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_15)
        rds.DatabaseInstance(self, "Features", engine=engine, vpc=vpc)
        raw = s3.Bucket(self, "Raw", enforce_ssl=True)
        ml.JobDefaults(vpc=vpc, network_isolation=False).apply_to(self)
        first = prepare(self, inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")})
        second = train(self, channels={"train": first.output("train")})
        workflow = ml.Workflow(self, "Workflow", definition=first.next(second))
        cloudwatch.Dashboard(self, "Dashboard").add_widgets(
            cloudwatch.GraphWidget(left=[workflow.metric_failed(), workflow.metric_time()])
        )
        workflow.metric_failed().create_alarm(self, "Failures", threshold=1, evaluation_periods=1)
        CfnOutput(self, "Subnets", value=",".join(vpc.select_subnets().subnet_ids))


def build(app: App) -> None:
    """Defines the app."""
    NetworkedStack(app, "Networked")
