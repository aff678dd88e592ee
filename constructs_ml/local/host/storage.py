"""Transfers between S3 and a job's directories: prefixes, manifests, shards, compression."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.faults import JobError, denied
from constructs_ml.local.host.keys import file_below, join_uri, key_of, relative_path, split_uri
from constructs_ml.local.host.unpacking import GIGABYTE, VOLUME, free, gunzipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from constructs_ml.local.host.output_files import OutputFiles

_CHUNK = 1 << 20


@dataclass(frozen=True)
class S3Object:
    """One object to download for a job.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        path: Its path relative to the input's directory.
    """

    bucket: str
    key: str
    path: str

    @property
    def uri(self) -> str:
        """As ``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


def shard(objects: list[S3Object], *, host: int, hosts: int) -> list[S3Object]:
    """The share of one host under ShardedByS3Key: every object goes to exactly one host."""
    return sorted(objects, key=lambda found: found.uri)[host::hosts]


class Storage:
    """S3 under a job's role.

    Args:
        s3: Gives a boto3 S3 client with the role's credentials.
    """

    def __init__(self, s3: Callable[[], Any]) -> None:
        self._s3 = s3

    def find(self, uri: str, data_type: str = "S3Prefix", *, required: bool = True) -> list[S3Object]:
        """Return the objects that an input names.

        Args:
            uri: The input's S3Uri.
            data_type: ``S3Prefix`` or ``ManifestFile``.
            required: Whether there must be any.

        Raises:
            JobError: If there are none, or the role may not read them.
        """
        if data_type == "ManifestFile":
            found = list(self._listed_in_manifest(uri))
        elif data_type == "S3Prefix":
            found = list(self._below(uri))
        else:
            message = f"S3DataType {data_type} cannot be read locally; use S3Prefix or ManifestFile"
            raise JobError(message)
        if required and not found:
            message = (
                f"Data download failed: no S3 objects found under {uri}; "
                "upload data there before the run (constructs-ml run --data FROM=TO)"
            )
            raise JobError(message)
        return found

    def _below(self, uri: str) -> Iterator[S3Object]:
        bucket, prefix = split_uri(uri)
        with _named_refusals(uri):
            for page in self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    # A folder's marker is no file; an object with content is, or is refused for its name.
                    if not entry["Key"].endswith("/") or entry["Size"]:
                        yield S3Object(bucket, entry["Key"], relative_path(entry["Key"], prefix))

    def _listed_in_manifest(self, uri: str) -> Iterator[S3Object]:
        bucket, key = split_uri(uri)
        try:
            head, *names = json.loads(b"".join(self.read(S3Object(bucket, key, key))))
            listed = [(head["prefix"] + name, name) for name in names]
        except (ValueError, TypeError, KeyError) as error:
            message = f'the manifest {uri} must be a JSON list as [{{"prefix": "s3://…/"}}, "file", …]: {error}'
            raise JobError(message) from error
        for place, name in listed:
            bucket, key = split_uri(place)
            # A prefix without a slash at its end leaves it to the names.
            yield S3Object(bucket, key, name if head["prefix"].endswith("/") else name.removeprefix("/"))

    def read(self, source: S3Object) -> Iterator[bytes]:
        """An object's content, in chunks."""
        with _named_refusals(source.uri):
            body = self._s3().get_object(Bucket=source.bucket, Key=source.key)["Body"]
            try:
                yield from body.iter_chunks(_CHUNK)
            finally:
                body.close()

    def download(
        self, objects: list[S3Object], directory: Path, *, gunzip: bool = False, gigabytes: int = VOLUME
    ) -> None:
        """Download objects into a directory.

        Args:
            objects: The objects.
            directory: The directory, which is created.
            gunzip: Whether the objects are gzip files to decompress.
            gigabytes: The size of the job's volume, for what is decompressed.
        """
        directory.mkdir(parents=True, exist_ok=True)
        written: dict[tuple[int, int], str] = {}
        left = gigabytes * GIGABYTE
        for source in objects:
            target = file_below(directory, source.path, source.uri)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                content = self.read(source)
                if gunzip:
                    target = target.with_suffix("") if target.suffix == ".gz" else target
                    content = gunzipped(content, source.uri, fitting=min(left, free(directory)))
                with target.open("wb") as file:
                    for chunk in content:
                        file.write(chunk)
                status = target.stat()
                left -= status.st_size
            except OSError as error:
                message = f"{source.uri!r} cannot become a file: {error.strerror}{_folder_hint(error)}"
                raise JobError(message) from error
            # By what the file is: names that differ in their case only can be one file.
            other = written.setdefault((status.st_dev, status.st_ino), source.uri)
            if other != source.uri:
                message = f"{other!r} and {source.uri!r} would be one file in the job; rename one of them"
                raise JobError(message)

    def upload_file(self, source: Path, uri: str, *, kms_key: str | None = None) -> None:
        """Upload one file."""
        bucket, key = split_uri(uri)
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        with _named_refusals(uri), source.open("rb") as body:
            self._s3().put_object(Bucket=bucket, Key=key, Body=body, **encryption)

    def upload(self, found: Mapping[str, Path], uri: str, *, kms_key: str | None = None) -> None:
        """Upload files below a prefix.

        Args:
            found: The files by their names below it.
            uri: The prefix.
            kms_key: The key to encrypt with.
        """
        for name, file in found.items():
            self.upload_file(file, join_uri(uri, key_of(name)), kms_key=kms_key)


class Mirror:
    """Repeated upload of the new and changed files of a directory.

    Args:
        storage: S3 under the job's role.
        found: Finds the job's files.
        directory: The directory to follow.
        uri: The destination of its files.
        kms_key: The key to encrypt with.
    """

    def __init__(
        self, storage: Storage, found: OutputFiles, directory: Path, uri: str, kms_key: str | None = None
    ) -> None:
        self._storage, self._found, self._directory = storage, found, directory
        self._uri, self._kms_key = uri, kms_key
        self._seen: dict[str, tuple[int, int]] = {}

    def sync(self, *, settled: bool = False) -> None:
        """Upload the files that changed since the last time.

        Args:
            settled: Whether the job is over: what cannot be uploaded is an error then.
        """
        for name, file in self._found.below(self._directory, settled=settled).items():
            try:
                status = file.stat()
                mark = (status.st_mtime_ns, status.st_size)
                if self._seen.get(name) != mark:
                    self._storage.upload({name: file}, self._uri, kms_key=self._kms_key)
                    self._seen[name] = mark
            except FileNotFoundError:
                continue  # the job removed it meanwhile


class _named_refusals:  # noqa: N801 - reads as a with-statement's words
    """Turn errors of S3 into a job's failure that names the action and the resource."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from botocore.exceptions import ClientError, ParamValidationError

        if isinstance(error, ParamValidationError):
            raise JobError(f"{self._uri}: {error}") from error
        if isinstance(error, ClientError):
            details = error.response.get("Error", {})
            reason = denied(error) or f"{details.get('Code')}: {details.get('Message')}"
            raise JobError(f"{reason} ({self._uri})") from error


def _folder_hint(error: OSError) -> str:
    """Return the fix for a name that is both a file and a folder, or too long for a file system."""
    if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
        return "; another object has the name of its folder: rename one of them"
    return "; a part of its name is too long for a file: rename the object" if error.errno == errno.ENAMETOOLONG else ""
