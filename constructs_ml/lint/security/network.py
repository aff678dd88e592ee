"""The network settings of requests, by the type of their structure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.lint.security.call import Call, Part
    from constructs_ml.lint.security.subject import Subject


@dataclass(frozen=True, slots=True)
class Places:
    """The members of a structure that configure the network.

    Attributes:
        vpc: The member with subnets and security groups.
        isolation: The flag for network isolation; empty if it is not supported.
        encryption: The flag for encrypted traffic between instances; empty if it is not supported.
        instances: The members that determine the number of instances.
        hosted: Whether it is a model, or monitors one.
    """

    vpc: str
    isolation: str = ""
    encryption: str = ""
    instances: tuple[str, ...] = ()
    hosted: bool = False

    def is_isolated(self, part: Part) -> bool:
        """Return whether the containers have no network."""
        return bool(self.isolation) and part.is_on(self.isolation)

    def is_private(self, part: Part) -> bool:
        """Return whether the containers are in a VPC, or have no network."""
        return bool(part.get(self.vpc)) or self.is_isolated(part)


_ENCRYPTION = "EnableInterContainerTrafficEncryption"
_CONFIG = ("NetworkConfig.VpcConfig", "NetworkConfig.EnableNetworkIsolation", f"NetworkConfig.{_ENCRYPTION}")
_MONITORING = Places(*_CONFIG, ("JobResources.ClusterConfig",), hosted=True)
PLACES: Mapping[str, Places] = MappingProxyType(
    {
        "CreateProcessingJobRequest": Places(*_CONFIG, ("ProcessingResources.ClusterConfig",)),
        "CreateTrainingJobRequest": Places("VpcConfig", "EnableNetworkIsolation", _ENCRYPTION, ("ResourceConfig",)),
        "HyperParameterTrainingJobDefinition": Places(
            "VpcConfig",
            "EnableNetworkIsolation",
            _ENCRYPTION,
            ("ResourceConfig", "HyperParameterTuningResourceConfig"),
        ),
        # Autopilot decides the number of instances of its jobs.
        "CreateAutoMLJobV2Request": Places("SecurityConfig.VpcConfig", "", f"SecurityConfig.{_ENCRYPTION}"),
        "CreateAutoMLJobRequest": Places(
            "AutoMLJobConfig.SecurityConfig.VpcConfig", "", f"AutoMLJobConfig.SecurityConfig.{_ENCRYPTION}"
        ),
        "LabelingJobAlgorithmsConfig": Places("LabelingJobResourceConfig.VpcConfig"),
        "CreateModelInput": Places("VpcConfig", "EnableNetworkIsolation", hosted=True),
        "CreateDataQualityJobDefinitionRequest": _MONITORING,
        "CreateModelBiasJobDefinitionRequest": _MONITORING,
        "CreateModelExplainabilityJobDefinitionRequest": _MONITORING,
        "CreateModelQualityJobDefinitionRequest": _MONITORING,
        "MonitoringJobDefinition": Places(*_CONFIG, ("MonitoringResources.ClusterConfig",), hosted=True),
    }
)
"""The members by the structure's type. Transform jobs run in the network of their model."""


def networked(subject: Subject) -> Iterator[tuple[Call, Part, Places]]:
    """Yield all structures with a network configuration; serverless training jobs have none of their own."""
    for call in subject.calls:
        for part in call.parts:
            if part.shape.name in PLACES and not part.get("ServerlessJobConfig"):
                yield call, part, PLACES[part.shape.name]
