"""Template resources that CloudFormation creates in SageMaker: groups, models, endpoints and pipelines."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.jobs.call import Call, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.service import SageMaker

_Properties = dict[str, Any]
_NAME = 40
_ID = 12


@dataclass(frozen=True)
class _Type:
    """A resource type: its name in the API, and the value of a reference to it."""

    name: str
    reference: str

    @property
    def name_member(self) -> str:
        return f"{self.name}Name"

    @property
    def arn_member(self) -> str:
        return f"{self.name}Arn"


_TYPES = (
    _Type("ModelPackageGroup", "arn"),
    _Type("Model", "arn"),
    _Type("EndpointConfig", "arn"),
    _Type("Endpoint", "arn"),
    _Type("Pipeline", "name"),
)


def handlers(api: SageMaker, account: str) -> dict[str, dict[str, Callable[..., Any]]]:
    """The functions that create and delete resources, by resource type.

    Args:
        api: SageMaker.
        account: The account, whose root deploys the templates.
    """
    call = Call(Caller(f"arn:aws:iam::{account}:root", lambda _need: True), template=True)
    return {
        f"AWS::SageMaker::{kind.name}": {"create": _creating(api, kind, call), "delete": _deleting(api, kind, call)}
        for kind in _TYPES
    }


def _creating(api: SageMaker, kind: _Type, call: Call) -> Callable[[str, _Properties, str], tuple[str, dict[str, Any]]]:
    def create(logical_id: str, properties: _Properties, stack: str) -> tuple[str, dict[str, Any]]:
        name = properties.get(kind.name_member) or f"{stack}-{logical_id}"[:_NAME] + f"-{uuid.uuid4().hex[:_ID]}"
        request = {**_spelt(properties), kind.name_member: _plain(name)}
        arn = api.call(f"Create{kind.name}", request, call)[kind.arn_member]
        attributes = {kind.name_member: request[kind.name_member], kind.arn_member: arn}
        return (arn if kind.reference == "arn" else request[kind.name_member]), attributes

    return create


def _deleting(api: SageMaker, kind: _Type, call: Call) -> Callable[[str, _Properties], None]:
    def delete(physical_id: str, _properties: _Properties) -> None:
        api.call(f"Delete{kind.name}", {kind.name_member: physical_id.rpartition("/")[2]}, call)

    return delete


def _spelt(properties: _Properties) -> _Properties:
    """Properties as the API spells them, where it differs from CloudFormation."""
    found = {name: value for name, value in properties.items() if name != "ModelPackageGroupPolicy"}
    for member in ("EndpointConfigName", "ModelName"):
        found[member] = _plain(found.get(member))
    definition = found.get("PipelineDefinition")
    if isinstance(definition, dict):
        place = definition.get("PipelineDefinitionS3Location")
        found["PipelineDefinition"] = definition.get("PipelineDefinitionBody")
        found["PipelineDefinitionS3Location"] = place and {"Bucket": place["Bucket"], "ObjectKey": place["Key"]}
    variants = [
        variant for member in ("ProductionVariants", "ShadowProductionVariants") for variant in found.get(member) or []
    ]
    for variant in variants:
        if variant.get("ModelName"):
            variant["ModelName"] = _plain(variant["ModelName"])
    return {name: value for name, value in found.items() if value is not None}


def _plain(name: Any) -> Any:  # noqa: ANN401 - a name, or an ARN that a Ref gave
    return name.rpartition("/")[2] if isinstance(name, str) else name
