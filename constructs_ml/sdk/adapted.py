"""From a captured request to a job: locations, permissions and defaults, as for a job that is defined by props."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Runtime, merged
from constructs_ml.core.image import ContainerImage
from constructs_ml.core.s3_data import S3Data, places_of_executions
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.sdk.session import BUCKET, DERIVED_ROLE
from constructs_ml.sdk.uploads import CodeUpload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aws_cdk import aws_iam as iam

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.sdk.capture import Captured

_CHOSEN = f"s3://{BUCKET}"
_CHOSEN_URI = re.compile(rf"{_CHOSEN}/[^\s\"']*")


class Adapted:
    """A captured request on its way to a job.

    Args:
        spec: The job's props and needs.
        captured: The request.
        within: Where locations may point to that are known only at run time.
    """

    def __init__(self, spec: JobSpec, captured: Captured, within: Sequence[S3Data]) -> None:
        self.spec = spec
        self.request = captured.request
        self._uploads: Mapping[str, Path] = captured.uploads
        self.next_container()
        self._placeholders = captured.placeholders
        self._within = tuple(within)

    def next_container(self) -> None:
        """Begin the files of another container: each definition of a tuning job has one."""
        self.shipment = CodeUpload(self.spec.context, self._uploads)

    def decode(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """A part of the request with the values in it that placeholders stand for, and the assets that URIs name."""
        return self._placeholders.decode(self._with_assets(value))

    def read(self, uri: str, member: str, *, folder: str) -> str | Runtime:
        """Return the place that the job reads an input from, which is granted.

        Args:
            uri: The URI in the request.
            member: The member, for what is wrong with it.
            folder: Where the container finds the input.
        """
        data = self.shipment.into(folder, uri) if self.shipment.has(uri) else self._place(uri)
        self.spec.access.reads += data.objects
        self.spec.notes.places[data.location] = data.objects
        self._known(data, member)
        return data.location

    def write(self, uri: str, name: str, member: str, key: str | None) -> S3Data:
        """Return the place of an output, which is granted: where the SDK would choose, the execution's own.

        Args:
            uri: The URI in the request.
            name: The output's distinguishing part of the name; empty if the job has no other output.
            member: The member, for what is wrong with it.
            key: The KMS key in the request.
        """
        chosen = uri.startswith(_CHOSEN)
        data = self.spec.own_place(name) if chosen else self._place(uri)
        self._known(data, member)
        if key is None:
            return self.spec.writes(data)
        arn = self.key(key, member)
        self.spec.access.writes += data.encrypted_with(str(arn)).objects
        return data

    def key(self, key: str, member: str) -> Any:  # noqa: ANN401 - a text or a runtime value
        """A KMS key, of which a role can be derived only from its ARN."""
        arn = self.decode(key)
        if self.spec.derives_role and not (isinstance(arn, str) and arn.startswith(("arn:", "${Token["))):
            problem = f"must be the ARN of a KMS key, so that permissions can be derived from it, got {key!r}"
            self.spec.faults.add(member, problem, "pass key.key_arn")
        return arn

    def volume_key(self, resources: Mapping[str, Any], member: str) -> None:
        """Declare the use of the KMS key of the volumes."""
        if resources.get("VolumeKmsKeyId") is not None:
            self.spec.access.volume_keys.append(str(self.key(resources["VolumeKmsKeyId"], member)))

    def image(self, uri: str, scope: str) -> str | Runtime:
        """The image; pulling it is granted."""
        return self.spec.image(ContainerImage.from_registry(self._placeholders.text(uri)), scope).uri

    def entrypoint(self, given: Sequence[str]) -> list[Any] | None:
        """Return the command of the container, once what is packed is unpacked."""
        found = self.shipment.entrypoint(given)
        if found is None:
            problem = "is required for local files, got none: the image's own does not unpack them"
            self.spec.faults.add("entrypoint", problem, "upload them, or have a script run")
        return self.decode(found) or None

    def vpc_config(self, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The network: that of ``vpc=``, else the request's, else the one of the nearest defaults."""
        if given is None or self.spec.props.get("vpc") is not None:
            return self.spec.vpc_config()
        config: dict[str, Any] = self.decode(given)
        self.spec.access.subnets += config.get("Subnets", [])
        self.spec.access.security_groups += config.get("SecurityGroupIds", [])
        return config

    def flag(self, given: object, name: str) -> bool | None:
        """A protection that is on if the request or the nearest defaults ask for it; the SDK writes a no unasked."""
        return True if given else self.spec.flag(name) or (None if given is None else False)

    def environment(self) -> dict[str, Any] | Runtime | None:
        """The request's environment over that of the nearest defaults."""
        return (
            merged(
                self.spec.environment() or {}, parse_runtime_values(self.decode(self.request.get("Environment") or {}))
            )
            or None
        )

    def tags(self) -> list[dict[str, Any]] | Runtime | None:
        """The tags of ``tags=`` and of the nearest defaults over the request's."""
        given, own = self.decode(self.request.get("Tags") or []), parse_runtime_values(self.spec.tags() or [])
        if isinstance(own, Runtime):
            if given:
                problem = "cannot be known only at run time when the SDK's object has some too"
                self.spec.faults.add("tags", problem, "name them one by one, or leave them out there")
            return own
        # The SDK takes tags as its own objects have them too: key and value.
        named = [{name[:1].upper() + name[1:]: value for name, value in item.items()} for item in [*given, *own]]
        by_key = {item["Key"]: item for item in named}
        return [by_key[key] for key in sorted(by_key)] or None

    def _place(self, uri: str) -> S3Data:
        given = self._placeholders.data(uri)
        if given is not None:
            return given
        data = S3Data.from_uri(self._placeholders.text(uri))
        for place in (*self._within, *places_of_executions(self.spec.context)):
            if _written(place.location) == _written(data.location):
                return place
        if data.objects or not self._within:
            return data
        return S3Data.from_uri(self._placeholders.text(uri), within=self._within)

    def _known(self, data: S3Data, member: str) -> None:
        if not data.objects and self.spec.derives_role:
            self.spec.faults.add(
                member,
                "has a location that is known only at run time, so no permission can be derived from it",
                "pass within=[S3Data.from_bucket(bucket, prefix)]",
            )

    def _with_assets(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, dict):
            return {key: self._with_assets(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_assets(item) for item in value]
        if not isinstance(value, str) or _CHOSEN not in value:
            return value
        return _CHOSEN_URI.sub(lambda match: self._asset(match[0]), value)

    def _asset(self, uri: str) -> str:
        if not self.shipment.has(uri):
            problem = f"names a place that is known to the SDK only: {uri.removeprefix(_CHOSEN)!r}"
            self.spec.faults.add("request", problem, "set that place on the SDK's object")
            return uri
        data = self.shipment.file(uri)
        self.spec.access.reads += data.objects
        return str(data.location)


def with_role(context: ScopeContext, props: Mapping[str, Any], role: str | None) -> dict[str, Any]:
    """The props with the role that an object of the SDK names; what ``role=`` names goes before it."""
    if role is None or role == DERIVED_ROLE or props.get("role") is not None:
        return dict(props)
    return {**props, "role": _imported(context, role)}


def _imported(context: ScopeContext, role: str) -> iam.IRole:
    from aws_cdk import aws_iam as iam

    key = ("imported role", role)
    shared = context.of_stack.shared
    if key not in shared:
        named = "/" in role or "${Token[" in role
        make: Any = iam.Role.from_role_arn if named else iam.Role.from_role_name
        count = sum(isinstance(item, tuple) and item[0] == key[0] for item in shared)
        shared[key] = make(context.of_stack.scope, f"SdkRole{count or ''}", role)
    imported: iam.IRole = shared[key]
    return imported


def _written(location: str | Runtime) -> str:
    if isinstance(location, str):
        return location
    try:
        return location.jsonpath
    except ValueError:
        return location.jsonata
