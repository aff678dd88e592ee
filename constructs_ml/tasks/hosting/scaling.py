"""The choice, scaling and routing of a variant's instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration

from constructs_ml.core.requests import mebibytes, structure

if TYPE_CHECKING:
    from aws_cdk import Size

    from constructs_ml.core.enums import RoutingStrategy, ScaleIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Capacity that comes and goes with the requests.

    Attributes:
        memory: 1 to 6 GiB, in whole GiB.
        max_concurrency: How many requests are served at once, 1-200.
        provisioned_concurrency: How many of them need not wait for a start, 1-200. Default: none.
    """

    memory: Size | str
    max_concurrency: int | str
    provisioned_concurrency: int | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``ServerlessConfig`` of a request."""
        return {
            "MemorySizeInMB": mebibytes(self.memory),
            "MaxConcurrency": self.max_concurrency,
            "ProvisionedConcurrency": self.provisioned_concurrency,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePool:
    """An instance type that a variant may run on.

    Attributes:
        instance_type: Such as ``ml.g5.xlarge``.
        priority: Its place in the order of preference, 1-5; 1 comes first.
        model_name: The model that runs on it. Default: the variant's.
    """

    instance_type: str
    priority: int | str
    model_name: str | None = None

    def to_request(self) -> dict[str, Any]:
        """An item of ``InstancePools``."""
        return {
            "InstanceType": self.instance_type,
            "ModelNameOverride": self.model_name,
            "Priority": self.priority,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedScaling:
    """SageMaker scales the instances of a variant with its inference components.

    Attributes:
        min_count: The fewest instances; 0 to scale in to none.
        max_count: The most instances.
        enabled: Whether it is in force.
        scale_in: ``IDLE_RELEASE`` to release instances that stand idle, ``CONSOLIDATION`` to move copies together.
            Default: SageMaker's choice.
        max_step: The most instances that are released at once, 1-100; with ``scale_in``.
        cooldown: The time between two steps, 5 minutes to a day; with ``scale_in``.
    """

    min_count: int | str | None = None
    max_count: int | str | None = None
    enabled: bool = True
    scale_in: ScaleIn | str | None = None
    max_step: int | str | None = None
    cooldown: Duration | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``ManagedInstanceScaling`` of a request."""
        cooldown = self.cooldown
        policy = {
            "Strategy": self.scale_in,
            "MaximumStepSize": self.max_step,
            "CooldownInMinutes": cooldown.to_minutes() if isinstance(cooldown, Duration) else cooldown,
        }
        return {
            "Status": "ENABLED" if self.enabled else "DISABLED",
            "MinInstanceCount": self.min_count,
            "MaxInstanceCount": self.max_count,
            "ScaleInPolicy": structure(policy),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The way in which requests are spread over the instances of a variant.

    Attributes:
        strategy: ``LEAST_OUTSTANDING_REQUESTS``, ``RANDOM`` or ``PREFIX_AWARE``.
        prefix_length: How many characters of a request are compared, 1024-65536; ``PREFIX_AWARE`` only.
        concurrency_threshold: From how many requests on an instance is passed over, 1-1024; ``PREFIX_AWARE`` only.
    """

    strategy: RoutingStrategy | str
    prefix_length: int | str | None = None
    concurrency_threshold: int | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``RoutingConfig`` of a request."""
        prefix = {"PrefixLength": self.prefix_length, "ConcurrencyThreshold": self.concurrency_threshold}
        return {"RoutingStrategy": self.strategy, "PrefixAwareRoutingConfig": structure(prefix)}
