"""The way of an endpoint from one configuration to the next, and back if alarms say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import items, seconds, structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_cloudwatch as cloudwatch

BAKE_SECONDS = 300
"""The time that a step is watched before the next, unless another is passed."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """A part of an endpoint's capacity.

    Attributes:
        kind: ``INSTANCE_COUNT`` or ``CAPACITY_PERCENT``.
        value: The number of instances, or the percentage.
    """

    kind: str
    value: int | str

    @classmethod
    def instances(cls, count: int | str) -> Capacity:
        """A number of instances."""
        return cls("INSTANCE_COUNT", count)

    @classmethod
    def percent(cls, value: int | str) -> Capacity:
        """A share of the capacity, 1-100."""
        return cls("CAPACITY_PERCENT", value)

    def to_request(self) -> dict[str, Any]:
        """A ``CapacitySize`` of a request."""
        return {"Type": self.kind, "Value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The roll-out of an update. Make one with ``all_at_once``, ``canary``, ``linear`` or ``rolling``.

    Source: "Deployment guardrails for updating models in production" of the SageMaker developer guide.

    Attributes:
        policy: The policy, as the API writes it.
        alarms: Roll the update back when any of them goes off, at most 10.
        max_duration: How long it may take before it is rolled back, 10 minutes to 8 hours.
    """

    policy: dict[str, Any]
    alarms: Sequence[cloudwatch.IAlarm] = field(default=())
    max_duration: Duration | str | None = None

    @classmethod
    def all_at_once(
        cls,
        *,
        bake: Duration | str | None = None,
        keep_old: Duration | str | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        max_duration: Duration | str | None = None,
    ) -> Deployment:
        """Blue/green: all requests go over at once.

        Args:
            bake: How long the alarms are watched after that, at most an hour. Default: 5 minutes.
            keep_old: How long the old instances are kept after that, at most an hour. Default: not at all.
            alarms: Roll the update back when any of them goes off, at most 10.
            max_duration: How long all of it may take, 10 minutes to 8 hours. Default: SageMaker's limit.
        """
        return cls._blue_green({"Type": "ALL_AT_ONCE"}, bake, keep_old, alarms, max_duration)

    @classmethod
    def canary(
        cls,
        size: Capacity,
        *,
        bake: Duration | str | None = None,
        keep_old: Duration | str | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        max_duration: Duration | str | None = None,
    ) -> Deployment:
        """Blue/green: a part of the requests goes over first, at most half of them; then the rest.

        Args:
            size: The part: ``Capacity.percent(10)``.
            bake: How long the alarms are watched before the rest follows, at most an hour. Default: 5 minutes.
            keep_old: How long the old instances are kept after that, at most an hour. Default: not at all.
            alarms: Roll the update back when any of them goes off, at most 10.
            max_duration: How long all of it may take, 10 minutes to 8 hours. Default: SageMaker's limit.
        """
        routing = {"Type": "CANARY", "CanarySize": size.to_request()}
        return cls._blue_green(routing, bake, keep_old, alarms, max_duration)

    @classmethod
    def linear(
        cls,
        step: Capacity,
        *,
        bake: Duration | str | None = None,
        keep_old: Duration | str | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        max_duration: Duration | str | None = None,
    ) -> Deployment:
        """Blue/green: the requests go over in equal steps.

        Args:
            step: The part that each step takes over, 10-50 %: ``Capacity.percent(25)``.
            bake: How long the alarms are watched after each step, at most an hour. Default: 5 minutes.
            keep_old: How long the old instances are kept after that, at most an hour. Default: not at all.
            alarms: Roll the update back when any of them goes off, at most 10.
            max_duration: How long all of it may take, 10 minutes to 8 hours. Default: SageMaker's limit.
        """
        routing = {"Type": "LINEAR", "LinearStepSize": step.to_request()}
        return cls._blue_green(routing, bake, keep_old, alarms, max_duration)

    @classmethod
    def rolling(
        cls,
        batch: Capacity,
        *,
        bake: Duration | str | None = None,
        rollback_batch: Capacity | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        max_duration: Duration | str | None = None,
    ) -> Deployment:
        """The instances are replaced batch by batch, so that no second fleet is needed.

        Args:
            batch: The most that is replaced at once, 5-50 %: ``Capacity.percent(25)``.
            bake: How long the alarms are watched after each batch, at most an hour. Default: 5 minutes.
            rollback_batch: The most that is put back at once. Default: all of it.
            alarms: Roll the update back when any of them goes off, at most 10.
            max_duration: How long all of it may take, 10 minutes to 8 hours. Default: SageMaker's limit.
        """
        rolling = {
            "MaximumBatchSize": batch.to_request(),
            "WaitIntervalInSeconds": _bake_seconds(bake),
            "MaximumExecutionTimeoutInSeconds": seconds(max_duration),
            "RollbackMaximumBatchSize": None if rollback_batch is None else rollback_batch.to_request(),
        }
        return cls(policy={"RollingUpdatePolicy": rolling}, alarms=alarms, max_duration=max_duration)

    @classmethod
    def _blue_green(
        cls,
        routing: dict[str, Any],
        bake: Duration | str | None,
        keep_old: Duration | str | None,
        alarms: Sequence[cloudwatch.IAlarm],
        max_duration: Duration | str | None,
    ) -> Deployment:
        policy = {
            "TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": _bake_seconds(bake)},
            "TerminationWaitInSeconds": seconds(keep_old),
            "MaximumExecutionTimeoutInSeconds": seconds(max_duration),
        }
        return cls(policy={"BlueGreenUpdatePolicy": policy}, alarms=alarms, max_duration=max_duration)

    def to_request(self) -> dict[str, Any]:
        """The ``DeploymentConfig`` of a request."""
        alarms = items([{"AlarmName": alarm.alarm_name} for alarm in self.alarms])
        return {**self.policy, "AutoRollbackConfiguration": structure({"Alarms": alarms})}

    def alarm_arns(self) -> tuple[str, ...]:
        """The ARNs of the alarms."""
        return tuple(alarm.alarm_arn for alarm in self.alarms)


def _bake_seconds(bake: Duration | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    return BAKE_SECONDS if bake is None else seconds(bake)
