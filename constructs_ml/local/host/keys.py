"""Keys of S3 objects, and the files of a job that they become.

A key is any string; a file's name is not. A key that no file can have is refused by name: a file of another name would
come back from the job as another object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.aws.faults import JobError

if TYPE_CHECKING:
    from pathlib import Path

_SCHEME = "s3://"
_NO_NAMES = frozenset({"", ".", ".."})


def split_uri(uri: str) -> tuple[str, str]:
    """Split ``s3://bucket/key``: everything after the first slash is the key, including ``#`` and ``?``.

    Raises:
        JobError: If it is not an S3 URI.
    """
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
    if not uri.startswith(_SCHEME) or not bucket:
        message = f"{uri!r} is not an S3 URI; write s3://bucket/key"
        raise JobError(message)
    return bucket, key


def join_uri(prefix: str, name: str) -> str:
    """Return the URI of a name below a prefix, which may end with a slash."""
    return f"{prefix}{'' if prefix.endswith('/') else '/'}{name}"


def relative_path(key: str, prefix: str) -> str:
    """The path of an object below its input's directory.

    The prefix need not end at a folder: ``in/part`` matches ``in/part-1.csv``, which keeps its whole file name.
    """
    if key == prefix or not prefix or prefix.endswith("/"):
        return key.rpartition("/")[2] if key == prefix else key[len(prefix) :]
    rest = key[len(prefix) :]
    return rest[1:] if rest.startswith("/") else f"{prefix.rpartition('/')[2]}{rest}"


def file_below(directory: Path, path: str, uri: str) -> Path:
    """The file that an object becomes.

    Args:
        directory: The input's directory.
        path: The path of the object below it.
        uri: The object, for the message.

    Raises:
        JobError: If no file can have that name.
    """
    segments = path.split("/")
    wrong = next((segment for segment in segments if segment in _NO_NAMES), None)
    if wrong is not None or "\0" in path:
        reason = "a null byte" if wrong is None else f"an empty segment between slashes, or at an end, of {path!r}"
        reason = f"the segment {wrong!r}" if wrong else reason
        message = f"no file can have the name of the object {uri!r}, for {reason}; rename the object"
        raise JobError(message)
    return directory.joinpath(*segments)


def key_of(name: str) -> str:
    """The key of an output file's name.

    Raises:
        JobError: If the name is not UTF-8, as a key must be.
    """
    try:
        name.encode()
    except UnicodeEncodeError as error:
        message = (
            f"an object's key must be UTF-8, got the file name {name.encode(errors='surrogateescape')!r}; rename it"
        )
        raise JobError(message) from error
    return name
