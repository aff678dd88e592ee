"""The permissions that calls need: those of the facts, on the resources that their requests name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import entries
from constructs_ml.iam.facts import (
    ADD_TAGS,
    BY_CLUSTER,
    CALLS,
    LIST_TAGS,
    MANAGED_RULE_ACTIONS,
    READS_OBJECT,
    SAGEMAKER,
    WITH_CONFIG,
    job_actions,
    resource_of,
)
from constructs_ml.iam.policy import ANY, Need, arn, optional
from constructs_ml.iam.resource_names import pattern_of
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.integration import Integration
    from constructs_ml.iam.facts import Call
    from constructs_ml.sagemaker.task_requests import Request

_KINDS = {kind.operation: kind for kind in JobKind.ALL}
_ROLES = (
    ("ExecutionRoleArn",),
    ("RoleArn",),
    ("TrainingJobDefinition", "RoleArn"),
    ("ValidationSpecification", "ValidationRole"),
)


def needs_of_call(call: Integration, request: Request) -> Iterator[Need]:
    """Yield the permissions that a call of SageMaker needs."""
    on = resources_of(request)
    action = f"sagemaker:{request.operation}"
    kind = _KINDS.get(request.operation)
    if kind is not None and call.waits:
        yield Need(job_actions(kind, wait=True), on)
        yield _managed_rule(kind, required=True)
    else:
        yield Need((action, ADD_TAGS) if _tags(request) else (action,), on)
    if request.operation in WITH_CONFIG:
        yield Need((action,), _named("endpoint-config", pattern_of(request.body, "EndpointConfigName")))
    if request.operation.startswith(("Create", "Update")):
        yield from _passed_roles(request)
    yield from _usual(request, kind, on)


@cache
def _managed_rule(kind: JobKind, *, required: bool) -> Need:
    return Need(MANAGED_RULE_ACTIONS, (arn("events", f"rule/{kind.managed_rule}"),), required=required)


def resources_of(request: Request) -> tuple[str, ...]:
    """Return the possible ARNs of the resource that a request is about."""
    if request.operation == "CreateModelPackage":
        return _package(request)
    found = resource_of(request.operation)
    return _named(found[0], pattern_of(request.body, found[1])) if found else ANY


def _named(arn_type: str, name: str | None) -> tuple[str, ...]:
    """Return the ARNs of a resource: with its name as written, and in lower case, as SageMaker writes many."""
    if name is None or name == "*":
        return (arn("sagemaker", f"{arn_type}/*"),) if arn_type else ANY
    if name.startswith("arn:"):
        return (name,)
    if not arn_type:
        return ANY
    names = [name] if "${" in name else [name, name.lower()]
    found = [arn("sagemaker", f"{arn_type}/{each}") for each in dict.fromkeys(names)]
    # A token may be the ARN itself.
    return (name, *found) if name.startswith("${") else tuple(found)


def _package(request: Request) -> tuple[str, ...]:
    group = pattern_of(request.body, "ModelPackageGroupName")
    if group is None:
        return _named("model-package", pattern_of(request.body, "ModelPackageName"))
    if group == "*" or group.startswith(("arn:", "${")):
        return (arn("sagemaker", "model-package/*"), arn("sagemaker", "model-package-group/*"))
    packages = [
        name for each in (group, group.lower()) for name in (f"model-package/{each}/*", f"model-package/{each}")
    ]
    return tuple(arn("sagemaker", name) for name in dict.fromkeys([*packages, f"model-package-group/{group}"]))


def _tags(request: Request) -> bool:
    tags = request.get("Tags")
    return request.operation.startswith("Create") and isinstance(tags, list) and bool(tags)


def _passed_roles(request: Request) -> Iterator[Need]:
    roles = [pattern_of(request.body, *names) for names in _ROLES]
    roles += [pattern_of(one, "RoleArn") for _, one in entries(request.get("TrainingJobDefinitions"))]
    for role in dict.fromkeys(role for role in roles if role is not None):
        yield Need(("iam:PassRole",), (role,) if role.startswith(("arn:", "${")) else ANY, SAGEMAKER)


def _usual(request: Request, kind: JobKind | None, on: tuple[str, ...]) -> Iterator[Need]:
    """Yield the further permissions that AWS's own policies grant."""
    yield optional(LIST_TAGS)
    yield optional(ADD_TAGS, on=on)
    if kind is not None:
        yield optional(*kind.job_actions, on=on)
        yield _managed_rule(kind, required=False)
    if request.operation == "CreateTrainingJob" and "TrainingPlanArn" in repr(request.get("ResourceConfig")):
        plans = (arn("sagemaker", "training-plan/*"), arn("sagemaker", "reserved-capacity/*"))
        yield from (optional("sagemaker:CreateTrainingJob", on=(plan,)) for plan in plans)
    if request.operation in {"CreateTransformJob", "CreateEndpoint", "UpdateEndpoint"}:
        # aws-cdk-lib lets a transform job's state pass the model's role.
        yield Need(("iam:PassRole",), ANY, SAGEMAKER, required=False)
    if request.operation.startswith("CreateAutoMLJob"):
        # Its role may go on to EMR.
        yield optional("iam:PassRole")


def needs_of_service(integration: Integration, payload: Any) -> Iterator[Need] | None:  # noqa: ANN401 - JSON
    """Return the permissions that a call of another service needs; None if they are unknown."""
    body = payload if isinstance(payload, dict) else {}
    if integration.name == "events:putEvents":
        return _events(body)
    if integration.name == READS_OBJECT:
        return _object(body)
    if integration.name in BY_CLUSTER:
        return iter(())
    call = CALLS.get(integration.name)
    return None if call is None else _of_service(call, integration, body)


def _object(body: Mapping[str, Any]) -> Iterator[Need]:
    """Yield the permissions for reading an object; the policy may allow it in a bucket that is not known here."""
    on = objects_at(body, "s3:GetObject")
    yield Need(("s3:GetObject",), on, required=on != ANY)
    for action in ("s3:*", "kms:Decrypt"):
        yield optional(action)


def objects_at(where: Mapping[str, Any], action: str) -> tuple[str, ...]:
    """Return the ARN of a bucket, or of the objects in it that a request names."""
    bucket = pattern_of(where, "Bucket")
    if bucket is None or bucket == "*":
        return ANY
    # A token may be the bucket's name or its ARN.
    place = bucket if bucket.startswith("arn:") else f"arn:*:s3:::{bucket}"
    if action == "s3:ListBucket":
        return (place,)
    key = pattern_of(where, "Key" if action == "s3:GetObject" else "Prefix") or ""
    return (f"{place}/{key}" if action == "s3:GetObject" and key else f"{place}/{key}*",)


def _of_service(call: Call, integration: Integration, body: Mapping[str, Any]) -> Iterator[Need]:
    on = _named_by(call, body)
    yield Need(call.actions, on)
    if call.waiting:
        yield Need(call.waiting, required=integration.waits)
    if call.rule:
        rule = (arn("events", f"rule/{call.rule}"),)
        yield Need(MANAGED_RULE_ACTIONS, rule, required=integration.waits)
    for action in call.also:
        yield optional(action)


def _named_by(call: Call, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ARNs of the resource that a payload names."""
    name = pattern_of(body, call.member) if call.member else None
    if name is None or name == "*":
        return ANY
    if call.service == "sqs":
        name = name.rpartition("/")[2] if name.startswith("https://") else name
    known = [name] if name.startswith(("arn:", "${")) else []
    if not name.startswith("arn:") and not name.endswith("Arn]}") and call.resource:
        # A part of an ARN, '111122223333:function:score', is not parsed.
        known.append(arn(call.service, call.resource.format(name)) if ":" not in name or "${" in name else "*")
    if call.service == "lambda":
        known += [f"{each}:*" for each in known]
    return tuple(known) or ANY


def _events(body: Mapping[str, Any]) -> Iterator[Need]:
    """Yield the permissions on the event buses that the entries name, or on the default one."""
    buses = [pattern_of(entry, "EventBusName") or "default" for _, entry in entries(body.get("Entries"))]
    for bus in dict.fromkeys(buses or ["*"]):
        named = (arn("events", f"event-bus/{bus}"),) if not bus.startswith("arn:") and bus != "*" else ()
        yield Need(("events:PutEvents",), ((bus,) if bus.startswith(("arn:", "${")) else ()) + named or ANY)
