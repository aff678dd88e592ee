"""Between S3 and a job's directories: prefixes, manifests, shards, compression."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from constructs_ml.local.faults import JobError, denied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 20


@dataclass(frozen=True)
class S3Object:
    """One object to bring to a job.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        path: Where it goes, relative to the input's directory.
    """

    bucket: str
    key: str
    path: str

    @property
    def uri(self) -> str:
        """As ``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``.

    Raises:
        JobError: If it is no S3 URI.
    """
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        message = f"{uri!r} is no S3 URI"
        raise JobError(message)
    return parts.netloc, parts.path.lstrip("/")


def relative_path(key: str, prefix: str) -> str:
    """Where an object lies below its input's directory.

    The prefix need not end at a folder: ``in/part`` matches ``in/part-1.csv``, which keeps its whole file name.
    """
    if key == prefix:
        return PurePosixPath(key).name
    folder = prefix if prefix.endswith("/") or key[len(prefix) :].startswith("/") else prefix.rpartition("/")[0]
    return key[len(folder) :].lstrip("/")


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
        """The objects that an input names.

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
                    if not entry["Key"].endswith("/"):  # a folder's marker
                        yield S3Object(bucket, entry["Key"], relative_path(entry["Key"], prefix))

    def _listed_in_manifest(self, uri: str) -> Iterator[S3Object]:
        bucket, key = split_uri(uri)
        try:
            head, *names = json.loads(b"".join(self.read(S3Object(bucket, key, key))))
            prefix = head["prefix"]
        except (ValueError, TypeError, KeyError) as error:
            message = f'the manifest {uri} must be a JSON list as [{{"prefix": "s3://…/"}}, "file", …]: {error}'
            raise JobError(message) from error
        for name in names:
            bucket, key = split_uri(prefix + name)
            yield S3Object(bucket, key, name)

    def read(self, source: S3Object) -> Iterator[bytes]:
        """An object's content, in chunks."""
        with _named_refusals(source.uri):
            body = self._s3().get_object(Bucket=source.bucket, Key=source.key)["Body"]
            try:
                yield from body.iter_chunks(_CHUNK)
            finally:
                body.close()

    def download(self, objects: list[S3Object], directory: Path, *, gunzip: bool = False) -> None:
        """Writes objects into a directory.

        Args:
            objects: What to download.
            directory: Where to; it is made.
            gunzip: Whether the objects are gzip files to decompress.
        """
        directory.mkdir(parents=True, exist_ok=True)
        for source in objects:
            target = (directory / source.path).resolve()
            if not target.is_relative_to(directory.resolve()):
                message = f"{source.uri} would be written outside its input's directory"
                raise JobError(message)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for chunk in self.read(source):
                    file.write(chunk)
            if gunzip:
                _decompress(target)

    def upload_file(self, source: Path, uri: str, *, kms_key: str | None = None) -> None:
        """Uploads one file."""
        bucket, key = split_uri(uri)
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        with _named_refusals(uri), source.open("rb") as body:
            self._s3().put_object(Bucket=bucket, Key=key, Body=body, **encryption)

    def upload(self, directory: Path, uri: str, *, kms_key: str | None = None) -> None:
        """Uploads all files of a directory below a prefix."""
        for file in files(directory):
            self.upload_file(file, f"{uri.rstrip('/')}/{file.relative_to(directory).as_posix()}", kms_key=kms_key)


class Mirror:
    """Uploads what is new or changed in a directory, as often as asked.

    Args:
        storage: S3 under the job's role.
        directory: The directory to follow.
        uri: Where its files go.
        kms_key: The key to encrypt with.
    """

    def __init__(self, storage: Storage, directory: Path, uri: str, kms_key: str | None = None) -> None:
        self._storage, self._directory, self._uri, self._kms_key = storage, directory, uri, kms_key
        self._seen: dict[Path, tuple[int, int]] = {}

    def sync(self) -> None:
        """Uploads what changed since the last time."""
        for file in files(self._directory):
            try:
                status = file.stat()
                mark = (status.st_mtime_ns, status.st_size)
                if self._seen.get(file) != mark:
                    relative = file.relative_to(self._directory).as_posix()
                    self._storage.upload_file(file, f"{self._uri.rstrip('/')}/{relative}", kms_key=self._kms_key)
                    self._seen[file] = mark
            except FileNotFoundError:
                continue  # the job removed it meanwhile


def files(directory: Path) -> list[Path]:
    """All regular files below a directory, sorted."""
    return sorted(path for path in directory.rglob("*") if path.is_file()) if directory.is_dir() else []


class _named_refusals:  # noqa: N801 - reads as a with-statement's words
    """Turns errors of S3 into a job's failure that names the action and the resource."""

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


def _decompress(path: Path) -> None:
    plain = path.with_suffix("") if path.suffix == ".gz" else path.with_name(f"{path.name}.plain")
    try:
        with gzip.open(path) as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (gzip.BadGzipFile, EOFError) as error:
        message = f"{path.name} is not a gzip file, though its compression type is Gzip"
        raise JobError(message) from error
    path.unlink()
    if path.suffix != ".gz":
        plain.rename(path)
