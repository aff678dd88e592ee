"""A policy of many jobs stays within IAM's limit, and grants nothing of another owner's."""

from __future__ import annotations

import json

import pytest

from constructs_ml.access.job_role import JobAccess, Objects, job_statements
from constructs_ml.access.place import Place
from constructs_ml.access.size import MOST, fit
from constructs_ml.access.statements import Statement, document, merge

BUCKET = "arn:aws:s3:::artifacts"
OWNER = "Census-1aB2"
LIMIT = 10_240


def of_jobs(count: int) -> list[Statement]:
    place = Place("aws", "us-east-1", "111122223333")
    found: list[Statement] = []
    for number in range(count):
        access = JobAccess("/aws/sagemaker/ProcessingJobs")
        access.reads.append(Objects(BUCKET, f"{OWNER}/Job{number}/train/"))
        access.writes.append(Objects(BUCKET, f"{OWNER}/Job{number + 1}/train/"))
        found += job_statements(access, place)
    return found


def test_few_jobs_are_named_one_by_one() -> None:
    """The least that they need."""
    statements = of_jobs(MOST)

    assert fit(statements, OWNER) == merge(statements)


@pytest.mark.parametrize("count", [MOST + 1, 100, 500])
def test_many_jobs_share_their_owners_prefix(count: int) -> None:
    """And no more than that: neither the bucket nor what other owners write."""
    fitted = fit(of_jobs(count), OWNER)

    assert len(json.dumps(document(fitted), separators=(",", ":"))) < LIMIT
    places = {arn for item in fitted for arn in item.resources if arn.startswith(BUCKET)}
    assert places == {BUCKET, f"{BUCKET}/{OWNER}/*"}
    (listed,) = [item for item in fitted if item.actions == ("s3:ListBucket",)]
    assert listed.conditions == {"StringLike": {"s3:prefix": [f"{OWNER}/*"]}}


def test_places_of_the_users_are_never_widened() -> None:
    """However many they are."""
    statements = [Statement(("s3:GetObject",), (f"{BUCKET}/raw/{number}/*",)) for number in range(100)]

    assert fit(statements, OWNER) == merge(statements)


def arns(*names: str) -> tuple[str, ...]:
    """Places in the bucket."""
    return tuple(f"{BUCKET}/{name}" for name in names)


def test_only_what_is_the_owners_is_widened() -> None:
    """Where the first of its places stood; what others have keeps its place and its name."""
    own = [f"{OWNER}/{number}/*" for number in range(MOST + 1)]
    names = ("raw/*", *own, "last/*", f"{OWNER}-other/*")
    keys = [*names, f"raw/{OWNER}/*"]
    statement = Statement(("s3:GetObject",), arns(*names), {"StringLike": {"s3:prefix": keys}, "Bool": {"k": "true"}})

    assert fit([statement], OWNER) == [
        Statement(
            ("s3:GetObject",),
            arns("raw/*", f"{OWNER}/*", "last/*", f"{OWNER}-other/*"),
            {
                "StringLike": {"s3:prefix": ["raw/*", f"{OWNER}/*", "last/*", f"{OWNER}-other/*", f"raw/{OWNER}/*"]},
                "Bool": {"k": "true"},
            },
        )
    ]


def test_places_in_several_buckets_are_widened_in_each() -> None:
    """A key of the same beginning in another bucket is another place."""
    names = tuple(f"arn:aws:s3:::{bucket}/{OWNER}/{at}/{OWNER}/*" for bucket in "ab" for at in range(MOST))

    (fitted,) = fit([Statement(("s3:PutObject",), names)], OWNER)

    assert fitted.resources == (f"arn:aws:s3:::a/{OWNER}/*", f"arn:aws:s3:::b/{OWNER}/*")


def test_as_many_places_as_are_named_one_by_one() -> None:
    """Beside any number of others'."""
    names = (*(f"{OWNER}/{number}/*" for number in range(MOST)), *(f"raw/{number}/*" for number in range(30)))
    statement = Statement(("s3:GetObject",), arns(*names), {"StringLike": {"s3:prefix": list(names)}})

    assert fit([statement], OWNER) == [statement]


def test_statements_that_are_alike_once_they_are_widened_are_one() -> None:
    """Reading and writing the same places."""
    names = arns(*(f"{OWNER}/{number}/*" for number in range(30)))
    others = arns(*(f"{OWNER}/{number}/out/*" for number in range(30)))

    assert fit([Statement(("s3:GetObject",), names), Statement(("s3:PutObject",), others)], OWNER) == [
        Statement(("s3:GetObject", "s3:PutObject"), arns(f"{OWNER}/*"))
    ]
