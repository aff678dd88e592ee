"""The object that a state reads: the request, and the permissions for exactly that object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Expression, Format, Language, Runtime, join, operand, render
from constructs_ml.core.s3_data import SCHEME, as_folder, parts_of_place
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.errors import Faults


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """One object in S3.

    Attributes:
        shown: Its URI as an operand in JSONata.
        request: The members of GetObject that name it.
        written: The same in JSONata.
        statements: The permissions for reading it.
    """

    shown: str
    request: Mapping[str, Any]
    written: Mapping[str, Any]
    statements: tuple[Statement, ...]


def object_place(source: S3Data, file: str | None, faults: Faults) -> ObjectPlace | None:
    """Return the object that a source and a file name; None if that is wrong, which is noted.

    Args:
        source: A folder, or the object itself.
        file: The object's name in the folder; None if the source is the object.
        faults: The faults, to which new ones are added.
    """
    name = "" if file is None else parse_text(file)
    if file is not None and (not file or (isinstance(name, str) and name.startswith("/"))):
        faults.add("file", f"must be a name below the source, got {file!r}", "pass 'metrics.json'")
        return None
    uri = source.location if file is None else join(*as_folder(source.location), name)
    last = uri.parts[-1] if isinstance(uri, Format) else uri
    is_bucket = isinstance(uri, str) and not is_dynamic(uri) and "/" not in uri.removeprefix(SCHEME)
    if is_bucket or (isinstance(last, str) and last.endswith("/")):
        faults.add(
            "file", "is required, as the source is a folder", "pass the name of the object in it, 'metrics.json'"
        )
        return None
    if not source.objects:
        problem = "has a location that is known only at run time, so no permission can be derived from it"
        faults.add("source", problem, "pass S3Data.from_uri(..., within=[S3Data.from_bucket(bucket, prefix)])")
        return None
    if any(each.in_directory for each in source.objects):
        faults.add(
            "source", "is in a directory bucket, which Step Functions does not read", "use a general purpose bucket"
        )
        return None
    try:
        bucket, key = _parts(uri)
        shown = operand(uri)
        written = render({"Bucket": bucket, "Key": key}, Language.JSONATA)
    except ValueError as error:
        faults.add("source", f"cannot be written in JSONata, in which the state is: {error}")
        return None
    return ObjectPlace(shown, {"Bucket": bucket, "Key": key}, written, tuple(_statements(source, uri, name)))


def _parts(uri: str | Runtime) -> tuple[str | Runtime, str | Runtime]:
    """Return the bucket and the key of a URI."""
    pieces = uri.parts if isinstance(uri, Format) else (uri,)
    first = pieces[0]
    if isinstance(first, str) and first.startswith(SCHEME):
        bucket, slash, key = parts_of_place(first)
        if slash:
            return bucket, join(key, *pieces[1:])
    place = f"$substringAfter({operand(uri)}, '{SCHEME}')"
    return Expression(f"$substringBefore({place}, '/')"), Expression(f"$substringAfter({place}, '/')")


def _statements(source: S3Data, uri: str | Runtime, name: str | Runtime) -> Iterator[Statement]:
    """Yield the permissions for reading the object, on no other objects than those that the source may be."""
    first = uri.parts[0] if isinstance(uri, Format) else uri
    is_located = isinstance(first, str) and first.startswith(SCHEME) and bool(parts_of_place(first)[1])
    whole = parts_of_place(_pattern(uri))[2] if is_located else ""
    for objects in source.objects:
        key = f"{objects.prefix}*{'/' if name else ''}{_pattern(name)}"
        if objects.exact:
            key = objects.prefix
        elif is_located and len(source.objects) == 1 and whole.startswith(objects.prefix):
            key = whole
        yield Statement(("s3:GetObject",), (replace(objects, prefix=key, exact=True).arn,))
        if objects.key_arn:
            yield Statement(("kms:Decrypt",), (objects.key_arn,))


def _pattern(value: str | Runtime) -> str:
    """Return a text as policies have it, with a wildcard for what an execution decides."""
    pieces = value.parts if isinstance(value, Format) else (value,)
    return "".join(piece if isinstance(piece, str) else "*" for piece in pieces)
