"""``BucketDeployment`` of aws-cdk-lib: the contents of assets, copied into a bucket."""

from __future__ import annotations

import fnmatch
import io
import mimetypes
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.aws.clients import RoleSession

_SYSTEM_METADATA = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
    "sse": "ServerSideEncryption",
    "sse-kms-key-id": "SSEKMSKeyId",
    "storage-class": "StorageClass",
    "acl": "ACL",
}


def deploy(properties: dict[str, Any], role: RoleSession) -> tuple[str, dict[str, Any]]:
    """Upload the contents of the sources, and with ``Prune`` remove all other objects.

    Args:
        properties: The custom resource's properties.
        role: The provider's role.

    Returns:
        The physical id and the attributes.
    """
    s3 = role.client("s3")
    bucket = properties["DestinationBucketName"]
    prefix = str(properties.get("DestinationBucketKeyPrefix") or "").lstrip("/")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    put = set()
    for name, content in _files(properties, s3):
        if _is_left_out(name, properties):
            continue
        kind = mimetypes.guess_type(name)[0]
        metadata = {"ContentType": kind} if kind else {}
        system = properties.get("SystemMetadata") or {}
        metadata |= {_SYSTEM_METADATA[key]: value for key, value in system.items() if key in _SYSTEM_METADATA}
        s3.put_object(
            Bucket=bucket,
            Key=f"{folder}{name}",
            Body=content,
            Metadata=properties.get("UserMetadata") or {},
            **metadata,
        )
        put.add(f"{folder}{name}")
    if _is_true(properties.get("Prune", "true")):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            for entry in page.get("Contents", []):
                name = entry["Key"].removeprefix(folder)
                if entry["Key"] not in put and not _is_left_out(name, properties):
                    s3.delete_object(Bucket=bucket, Key=entry["Key"])
    attributes = {"DestinationBucketArn": properties.get("DestinationBucketArn") or f"arn:aws:s3:::{bucket}"}
    if _is_true(properties.get("OutputObjectKeys", "true")):
        attributes["SourceObjectKeys"] = properties["SourceObjectKeys"]
    return f"aws.cdk.s3deployment.{bucket}.{folder}", attributes


def _files(properties: dict[str, Any], s3: Any) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 - boto3 ships no types
    markers = properties.get("SourceMarkers") or []
    sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
    for index, (bucket, key) in enumerate(sources):
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if not _is_true(properties.get("Extract", "true")):
            yield key.rpartition("/")[2], content
            continue
        values = markers[index] if index < len(markers) else {}
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield entry.filename, _with_values(archive.read(entry), values)


def _with_values(content: bytes, values: dict[str, Any]) -> bytes:
    """Return a file with token values in the place of their markers (``Source.data``)."""
    for marker, value in values.items():
        content = content.replace(str(marker).encode(), str(value).encode())
    return content


def _is_left_out(name: str, properties: dict[str, Any]) -> bool:
    """Return whether a file is filtered out; the last matching filter decides: excludes first, then includes."""
    excluded = any(fnmatch.fnmatch(name, pattern) for pattern in properties.get("Exclude") or [])
    included = any(fnmatch.fnmatch(name, pattern) for pattern in properties.get("Include") or [])
    return excluded and not included


def _is_true(value: Any) -> bool:  # noqa: ANN401 - CloudFormation hands on texts
    return str(value).lower() == "true"
