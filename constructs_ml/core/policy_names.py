"""Places in S3 as policies name them: buckets, access points and directory buckets."""

from __future__ import annotations

import re

from constructs_ml.core.context import pseudo

SCHEME = "s3://"
_ACCESS_POINT = re.compile(r"(arn:[^:/]+:s3:[^:/]*:[^:/]+:accesspoint)[/:]([^/]+)")
DIRECTORY_BUCKET = "--x-s3"
"""How the names of directory buckets end (S3 Express One Zone)."""


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
