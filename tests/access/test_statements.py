"""Statements are merged without granting more or less."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from support.policies import allows

from constructs_ml.access.statements import Statement, document, merge

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
RESOURCES = ("arn:aws:s3:::a", "arn:aws:s3:::a/x/*", "arn:aws:s3:::b/*", "*")
ASKED = ("arn:aws:s3:::a", "arn:aws:s3:::a/x/1", "arn:aws:s3:::a/y", "arn:aws:s3:::b/1")
KEYS = ("s3:prefix", "kms:ViaService")
VALUES = ("x/*", "y/1", "z")
CONTEXTS = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}
    for values in itertools.product((None, "x/1", "y/1", "z"), repeat=2)
]


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "StringNotEquals"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES) | some(VALUES).map(list), min_size=1, max_size=2),
    max_size=2,
)
STATEMENTS = st.lists(st.builds(Statement, some(ACTIONS), some(RESOURCES), CONDITIONS), max_size=6)


@given(STATEMENTS)
def test_merging_grants_neither_more_nor_less(statements: list[Statement]) -> None:
    """Every action on every resource in every context is decided as before."""
    merged = merge(statements)

    for action, resource, context in itertools.product(ACTIONS, ASKED, CONTEXTS):
        before = allows(statements, action, resource, context)
        assert allows(merged, action, resource, context) is before, (action, resource, context)


@given(STATEMENTS)
def test_merging_is_done_after_one_round(statements: list[Statement]) -> None:
    """A policy that grows job by job is the same as one written at once."""
    assert len(merge(statements)) <= len(statements)
    assert merge(merge(statements)) == merge(merge(merge(statements)))


def test_resources_of_the_same_actions_are_joined_in_order() -> None:
    """And each stands once."""
    one, two = Statement(("s3:GetObject",), ("b", "a")), Statement(("s3:GetObject",), ("a", "c"))

    assert merge([one, two]) == [Statement(("s3:GetObject",), ("b", "a", "c"))]


def test_actions_on_the_same_resources_are_joined() -> None:
    """Whatever the order of the resources."""
    one, two = Statement(("s3:GetObject",), ("a", "b")), Statement(("s3:PutObject",), ("b", "a"))

    assert merge([one, two]) == [Statement(("s3:GetObject", "s3:PutObject"), ("a", "b"))]


def test_the_values_of_one_condition_are_joined() -> None:
    """The values of a condition are alternatives."""
    merged = merge(
        [Statement(("s3:ListBucket",), ("a",), {"StringLike": {"s3:prefix": value}}) for value in ("x/*", "y/*", "x/*")]
    )

    assert merged == [Statement(("s3:ListBucket",), ("a",), {"StringLike": {"s3:prefix": ["x/*", "y/*"]}})]


def test_a_condition_is_never_dropped() -> None:
    """A statement without it stays apart."""
    bare, narrow = Statement(("a:B",), ("*",)), Statement(("a:B",), ("*",), {"StringEquals": {"k": "v"}})

    assert merge([bare, narrow]) == [bare, narrow]


def test_a_document_writes_single_values_as_texts() -> None:
    """As IAM's own console does; CDK compares templates by text."""
    assert document([Statement(("a:B",), ("*",)), Statement(("c:D", "c:E"), ("r",), {"Bool": {"k": "true"}})]) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Action": "a:B", "Effect": "Allow", "Resource": "*"},
            {"Action": ["c:D", "c:E"], "Effect": "Allow", "Resource": "r", "Condition": {"Bool": {"k": "true"}}},
        ],
    }
