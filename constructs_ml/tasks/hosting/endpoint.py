"""Endpoints, as states that make and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.props import ResourceProps
from constructs_ml.core.resource_spec import ResourceSpec
from constructs_ml.core.resource_task import ResourceTask, known_text
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.resources import resource_arns, use_volume_key, watch_alarms
from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.hosting.endpoint_config import CreateEndpointConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.enums import RetainedProperty
    from constructs_ml.tasks.hosting.deployment import Deployment


class EndpointProps(ResourceProps, total=False):
    """Props of states that make or change an endpoint."""

    endpoint_config_prefix: str
    """The start of the names of endpoint configurations, where one is named only at run time. It says what the state
    machine may use; nothing by default, so that it may use any."""
    volume_key: AnyKey
    """The KMS key of the configuration, where it is passed by name: making the endpoint needs to use it."""


class EndpointTask(ResourceTask):
    """Makes or changes an endpoint."""

    name_member = "EndpointName"
    arn_type = "endpoint"

    def __init__(
        self,
        spec: ResourceSpec,
        request: Mapping[str, Any],
        endpoint_config: CreateEndpointConfig | str,
        deployment: Deployment | None,
    ) -> None:
        """Make the state of a spec; subclasses call it with the members of the request that are their own."""
        name = config_name(endpoint_config)
        spec.members |= _MEMBERS
        alarms = () if deployment is None else deployment.alarm_arns()
        super().__init__(
            spec,
            {
                "EndpointConfigName": name,
                "DeploymentConfig": None if deployment is None else deployment.to_request(),
                **request,
            },
            statements=[*config_statements(spec, endpoint_config, self.operation), *watch_alarms(alarms)],
        )
        if alarms and isinstance(endpoint_config, CreateEndpointConfig):
            endpoint_config.allow(watch_alarms(alarms))
        self._warn_of_any(spec, endpoint_config)

    @property
    def endpoint_name(self) -> str:
        """The endpoint's name for the states after it."""
        return self._name_text()

    @property
    def name_filter(self) -> str | dict[str, str] | None:
        """The filter of an event pattern for the endpoint's name; None if nothing is known of the name."""
        name = self._request[self.name_member]
        if isinstance(name, str):
            return name
        start = known_text(name) or self.names.removesuffix("*")
        return {"prefix": start} if start else None

    def _request_statements(self, spec: ResourceSpec, request: Mapping[str, Any]) -> list[Statement]:
        return config_statements(spec, request.get("EndpointConfigName", ""), self.operation)

    def _warn_of_any(self, spec: ResourceSpec, endpoint_config: CreateEndpointConfig | str) -> None:
        if config_names(spec, endpoint_config) == "*":
            what = "endpoint_config is known only at run time, so the state machine may use any"
            self._warn(f"{what}; pass endpoint_config_prefix")


class CreateEndpoint(EndpointTask):
    """Defines a state that makes an endpoint; it does not wait for it to be in service.

    ::

        endpoint = ml.CreateEndpoint(self, "CreateEndpoint", endpoint_config=config)

    :class:`~constructs_ml.DeployEndpoint` waits, and updates an endpoint that is there. Its result is the endpoint's ARN
    and name. Source of members and limits: the CreateEndpoint API.
    """

    operation = "CreateEndpoint"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_config: CreateEndpointConfig | str,
        endpoint_name: str | None = None,
        deployment: Deployment | None = None,
        **props: Unpack[EndpointProps],
    ) -> None:
        """Define the call.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            endpoint_config: A ``CreateEndpointConfig`` state, or a configuration's name.
            endpoint_name: The endpoint's name. Default: one that is new at every attempt.
            deployment: How later updates are rolled out, unless they say so themselves. Default: all at once.
            props: The props of all states, and facts about a configuration that is passed by name.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        name = (self.name_member, endpoint_name)
        spec = ResourceSpec(self.operation, scope, construct_id, props, name=name, known=EndpointProps)
        super().__init__(spec, {"Tags": spec.tags()}, endpoint_config, deployment)


class UpdateEndpoint(EndpointTask):
    """Defines a state that gives an endpoint another configuration; it does not wait for it to be in service.

    ::

        update = ml.UpdateEndpoint(
            self, "Update",
            endpoint_name="churn",
            endpoint_config=config,
            deployment=ml.hosting.Deployment.canary(ml.hosting.Capacity.percent(10), alarms=[errors]),
        )

    An update that is rolled back ends in service too: :class:`~constructs_ml.DeployEndpoint` waits and distinguishes
    that from success. Its result is the endpoint's ARN. Source of members and limits: the UpdateEndpoint API.
    """

    operation = "UpdateEndpoint"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        endpoint_config: CreateEndpointConfig | str,
        deployment: Deployment | None = None,
        retain_variant_properties: bool | None = None,
        exclude_retained_properties: Sequence[RetainedProperty | str] = (),
        retain_deployment: bool | None = None,
        **props: Unpack[EndpointProps],
    ) -> None:
        """Define the call.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            endpoint_name: The endpoint's name.
            endpoint_config: A ``CreateEndpointConfig`` state, or a configuration's name.
            deployment: How the update is rolled out. Default: all at once.
            retain_variant_properties: Whether the variants keep the instance counts and weights that they have now.
                Default: they get those of the configuration.
            exclude_retained_properties: The properties that are not kept: ``DesiredInstanceCount``, ``DesiredWeight``
                or ``DataCaptureConfig``.
            retain_deployment: Whether it is rolled out like the last one. Default: no.
            props: The props of all states, and facts about a configuration that is passed by name.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        name = (self.name_member, endpoint_name)
        spec = ResourceSpec(self.operation, scope, construct_id, props, name=name, known=EndpointProps)
        if props.get("tags"):
            spec.faults.add("tags", "cannot be changed by an update", "tag the endpoint when it is made")
        excluded = [{"VariantPropertyType": kind} for kind in exclude_retained_properties]
        request = {
            "RetainAllVariantProperties": retain_variant_properties,
            "ExcludeRetainedVariantProperties": excluded or None,
            "RetainDeploymentConfig": retain_deployment,
        }
        super().__init__(spec, request, endpoint_config, deployment)


def config_name(endpoint_config: CreateEndpointConfig | str) -> str | Runtime:
    """The name of a configuration, as the kernel writes it."""
    if isinstance(endpoint_config, CreateEndpointConfig):
        return endpoint_config.later_name
    name: str | Runtime = parse_runtime_values(endpoint_config)
    return name


def config_names(spec: ResourceSpec, endpoint_config: CreateEndpointConfig | str) -> str:
    """Return the pattern of a configuration's names, as IAM writes it."""
    if isinstance(endpoint_config, CreateEndpointConfig):
        return endpoint_config.names
    name = parse_runtime_values(endpoint_config)
    if isinstance(name, str):
        return name
    return f"{spec.props.get('endpoint_config_prefix', known_text(name))}*"


def config_statements(
    spec: ResourceSpec, endpoint_config: CreateEndpointConfig | str, *operations: str
) -> list[Statement]:
    """Return the statements for using a configuration: the operations on its ARN too, and its key."""
    place = spec.context.of_stack.place
    arns = resource_arns(place, "endpoint-config", config_names(spec, endpoint_config), spec.own_names)
    key = endpoint_config.key_arn if isinstance(endpoint_config, CreateEndpointConfig) else None
    given = spec.props.get("volume_key")
    key = key if given is None else given.key_arn
    on_config = Statement(tuple(f"sagemaker:{operation}" for operation in operations), arns)
    return [on_config] if key is None else [on_config, use_volume_key(key)]


_MEMBERS = {
    "DeploymentConfig": "deployment",
    "EndpointConfigName": "endpoint_config",
    "EndpointName": "endpoint_name",
    "ExcludeRetainedVariantProperties": "exclude_retained_properties",
    "RetainAllVariantProperties": "retain_variant_properties",
    "RetainDeploymentConfig": "retain_deployment",
}
