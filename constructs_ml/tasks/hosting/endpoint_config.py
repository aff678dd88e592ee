"""The configuration of an endpoint, as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.network import network_of, vpc_members
from constructs_ml.core.props import ModelProps
from constructs_ml.core.requests import items, seconds, structure
from constructs_ml.core.resource_spec import ResourceSpec
from constructs_ml.core.resource_task import ResourceTask
from constructs_ml.iam.job_role import job_statements
from constructs_ml.tasks.hosting.model import CreateModel
from constructs_ml.tasks.hosting.variant import Variant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.execution_role import JobPermissions
    from constructs_ml.iam.statements import Statement
    from constructs_ml.tasks.hosting.capture import AsyncInference, DataCapture
    from constructs_ml.tasks.hosting.explainer import ClarifyExplainer


class EndpointConfigProps(ModelProps, total=False):
    """Props of an endpoint configuration in addition to the models that it serves.

    ``role``, ``vpc`` and ``network_isolation`` are for endpoints of inference components; models bring theirs.
    """


class CreateEndpointConfig(ResourceTask):
    """Defines a state that makes an endpoint configuration.

    ::

        config = ml.CreateEndpointConfig(self, "Configure", model=model)

    Its result is the configuration's ARN and name. Source of members and limits: the CreateEndpointConfig API.

    Attributes:
        key_arn: The KMS key of the instances' volumes, if it has one: what makes the endpoint needs to use it.
    """

    operation = "CreateEndpointConfig"
    name_member = "EndpointConfigName"
    arn_type = "endpoint-config"
    role_member = "ExecutionRoleArn"
    _needs_role = False
    key_arn: str | None = None
    _models: tuple[CreateModel, ...] = ()

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: CreateModel | str | None = None,
        variants: Sequence[Variant] = (),
        shadow_variants: Sequence[Variant] = (),
        data_capture: DataCapture | None = None,
        async_inference: AsyncInference | None = None,
        explainer: ClarifyExplainer | None = None,
        volume_key: AnyKey | None = None,
        enhanced_metrics: bool | None = None,
        detailed_observability: bool | None = None,
        metrics_interval: Duration | str | None = None,
        endpoint_config_name: str | None = None,
        **props: Unpack[EndpointConfigProps],
    ) -> None:
        """Define the configuration.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            model: The model, on one instance; or else variants.
            variants: The models that it serves, at most 10.
            shadow_variants: The models that get a copy of the requests and whose responses are dropped, at most 10.
            data_capture: Keeps requests and responses. Default: no.
            async_inference: Answers later, in S3. Default: it answers at once.
            explainer: Explains answers. Default: no.
            volume_key: The KMS key of the instances' volumes. Default: the nearest default's, else SageMaker's own.
                Serverless variants have no volumes.
            enhanced_metrics: Whether metrics are given for each instance and container. Default: no.
            detailed_observability: Whether more is recorded of the containers. Default: no.
            metrics_interval: How often metrics are published. Default: SageMaker's choice.
            endpoint_config_name: The configuration's name. Default: one that is new at every attempt.
            props: The props of all states, and for inference components a role and a network:
                :class:`~constructs_ml.core.props.ModelProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = ResourceSpec(
            self.operation,
            scope,
            construct_id,
            props,
            name=(self.name_member, endpoint_config_name),
            known=EndpointConfigProps,
        )
        spec.members |= _MEMBERS
        variants = _variants(spec, model, variants)
        permissions = _role(spec, props)
        metrics = {
            "EnableEnhancedMetrics": enhanced_metrics,
            "EnableDetailedObservability": detailed_observability,
            "MetricPublishFrequencyInSeconds": seconds(metrics_interval),
        }
        shadows = [item.to_request(spec, f"shadow_variants[{at}].") for at, item in enumerate(shadow_variants)]
        key = volume_key or (None if any(item.serverless for item in variants) else spec.either("volume_key", None))
        super().__init__(
            spec,
            {
                "ProductionVariants": [item.to_request(spec, f"variants[{at}].") for at, item in enumerate(variants)],
                "DataCaptureConfig": None if data_capture is None else data_capture.to_request(spec),
                "Tags": spec.tags(),
                "KmsKeyId": None if key is None else key.key_arn,
                "AsyncInferenceConfig": None if async_inference is None else async_inference.to_request(spec),
                "ExplainerConfig": None if explainer is None else explainer.to_request(spec),
                "ShadowProductionVariants": items(shadows),
                "ExecutionRoleArn": None if permissions is None else permissions.role_arn,
                "VpcConfig": spec.vpc_config(),
                "EnableNetworkIsolation": props.get("network_isolation"),
                "MetricsConfig": structure(metrics),
            },
            role_arn=None if permissions is None else permissions.role_arn,
        )
        self.key_arn = None if key is None else key.key_arn
        every = [*variants, *shadow_variants]
        self._models = tuple(item.model for item in every if isinstance(item.model, CreateModel))
        parts = [*every, *(part for part in (data_capture, async_inference, explainer) if part is not None)]
        self.allow([statement for part in parts for statement in part.statements()])
        if permissions is not None:
            permissions.allow(job_statements(spec.access, spec.context.of_stack.place))
            permissions.allow([statement for part in parts for statement in part.statements()])
            self._role_policy = permissions.policy

    @property
    def endpoint_config_name(self) -> str:
        """The configuration's name for the states after it."""
        return self._name_text()

    def allow(self, statements: Sequence[Statement]) -> None:
        """Grant the roles of its models further permissions, for features of their endpoint."""
        for model in self._models:
            model.allow(statements)


def _variants(spec: ResourceSpec, model: CreateModel | str | None, variants: Sequence[Variant]) -> Sequence[Variant]:
    if (model is None) == (not variants):
        spec.faults.add("model", "or variants is required, and only one of them", "pass model=")
    if model is None:
        spec.members["ProductionVariants"] = "variants"
        return variants
    spec.members |= {"ProductionVariants[0].InstanceType": "instance_type", "ProductionVariants[0].ModelName": "model"}
    return [Variant(model=model)]


def _role(spec: ResourceSpec, props: EndpointConfigProps) -> JobPermissions | None:
    """The role of inference components, if one is asked for; the defaults' role and network are the models'."""
    if "role" not in props:
        for name in ("vpc", "vpc_subnets", "security_groups", "network_isolation"):
            if name in props:
                spec.faults.add(
                    name, "is for inference components, and needs a role", "pass role=, or set it on the model"
                )
        return None
    spec.network = network_of(
        spec.context, props.get("vpc"), props.get("vpc_subnets"), props.get("security_groups"), spec.faults
    )
    return permissions_for(spec.context, props["role"])


_MEMBERS = {
    "AsyncInferenceConfig": "async_inference",
    "DataCaptureConfig": "data_capture",
    "EnableNetworkIsolation": "network_isolation",
    "EndpointConfigName": "endpoint_config_name",
    "ExecutionRoleArn": "role",
    "ExplainerConfig": "explainer",
    "KmsKeyId": "volume_key",
    "MetricsConfig.EnableDetailedObservability": "detailed_observability",
    "MetricsConfig.EnableEnhancedMetrics": "enhanced_metrics",
    "MetricsConfig.MetricPublishFrequencyInSeconds": "metrics_interval",
    "ShadowProductionVariants": "shadow_variants",
    **vpc_members("VpcConfig"),
}
