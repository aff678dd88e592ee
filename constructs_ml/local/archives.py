"""Brings the archives of models and code to a job."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from constructs_ml.local.faults import JobError
from constructs_ml.local.keys import split_uri
from constructs_ml.local.storage import S3Object

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local.storage import Storage


def unpack(storage: Storage, uri: str, into: Path, *, by_way_of: Path) -> None:
    """Downloads a ``.tar.gz`` and extracts it.

    Args:
        storage: S3 under the job's role.
        uri: Where it lies.
        into: Where its files go; made.
        by_way_of: The file to download it to.

    Raises:
        JobError: If it is not there, may not be read, or is no such archive.
    """
    bucket, key = split_uri(uri)
    storage.download([S3Object(bucket, key, by_way_of.name)], by_way_of.parent)
    into.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(by_way_of) as tar:
            tar.extractall(into, filter="data")
    except tarfile.TarError as error:
        message = f"{uri} is no .tar.gz archive: {error}"
        raise JobError(message) from error
