"""Models, which transform jobs load and endpoints serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.records import Records
from constructs_ml.local.aws import arns
from constructs_ml.local.aws.permissions import Need
from constructs_ml.local.host.keys import split_uri
from constructs_ml.local.jobs.call import ApiError, invalid
from constructs_ml.local.jobs.events import entry
from constructs_ml.local.jobs.transform.job import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.packages import Packages
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services


class Models:
    """The operations on models.

    Args:
        services: The embedded AWS.
        packages: Model packages, which a container may name.
    """

    def __init__(self, services: Services, packages: Packages) -> None:
        self._services, self._packages = services, packages
        self._records = Records(
            "DescribeModel",
            missing=lambda name: invalid(f'Could not find model "{self._arn(name)}".'),
            taken=lambda name: invalid(f'Cannot create already existing model "{self._arn(name)}".'),
        )
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "CreateModel": self._create,
            "DescribeModel": lambda request, _call: self._records.get(request["ModelName"]),
            "DeleteModel": self._delete,
        }

    def containers(self, name: str) -> Model:
        """The containers of a model, its packages resolved.

        Raises:
            ApiError: If there is no such model.
        """
        record = self._records.get(name)
        given = record.get("Containers") or [record["PrimaryContainer"]]
        containers = [found for container in given for found in self._resolved(container)]
        return Model(name, record["ExecutionRoleArn"], containers, record.get("VpcConfig"))

    def missing_data(self, model: Model) -> str | None:
        """The reason that a model's data cannot be read under its role, or None."""
        return next((why for uri in model.archives if (why := self._unreadable(uri, model.role_arn))), None)

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = request["ModelName"]
        if not request.get("ExecutionRoleArn"):
            raise invalid("ExecutionRoleArn is required: a local run reads the model's data under that role")
        arn = self._arn(name)
        self._records.add(name, {"EnableNetworkIsolation": False, **request, "ModelArn": arn})
        try:
            why = None if call.template else self.missing_data(self.containers(name))
            if why:
                raise invalid(why)
        except ApiError:
            self._records.remove(name)
            raise
        self._changed(arn)
        return {"ModelArn": arn}

    def _delete(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        self._changed(self._records.remove(request["ModelName"])["ModelArn"])
        return {}

    def _changed(self, arn: str) -> None:
        detail = {"ModelName": arn.rpartition("/")[2], "ModelArn": arn}
        self._services.publish(entry("SageMaker Model State Change", [arn], detail))

    def _resolved(self, container: dict[str, Any]) -> list[dict[str, Any]]:
        package = container.get("ModelPackageName")
        if not package:
            return [container]
        record = self._packages.get(package)
        overrides = container.get("Environment") or {}
        return [
            {**found, "Environment": {**(found.get("Environment") or {}), **overrides}}
            for found in (record.get("InferenceSpecification") or {}).get("Containers", [])
        ]

    def _unreadable(self, uri: str, role: str) -> str | None:
        bucket, key = split_uri(uri)
        s3 = self._services.clients.shared("s3")
        try:
            found = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents")
        except s3.exceptions.ClientError:
            found = None
        if not found:
            return f"Could not find model data at {uri}."
        place = f"arn:{arns.partition_of(self._services.region)}:s3:::{bucket}/{key}"
        if self._services.enforce_iam and not self._services.allowed(role, Need("s3:GetObject", place)):
            return (
                f'Could not access model data at {uri}. Please ensure that the role "{role}" exists and has '
                '"s3:GetObject" permissions.'
            )
        return None

    def _arn(self, name: str) -> str:
        return self._services.arn(f"model/{name}")
