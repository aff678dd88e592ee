"""The model registry, in memory: groups and versions of packages, and their approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.local.api.records import DelayedCalls, Record, Records
from constructs_ml.local.jobs.call import ApiError, invalid
from constructs_ml.local.jobs.events import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_PENDING = "PendingManualApproval"
_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
)
_PAGE = 100


class Packages:
    """The operations on model packages and their groups.

    Args:
        services: The embedded AWS.
        delayed: Completes packages and, if asked to, approves them.
    """

    def __init__(self, services: Services, delayed: DelayedCalls) -> None:
        self._services, self._delayed = services, delayed
        self._groups = Records(
            "DescribeModelPackageGroup",
            missing=lambda name: invalid(
                f"ModelPackageGroup {self._services.arn(f'model-package-group/{name}')} does not exist."
            ),
            taken=lambda name: invalid(
                f"Model Package Group already exists: {self._services.arn(f'model-package-group/{name}')}"
            ),
        )
        self._records = Records(
            "DescribeModelPackage",
            missing=lambda name: invalid(f"ModelPackage {self._services.arn(f'model-package/{name}')} does not exist."),
            taken=lambda name: ApiError("ConflictException", f"ModelPackage {name} exists already"),
        )
        self.operations: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "CreateModelPackageGroup": self._create_group,
            "DescribeModelPackageGroup": lambda request, _call: self._groups.get(
                _name(request["ModelPackageGroupName"])
            ),
            "DeleteModelPackageGroup": self._delete_group,
            "CreateModelPackage": self._create,
            "DescribeModelPackage": lambda request, _call: self.get(request["ModelPackageName"]),
            "UpdateModelPackage": self._update,
            "DeleteModelPackage": self._delete,
            "ListModelPackages": self._list,
        }

    def get(self, name: str) -> Record:
        """A package, by its name, by ``GROUP/VERSION`` or by its ARN.

        Raises:
            ApiError: If there is none.
        """
        return self._records.get(_name(name))

    # Groups.

    def _create_group(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        name = request["ModelPackageGroupName"]
        arn = self._services.arn(f"model-package-group/{name}")
        made = {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": "Completed", "CreatedBy": {}}
        self._groups.add(name, {**request, **made})
        return {"ModelPackageGroupArn": arn}

    def _delete_group(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        name = _name(request["ModelPackageGroupName"])
        self._groups.get(name)
        if self._versions(name):
            raise ApiError("ConflictException", f"Model Package Group {name} still contains Model Packages")
        self._groups.remove(name)
        return {}

    # Packages.

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        group = request.get("ModelPackageGroupName")
        made: Record = {"ModelPackageStatus": "Pending", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
        if group:
            group = _name(group)
            self._groups.get(group)
            version = max((found["ModelPackageVersion"] for found in self._versions(group)), default=0) + 1
            name = f"{group}/{version}"
            made |= {"ModelPackageName": name, "ModelPackageGroupName": group, "ModelPackageVersion": version}
            made["ModelApprovalStatus"] = request.get("ModelApprovalStatus") or _PENDING
        else:
            name = request["ModelPackageName"]
        arn = self._services.arn(f"model-package/{name}")
        self._records.add(name, {**request, **made, "ModelPackageArn": arn})
        self._services.simulates(call, f"model package {name} is kept in memory, its images are not scanned")
        self._changed(name)
        self._delayed.after(min(0.1, self._services.simulated_seconds), lambda: self._complete(name, call))
        return {"ModelPackageArn": arn}

    def _complete(self, name: str, call: Call) -> None:
        if name not in self._records:
            return
        record = self._records.update(name, ModelPackageStatus="Completed")
        self._changed(name)
        if record.get("ModelApprovalStatus") != _PENDING:
            return
        if self._services.approve:
            self._approve(name, "Approved")
            self._services.note(call, f"model package {name} approved (--approve)")
        else:
            arn = record["ModelPackageArn"]
            self._services.note(call, f"model package {name} waits for approval: constructs-ml approve {arn}")

    def _approve(self, name: str, status: str, **members: Any) -> None:  # noqa: ANN401 - any JSON
        self._records.update(name, ModelApprovalStatus=status, **members)
        self._changed(name)

    def _update(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        record = self.get(request["ModelPackageArn"])
        name = _name(record["ModelPackageArn"])
        changes = {key: value for key, value in request.items() if key not in {"ModelPackageArn", "ClientToken"}}
        removed = changes.pop("CustomerMetadataPropertiesToRemove", [])
        added = changes.pop("AdditionalInferenceSpecificationsToAdd", [])
        properties = {**record.get("CustomerMetadataProperties", {}), **changes.get("CustomerMetadataProperties", {})}
        changes["CustomerMetadataProperties"] = {
            key: value for key, value in properties.items() if key not in removed
        } or None
        if added:
            changes["AdditionalInferenceSpecifications"] = [
                *record.get("AdditionalInferenceSpecifications", []),
                *added,
            ]
        status = changes.pop("ModelApprovalStatus", record.get("ModelApprovalStatus"))
        self._approve(name, status, **changes)
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def _delete(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        self._records.remove(_name(request["ModelPackageName"]))
        return {}

    def _list(self, request: dict[str, Any], _call: Call) -> dict[str, Any]:
        group = _name(request.get("ModelPackageGroupName") or "")
        kind = request.get("ModelPackageType") or ("Versioned" if group else "Unversioned")
        found = self._versions(group) if group else self._records.all()
        if not group and kind != "Both":
            found = [record for record in found if ("ModelPackageVersion" in record) == (kind == "Versioned")]
        for member in ("ModelApprovalStatus",):
            if request.get(member):
                found = [record for record in found if record.get(member) == request[member]]
        if request.get("NameContains"):
            found = [record for record in found if request["NameContains"] in record["ModelPackageName"]]
        found = sorted(
            found, key=lambda record: record["CreationTime"], reverse=request.get("SortOrder") != "Ascending"
        )
        first = int(request.get("NextToken") or 0)
        last = first + (request.get("MaxResults") or _PAGE)
        page = [{key: record[key] for key in _SUMMARY if key in record} for record in found[first:last]]
        return {"ModelPackageSummaryList": page, **({"NextToken": str(last)} if last < len(found) else {})}

    def _versions(self, group: str) -> list[Record]:
        return [found for found in self._records.all() if found.get("ModelPackageGroupName") == group]

    def _changed(self, name: str) -> None:
        record = self._records.get(name)
        arn = record["ModelPackageArn"]
        self._services.publish(entry("SageMaker Model Package State Change", [arn], record))


def _name(name_or_arn: str) -> str:
    return name_or_arn.partition("/")[2] if name_or_arn.startswith("arn:") else name_or_arn
