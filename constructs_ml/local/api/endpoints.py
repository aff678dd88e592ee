"""Endpoint configurations and endpoints, which are simulated: they come into service, but serve nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.records import DelayedCalls, Record, Records
from constructs_ml.local.jobs.call import invalid
from constructs_ml.local.jobs.events import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.api.models import Models
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")


class Endpoints:
    """The operations on endpoint configurations and endpoints.

    Args:
        services: The embedded AWS.
        models: The models that variants serve.
        delayed: Brings endpoints into service.
    """

    def __init__(self, services: Services, models: Models, delayed: DelayedCalls) -> None:
        self._services, self._models, self._delayed = services, models, delayed
        self._configs = self._records("EndpointConfig", "endpoint configuration", "endpoint-config")
        self._endpoints = self._records("Endpoint", "endpoint", "endpoint")
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "CreateEndpointConfig": self._create_config,
            "DescribeEndpointConfig": lambda request, _call: self._configs.get(request["EndpointConfigName"]),
            "DeleteEndpointConfig": self._delete_config,
            "CreateEndpoint": self._create,
            "UpdateEndpoint": self._update,
            "DescribeEndpoint": lambda request, _call: self._endpoints.get(request["EndpointName"]),
            "DeleteEndpoint": self._delete,
        }

    def _records(self, what: str, words: str, arn_type: str) -> Records:
        def named(name: str) -> str:
            arn = self._services.arn(f"{arn_type}/{name}")
            return f'{words} "{arn}".'

        return Records(
            f"Describe{what}",
            missing=lambda name: invalid(f"Could not find {named(name)}"),
            taken=lambda name: invalid(f"Cannot create already existing {named(name)}"),
        )

    # Configurations.

    def _create_config(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        for variant in (variant for member in _VARIANTS for variant in request.get(member) or []):
            if variant.get("ModelName"):
                self._models.containers(variant["ModelName"])  # it must be there
        name = request["EndpointConfigName"]
        arn = self._services.arn(f"endpoint-config/{name}")
        self._configs.add(name, {**request, "EndpointConfigArn": arn})
        return {"EndpointConfigArn": arn}

    def _delete_config(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        self._configs.remove(request["EndpointConfigName"])
        return {}

    # Endpoints.

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        config = self._configs.get(request["EndpointConfigName"])
        name = request["EndpointName"]
        arn = self._services.arn(f"endpoint/{name}")
        deployment = request.get("DeploymentConfig")
        record = {**request, "EndpointArn": arn, "EndpointStatus": "Creating", "LastDeploymentConfig": deployment}
        self._endpoints.add(name, {key: value for key, value in record.items() if value is not None})
        self._services.simulates(call, f"endpoint {name} comes into service, but serves nothing")
        self._changed(name)
        self._delayed.after(self._services.simulated_seconds, lambda: self._deployed(name, config, previous=None))
        return {"EndpointArn": arn}

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = request["EndpointName"]
        before = self._endpoints.get(name)
        config = self._configs.get(request["EndpointConfigName"])
        if before["EndpointStatus"] not in {"InService", "Failed"}:
            raise invalid(f'Cannot update in-progress endpoint "{before["EndpointArn"]}".')
        deployment = request.get("DeploymentConfig")
        if request.get("RetainDeploymentConfig") and not deployment:
            deployment = before.get("LastDeploymentConfig")
        self._endpoints.update(name, EndpointStatus="Updating", LastDeploymentConfig=deployment, FailureReason=None)
        how = " and shifts no traffic" if deployment else ""
        self._services.simulates(call, f"endpoint {name} is updated, but serves nothing{how}")
        self._changed(name)
        self._delayed.after(
            self._services.simulated_seconds,
            lambda: self._deployed(name, config, previous=before["EndpointConfigName"]),
        )
        return {"EndpointArn": before["EndpointArn"]}

    def _delete(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        name = request["EndpointName"]
        self._endpoints.get(name)
        self._endpoints.update(name, EndpointStatus="Deleting")
        self._changed(name)
        self._endpoints.remove(name)
        return {}

    def _deployed(self, name: str, config: Record, *, previous: str | None) -> None:
        if name not in self._endpoints:
            return
        outcome = self._services.outcome(name, "InService")
        why = self._data_problem(config)
        if why:
            outcome = "RolledBack" if previous else "Failed"
        why = why or "an outcome of the run makes this deployment fail"
        if outcome == "Failed":
            self._set(name, "Failed", config=None if previous else config, why=why)
        elif outcome == "RolledBack" and previous:
            # What a blue/green deployment with alarms does: the old configuration serves on, and nothing says so.
            self._set(name, "RollingBack")
            self._delayed.after(self._services.simulated_seconds / 2, lambda: self._set(name, "InService"))
        elif outcome == "RollbackFailed" and previous:
            self._set(name, "UpdateRollbackFailed", why=why)
        else:
            self._set(name, "InService", config=config)

    def _data_problem(self, config: Record) -> str | None:
        names = [variant.get("ModelName") for member in _VARIANTS for variant in config.get(member) or []]
        problems = (self._models.missing_data(self._models.containers(name)) for name in names if name)
        return next((problem for problem in problems if problem), None)

    def _set(self, name: str, status: str, *, config: Record | None = None, why: str | None = None) -> None:
        if name not in self._endpoints:
            return
        members: dict[str, Any] = {"EndpointStatus": status, "FailureReason": why}
        if config:
            members["EndpointConfigName"] = config["EndpointConfigName"]
            members |= {
                member: [_served(found) for found in config[member]] for member in _VARIANTS if member in config
            }
        self._endpoints.update(name, **members)
        self._changed(name)

    def _changed(self, name: str) -> None:
        record = self._endpoints.get(name)
        status = _upper(record["EndpointStatus"])
        detail = {key: value for key, value in record.items() if key != "LastDeploymentConfig"}
        arn = record["EndpointArn"]
        # Unlike the API's, the status in the event is upper case.
        self._services.publish(entry("SageMaker Endpoint State Change", [arn], {**detail, "EndpointStatus": status}))


def _served(variant: dict[str, Any]) -> dict[str, Any]:
    weight = variant.get("InitialVariantWeight", 1.0)
    found = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    if "ServerlessConfig" in variant:
        return {**found, "CurrentServerlessConfig": variant["ServerlessConfig"]}
    count = variant.get("InitialInstanceCount", 1)
    return {**found, "CurrentInstanceCount": count, "DesiredInstanceCount": count}


def _upper(status: str) -> str:
    """``InService`` as ``IN_SERVICE``."""
    return "".join(f"_{char}" if char.isupper() and index else char for index, char in enumerate(status)).upper()
