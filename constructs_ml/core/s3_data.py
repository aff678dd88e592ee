"""Places in S3 that jobs read from and write to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.cached_job import MARKERS
from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import EXECUTION_NAME, Expression, Format, Runtime, join
from constructs_ml.core.app_context import reference
from constructs_ml.core.context import pseudo
from constructs_ml.core.nag import acknowledge_findings
from constructs_ml.core.other_accounts import arn_of
from constructs_ml.core.prop_checks import check_arguments
from constructs_ml.core.prop_types import made_from_text
from constructs_ml.core.requests import key_arn
from constructs_ml.core.values import parse_text
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.iam.job_role import Objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3

    from constructs_ml.core.context import ScopeContext


SCHEME = "s3://"
_ACCESS_POINT = re.compile(r"(arn:[^:/]+:s3:[^:/]*:[^:/]+:accesspoint)[/:]([^/]+)")
DIRECTORY_BUCKET = "--x-s3"
"""The ending of the names of directory buckets (S3 Express One Zone)."""


def parts_of_place(uri: str) -> tuple[str, str, str]:
    """The bucket of a URI, or the ARN of an access point as policies have it, the slash behind it and the key."""
    place = uri[len(SCHEME) :]
    found = _ACCESS_POINT.match(place)
    if found is None:
        return place.partition("/")
    return (f"{found[1]}/{found[2]}", *place[found.end() :].partition("/")[1:])


def as_policies_name(bucket: str, arn: str) -> str:
    """A bucket's ARN as policies name it: directory buckets are of a service of their own."""
    if not bucket.endswith(DIRECTORY_BUCKET):
        return arn
    return f"arn:{pseudo('PARTITION')}:s3express:{pseudo('REGION')}:{pseudo('ACCOUNT_ID')}:bucket/{bucket}"


T = TypeVar("T")

_URI = re.compile(r"s3://[^/]+")


Place: TypeAlias = "S3Data | str"
"""Data, or the S3 URI that it is made of; constructors have made it of the URI before they see it."""


class S3DataType(Enum):
    """SageMaker's reading of an S3 URI."""

    PREFIX = "S3Prefix"
    MANIFEST = "ManifestFile"
    AUGMENTED_MANIFEST = "AugmentedManifestFile"


@dataclass(frozen=True, slots=True)
class S3Data:
    """Objects in S3, and what it takes to be allowed to use them.

    Make one with ``from_bucket``, ``from_object``, ``from_manifest`` or ``from_uri``, or take a job's ``output(...)``.

    Attributes:
        location: The URI; a runtime value where it differs from one execution to the next.
        objects: The objects that a role must be allowed to read or write. Empty if the location does not show them.
        data_type: How SageMaker understands the URI.
        is_model_folder: Whether it is a folder with the files of a model, where an archive is usual; None if a run decides.
    """

    location: str | Runtime
    objects: tuple[Objects, ...]
    data_type: S3DataType = S3DataType.PREFIX
    is_model_folder: bool | None = False

    @classmethod
    @check_arguments
    def from_bucket(cls, bucket: s3.IBucket, prefix: str = "") -> S3Data:
        """Return all objects of a bucket whose keys start with a prefix.

        Args:
            bucket: The bucket.
            prefix: The start of the keys. It may contain a runtime value.
        """
        name, arn, key = facts_of(bucket)
        location = join(f"{SCHEME}{name}/", parse_text(prefix))
        return cls(location, (Objects(arn, _known_prefix(location), key),))

    @classmethod
    @check_arguments
    def from_object(cls, bucket: s3.IBucket, key: str) -> S3Data:
        """One object of a bucket."""
        name, arn, key_arn = facts_of(bucket)
        location = join(f"{SCHEME}{name}/", parse_text(key))
        return cls(location, (Objects(arn, _known_prefix(location), key_arn, exact=isinstance(location, str)),))

    @classmethod
    @check_arguments
    def from_manifest(cls, bucket: s3.IBucket, key: str, *, lists: Sequence[S3Data], augmented: bool = False) -> S3Data:
        """The objects that a manifest file lists.

        Args:
            bucket: The manifest's bucket.
            key: The manifest's key.
            lists: Where the listed objects are, so that the job is allowed to read them.
            augmented: Whether it is an augmented manifest, with a line of JSON for each object.
        """
        manifest = cls.from_object(bucket, key)
        listed = tuple(objects for data in lists for objects in data.objects)
        kind = S3DataType.AUGMENTED_MANIFEST if augmented else S3DataType.MANIFEST
        return cls(manifest.location, manifest.objects + listed, kind)

    @classmethod
    @check_arguments
    def from_uri(
        cls, uri: str, *, within: Sequence[S3Data | str] = (), data_type: S3DataType = S3DataType.PREFIX
    ) -> S3Data:
        """The objects under an ``s3://`` URI: a literal, a token, a JsonPath or a JSONata expression.

        Args:
            uri: The URI.
            within: Where it may point to, if its bucket is known only at run time, as places or their URIs; a role is
                derived from it.
            data_type: How SageMaker understands it.

        Raises:
            InvalidPropsError: If it is a literal and no S3 URI.
        """
        location = parse_text(uri)
        if isinstance(location, str) and not is_dynamic(location):
            _check_uri(location)
        places = [_place(data, at) for at, data in enumerate(within)]
        objects = tuple(objects for data in places for objects in data.objects) or objects_of(location)
        return cls(location, objects, data_type)

    @property
    def uri(self) -> str:
        """The URI for a state of aws-cdk-lib's own in JSONPath: a string, or a JsonPath token for what a run decides."""
        if isinstance(self.location, str):
            return self.location
        if isinstance(self.location, Expression):
            return self.jsonata_uri
        return sfn.JsonPath.string_at(self.location.jsonpath)

    @property
    def jsonata_uri(self) -> str:
        """The URI for a state in JSONata: a string, or a ``{% %}`` expression."""
        return self.location if isinstance(self.location, str) else f"{{% {self.location.jsonata} %}}"

    def encrypted_with(self, key_arn: str) -> S3Data:
        """The same objects, encrypted with a key."""
        return replace(self, objects=tuple(replace(objects, key_arn=key_arn) for objects in self.objects))


made_from_text("S3Data", S3Data.from_uri)


def located(place: T | str) -> T | S3Data:
    """A place that may be given by its URI; other values are left as they are."""
    return S3Data.from_uri(place) if isinstance(place, str) else place


_NEAR = (
    re.compile(r"(?i)s3[an]?:/*(?P<place>[^/].*)"),
    re.compile(r"https?://(?P<bucket>[^./]+(?:\.[^/]+?)?)\.s3[.-][^/]*amazonaws\.com[^/]*/?(?P<key>.*)"),
    re.compile(r"https?://s3[.-][^/]*amazonaws\.com[^/]*/(?P<place>.+)"),
    re.compile(r"arn:[^:]*:s3:::(?P<place>.+)"),
    re.compile(r"(?P<place>[a-z0-9][a-z0-9.-]{2,62}/.*)"),
)
"""Mistaken forms of an S3 URI."""


def _check_uri(uri: str) -> None:
    if _URI.match(uri):
        return
    found = next(filter(None, (near.fullmatch(uri) for near in _NEAR)), None)
    parts = {} if found is None else found.groupdict()
    place = parts.get("place") or "/".join(part for part in (parts.get("bucket"), parts.get("key")) if part)
    fix = f"write it as {SCHEME}{place or 'bucket/prefix'}"
    if uri.startswith(("$", "States.")):
        fix = f"pass sfn.JsonPath.string_at({uri!r}), or JSONata"
    raise InvalidPropsError("S3Data.from_uri", [Fault("uri", f"must be an S3 URI, got {uri!r}", fix)])


def _place(data: S3Data | str, at: int) -> S3Data:
    """A place that a location may point to, which must be known before the workflow runs."""
    place = data
    if isinstance(place, str) and (is_dynamic(place) or _URI.match(place)):
        place = S3Data.from_uri(place)
    if isinstance(place, str) or not place.objects:
        given = data if isinstance(data, str) else "none"
        problem = f"must be a place that is known before the workflow runs, got {given!r}"
        fix = "pass S3Data.from_bucket(bucket, prefix) or 's3://bucket/prefix/'"
        raise InvalidPropsError("S3Data.from_uri", [Fault(f"within[{at}]", problem, fix)])
    return place


def written_by_attempt(context: ScopeContext, job: str, output: str, attempt: Sequence[Runtime]) -> S3Data:
    """A place in the stack's bucket that only one attempt of a cached job writes to.

    Args:
        context: The context of the job's scope.
        job: The job's part of names.
        output: The name of the output; empty if the job has only one.
        attempt: The runtime values that tell the attempts apart, a folder each.
    """
    name, arn, key = facts_of(artifacts_bucket(context))
    owner = f"{context.of_stack.owner}/"
    folders = [part for value in attempt for part in ("/", value)]
    location = join(f"{SCHEME}{name}/{owner}{MARKERS}/{job}", *folders, f"/{output}/" if output else "/")
    return S3Data(location, (Objects(arn, owner, key),))


def written_by_execution(context: ScopeContext, job: str, output: str) -> S3Data:
    """A place in the stack's bucket that only the running execution and this job's output write to.

    The URI ends in a slash: as a prefix, the execution ``run-1`` must not match what ``run-10`` wrote. Jobs that are
    defined in the scope of a :class:`~constructs_ml.Map` have a place for each of its iterations.
    """
    name, arn, key = facts_of(artifacts_bucket(context))
    owner = f"{context.of_stack.owner}/"
    prefix = f"{owner}{job}/{output}/" if output else f"{owner}{job}/"
    of_item = [part for variable in context.iterations for part in (variable, "/")]
    # Granted is what any job of the stack writes: a deployment may rename or remove this one while an execution uses it.
    data = S3Data(Format((f"{SCHEME}{name}/{prefix}", EXECUTION_NAME, "/", *of_item)), (Objects(arn, owner, key),))
    places_of_executions(context).append(data)
    return data


def places_of_executions(context: ScopeContext) -> list[S3Data]:
    """The places of the stack's own that its jobs write to, to know one by its location alone."""
    places: list[S3Data] = context.of_stack.shared.setdefault("places of executions", [])
    return places


_UNLOGGED = "what jobs hand to each other; pass a bucket in JobDefaults to have its accesses logged"
_MADE_AGAIN = (
    "an execution writes below a prefix of its own, and can make it again; pass a bucket in JobDefaults for more"
)
_OF_ARTIFACTS = {
    "AwsSolutions-S1": _UNLOGGED,
    "S3BucketLoggingEnabled": _UNLOGGED,
    "S3BucketDefaultLockEnabled": "what jobs hand to each other may be deleted; pass a bucket in JobDefaults to have it kept",
    "S3BucketReplicationEnabled": _MADE_AGAIN,
    "S3BucketVersioningEnabled": _MADE_AGAIN,
    "S3DefaultEncryptionKMS": "S3 encrypts it with its own key; pass output_key, or a bucket in JobDefaults with a key of yours",
}


def artifacts_bucket(context: ScopeContext) -> s3.IBucket:
    """The bucket that jobs write to: the nearest default, else one made for the stack."""
    if context.defaults.bucket is not None:
        return context.defaults.bucket
    shared = context.of_stack.shared
    if "bucket" not in shared:
        from aws_cdk import Duration
        from aws_cdk import aws_s3 as s3

        shared["bucket"] = s3.Bucket(
            context.of_stack.scope,
            "Artifacts",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7))],
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        )
        acknowledge_findings(shared["bucket"], _OF_ARTIFACTS)
        # It is in the stack, and has no key of its own: no need to ask.
        made = shared["bucket"]
        _bucket_facts[reference(made)] = (made.bucket_name, made.bucket_arn, None)
    return cast("s3.IBucket", shared["bucket"])


_bucket_facts: dict[str, tuple[str, str, str | None]] = {}


def facts_of(bucket: s3.IBucket) -> tuple[str, str, str | None]:
    """A bucket's name, ARN and key's ARN; asked once, since each is a call to jsii."""
    ref = reference(bucket)
    if ref not in _bucket_facts:
        key = bucket.encryption_key
        name = bucket.bucket_name
        _bucket_facts[ref] = (name, as_policies_name(name, arn_of(bucket, "bucket_arn")), key_arn(key))
    return _bucket_facts[ref]


def objects_of(location: str | Runtime) -> tuple[Objects, ...]:
    """The objects at a location; none if it does not show them."""
    text = _known_text(location)
    if not text.startswith(SCHEME):
        return ()
    bucket, slash, prefix = parts_of_place(text)
    if not bucket or (not slash and not isinstance(location, str)):
        return ()
    arn = bucket if bucket.startswith("arn:") else f"arn:{pseudo('PARTITION')}:s3:::{bucket}"
    return (Objects(as_policies_name(bucket, arn), prefix),)


def _known_prefix(location: str | Runtime) -> str:
    return parts_of_place(_known_text(location))[2]


def _known_text(location: str | Runtime) -> str:
    """The text before the first runtime value."""
    start = location.parts[0] if isinstance(location, Format) else location
    return start if isinstance(start, str) else ""


def as_folder(location: str | Runtime) -> tuple[str | Runtime, str]:
    """A location and the slash that it may lack at its end."""
    end = location.parts[-1] if isinstance(location, Format) else location
    return location, "" if isinstance(end, str) and end.endswith("/") else "/"
