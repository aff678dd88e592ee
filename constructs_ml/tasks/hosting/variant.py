"""A model on its instances: a variant of an endpoint configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.job_spec import DEFAULT_INSTANCE_TYPE
from constructs_ml.core.requests import gibibytes, items, key_arn, seconds, structure
from constructs_ml.tasks.hosting.capture import write_statements
from constructs_ml.tasks.hosting.model import CreateModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk import Duration, Size

    from constructs_ml.core.cdk_types import AnyKey
    from constructs_ml.core.resource_spec import ResourceSpec
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.iam.statements import Statement
    from constructs_ml.tasks.hosting.scaling import InstancePool, ManagedScaling, Routing, Serverless


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A model and what it runs on.

    Attributes:
        model: A ``CreateModel`` state, or a model's name. Default: none; inference components bring theirs.
        name: The variant's name.
        instance_type: Default: the nearest default's, else ``ml.m5.xlarge``.
        instance_count: How many instances it starts with. Default: 1.
        serverless: Serves it without instances.
        instance_pools: Instance types in order of preference, at most 5, instead of ``instance_type``.
        weight: Its share of the requests, relative to the other variants'. Default: 1.
        volume_size: The size of each instance's volume, 1-512 GiB. Default: what the instance type has.
        scaling: Lets SageMaker scale the instances. Default: their number stays.
        routing: How requests are spread over the instances. Default: at random.
        model_download_timeout: How long fetching the artifacts may take, 1 minute to an hour. Default: SageMaker's.
        startup_timeout: How long the container may take to pass its health check, 1 minute to an hour. Default:
            SageMaker's.
        provision_timeout: How long getting the instances may take, 5 minutes to an hour. Default: SageMaker's.
        ami_version: The image of the machines below the containers. Default: SageMaker's newest.
        accelerator_type: An elastic inference accelerator, which AWS no longer gives to new customers.
        core_dump: Where core dumps of the containers go. Default: nowhere.
        core_dump_key: The KMS key that they are encrypted with. Default: the bucket's encryption.
        ssm_access: Whether one may connect to the containers through Systems Manager. Default: no.
        capacity_reservation: The ARN of a training plan or reservation whose capacity is used.
        capacity_preference: ``capacity-reservations-only``, which is the default with a reservation.
    """

    model: CreateModel | str | None = None
    name: str = "AllTraffic"
    instance_type: str | None = None
    instance_count: int | str | None = None
    serverless: Serverless | None = None
    instance_pools: Sequence[InstancePool] = ()
    weight: float | str | None = None
    volume_size: Size | str | None = None
    scaling: ManagedScaling | None = None
    routing: Routing | None = None
    model_download_timeout: Duration | str | None = None
    startup_timeout: Duration | str | None = None
    provision_timeout: Duration | str | None = None
    ami_version: str | None = None
    accelerator_type: str | None = None
    core_dump: S3Data | None = None
    core_dump_key: AnyKey | None = None
    ssm_access: bool | None = None
    capacity_reservation: str | None = None
    capacity_preference: str | None = None

    def to_request(self, spec: ResourceSpec, where: str) -> dict[str, Any]:
        """The variant as CreateEndpointConfig takes it."""
        self._check(spec, where)
        on_instances = self.serverless is None
        given_type = spec.either("instance_type", DEFAULT_INSTANCE_TYPE) if self.instance_type is None else None
        typed = on_instances and not self.instance_pools
        counted = 1 if self.instance_count is None and on_instances else self.instance_count
        return {
            "VariantName": self.name,
            "ModelName": self.model.later_name if isinstance(self.model, CreateModel) else self.model,
            "InitialInstanceCount": counted,
            "InstanceType": self.instance_type or (given_type if typed else None),
            "InstancePools": items([pool.to_request() for pool in self.instance_pools]),
            "VariantInstanceProvisionTimeoutInSeconds": seconds(self.provision_timeout),
            "InitialVariantWeight": self.weight,
            "AcceleratorType": self.accelerator_type,
            "CoreDumpConfig": self._core_dump(),
            "ServerlessConfig": None if self.serverless is None else self.serverless.to_request(),
            "VolumeSizeInGB": gibibytes(self.volume_size),
            "ModelDataDownloadTimeoutInSeconds": seconds(self.model_download_timeout),
            "ContainerStartupHealthCheckTimeoutInSeconds": seconds(self.startup_timeout),
            "EnableSSMAccess": self.ssm_access,
            "ManagedInstanceScaling": None if self.scaling is None else self.scaling.to_request(),
            "RoutingConfig": None if self.routing is None else self.routing.to_request(),
            "InferenceAmiVersion": self.ami_version,
            "CapacityReservationConfig": self._reservation(),
        }

    def statements(self) -> Iterator[Statement]:
        """The statements of the model's role for it."""
        if self.core_dump is not None:
            yield from write_statements(self.core_dump, key_arn(self.core_dump_key))

    def _check(self, spec: ResourceSpec, where: str) -> None:
        if self.serverless is not None:
            for name in ("instance_type", "instance_count", "instance_pools", "volume_size", "scaling"):
                if getattr(self, name):
                    spec.faults.add(f"{where}{name}", "is not for a serverless variant", "leave one of them out")
        if self.instance_pools and self.instance_type is not None:
            spec.faults.add(f"{where}instance_type", "cannot be combined with instance_pools", "leave one of them out")
        if self.core_dump_key is not None and self.core_dump is None:
            spec.faults.add(f"{where}core_dump_key", "needs a place for core dumps", "pass core_dump=")
        if self.core_dump is not None and not self.core_dump.objects and spec.derives_role:
            spec.unknown_location(f"{where}core_dump")

    def _core_dump(self) -> dict[str, Any] | None:
        if self.core_dump is None:
            return None
        return {"DestinationS3Uri": self.core_dump.location, "KmsKeyId": key_arn(self.core_dump_key)}

    def _reservation(self) -> dict[str, Any] | None:
        only = "capacity-reservations-only" if self.capacity_reservation is not None else None
        preference = self.capacity_preference or only
        return structure({"CapacityReservationPreference": preference, "MlReservationArn": self.capacity_reservation})
