"""The base of both pipelines: the serving of a model, and the workflow around their states."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from aws_cdk import CfnOutput
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_ml.core.s3_data import S3Data
from constructs_ml.tasks.hosting.deploy import DeployEndpoint
from constructs_ml.tasks.hosting.endpoint_config import CreateEndpointConfig
from constructs_ml.tasks.hosting.variant import Variant
from constructs_ml.workflow.workflow import Workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration

    from constructs_ml.tasks.hosting.deployment import Deployment
    from constructs_ml.tasks.hosting.model import CreateModel

Data = S3Data | str


class ServingProps(TypedDict, total=False):
    """Props of a pipeline for the serving of its model."""

    endpoint_name: str
    """The endpoint's name. Default: built from the names of the stack and the pipeline; always the same."""
    serving_instance_type: str
    """The instance type of the endpoint. Default: the nearest default's, else ``ml.m5.xlarge``."""
    serving_instance_count: int
    """The number of instances that it starts with. Default: 1."""
    deployment: Deployment
    """The roll-out of an update, and what rolls it back. Default: all at once, without alarms."""
    deployment_timeout: Duration
    """The time to wait for the endpoint to be in service. Default: an hour."""
    workflow_timeout: Duration
    """The time that an execution may take. Default: no limit."""


class ServingPipeline(Construct):
    """Makes a model and serves it: base of the pipelines.

    Attributes:
        endpoint_config: The configuration of the endpoint.
        deployed: The state that deploys to the endpoint and waits until it is in service.
        workflow: The state machine.
    """

    endpoint_config: CreateEndpointConfig
    deployed: DeployEndpoint
    workflow: Workflow
    _serving: ServingProps

    def configure_endpoint(self, model: CreateModel) -> CreateEndpointConfig:
        """Define the endpoint's configuration; a seam: return another one for several variants or data capture.

        Args:
            model: The model.
        """
        variant = Variant(
            model=model,
            instance_type=self._serving.get("serving_instance_type"),
            instance_count=self._serving.get("serving_instance_count"),
        )
        return CreateEndpointConfig(self, "ConfigureEndpoint", state_name="Configure Endpoint", variants=[variant])

    def deploy(self, endpoint_config: CreateEndpointConfig) -> DeployEndpoint:
        """Deploy it to the endpoint; a seam: return a deployment with catches, or with another roll-out.

        Args:
            endpoint_config: The configuration that it serves.
        """
        return DeployEndpoint(
            self,
            "Deploy",
            endpoint_config=endpoint_config,
            endpoint_name=self._serving.get("endpoint_name"),
            deployment=self._serving.get("deployment"),
            timeout=self._serving.get("deployment_timeout"),
        )

    def define(self, *states: sfn.IChainable) -> sfn.IChainable:
        """The definition of the workflow; a seam: put states before, after or between those of the pipeline.

        Args:
            states: The pipeline's own states, in their order.
        """
        chain = sfn.Chain.start(states[0])
        for state in states[1:]:
            chain = chain.next(state)
        return chain

    def _serve(self, model: CreateModel, *before: sfn.IChainable) -> None:
        """Add the states that deploy a model, and the workflow of all states."""
        self.endpoint_config = self.configure_endpoint(model)
        self.deployed = self.deploy(self.endpoint_config)
        definition = self.define(*before, model, self.endpoint_config, self.deployed)
        self.workflow = Workflow(self, "Workflow", definition=definition, timeout=self._serving.get("workflow_timeout"))


def outputs(scope: Construct, pipeline: ServingPipeline) -> None:
    """The outputs of a stack that holds a pipeline."""
    CfnOutput(scope, "StateMachineArn", value=pipeline.workflow.state_machine_arn)
    CfnOutput(scope, "EndpointName", value=pipeline.deployed.endpoint_name)


def located(data: Data) -> S3Data:
    """A place in S3 that may be given by its URI."""
    return S3Data.from_uri(data) if isinstance(data, str) else data


def located_all(channels: Mapping[str, Data]) -> dict[str, S3Data]:
    """Return channels with their places in S3."""
    return {name: located(data) for name, data in channels.items()}
